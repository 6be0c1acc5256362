"""A root may come from someone else: its artifacts cannot lead to files outside of them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, RootDir, call_engine, row

from aina_data_engine import artifacts
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.lock import take
from aina_data_engine.patch_log import proposal_files, write_proposals
from aina_data_engine.root import Root

FILES = [".lock", "engine_room.duckdb", "engine_room.duckdb.wal", "logs/dbt.log"]
DIRECTORIES = [
    "engine_room.duckdb.tmp",
    "generations",
    "generations/validation",
    "logs",
    "proposals",
    "runs",
    "staging",
    "target",
]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory of someone else, with a file."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(b"of somebody else")
    return tmp_path / "outside"


def untouched(outside: Path) -> bool:
    content = {path.name: path.read_bytes() for path in outside.iterdir()}
    return content == {"file": b"of somebody else"}


@pytest.mark.parametrize("name", [*FILES, *DIRECTORIES])
@pytest.mark.parametrize("command", ["semantic-patch-replay", "mine-holds"])
def test_a_link_in_the_engines_place_is_named_and_not_followed(
    root: RootDir, outside: Path, name: str, command: str
) -> None:
    root.title_rows(row())
    place = root.path / "artifacts" / name
    place.parent.mkdir(parents=True)
    place.symlink_to(outside if name in DIRECTORIES else outside / "file")
    ended = call_engine("--root", str(root.path), command)
    assert ended.status == 2
    assert f"{place} is a link" in ended.err
    assert untouched(outside)


@pytest.mark.parametrize("name", FILES)
def test_a_directory_in_a_files_place_is_named(root: RootDir, name: str) -> None:
    root.title_rows(row())
    (root.path / "artifacts" / name).mkdir(parents=True)
    ended = call_engine("--root", str(root.path), "semantic-patch-replay")
    assert ended.status == 2
    assert f"{root.path / 'artifacts' / name} is a directory" in ended.err


def test_what_is_no_directory_in_the_place_of_artifacts_is_named(root: RootDir) -> None:
    place = root.title_rows(row()).path / "artifacts"
    a_file = root.path / "inputs" / "title_rows.jsonl"
    for make, kind in ((lambda: place.symlink_to(a_file), "link"), (place.touch, "file")):
        make()
        ended = call_engine("--root", str(root.path), "semantic-patch-replay")
        assert ended.status == 2
        assert f"{place} is a {kind}, in the place of a directory" in ended.err
        place.unlink()


@pytest.mark.parametrize(
    "target",
    ["..", "generations", "generations/validation/..", "generations/validation/../../../outside"],
)
def test_a_published_link_that_leads_elsewhere_is_not_followed(
    root: RootDir, outside: Path, target: str
) -> None:
    (root.path / "artifacts" / "generations" / "validation").mkdir(parents=True)
    (root.path / "artifacts" / "validation").symlink_to(target)
    with pytest.raises(EngineError, match="is in the way"):
        REPLAY_PUBLICATION.in_force(Root(root.path))
    root.title_rows(row())
    for command in ("verify", "status"):
        assert call_engine("--root", str(root.path), command).status in (1, 2)
    assert untouched(outside)


def test_a_generation_that_is_a_link_is_not_followed(root: RootDir, outside: Path) -> None:
    (root.path / "artifacts" / "generations" / "validation").mkdir(parents=True)
    (root.path / "artifacts" / "generations" / "validation" / "g").symlink_to(outside)
    (root.path / "artifacts" / "validation").symlink_to("generations/validation/g")
    with pytest.raises(EngineError, match="validation/g is a link"):
        REPLAY_PUBLICATION.in_force(Root(root.path))


def test_artifacts_itself_may_be_a_link(root: RootDir, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root.path / "artifacts").symlink_to(tmp_path / "elsewhere")
    artifacts.claim(root.path / "artifacts")
    assert (tmp_path / "elsewhere" / "runs").is_dir()
    assert not (root.path / "artifacts" / ".writable").exists()


def test_a_link_that_leads_nowhere_is_told_with_what_is_missing(tmp_path: Path) -> None:
    """It was reported to be in the place of a directory, although a link is allowed there."""
    (tmp_path / "artifacts").symlink_to(tmp_path / "missing")
    with pytest.raises(
        EngineError, match=r"is a link to .*missing, which does not exist. Create that"
    ):
        artifacts.claim(tmp_path / "artifacts")
    assert not (tmp_path / "missing").exists()


def test_two_roots_that_share_the_lock_file_do_not_wait_for_each_other(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "artifacts", tmp_path / "other" / "artifacts"
    one.mkdir(parents=True)
    other.mkdir(parents=True)
    take(one / ".lock")
    (other / ".lock").hardlink_to(one / ".lock")
    code = (
        "import sys, pathlib; from aina_data_engine.lock import take;"
        " take(pathlib.Path(sys.argv[1])); print('held')"
    )
    command = [sys.executable, "-c", code]
    taken = subprocess.run([*command, str(one / ".lock")], capture_output=True, text=True)
    assert "RootBusyError" in taken.stderr
    free = subprocess.run([*command, str(other / ".lock")], capture_output=True, text=True)
    # The holder is unknown until the file is let go: busy, never a wait or someone else's text.
    assert "held" in free.stdout or "RootBusyError" in free.stderr
    assert f"process {os.getpid()}" in (one / ".lock").read_text()


def test_what_nobody_has_foreseen_is_one_line_and_its_traceback_a_file(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise ZeroDivisionError("of a kind\nthat nobody thought of")

    monkeypatch.setattr("aina_data_engine.status.describe", fail)
    ended = call_engine("--root", str(root.path), "status")
    assert ended.status == 1
    said = ended.err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: of a kind that nobody thought of. The traceback is in" in said
    log = Path(said.rpartition(" ")[2].removesuffix(".\n"))
    assert "in fail" in log.read_text()
    log.unlink()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root in which someone else's file had second names when it was first replayed."""
    place = tmp_path_factory.mktemp("stranger")
    (place / "outside").mkdir()
    (place / "outside" / "file").write_bytes(b"of somebody else")
    root = RootDir(place / "root").title_rows(row()).patches(name="log.jsonl")
    for name in (*FILES, ".writable"):
        second = root.path / "artifacts" / name
        second.parent.mkdir(parents=True, exist_ok=True)
        second.hardlink_to(place / "outside" / "file")
    ended = root.replay()
    assert ended.status == 0, ended.err
    return root


def test_a_file_with_a_second_name_elsewhere_keeps_its_bytes(published: RootDir) -> None:
    assert untouched(published.path.parent / "outside")


@pytest.mark.parametrize("name", [name for name in FILES if name != ".lock"])
def test_what_is_written_in_place_has_no_second_name(tmp_path: Path, name: str) -> None:
    """dbt itself opens the build's database and its log in place."""
    (tmp_path / "file").write_bytes(b"of somebody else")
    second = tmp_path / "artifacts" / name
    second.parent.mkdir(parents=True)
    second.hardlink_to(tmp_path / "file")
    artifacts.claim(tmp_path / "artifacts")
    assert second.read_bytes() == b"of somebody else"
    assert not second.samefile(tmp_path / "file")


@pytest.mark.parametrize("content", ["{}", "[]", "[[", "?", '{"name": "x"}'])
def test_status_names_a_summary_that_is_none(published: RootDir, content: str) -> None:
    path = published.published(f"{STEM}.json").resolve()
    kept = path.read_bytes()
    path.write_text(content)
    try:
        ended = call_engine("--root", str(published.path), "status")
    finally:
        path.write_bytes(kept)
    assert ended.status == 2
    assert f"{path} cannot be read" in ended.err


@pytest.mark.parametrize("command", [["explain", "t1"], ["handoff"], ["diff", "before", "after"]])
@pytest.mark.parametrize("kind", ["view", "macro"])
def test_no_view_or_macro_of_a_published_database_is_run(
    published: RootDir, tmp_path: Path, kind: str, command: list[str]
) -> None:
    root = RootDir(tmp_path / "root")
    shutil.copytree(published.path, root.path, symlinks=True)
    place = root.published(f"{STEM}.duckdb").resolve()
    with duckdb.connect(str(place)) as connection:
        if kind == "view":
            for (view,) in connection.execute(
                "select view_name from duckdb_views() where not internal"
            ).fetchall():
                connection.execute(f"drop view {view}")
            connection.execute(f"drop table {STEM}")
            connection.execute(f"create view {STEM} as select error('it was run') as title_id")
        for name in ("list", "to_json", "count", "coalesce", "list_filter"):
            connection.execute(f"create macro {name}(x) as error('it was run')")
    generation = place.parent.name
    words = [generation if word in ("before", "after") else word for word in command]
    ended = call_engine("--root", str(root.path), *words)
    assert "it was run" not in ended.out + ended.err
    assert ended.status == (2 if kind == "view" else 0), ended.err
    if kind == "view":
        assert f"{place} has no table {STEM}" in ended.err


@pytest.mark.parametrize("command", [["explain", "t1"], ["handoff"]])
def test_a_pipe_or_a_link_for_a_published_database_is_named_and_not_opened(
    published: RootDir, command: list[str]
) -> None:
    place = published.published(f"{STEM}.duckdb").resolve()
    kept = place.rename(place.with_name("kept"))
    try:
        for put in (os.mkfifo, lambda path: path.symlink_to(kept)):
            put(place)
            ended = call_engine("--root", str(published.path), *command)
            place.unlink()
            assert ended.status == 2
            assert str(place) in ended.err
    finally:
        kept.rename(place)


def test_status_does_not_wait_for_a_pipe_in_the_log(published: RootDir) -> None:
    path = published.path / "inputs" / "semantic_patches" / "b.jsonl"
    os.mkfifo(path)
    try:
        ended = call_engine("--root", str(published.path), "status")
    finally:
        path.unlink()
    told = f"{path} cannot be read: a named pipe, where a file belongs."
    assert (ended.status, ended.err) == (2, f"aina-data-engine: {told}\n")


MADE: dict[str, Callable[[Path], object]] = {
    "a named pipe": os.mkfifo,
    "a directory": Path.mkdir,
    "a link": lambda path: path.symlink_to(path.with_name("b.jsonl")),
}


@pytest.mark.parametrize("kind", MADE)
def test_status_names_proposals_that_cannot_be_read_and_goes_on(
    published: RootDir, kind: str
) -> None:
    path = published.path / "artifacts" / "proposals" / "a.jsonl"
    path.parent.mkdir(exist_ok=True)
    MADE[kind](path)
    other = path.with_name("b.jsonl")
    other.write_text('{"patch_id": "new"}\n')
    at = ("--root", str(published.path), "status")
    try:
        ended, told = call_engine(*at), json.loads(call_engine(*at, "--json").out)
    finally:
        other.unlink()
        path.rmdir() if kind == "a directory" else path.unlink()
    problem = f"{path} cannot be read: {kind}, where a file belongs."
    assert f"\n  {problem}\n" in ended.out
    assert told["unread"] == [{"file": str(path), "problem": problem}]
    assert f"to be accepted, 1: {other}" in ended.out
    assert ended.status == 0


def test_proposals_elsewhere_are_neither_told_nor_declined(tmp_path: Path) -> None:
    """Lines of whatever a link led to were printed, and declines made of them."""
    root, outside = Root(tmp_path / "root"), tmp_path / "outside"
    secret = {"patch_id": "secret-1", "title_id": "t1", "author": "rule:secret", "ops": []}
    outside.mkdir()
    (outside / "a_proposals.jsonl").write_text(json.dumps(secret) + "\n")
    RootDir(root.path).title_rows(row("t1"))
    root.artifacts.mkdir()
    (stage := root.artifacts / "mine-holds").symlink_to(outside)
    with pytest.raises(EngineError, match="is in the way"):
        proposal_files(root)
    stage.unlink()
    root.proposals.symlink_to(outside)
    with pytest.raises(EngineError, match="is a link"):
        proposal_files(root)
    root.proposals.unlink()
    root.proposals.mkdir()
    (root.proposals / "a.jsonl").symlink_to(outside / "a_proposals.jsonl")
    assert proposal_files(root) == []
    ended = call_engine(
        "--root", str(root.path), "decline-patches", "--rule", "secret", "--reviewer", "Jo"
    )
    assert (ended.status, "No rule secret" in ended.err) == (2, True)


def test_proposals_do_not_wait_for_a_pipe_of_their_name(tmp_path: Path) -> None:
    root = Root(tmp_path)
    root.proposals.mkdir(parents=True)
    os.mkfifo(root.proposals / "p.jsonl")
    (tmp_path / "staged.jsonl").write_text("{}\n")
    with pytest.raises(EngineError, match="cannot be read: a named pipe") as caught:
        write_proposals(root, tmp_path / "staged.jsonl", "p")
    assert str(caught.value).endswith("where a file belongs.")


def test_status_reads_a_log_of_any_name_and_names_one_that_is_no_gzip(
    published: RootDir,
) -> None:
    log = published.path / "inputs" / "semantic_patches"
    strange = Path(os.fsdecode(os.fsencode(log) + b"/\xff.jsonl"))
    strange.write_text("{}\n")
    assert call_engine("--root", str(published.path), "status").status == 0
    strange.unlink()
    (log / "c.jsonl.gz").write_text("{}\n")
    ended = call_engine("--root", str(published.path), "status")
    (log / "c.jsonl.gz").unlink()
    assert ended.status == 2
    assert "c.jsonl.gz cannot be read" in ended.err
