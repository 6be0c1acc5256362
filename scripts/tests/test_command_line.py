"""What a person at the command line sees: a published replay, or one clear message."""

import json
import sys
from pathlib import Path

import pytest
from conftest import Ended, RootDir, call_engine, patch, row, run, run_engine, written_elsewhere

from aina_data_engine import installed, report
from aina_data_engine.commands import engine
from aina_data_engine.jobs import JOBS
from aina_data_engine.patch_log import add_file
from aina_data_engine.receipt import receipts
from aina_data_engine.root import Root

UNREAD = [
    "patches/fix.jsonl",
    "semantic_patches/2026-11/fix.jsonl",
    "semantic_patches/fix.json",
    "title_rows.jsonl.bak",
]


class Replays:
    """Three replays of a root: the output of each, and what was in force after it."""

    def __init__(self, root: RootDir) -> None:
        self.root = root
        self.strict = self.replay("--vars", "{strict: true}")
        self.first = self.replay()
        rows = root.path / "inputs" / "title_rows.jsonl"
        content = rows.read_bytes()
        rows.write_bytes('{"title_id": "t1", "source_title": "Cook"}\n'.encode("utf-16"))
        self.unusable = self.replay()
        rows.write_bytes(content)

    def replay(self, *options: str) -> tuple[Ended, Path | None]:
        ended, published = self.root.replay(*options), self.root.published("")
        return ended, published.resolve() if published.exists() else None


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Replays:
    """Replay a root with one title in each of three lanes, and quarantined and unread input."""
    root = RootDir(tmp_path_factory.mktemp("commands"))
    root.title_rows(
        row("t1", salary="x"), row("t2"), "not JSON", "nor this", row("t3", source_refs=[])
    )
    root.patches(patch("p1", "t2"), patch("p2", "nobody"), name="a.JSONL")
    root.patches(patch("p3", "t2"), name="b.ndjson")
    for name in UNREAD:
        root.write(name, b"{}\n")
    return Replays(root)


@pytest.fixture
def published(replays: Replays) -> RootDir:
    """The root of the replays, as published by the first."""
    return replays.root


def test_a_replay_publishes_lanes_and_keeps_what_it_cannot_take(replays: Replays) -> None:
    ended, _ = replays.first
    assert ended.status == 0, ended.err
    assert "    2 title_rows: not JSON" in ended.out
    lanes = {r["title_id"]: r["runtime_lane"] for r in replays.root.records()}
    assert lanes == {"t1": "packet_hardening", "t2": "serviceable_with_caveat", "t3": "hold"}
    summary = replays.root.summary()
    assert summary["quarantine_counts"] == {"title_rows": 2, "semantic_patches": 0}
    assert summary["patch_outcome_counts"]["orphaned"] == 1


def test_of_lines_that_cannot_be_taken_all_are_told_of() -> None:
    reasons = [{"input": "title_rows", "reason": "not JSON", "lines": 2}]
    told = "    2 title_rows: not JSON"
    assert report.describe_reasons(reasons, 2) == [told]
    assert report.describe_reasons(reasons, 5) == [told, "    3 for other reasons"]


def test_what_is_not_read_is_named(replays: Replays) -> None:
    """Otherwise corrections in a directory with almost the right name would be skipped silently."""
    ended, _ = replays.first
    assert ", ".join(UNREAD) in ended.out
    applied = {r["title_id"]: r["patches_applied"] for r in replays.root.records()}
    assert applied["t2"] == ["p1", "p3"]
    receipts = [json.loads(p.read_text()) for p in replays.root.path.glob("artifacts/runs/*.json")]
    assert [r["unread_inputs"] for r in receipts] == [UNREAD] * 3


def test_a_failed_gate_publishes_nothing_and_names_the_gate(replays: Replays) -> None:
    ended, in_force = replays.strict
    assert (ended.status, in_force) == (1, None)
    assert "strict_no_quarantined_lines" in ended.err
    assert "strict_no_unread_files" in ended.err


def test_an_input_that_is_unusable_as_a_whole_replaces_nothing(replays: Replays) -> None:
    ended, in_force = replays.unusable
    assert ended.status == 1
    assert "some_title_row_is_accepted" in ended.err
    assert '"reason":' in ended.err
    assert in_force == replays.first[1]


def test_a_directory_that_is_no_root_is_told_what_belongs_there_and_stays_as_it_is(
    root: RootDir,
) -> None:
    root.path.mkdir(exist_ok=True)
    commands = (
        ["semantic-patch-replay"],
        ["packet-hardening-intake"],
        ["decline-patches", "--rule", "grade", "--reviewer", "Jo"],
    )
    for command in commands:
        ended = call_engine("--root", str(root.path), *command)
        assert ended.status == 2
        assert "inputs/title_rows.jsonl" in ended.err
        assert "Traceback" not in ended.err
    assert not [*root.path.iterdir()]


IMPORTS_OF = """
import sys
from aina_data_engine import cli
for command in ("status", "verify", "failing-rows x", "--help", "nonsense"):
    cli.main(["--root", sys.argv[1], *command.split()])
    found = {name.partition(".")[0] for name in sys.modules} & {"dbt", "dbt_common"}
    assert not found, command
print("all are done")
"""


def test_a_command_that_needs_no_dbt_does_not_import_it(root: RootDir) -> None:
    root.title_rows(row())
    ended = run([sys.executable, "-c", IMPORTS_OF, str(root.path)])
    assert ended.status == 0, ended.err
    assert ended.out.endswith("all are done\n")


def test_what_was_meant_is_named(root: RootDir) -> None:
    assert "Did you mean 'status'?" in call_engine("stauts").err
    assert "Did you mean '--root'?" in call_engine("status", "--rot", "x").err


def test_options_stand_before_or_after_the_command(root: RootDir) -> None:
    root.title_rows(row())
    before = call_engine("--root", str(root.path), "--json", "status")
    after = call_engine("status", "--json", "--root", str(root.path))
    assert before.out == after.out
    assert json.loads(after.out)["next"].endswith("semantic-patch-replay")


def test_an_error_is_an_object_for_programs_too(root: RootDir) -> None:
    ended = call_engine("verify", "--root", str(root.path), "--json")
    assert ended.status == json.loads(ended.out)["exit_status"] == 2
    assert json.loads(ended.out)["error"] in ended.err


UNREADABLE = [
    *("--json --bogus status", "--json --root", "--root= --json status", "--json=1 status"),
    *("status --bogus --json", "--json", "--json bogus", "--json as-of"),
]


@pytest.mark.parametrize("words", UNREADABLE)
def test_a_command_line_that_cannot_be_read_is_an_object_for_programs_too(words: str) -> None:
    ended = call_engine(*words.split())
    assert ended.status == json.loads(ended.out)["exit_status"] == 2
    assert json.loads(ended.out)["error"] in ended.err
    assert call_engine("--bogus", "status").out == ""


@pytest.mark.parametrize("words", [["--root", ".", "status"], ["init", "new"], ["status"]])
def test_a_working_directory_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(installed, "IS_INSTALLED", True)
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    ended = call_engine(*words)
    assert ended.status == 2
    assert "The current directory is gone." in ended.err


def test_an_error_names_the_root_that_was_given(root: RootDir) -> None:
    for command in ("semantic-patch-replay", "verify", "status", "failing-rows x"):
        ended = call_engine("--root", "no/such", *command.split())
        assert ended.status == 2
        assert "The root no/such is not a directory" in ended.err


def test_a_name_that_is_too_long_is_refused_before_the_work_and_a_files_is_cut(
    root: RootDir,
) -> None:
    root.title_rows(row())
    for name in ("x" * 201, "é" * 101):
        ended = call_engine("--root", str(root.path), "propose-patches", "--name", name)
        assert (ended.status, "bytes. Shorten it." in ended.err) == (2, True)
    for extension in (".jsonl", ".ndjson.gz"):
        added = [add_file(root.path, b"", "é" * 125 + extension) for _ in range(2)]
        assert [path.stem for path in added] == ["é" * 100, "é" * 100 + "-2"]
        for path in added:
            path.unlink()


def test_a_name_that_is_taken_is_refused_before_the_work(root: RootDir) -> None:
    root.title_rows(row())
    taken = root.path / "artifacts" / "proposals" / "first.jsonl"
    taken.parent.mkdir(parents=True)
    taken.write_text("{}\n")
    ended = call_engine("--root", str(root.path), "propose-patches", "--name", "first")
    assert ended.status == 2
    assert "first.jsonl exists already" in ended.err
    assert not (root.path / "artifacts" / "runs").exists()


def test_failing_rows_know_the_gates_that_passed_and_the_nearest(published: RootDir) -> None:
    at = ("--root", str(published.path), "failing-rows")
    passed = run_engine(*at, "every_title_in_one_lane")
    assert (passed.status, passed.out) == (0, "")
    assert "every_title_in_one_lane passed" in passed.err
    unknown = run_engine(*at, "every_title_in_one_lan")
    assert unknown.status == 2
    assert "Did you mean every_title_in_one_lane?" in unknown.err


def test_failing_rows_do_not_read_what_a_build_is_writing(published: RootDir) -> None:
    database = published.path / "artifacts" / "engine_room.duckdb"
    with written_elsewhere(database):
        ended = call_engine(
            "--root", str(published.path), "failing-rows", "every_title_in_one_lane"
        )
    told = f"{database} is open for writing in another program, such as a build that is running."
    assert (ended.status, ended.err) == (
        2,
        f"aina-data-engine: {told} Run again when that has ended.\n",
    )


def test_a_directory_that_is_no_root_is_left_as_it_is(tmp_path: Path) -> None:
    """Whatever the job reads: one that measures the rules wrote to any directory."""
    for command in JOBS:
        ended = call_engine("--root", str(tmp_path), command)
        assert ended.status == 2, command
    assert list(tmp_path.iterdir()) == []


def test_linked_directories_of_patches_are_read_and_what_else_is_in_them_is_named(
    tmp_path: Path,
) -> None:
    root, elsewhere = Root(tmp_path / "root"), tmp_path / "elsewhere"
    RootDir(root.path).title_rows(row())
    elsewhere.mkdir()
    for name in ("semantic_patches", "declined_patches", "other"):
        (root.inputs / name).symlink_to(elsewhere)
    assert root.unread_files(root.input_files()) == ["other"]
    for name in ("a.jsonl", "notes.md"):
        (elsewhere / name).write_text("")
    assert root.unread_files(root.input_files()) == [
        "declined_patches/notes.md",
        "other",
        "semantic_patches/notes.md",
    ]


NO_RECEIPTS = (
    {"gates": 3},
    {"gates": [{"name": "a"}]},
    {"accepted": 3},
    {"accepted": {"from": 3}},
    {"refused": []},
    {"refused": {"applies": "1"}},
    {"warnings": "one"},
)


@pytest.mark.parametrize("members", NO_RECEIPTS, ids=str)
def test_what_is_no_receipt_is_not_read_as_one(tmp_path: Path, members: dict[str, object]) -> None:
    """What receipts say is looked up in them, which ended in an internal error."""
    root = Root(tmp_path)
    root.runs.mkdir(parents=True)
    content = {"invocation_id": "a", "job": "accept-patches", "outcome": "failed"}
    (root.runs / "a.json").write_text(json.dumps(content | members))
    assert receipts(root) == [{}]


def test_failing_rows_are_of_the_last_build_whatever_was_only_tried_or_refused_since(
    root: RootDir,
) -> None:
    """Trials run on a copy, and refused commands have built nothing."""
    root.title_rows(row("t1"), row("t2")).patches(patch("p1"), patch("p2", "t2", patch_seq=9))
    at = ("--root", str(root.path))
    assert root.replay().status == 0
    for status, *asked in (
        (0, "as-of", "5"),
        (0, "impact", "--id", "p2"),
        (2, "revert-patches", "--id", "p3"),
    ):
        assert run_engine(*at, *asked).status == status
        passed = call_engine(*at, "failing-rows", "every_title_in_one_lane")
        assert (passed.status, "passed in the last build" in passed.err) == (0, True)
        unknown = call_engine(*at, "failing-rows", "nosuch")
        assert "The last build, semantic-patch-replay, has no gate nosuch. All" in unknown.err
    offered = root.path / "offered.jsonl"
    offered.write_text(json.dumps(patch("p4", "t3")))
    assert run_engine(*at, "accept-patches", str(offered), anew=True).status == 1
    told = call_engine(*at, "failing-rows", "accepted_patches_apply")
    assert '"problem":"there is no such title"' in told.out
    told = call_engine(*at, "failing-rows", "nosuch")
    assert "The last build, accept-patches, has no gate nosuch. These did not" in told.err
    told = call_engine(*at, "failing-rows", "every_title_in_one_lane")
    assert (told.status, "passed in the last build" in told.err) == (0, True)
    assert run_engine(*at, "revert-patches", "--id", "p3").status == 2
    told = call_engine(*at, "failing-rows", "accepted_patches_apply")
    assert told.status == 2
    assert "or another command has built since. Run accept-patches again." in told.err
    # A run of a part of the project has no gates of its own.
    assert root.dbt("run", "--no-write-json", "--select", "+staging.inputs").status == 0
    told = call_engine(*at, "failing-rows", "every_title_in_one_lane")
    assert told.status == 0


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
def test_where_nothing_is_published_the_next_step_is_said(root: RootDir, command: str) -> None:
    root.title_rows(row())
    told = call_engine("--root", str(root.path), command, *UNPUBLISHED[command])
    assert f"aina-data-engine --root {root.path} semantic-patch-replay" in told.out + told.err


def test_every_command_that_reads_answers_programs_with_one_object(
    published: RootDir, tmp_path: Path
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
        ended = call_engine("--root", str(published.path), command, *asked[command], "--json")
        told = json.loads(ended.out)
        assert (told["command"], told["exit_status"]) == (command, ended.status)
        assert len(told) > 2, command


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\u200b"])
def test_a_blank_word_is_refused_where_somebody_says_who_or_why(
    published: RootDir, blank: str
) -> None:
    """It was written down, or left out without a word."""
    inputs = published.path / "inputs"
    before = sorted(inputs.rglob("*"))
    decline, revert = ["decline-patches", "--id", "p1"], ["revert-patches", "--id", "p1"]
    for command, option in (
        (decline, "--reviewer"),
        ([*decline, "--reviewer", "me"], "--note"),
        (revert, "--author"),
        (revert, "--reason"),
        (["propose-patches"], "--name"),
        (["import-review", "sheet.csv"], "--name"),
    ):
        ended = call_engine("--root", str(published.path), *command, option, blank)
        assert (ended.status, ended.out) == (2, ""), command
        assert f"Invalid value for '{option}': the text is blank." in ended.err
    for command, option in ((decline, "--reviewer"), (revert, "--author")):
        for name in ("Rule:near_only", "\u200brule:x"):
            ended = call_engine("--root", str(published.path), *command, option, name)
            assert (ended.status, ended.out) == (2, ""), command
            assert f"Invalid value for '{option}': a person is wanted, not a rule." in ended.err
    assert sorted(inputs.rglob("*")) == before
