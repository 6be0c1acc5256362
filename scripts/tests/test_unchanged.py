"""A replay whose result is published already is not made again, unless anything has changed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Ended, RootDir, call_engine, patch, row

from aina_data_engine import receipt, unchanged
from aina_data_engine.jobs import JOBS, REPLAY
from aina_data_engine.root import Root

JOB = JOBS[REPLAY]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[RootDir, Ended]:
    """A root that was replayed once, and the output of that."""
    root = RootDir(tmp_path_factory.mktemp("unchanged") / "root")
    root.title_rows(row("t1"), row("t2"), "no JSON").patches(patch())
    ended = root.replay("--json")
    assert ended.status == 0, ended.err
    return root, ended


@pytest.fixture
def built(first: tuple[RootDir, Ended]) -> RootDir:
    return first[0]


def is_seen_unchanged(root: RootDir, **variables: object) -> bool:
    return unchanged.say_unchanged(Root(root.path), JOB, variables) is not None


def test_it_is_said_with_what_is_published_and_noted(first: tuple[RootDir, Ended]) -> None:
    root, built = first
    assert '"outcome": "unchanged"' not in built.out
    assert '"timings"' in built.out
    again = root.replay()
    assert again.status == 0
    assert "no input, var or engine file has changed" in again.out
    assert "quarantine: 1 title_rows" in again.out
    assert "gates passed" in again.out
    assert '"outcome": "unchanged"' in root.replay("--json").out
    assert call_engine("--root", str(root.path), "verify").status == 0
    assert "have changed since" not in call_engine("--root", str(root.path), "status").out


def test_a_warning_is_not_repeated_by_the_runs_that_confirm_a_result(built: RootDir) -> None:
    text = f"Former\u001b generations were not removed from {built.path}"
    assert is_seen_unchanged(built)
    for path in (built.path / "artifacts" / "runs").iterdir():
        run = json.loads(path.read_text())
        # As `finish` and `close` write it.
        run |= {"warnings": [text], "message": f"{run['message']}\n  warning: {text}\n  not read"}
        path.write_text(json.dumps(run))
    told = unchanged.say_unchanged(Root(built.path), JOB, {})
    assert told
    assert "gates passed" in told.text
    assert told.text.endswith("\n  not read")
    assert "warning" not in told.text


def rename(path: Path) -> Callable[[], object]:
    other = path.with_name(f"other.{path.name}")
    path.rename(other)
    return lambda: other.rename(path)


def edit(path: Path) -> Callable[[], object]:
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"")[:-2] + b" \n")
    return lambda: path.unlink() if before is None else path.write_bytes(before)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (edit, "inputs/title_rows.jsonl"),
        (edit, "inputs/semantic_patches/log.jsonl"),
        (edit, "inputs/semantic_patches/more.jsonl"),
        (edit, "inputs/notes.txt"),
        (rename, "inputs/semantic_patches/log.jsonl"),
        (edit, "artifacts/validation/semantic_patch_replay_v1.json"),
        (edit, "artifacts/validation/semantic_patch_replay_v1_holds.jsonl"),
        (edit, "artifacts/validation/semantic_patch_replay_v1.duckdb"),
        (edit, "artifacts/validation/semantic_patch_replay_v1.html"),
        (edit, "artifacts/validation/stranger"),
        (rename, "artifacts/validation/semantic_patch_replay_v1_quarantine.jsonl"),
        (rename, "artifacts/validation"),
    ],
)
def test_a_change_of_any_file_is_seen(
    built: RootDir, change: Callable[[Path], Callable[[], object]], place: str
) -> None:
    assert is_seen_unchanged(built)
    undo = change(built.path / place)
    try:
        assert not is_seen_unchanged(built)
    finally:
        undo()
    assert is_seen_unchanged(built)


def test_a_change_of_vars_versions_project_or_code_is_seen(
    built: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_seen_unchanged(built, strict=False)
    assert not is_seen_unchanged(built, strict=True)
    assert not is_seen_unchanged(built, title_row_columns={"id": "title_id"})
    for name, value in (
        ("hash_of_files", lambda _: "other"),
        ("_code", lambda: ["other"]),
        ("current_versions", lambda: {"duckdb": "0.1"}),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(unchanged, name, value)
            assert not is_seen_unchanged(built)
    assert is_seen_unchanged(built)


def test_a_run_that_was_killed_after_it_published_confirms_nothing(built: RootDir) -> None:
    """It has no message, so that nothing would be told of what is published."""
    runs = {path: path.read_text() for path in (built.path / "artifacts" / "runs").iterdir()}
    for path, text in runs.items():
        run = json.loads(text)
        run.pop("message")
        path.write_text(json.dumps(run))
    assert not is_seen_unchanged(built)
    for path, text in runs.items():
        path.write_text(text)
    assert is_seen_unchanged(built)


def test_the_inputs_are_read_once_however_often_it_was_confirmed(
    built: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert is_seen_unchanged(built)
    read: list[str] = []
    real = receipt.file_hash
    with monkeypatch.context() as patched:
        patched.setattr(receipt, "file_hash", lambda path: read.append(path.name) or real(path))
        assert is_seen_unchanged(built)
    assert sorted(read) == ["log.jsonl", "title_rows.jsonl"]


def test_an_input_that_cannot_be_read_is_named(built: RootDir) -> None:
    path = built.path / "inputs" / "semantic_patches" / "log.jsonl"
    hidden = path.with_name(".hidden")
    path.rename(hidden)
    path.mkdir()
    try:
        ended = built.replay()
    finally:
        path.rmdir()
        hidden.rename(path)
    assert ended.status == 2
    assert "log.jsonl" in ended.err
    assert "Traceback" not in ended.err
