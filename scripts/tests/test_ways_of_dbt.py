"""However dbt is called, its reports about publishing are true, and so is its exit status.

A job that was asked for as a whole is published or ends in an error; a part of one reports that it
publishes nothing.
"""

import fcntl
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import (
    PARSED,
    Ended,
    RootDir,
    call_engine,
    copy_of_project,
    parsed_once,
    patch,
    row,
    run_engine,
)
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder

from aina_data_engine import cli, parsed

NO_COOKS = """
{{ config(severity='warn') }}
select * from {{ ref('semantic_patch_replay_v1') }} where source_title = 'Cook'
"""
OF_OTHER_NAMES = {
    "another_name": "alias='called_otherwise'",
    "another_schema": "schema='elsewhere'",
    "no_place": "store_failures=false",
}
"""Gates that warn as well, and how dbt is told to keep their rows."""
OWN_SELECTOR = """
  - name: just-one-lane
    definition: {method: fqn, value: semantic_patch_replay_v1_holds, indirect_selection: cautious}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with one more selector and one more gate; the gate warns."""
    project = copy_of_project(tmp_path_factory.mktemp("ways") / "project")
    with (project / "selectors.yml").open("a") as stream:
        stream.write(OWN_SELECTOR)
    (project / "tests" / "no_cooks.sql").write_text(NO_COOKS)
    for name, kept in OF_OTHER_NAMES.items():
        gate = NO_COOKS.replace("severity='warn'", f"severity='warn', {kept}")
        (project / "tests" / f"{name}.sql").write_text(gate)
    return project


def some_root(path: Path) -> RootDir:
    return RootDir(path).title_rows(row("t1"), "not JSON").patches(patch())


@pytest.fixture
def root(tmp_path: Path) -> RootDir:
    return some_root(tmp_path / "root")


def dbt(root: RootDir, command: str, *arguments: str, **others: Any) -> Ended:
    """Run dbt for its output: without its JSON, a sixth of the time, which only a retry reads."""
    return root.dbt(command, "--no-write-json", *arguments, **others)


def is_published(root: RootDir) -> bool:
    return root.published("").exists()


WHOLE = {
    # With unit tests, half of its time, `test_growing.py` builds.
    "build, but for unit tests": (["build", "--exclude-resource-type", "unit_test"], {}),
    "its selector, one thread that stops at the first failure; by the environment another way to"
    " find tests, no unit tests and no functions as nodes": (
        ["build", "--selector=semantic-patch-replay", "--fail-fast", "--threads=1"],
        {"DBT_INDIRECT_SELECTION": "empty", "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test function"},
    ),
}


@pytest.fixture(scope="module", params=WHOLE)
def built(
    request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RootDir, Ended]:
    """Build on what another version left: tables for views, views for tables, a function."""
    root = some_root(tmp_path_factory.mktemp("built") / "root")
    (root.path / "artifacts").mkdir()
    with duckdb.connect(root.path / "artifacts" / "engine_room.duckdb") as left:
        left.execute("create table title_lanes as select 1 as x")
        left.execute("create view patch_outcomes as select 1 as x")
        left.execute("create macro is_blank(text) as true")
    arguments, environment = WHOLE[request.param]
    return root, dbt(root, *arguments, project=project, environment=environment)


def test_what_is_built_whole_is_published(built: tuple[RootDir, Ended]) -> None:
    root, ended = built
    assert ended.status == 0, ended.out
    assert is_published(root)
    assert "Published" in ended.out


def test_a_gate_that_warns_is_named_and_does_not_block(built: tuple[RootDir, Ended]) -> None:
    root, ended = built
    assert is_published(root)
    assert "4 gates warned:\n" in ended.out
    assert "\n  no_cooks\n" in ended.out
    gates = root.summary()["gates"]
    assert {"name": "no_cooks", "result": "warn"} in gates
    # It was counted as one that passed.
    assert f"  {len(gates) - 4} gates passed and 4 warned, generation sha256:" in ended.out


def test_the_rows_of_a_gate_are_found_wherever_dbt_is_told_to_keep_them(
    built: tuple[RootDir, Ended],
) -> None:
    root, ended = built
    at = ("--root", str(root.path), "failing-rows")
    for name in ("no_cooks", "another_name", "called_otherwise", "another_schema"):
        told = call_engine(*at, name)
        assert (told.status, '"source_title":"Cook"' in told.out) == (0, True), told.err
    assert "failing-rows another_name\n" in ended.out
    assert "failing-rows no_place" not in ended.out
    told = call_engine(*at, "no_place")
    assert told.status == 2
    assert "no_place stores no rows, since store_failures is off for it." in told.err


def test_what_is_published_stays_whole_whatever_part_is_built(
    built: tuple[RootDir, Ended], project: Path
) -> None:
    root, _ = built
    before = root.published("").resolve()
    root.patches(patch("p2"), name="second.jsonl")
    ended = root.build("--selector", "just-one-lane", project=project)
    assert ended.status == 0, ended.out
    assert "Nothing published: this run left out models or tests." in ended.out
    assert root.published("").resolve() == before
    assert run_engine("--root", str(root.path), "verify").status == 0


NOT_DONE = {
    "without rows": (["build", "--empty"], {}),
    "without rows, by the environment": (["build"], {"DBT_EMPTY": "1"}),
    "of rows of some days": (["build", "--sample", "3 days"], {}),
    "of rows of some days, by the environment": (["build"], {"DBT_SAMPLE": "3 days"}),
    "without any test, by the environment": (
        ["build"],
        {"DBT_EXCLUDE_RESOURCE_TYPES": "test unit_test"},
    ),
    "models only": (["build", "--resource-type", "model"], {}),
    "a target that is not there": (["build"], {"DBT_TARGET": "prod"}),
    "no node, and every warning an error": (
        ["build", "--select", "nothing"],
        {"DBT_WARN_ERROR_OPTIONS": '{"error": "all"}'},
    ),
    "a job that needs a file, without one": (["build", "--selector", "accept-patches"], {}),
    "all but one gate": (
        ["build", "--exclude", "strict_no_quarantined_lines", "path:models/stages"],
        {"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"},
    ),
    "all of the replay, picked by hand": (
        ["build", "--select", "+path:models/published/replay", "+path:models/audit"],
        {"DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"},
    ),
}


@pytest.mark.parametrize("way", NOT_DONE)
def test_what_is_asked_for_whole_and_not_published_is_an_error(
    root: RootDir, project: Path, way: str
) -> None:
    arguments, environment = NOT_DONE[way]
    ended = dbt(root, *arguments, project=project, environment=environment)
    assert not is_published(root)
    assert "Traceback" not in ended.out
    assert "keyboard interrupt" not in ended.out
    assert ended.status != 0


def test_whoever_asks_for_a_sample_is_told_why_nothing_is_published(root: RootDir) -> None:
    """dbt hides it from macros: such a build was published as a whole one."""
    ended = dbt(root, "build", "--sample=3 days")
    assert "--empty and --sample build models without their rows. Nothing published" in ended.out


UNTESTED = ["build", "--exclude-resource-type=unit_test"]
PARTS = {
    "one model and its parents": [*UNTESTED, "--select", "+semantic_patch_replay_v1"],
    "some models": ["run", "--select", "+staging.inputs"],
}


@pytest.mark.parametrize("way", PARTS)
def test_a_part_says_that_it_publishes_nothing(root: RootDir, project: Path, way: str) -> None:
    ended = dbt(root, *PARTS[way], project=project)
    assert ended.status == 0, ended.out
    assert not is_published(root)
    assert "Nothing published: this run left out models or tests." in ended.out


OF_ONES_OWN = "select title_id from {{ ref('semantic_patch_replay_v1') }}"
UNIT_TESTS_LEFT_OUT = ("--exclude-resource-type", "unit_test")


def test_a_part_leaves_what_is_published_to_be_judged_and_shown(
    root: RootDir, tmp_path: Path
) -> None:
    """It emptied the directory where gates look for the files."""
    project = copy_of_project(tmp_path / "project")
    (project / "models" / "zz_mine.sql").write_text(OF_ONES_OWN)
    # A line longer than most: another process has measured it.
    root.title_rows(row("t1", note="x" * 200_000))
    assert root.build(project=project).status == 0
    staging = root.path / "artifacts" / "staging"
    ended = dbt(root, "run", "--select", "zz_mine", project=project)
    assert ended.status == 0, ended.out
    assert not staging.exists()
    for asked in (["show", "--select", "semantic_patch_replay_v1"], ["test", *UNIT_TESTS_LEFT_OUT]):
        ended = dbt(root, *asked, project=project)
        assert ended.status == 0, ended.out
    # From what a partial run has staged, the new file is tested; all else is the published one.
    staged = staging / "semantic_patch_replay_v1_holds.jsonl"
    staging.mkdir()
    elsewhere = tmp_path / "somebody's"
    elsewhere.write_text("their own")
    staged.symlink_to(elsewhere)
    published = ["--select", "semantic_patch_replay_v1", "semantic_patch_replay_v1_holds"]
    ended = dbt(root, "run", *published, project=project)
    assert ended.status == 0, ended.out
    assert elsewhere.read_text() == "their own"
    ended = dbt(root, "test", *UNIT_TESTS_LEFT_OUT, project=project)
    assert "Nothing published: dbt test only tests what is built." in ended.out
    assert "ERROR=1 " in ended.out
    staged.write_bytes(staged.read_bytes()[:-2] + b"\n")
    ended = dbt(root, "test", *UNIT_TESTS_LEFT_OUT, project=project)
    assert "FAIL 1 exported_file_matches_table_semantic_patch_replay_v1_holds" in ended.out
    # What a partial run has left is not published with the next whole build.
    (staging / "stray.jsonl").write_text("{}\n")
    root.title_rows(row("t1"), row("t2"))
    assert root.build(project=project).status == 0
    assert not staging.exists()
    assert not root.published("stray.jsonl").exists()


def test_a_gate_without_a_file_to_judge_says_what_to_do(root: RootDir) -> None:
    assert dbt(root, "run", "--select", "+semantic_patch_replay_v1").status == 0
    (root.path / "artifacts" / "staging" / "semantic_patch_replay_v1.jsonl").unlink()
    ended = dbt(
        root, "test", "--select", "exported_file_matches_table_semantic_patch_replay_v1_title_id"
    )
    assert ended.status == 1
    assert "semantic_patch_replay_v1.jsonl is neither staged nor published. Run dbt build." in (
        ended.out
    )
    assert "IO Error" not in ended.out


def test_a_retry_of_a_failed_build_is_an_error_however_often(root: RootDir, project: Path) -> None:
    # What it would retry is in the JSON that dbt writes.
    assert root.build("--write-json", project=project, strict=True).status == 1
    for _ in range(2):
        ended = root.dbt("retry", project=project, strict=False)
        assert ended.status != 0
        assert "dbt build does the whole job" in ended.out
        assert not is_published(root)


def test_run_and_test_are_told_to_be_no_build_and_leave_nothing_to_retry(
    root: RootDir, project: Path
) -> None:
    for command, told in (
        (["run"], "Nothing published"),
        (["retry"], "Nothing to do"),
        (["test", "--exclude-resource-type", "unit_test"], "Run dbt build to publish it"),
    ):
        ended = root.dbt(*command, project=project)
        assert ended.status != 0
        assert told in ended.out
        assert "Traceback" not in ended.out
        assert "keyboard interrupt" not in ended.out
        assert not is_published(root)


SET_BY_A_SCHEDULER = {
    "DBT_TARGET": "prod",
    "DBT_EMPTY": "1",
    "DBT_VARS": "{strict: true}",
    "DBT_EXCLUDE_RESOURCE_TYPES": "test",
    "DBT_SELECT": "staging",
    "DBT_FULL_REFRESH": "1",
    "DBT_ENGINE_TARGET": "prod",
    "DBT_TARGET_PATH": "elsewhere",
    "DBT_PROFILES_DIR": "/nowhere",
}


def test_no_variable_of_dbts_makes_the_command_line_do_another_job(root: RootDir) -> None:
    ended = root.replay(**SET_BY_A_SCHEDULER)
    assert ended.status == 0, ended.err
    assert is_published(root)


def test_a_model_that_breaks_is_told_in_the_databases_words_with_a_log_that_is_there(
    root: RootDir,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def with_a_broken_model(*_: object) -> Manifest:
        content = (parsed_once() / PARSED).read_bytes()
        found = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
        broken = found.nodes["model.aina_data_engine.patch_outcomes"]
        broken.raw_code += "\nwhere error('no outcomes today') is null\n"
        found.build_flat_graph()
        return found

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(parsed, "_parse", with_a_broken_model)
    assert cli.main(["--root", str(root.path), "semantic-patch-replay"]) == 1
    log = root.path / "artifacts" / "logs" / "dbt.log"
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "The build broke. Nothing published; what was published before stands."
    assert lines[:2] == ["  patch_outcomes", "    Invalid Input Error: no outcomes today"]
    assert lines[2].startswith(f"{len(lines[2].split(','))} gates did not run: ")
    assert "every_title_in_one_lane" in lines[2]
    assert lines[3:] == [f"dbt's own log: {log}"]
    assert "no outcomes today" in log.read_text()


def test_a_build_that_another_one_holds_up_ends_with_status_3(root: RootDir, project: Path) -> None:
    artifacts = root.path / "artifacts"
    artifacts.mkdir()
    with (artifacts / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = root.build(project=project)
    assert ended.status == 3, ended.out
    assert "A build is running on" in ended.out
    assert not is_published(root)
