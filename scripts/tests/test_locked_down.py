"""A build reads its inputs, writes its artifacts, and reaches nothing else."""

import json
import os
import re
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, RootDir, call_engine, copy_of_project, patch, row, run_engine

from aina_data_engine import dbt_plugin
from aina_data_engine.load import Reading, load_inputs
from aina_data_engine.root import PROJECT, Root

REACHING_OUT = {
    "read_a_file": "select * from read_text('/etc/hostname')",
    "read_from_the_net": "select * from read_csv('https://localhost/x.csv')",
    "install": "{{ config(post_hook='install spatial') }} select 1 as one",
    "load": "{{ config(post_hook='load httpfs') }} select 1 as one",
    "write": """{{ config(post_hook="copy (select 1) to '/tmp/out.csv'") }} select 1 as one""",
    "attach": """{{ config(post_hook="attach '/tmp/out.duckdb'") }} select 1 as one""",
    "unlock": "{{ config(post_hook='set enable_external_access = true') }} select 1 as one",
}


def test_no_model_and_no_hook_reaches_anything_else(root: RootDir, tmp_path: Path) -> None:
    project = copy_of_project(tmp_path / "project")
    for name, statement in REACHING_OUT.items():
        (project / "models" / f"{name}.sql").write_text(statement)
    root.title_rows(row("t1"))
    ended = root.dbt("run", "--select", *REACHING_OUT, project=project)
    assert ended.status == 1
    results = json.loads((root.target(project) / "run_results.json").read_text())["results"]
    said = {r["unique_id"].rpartition(".")[2]: r["message"] for r in results}
    assert {name for name in said if name in REACHING_OUT} == REACHING_OUT.keys()
    for name in REACHING_OUT:
        assert "configuration" in said[name], said[name]


def write_one_row(path: Path, title_id: str) -> None:
    """Write a title in the format that the file's name says."""
    path.parent.mkdir(parents=True)
    match path.suffix:
        case ".json":
            path.write_text(json.dumps([row(title_id, key="own")]))
        case ".csv":
            path.write_text(f"title_id,source_title,source_refs,key\n{title_id},Cook,[],own\n")
        case _:
            rows = f"(select '{title_id}' as title_id, 'Cook' as source_title, 'own' as key)"
            duckdb.sql(f"copy {rows} to '{path}' (format parquet)")


@pytest.mark.parametrize("place", ["within/inputs/key=value/a [bc]*", "outside/key=value/a [bc]*"])
@pytest.mark.parametrize("name", ["title_rows.parquet", "title_rows.json", "title_rows.csv"])
def test_inputs_may_be_links_to_files_that_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    """A database locked like a build's reads these files, and none that a pattern would match."""
    write_one_row(tmp_path / place / name, "t1")
    write_one_row(tmp_path / place.replace("[bc]*", "b") / name, "another")
    root = Root(tmp_path / "within")
    root.inputs.mkdir(parents=True, exist_ok=True)
    (root.inputs / name).symlink_to(tmp_path / place / name)
    monkeypatch.setattr(dbt_plugin, "_seeds", lambda: PROJECT / "seeds")
    with duckdb.connect() as connection:
        dbt_plugin.Plugin("engine", {"root": root.path}).configure_connection(connection)
        load_inputs(connection, root.input_files(), Reading({}, [], None, 1 << 20))
        found = connection.execute("select coalesce(record, text) from inputs.lines").fetchall()
    ((line,),) = found
    assert (json.loads(line)["title_id"], json.loads(line)["key"]) == ("t1", "own")


NAMES = [
    *("a b", "it's", 'say "x"', "line\nend", "*", "[a-z]", "{{ 1 }}", "a;b--", "é", "?"),
    os.fsdecode(b"\xff"),
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root with an odd name, with logs of such names, and title rows that are a link."""
    place = tmp_path_factory.mktemp("odd")
    root = RootDir(place / "sp ace, it's [x]* é%20")
    for number, name in enumerate(NAMES):
        root.patches(patch(f"p{number}", f"t{number}"), "not JSON", name=f"{name}.jsonl")
    outside = RootDir(place / "key=value" / "outside")
    outside.title_rows(*(row(f"t{n}") for n, _ in enumerate(NAMES)), name="rows")
    (root.path / "inputs" / "title_rows.jsonl").symlink_to(outside.path / "inputs" / "rows")
    # A reader would take the name for a pattern, which matches this one.
    RootDir(place / "sp ace, it's x é%20").title_rows(row("another"))
    ended = root.replay()
    assert ended.status == 0, ended.err
    return root


def test_links_and_names_of_files_are_read_as_themselves(odd: RootDir) -> None:
    patched = {record["title_id"]: record["patches_applied"] for record in odd.records()}
    assert patched == {f"t{number}": [f"p{number}"] for number, _ in enumerate(NAMES)}
    found = {line["file"] for line in odd.records(f"{STEM}_quarantine")}
    assert found == {f"semantic_patches/{n}.jsonl" for n in [*NAMES[:-1], "\\xff"]}


def test_a_root_of_any_name_works(odd: RootDir) -> None:
    for command in ("verify", "packet-hardening-intake", "verify"):
        ended = run_engine("--root", str(odd.path), command)
        assert ended.status == 0, ended.err
    (odd.path / "artifacts" / "proposals").mkdir()
    (odd.path / "artifacts" / "proposals" / f"{NAMES[-1]}.jsonl").write_text("no JSON\n")
    for asked in (["explain", "t1"], ["decline-patches", "--id", "p1", "--reviewer", "Jo"]):
        ended = call_engine("--root", str(odd.path), *asked)
        assert ended.status == 0, ended.err


@pytest.mark.parametrize("name", ["what?", "#1", "{{ a }}", "back\\slash", os.fsdecode(b"\xff")])
def test_a_root_whose_name_other_tools_would_read_is_refused(tmp_path: Path, name: str) -> None:
    root = RootDir(tmp_path / name).title_rows(row("t1"))
    new = tmp_path / "new" / name
    # Commands that would suggest the replay as the next step refuse it too.
    for asked in (["semantic-patch-replay"], ["status"], ["init", str(new)]):
        ended = call_engine("--root", str(root.path), *asked)
        assert ended.status == 2
        assert "in its path" in ended.err or "not UTF-8" in ended.err
    assert not new.parent.exists()


READS = re.compile(r"\bread_(csv|parquet|json_objects|ndjson\w*|blob)\(")
SAID = {
    "csv": ["auto_detect", "header", "delim", "quote", "escape", "hive_partitioning"],
    "parquet": ["hive_partitioning", "union_by_name", "binary_as_string"],
    "json_objects": ["format", "compression", "hive_partitioning"],
}


def test_every_read_of_a_file_says_its_options() -> None:
    """A reader that guesses takes a directory above the root for a column of its rows."""
    places = [PROJECT / name for name in ("scripts/aina_data_engine", "macros", "models", "tests")]
    files = [f for place in places for f in place.rglob("*") if f.suffix in (".py", ".sql", ".yml")]
    found = set()
    for file in files:
        text = file.read_text(encoding="utf-8")
        for match in READS.finditer(text):
            found.add(match[1])
            # A call is reported in few lines.
            call = text[match.start() : match.start() + 700]
            for option in SAID[match[1]]:
                assert option in call, f"{file.name}: {call} leaves {option} to guessing"
    assert found == SAID.keys()
