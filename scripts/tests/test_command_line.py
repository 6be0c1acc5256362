"""What a person at the command line sees: a published replay, or one clear message."""

import json
import sys
from pathlib import Path

import pytest
from conftest import RootDir, patch, row, run, run_engine

from aina_data_engine import cli
from aina_data_engine.commands import engine
from aina_data_engine.jobs import JOBS


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root with one title in each of three lanes, and what cannot be taken."""
    root = RootDir(tmp_path_factory.mktemp("commands"))
    root.title_rows(row("t1", salary="x"), row("t2"), "not JSON", row("t3", source_refs=[]))
    root.patches(patch("p1", "t2"), patch("p2", "nobody"))
    ended = root.replay()
    assert ended.status == 0, ended.err
    return root


def test_a_replay_publishes_lanes_and_keeps_what_it_cannot_take(published: RootDir) -> None:
    lanes = {r["title_id"]: r["runtime_lane"] for r in published.records()}
    assert lanes == {"t1": "packet_hardening", "t2": "serviceable_with_caveat", "t3": "hold"}
    summary = published.summary()
    assert summary["quarantine_counts"] == {"title_rows": 1, "semantic_patches": 0}
    assert summary["patch_outcome_counts"]["orphaned"] == 1


def test_a_failed_gate_publishes_nothing_and_names_the_gate(root: RootDir) -> None:
    root.title_rows(row("t1"), "not JSON")
    ended = root.replay("--vars", "{strict: true}")
    assert ended.status == 1
    assert "strict_no_quarantined_lines" in ended.err
    assert not root.published("").exists()


def test_an_input_that_is_unusable_as_a_whole_replaces_nothing(root: RootDir) -> None:
    root.title_rows(row("t1"), "not JSON", "nor this")
    first = root.replay()
    assert first.status == 0, first.err
    assert "    2 title_rows: not JSON" in first.out
    before = root.published("").resolve()
    (root.path / "inputs" / "title_rows.jsonl").write_bytes(
        '{"title_id": "t1", "source_title": "Cook"}\n'.encode("utf-16")
    )
    ended = root.replay()
    assert ended.status == 1
    assert "some_title_row_is_accepted" in ended.err
    assert '"reason":' in ended.err
    assert root.published("").resolve() == before


def test_a_root_without_inputs_is_told_what_belongs_there(root: RootDir) -> None:
    ended = root.replay()
    assert ended.status == 2
    assert "inputs/title_rows.jsonl" in ended.err
    assert "Traceback" not in ended.err


def test_a_command_that_needs_no_dbt_does_not_import_it(root: RootDir) -> None:
    root.title_rows(row())
    for command in ("status", "verify", "failing-rows x", "--help", "nonsense"):
        told = (
            "import sys; from aina_data_engine import cli; cli.main(sys.argv[1:]);"
            "sys.exit(any(name.partition('.')[0] in ('dbt', 'dbt_common') for name in sys.modules))"
        )
        arguments = ["--root", str(root.path), *command.split()]
        ended = run([sys.executable, "-c", told, *arguments])
        assert ended.status == 0, command


def test_what_was_meant_is_named(root: RootDir) -> None:
    assert "Did you mean 'status'?" in run_engine("stauts").err
    assert "Did you mean '--root'?" in run_engine("status", "--rot", "x").err


def test_options_stand_before_or_after_the_command(root: RootDir) -> None:
    root.title_rows(row())
    before = run_engine("--root", str(root.path), "--json", "status")
    after = run_engine("status", "--json", "--root", str(root.path))
    assert before.out == after.out
    assert json.loads(after.out)["next"].endswith("semantic-patch-replay")


def test_an_error_is_an_object_for_programs_too(root: RootDir) -> None:
    ended = run_engine("verify", "--root", str(root.path), "--json")
    assert ended.status == json.loads(ended.out)["exit_status"] == 2
    assert json.loads(ended.out)["error"] in ended.err


def test_an_error_names_the_root_that_was_given(root: RootDir) -> None:
    for command in ("semantic-patch-replay", "verify", "status", "failing-rows x"):
        ended = run_engine("--root", "no/such", *command.split())
        assert ended.status == 2
        assert "The root no/such is not a directory" in ended.err


def test_a_name_that_is_taken_is_refused_before_the_work(root: RootDir) -> None:
    root.title_rows(row())
    taken = root.path / "artifacts" / "proposals" / "first.jsonl"
    taken.parent.mkdir(parents=True)
    taken.write_text("{}\n")
    ended = run_engine("--root", str(root.path), "propose-patches", "--name", "first")
    assert ended.status == 2
    assert "first.jsonl is there already" in ended.err
    assert not (root.path / "artifacts" / "runs").exists()


def test_failing_rows_know_the_gates_that_passed_and_the_nearest(published: RootDir) -> None:
    at = ("--root", str(published.path), "failing-rows")
    passed = run_engine(*at, "every_title_in_one_lane")
    assert (passed.status, passed.out) == (0, "")
    assert "every_title_in_one_lane passed" in passed.err
    unknown = run_engine(*at, "every_title_in_one_lan")
    assert unknown.status == 2
    assert "Did you mean every_title_in_one_lane?" in unknown.err


def test_a_job_answers_programs_with_one_object(published: RootDir) -> None:
    ended = run_engine("--root", str(published.path), "semantic-patch-replay", "--json")
    told = json.loads(ended.out)
    assert (told["command"], told["exit_status"]) == ("semantic-patch-replay", 0)
    assert {gate["result"] for gate in told["runs"][0]["gates"]} == {"pass"}


def test_a_shell_completes_commands_and_options() -> None:
    complete = {"_AINA_DATA_ENGINE_COMPLETE": "bash_complete"}
    words = run_engine(**complete, COMP_WORDS="aina-data-engine sta", COMP_CWORD="1")
    assert "plain,status" in words.out
    words = run_engine(**complete, COMP_WORDS="aina-data-engine status --js", COMP_CWORD="2")
    assert "plain,--json" in words.out


UNPUBLISHED = {
    "verify": [],
    "generations": [],
    "handoff": [],
    "explain": ["t1"],
    "diff": [],
    "as-of": ["1"],
    "impact": ["--id", "p1"],
    "failing-rows": ["a_gate"],
    "status": [],
}


@pytest.mark.parametrize("command", UNPUBLISHED)
def test_where_nothing_is_published_the_next_step_is_said(
    root: RootDir, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root.title_rows(row())
    cli.main(["--root", str(root.path), command, *UNPUBLISHED[command]])
    told = capsys.readouterr()
    assert f"aina-data-engine --root {root.path} semantic-patch-replay" in told.out + told.err


def test_every_command_that_reads_answers_programs_with_one_object(
    published: RootDir, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {
        **UNPUBLISHED,
        "init": [str(tmp_path / "new")],
        "project-dir": [],
        "decline-patches": ["--id", "p1", "--reviewer", "me"],
        "diff": ["--lines"],
    }
    assert asked.keys() == {*engine.commands} - {*JOBS}
    for command in asked.keys() - {"as-of", "impact"}:
        status = cli.main(["--root", str(published.path), command, *asked[command], "--json"])
        told = json.loads(capsys.readouterr().out)
        assert (told["command"], told["exit_status"]) == (command, status)
        assert len(told) > 2, command
