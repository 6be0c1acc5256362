"""A build reads its inputs, writes its artifacts, and reaches nothing else."""

import json
import os
import re
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, RootDir, copy_of_project, patch, row, run_engine

from aina_data_engine.root import PROJECT

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


@pytest.mark.parametrize("name", ["title_rows.parquet", "title_rows.json", "title_rows.csv"])
def test_inputs_may_be_links_to_files_that_lie_elsewhere(
    root: RootDir, tmp_path: Path, name: str
) -> None:
    outside = RootDir(tmp_path / "key=value" / "outside")
    outside.write("title_rows.json", json.dumps([row("t1")]).encode())
    outside.write("title_rows.csv", b"title_id,source_title,key\nt1,Cook,own\n")
    rows = "(select 't1' as title_id, 'Cook' as source_title, 'own' as key)"
    duckdb.sql(f"copy {rows} to '{outside.path}/inputs/title_rows.parquet' (format parquet)")
    (root.path / "inputs" / "semantic_patches").mkdir(parents=True)
    (root.path / "inputs" / name).symlink_to(outside.path / "inputs" / name)
    ended = root.replay()
    assert ended.status == 0, ended.err
    (record,) = root.records()
    assert record["title_id"] == "t1"
    assert record["attributes"] in ({}, {"key": "own"})


def test_names_of_files_and_links_within_the_root_are_read_as_themselves(root: RootDir) -> None:
    names = ["a b", "it's", 'say "x"', "line\nend", "*", "[a-z]", "{{ 1 }}", "a;b--", "é", "?"]
    root.title_rows(*(row(f"t{n}") for n, _ in enumerate(names)), name="elsewhere.jsonl")
    (root.path / "inputs" / "title_rows.jsonl").symlink_to("elsewhere.jsonl")
    for number, name in enumerate(names):
        root.patches(patch(f"p{number}", f"t{number}"), "not JSON", name=f"{name}.jsonl")
    raw = os.fsencode(root.path / "inputs" / "semantic_patches") + b"/\xff.jsonl"
    Path(os.fsdecode(raw)).write_bytes(b"not JSON\n")
    ended = root.replay()
    assert ended.status == 0, ended.err
    assert root.summary()["patch_outcome_counts"]["applied"] == len(names)
    found = {line["file"] for line in root.records(f"{STEM}_quarantine")}
    assert found == {f"semantic_patches/{n}.jsonl" for n in [*names, "\\xff"]}


def test_a_root_of_any_name_works(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "sp ace, it's [x]* é%20").title_rows(row("t1"))
    # A reader would take the name for a pattern, which this one fits.
    RootDir(tmp_path / "sp ace, it's x é%20").title_rows(row("another"))
    for command in ("semantic-patch-replay", "verify", "packet-hardening-intake", "verify"):
        ended = run_engine("--root", str(root.path), command)
        assert ended.status == 0, ended.err
    assert [record["title_id"] for record in root.records()] == ["t1"]


@pytest.mark.parametrize("name", ["what?", "#1", "{{ a }}", "back\\slash", os.fsdecode(b"\xff")])
def test_a_root_whose_name_other_tools_would_read_is_refused(tmp_path: Path, name: str) -> None:
    ended = RootDir(tmp_path / name).title_rows(row("t1")).replay()
    assert ended.status == 2
    assert "in its path" in ended.err


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
            # A call is said in few lines.
            call = text[match.start() : match.start() + 700]
            for option in SAID[match[1]]:
                assert option in call, f"{file.name}: {call} leaves {option} to guessing"
    assert found == SAID.keys()
