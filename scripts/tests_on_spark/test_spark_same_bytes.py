"""Spark publishes the same bytes as DuckDB, for the sample and for hostile input."""

import fcntl
import json
import re
import subprocess
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, RootDir, assert_every_outcome_and_code_occurs, copy_of_project, row
from roots import hostile, run
from test_same_bytes import published_bytes
from warm import DBT

from aina_data_engine.root import PROJECT


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    root = hostile(RootDir(tmp_path_factory.mktemp("here")))
    ended = run(root, "semantic-patch-replay")
    assert ended.returncode == 0, ended.stderr
    return root


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    root = hostile(RootDir(tmp_path_factory.mktemp("on_spark")))
    ended = run(root, "semantic-patch-replay", "--target", "spark", SPARK_MASTER="local[2]")
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    assert "gates passed" in ended.stdout
    return root


def test_the_root_has_what_it_is_for(here: RootDir) -> None:
    outcomes = here.records(f"{STEM}_patch_outcomes")
    assert_every_outcome_and_code_occurs(outcomes)
    quarantined = here.records(f"{STEM}_quarantine")
    for name in ("title_rows", "semantic_patches"):
        assert len({q["reason"] for q in quarantined if q["input"] == name}) > 8


def test_every_byte_is_the_same(here: RootDir, on_spark: RootDir) -> None:
    expected, found = published_bytes(here), published_bytes(on_spark)
    assert sorted(found) == sorted(expected)
    assert len(found) == 8
    for name, content in expected.items():
        assert found[name] == content, name


def test_the_published_database_has_the_same_rows(here: RootDir, on_spark: RootDir) -> None:
    with duckdb.connect() as both:
        for name, root in (("here", here), ("there", on_spark)):
            both.execute(f"attach '{root.published(STEM)}.duckdb' as {name} (read_only)")
        tables = both.execute(
            "select table_name from duckdb_tables() where database_name = 'here'"
        ).fetchall()
        assert (f"{STEM}_patch_effects",) in tables
        for (table,) in tables:
            for one, other in (("here", "there"), ("there", "here")):
                left = f"from {one}.{table} except all from {other}.{table}"
                assert both.execute(f"select count(*) from ({left})").fetchall() == [(0,)], table


def test_what_spark_published_is_whole(on_spark: RootDir) -> None:
    ended = run(on_spark, "verify")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_unit_test_and_a_gate_that_fail_are_shown(tmp_path: Path) -> None:
    """Unit tests and functions run on Spark, as in a `dbt build` of the whole project."""
    project = copy_of_project(tmp_path / "project")
    tests = project / "models" / "lanes" / "lanes.yml"
    text = tests.read_text(encoding="utf-8")
    right = "runtime_lane: packet_hardening, lane_rule_id: clean"
    tests.write_text(text.replace(right, "runtime_lane: hold, lane_rule_id: clean", 1))
    root = RootDir(tmp_path / "root").title_rows(row("t1"), "no JSON")
    assert run(root, "semantic-patch-replay").returncode == 0
    before = published_bytes(root)
    command = [DBT, "build", "--target=spark", f"--project-dir={project}", "--no-use-colors"]
    command += [f"--profiles-dir={project}", f"--log-path={tmp_path}/logs"]
    command += ["--vars", json.dumps({"strict": True})]
    ended = subprocess.run(command, cwd=root.path, capture_output=True, text=True)
    assert ended.returncode == 1
    assert re.search(r"2 of \d+ gates failed. Nothing published", ended.stdout)
    assert "Failure in unit_test lane_clean" in ended.stdout
    assert re.search(r"strict_no_quarantined_lines\n +1 failing row\n.*no JSON", ended.stdout)
    assert "Traceback" not in ended.stdout + ended.stderr
    assert published_bytes(root) == before


def test_a_path_that_spark_takes_for_a_pattern_is_refused(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "a[b]")
    root.title_rows(row("t1"))
    ended = run(root, "semantic-patch-replay", "--target", "spark")
    assert ended.returncode == 2
    assert "[ in its path" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_build_that_another_one_holds_up_ends_with_status_3(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    artifacts = root.path / "artifacts"
    artifacts.mkdir()
    command = [DBT, "build", "--target=spark", f"--project-dir={PROJECT}", "--no-use-colors"]
    command += [f"--profiles-dir={PROJECT}", f"--log-path={tmp_path}", f"--target-path={tmp_path}"]
    with (artifacts / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = subprocess.run(command, cwd=root.path, capture_output=True, text=True)
    assert ended.returncode == 3, ended.stdout
    assert "A build is running on" in ended.stdout


def test_input_that_cannot_be_read_is_told_in_the_same_words(tmp_path: Path) -> None:
    """Refused by a worker that has read it, or before that."""
    for name, content in (("title_rows.csv", b"id,title\n1,Cook\n"), ("other.jsonl", b"{}")):
        root = RootDir(tmp_path / name).write(name, content)
        here = run(root, "semantic-patch-replay")
        there = run(root, "semantic-patch-replay", "--target", "spark")
        assert (there.returncode, there.stderr) == (2, here.stderr)
        assert name in there.stderr
