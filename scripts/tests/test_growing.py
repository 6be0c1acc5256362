"""Extending a copy of the project: a new member, a new lane, and changed seeds."""

import json
from pathlib import Path

import duckdb
from conftest import STEM, RootDir, call_engine, copy_of_project, patch, row, run_engine

from aina_data_engine.compare import Difference

MEMBER = "        {'name': 'pay_band', 'kind': 'string', 'patchable': true, 'required': false},\n"
MEMBER_DESCRIPTION = """\
      - name: pay_band
        data_type: varchar
        description: The band that the title is paid in.
"""
LANE = """\
        {'name': 'archive', 'label': 'Archive', 'model': published ~ 'archive', 'rules': [
            {'name': 'is_old', 'predicate': "hold_reason = 'old'", 'member': 'hold_reason',
                'remedy': 'look again whether it is old'},
        ]},
"""
LANE_MODEL = """\
{{ config(materialized='view', post_hook=stage_as_jsonl(['title_id'])) }}

{{ titles_of_lane() }}
"""
LANE_DESCRIPTION = f"""\
  - name: {STEM}_archive
    description: One row per title of the lane `archive`.
    data_tests: *file_gates
    columns: *row_columns

"""


def insert(path: Path, after: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(after) == 1
    path.write_text(content.replace(after, after + text), encoding="utf-8")


def test_a_member_and_a_lane_are_a_line_and_a_description_each(
    root: RootDir, tmp_path: Path
) -> None:
    project = copy_of_project(tmp_path / "project")
    published = project / "models" / "published" / "replay"
    document, lanes = (project / "macros" / f"{n}.sql" for n in ("title_document", "lanes"))
    last = (
        "        {'name': 'hold_reason', 'kind': 'string', 'patchable': true, 'required': false},\n"
    )
    insert(document, last, MEMBER)
    told = "        description: Why the title is held; null where it is not.\n"
    insert(published / "replay.yml", told, MEMBER_DESCRIPTION)
    insert(lanes, "    {{- return([\n", LANE)
    (published / f"{STEM}_archive.sql").write_text(LANE_MODEL)
    insert(
        published / "replay.yml",
        "    description: One row per title of the lane `hold`, for source mining.\n"
        "    data_tests: *file_gates\n    columns: *row_columns\n\n",
        LANE_DESCRIPTION,
    )

    root.title_rows(row(pay_band="A"), row("t2", hold_reason="old"), row("t3", hold_reason="?"))
    root.patches(patch("p1", "t1", {"op": "replace", "path": "/pay_band", "value": "B"}))
    # dbt's earlier parse does not show that a macro's list has grown. No option leaves anything
    # out: the whole project is built, with unit tests, and published.
    ended = root.dbt("build", "--no-partial-parse", "--no-write-json", project=project)
    assert ended.status == 0, ended.out
    titles = {title["title_id"]: title for title in root.records()}
    assert [titles[name]["pay_band"] for name in ("t1", "t2")] == ["B", None]
    assert list(titles["t1"])[8:10] == ["pay_band", "runtime_lane"]
    assert root.records(f"{STEM}_archive") == [titles["t2"]]
    assert titles["t2"]["lane_reasons"] == ["is_old", "explicit_hold"]
    assert root.summary()["lane_counts"]["archive"] == 1
    assert "          1  Archive\n" in ended.out
    engine = ("--root", str(root.path))
    status = call_engine(*engine, "status").out
    assert "  archive                         1  feeds no command\n" in status
    stages = json.loads(call_engine(*engine, "--json", "status").out)["stages"]
    lanes = list(root.summary()["lane_counts"])
    assert [stage["lane"] for stage in stages] == lanes
    assert stages[-1] == {"lane": "archive", "command": None, "titles": 1, "is_done": False}
    place = root.published("")
    with Difference.of(place, place) as same:
        assert same.lanes == lanes
    assert run_engine(*engine, "verify").status == 0
    assert "look again whether it is old\n    is_old: hold_reason is old" in (
        run_engine(*engine, "explain", "t2").out
    )


UNDECLARED, HALF_DECLARED = 'code,"a ""name""",n\n007,"Cook, head",3\nx,,4\n', "n,code\n3,007\n"
HALF_DECLARATION = """\
seeds:
  - name: half_declared
    config: {column_types: {n: integer}}
    columns: [{name: n, data_type: integer, constraints: [{type: unique}]}]
"""
OF_NO_COLUMN = HALF_DECLARATION.replace("half_declared", "of_no_column").replace("{n:", "{nn:")


def test_a_seed_of_ones_own_is_text_where_it_declares_nothing(
    root: RootDir, tmp_path: Path
) -> None:
    project = copy_of_project(tmp_path / "project")
    seeds = project / "seeds"
    (seeds / "undeclared.csv").write_text(UNDECLARED)
    (seeds / "half_declared.csv").write_text(HALF_DECLARED)
    (seeds / "half_declared.yml").write_text(HALF_DECLARATION)
    (seeds / "of_no_column.csv").write_text(HALF_DECLARED)
    (seeds / "of_no_column.yml").write_text(OF_NO_COLUMN)
    root.title_rows(row())
    ended = root.dbt("seed", "--select", "undeclared", "half_declared", project=project)
    assert ended.status == 0, ended.out
    with duckdb.connect(root.path / "artifacts" / "engine_room.duckdb", read_only=True) as built:
        found = built.execute("from undeclared")
        assert [column[0] for column in found.description] == ["code", 'a "name"', "n"]
        assert found.fetchall() == [("007", "Cook, head", "3"), ("x", None, "4")]
        assert built.execute("from half_declared").fetchall() == [(3, "007")]
    ended = root.dbt("seed", "--select", "of_no_column", project=project)
    assert ended.status == 1
    told = "column_types of the seed of_no_column names nn, which its file does not have"
    assert told in ended.out
    assert root.build(project=project).status == 0
    assert root.published("").exists()
