"""An error at each file operation of publishing, or a kill before or after it.

The report is true, what was published is whole, and the next run needs no help.
"""

import errno
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import duckdb
import pytest

from aina_data_engine import export, history
from aina_data_engine.artifacts import claim, remove
from aina_data_engine.errors import EngineError
from aina_data_engine.files import file_hash, read_json
from aina_data_engine.finish import Finish, Run
from aina_data_engine.generations import kept
from aina_data_engine.job import Job, Publication
from aina_data_engine.patch_log import add_file
from aina_data_engine.publish import clear_the_way, digest_of
from aina_data_engine.receipt import Receipt, read_receipt, receipt_of, runs_of
from aina_data_engine.request import Request
from aina_data_engine.root import Root

TINY = Publication("tiny", "tiny_v1", "Tiny", "tiny_counts")
JOB = Job("tiny", "Publish a title.", "", (), (), publishes=TINY)
OPERATIONS = {
    os: ["fsync", "link", "mkdir", "open", "rename", "replace", "rmdir", "symlink", "unlink"],
    io: ["open"],
}
COUNTS = """
create or replace table tiny_counts as
select 'row_counts' as section, 'titles' as name, 1 as position, 1 as row_count
"""


@cache
def database() -> duckdb.DuckDBPyConnection:
    """Open one connection for all runs: opening one takes as long as the rest of a run."""
    return duckdb.connect(config={"threads": 1})


def publish(root: Root, title: str, run_id: str) -> str:
    """Run a job that publishes one title; return its report."""
    claim(root.artifacts)
    try:
        with database().cursor() as cursor:
            return publish_by(cursor, root, title, run_id)
    except BaseException:
        # As at the end of a process.
        database().execute("detach database if exists fresh_generation")
        raise


def publish_by(cursor: duckdb.DuckDBPyConnection, root: Root, title: str, run_id: str) -> str:
    run = Run(JOB, Receipt(root, run_id), exported={"tiny_v1": "memory.tiny_v1"})
    run.receipt.begin(JOB)
    clear_the_way(root, TINY)
    remove(root.staging)
    root.staging.mkdir()
    cursor.execute("drop schema if exists engine cascade")
    cursor.execute(export.SCHEMA)
    cursor.execute("create or replace table tiny_v1 as select ? as title_id", (title,))
    cursor.execute(COUNTS)
    path = root.staging / "tiny_v1.jsonl"
    export.export_jsonl(cursor, "tiny_v1", ["title_id"], path)
    gates = [{"name": "a_gate", "result": "pass"}]
    outcome, told = Finish(cursor, root, run, Request())(gates, 1, [])
    return run.receipt.close(outcome, told, 3)


@contextmanager
def hooked(hook: Callable[[Callable, tuple, dict], object]) -> Iterator[None]:
    """Send every file operation through the hook."""
    real = {
        (module, name): getattr(module, name) for module, ns in OPERATIONS.items() for name in ns
    }
    for (module, name), function in real.items():
        setattr(module, name, lambda *a, f=function, **k: hook(f, a, k))
    try:
        yield
    finally:
        for (module, name), function in real.items():
            setattr(module, name, function)


class Trap:
    """Let all file operations pass except one: raise or kill before or after it."""

    def __init__(self, at: int, spring: Callable[[], object], *, is_done: bool) -> None:
        self.at, self.spring, self.is_done = at, spring, is_done
        self.count = 0

    def __call__(self, function: Callable, given: tuple, named: dict) -> object:
        self.count += 1
        if self.count != self.at + 1:
            return function(*given, **named)
        if self.is_done:
            with suppress(OSError):
                result = function(*given, **named)
                if isinstance(result, int):
                    os.close(result)
        self.spring()
        raise AssertionError("the trap has not sprung")


class Left:
    """Copy a directory before or after each file operation: this is what a kill there leaves.

    What a process has not written yet when it is killed is not in a copy either.
    """

    def __init__(self, path: Path, place: Path, *, is_done: bool) -> None:
        self.path, self.place, self.is_done = path, place, is_done
        self.copies: list[Path] = []
        place.mkdir()

    def __call__(self, function: Callable, given: tuple, named: dict) -> object:
        if not self.is_done:
            self.copy()
        try:
            return function(*given, **named)
        finally:
            if self.is_done:
                self.copy()

    def copy(self) -> None:
        self.copies.append(self.place / str(len(self.copies)))
        if self.path.exists():
            # Copied as it is: a file under two names stays one file.
            subprocess.run(["cp", "-a", self.path, self.copies[-1]], check=True)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """The machine's power does not fail here: flushing to the disk can be skipped."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A root with three published generations, one of them pruned, and the remains of a kill."""
    root = Root(tmp_path_factory.mktemp("template") / "root")
    root.path.mkdir()
    for number in range(3):
        publish(root, f"t{number}", f"run{number}")
    assert len(list(TINY.generations(root).iterdir())) == 2
    (root.artifacts / ".tiny.next").symlink_to("nowhere")
    return root


@pytest.fixture
def fresh(template: Root, tmp_path: Path) -> Callable[[], Root]:
    def copy() -> Root:
        shutil.rmtree(tmp_path / "root", ignore_errors=True)
        shutil.copytree(template.path, tmp_path / "root", symlinks=True)
        return Root(tmp_path / "root")

    return copy


def title(root: Root) -> str:
    """Return the published title; fail where what is published is not whole."""
    found = (TINY.published(root) / "tiny_v1.jsonl").read_text()
    place = TINY.in_force(root)
    assert place
    summary = read_json(place / "tiny_v1.json")
    assert digest_of(summary) == summary["generation"]
    assert summary["resources"][0]["hash"] == file_hash(place / "tiny_v1.jsonl")
    assert receipt_of(root, place)["database"]["hash"] == file_hash(place / "tiny_v1.duckdb")
    return found


def operations(fresh: Callable[[], Root]) -> int:
    """Return the number of file operations of a run."""
    count, root = Trap(-1, lambda: None, is_done=False), fresh()
    with hooked(count):
        publish(root, "new", "new")
    assert count.count > 40
    return count.count


def fail_with(error: BaseException) -> Callable[[], object]:
    def spring() -> object:
        raise error

    return spring


ERRORS = [
    OSError(errno.ENOSPC, "No space left on device"),
    KeyboardInterrupt(),
    PermissionError(errno.EACCES, "Permission denied"),
    InterruptedError(errno.EINTR, "Interrupted system call"),
]


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_after_an_error_what_is_said_is_so(fresh: Callable[[], Root], is_done: bool) -> None:
    warned = 0
    for at in range(operations(fresh)):
        root = fresh()
        # In turn: each of the adjacent operations meets another error.
        error = ERRORS[at % len(ERRORS)]
        try:
            with hooked(Trap(at, fail_with(error), is_done=is_done)):
                told = publish(root, "new", "new")
        except BaseException as raised:
            assert not isinstance(raised, AssertionError)
            assert "t2" in title(root), f"operation {at}: {raised!r} of a run that published"
            there = [p / "tiny_v1.jsonl" for p in TINY.generations(root).iterdir()]
            assert "new" not in "".join(p.read_text() for p in there if p.exists()), at
        else:
            assert told.startswith("Published")
            assert "new" in title(root), f"operation {at}: {told}"
            warned += "warning" in told
        assert publish(root, "next", "next").startswith("Published")
        assert "next" in title(root)
        assert len(list(TINY.generations(root).iterdir())) == 2
        assert not root.staging.exists()
    assert warned > 3


@pytest.mark.parametrize("after_it", ["new", "other"], ids=["same", "other"])
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_after_a_kill_the_next_run_needs_no_help(
    fresh: Callable[[], Root], tmp_path: Path, is_done: bool, after_it: str
) -> None:
    root = fresh()
    with hooked(left := Left(root.path, tmp_path / "left", is_done=is_done)):
        publish(root, "new", "new")
    assert len(left.copies) > 40
    found = set()
    for path in left.copies:
        root = Root(path)
        found.add(in_force := title(root))
        for place in kept(root, TINY):
            assert {p.suffix for p in place.iterdir()} == {".jsonl", ".json", ".duckdb", ".html"}
        told = publish(root, after_it, "again")
        assert told.startswith(("Published", "Unchanged"))
        assert after_it in title(root)
        # What the killed run made is only kept if it was published.
        former = [p for p in TINY.generations(root).iterdir() if p != TINY.in_force(root)]
        was_in_force = "t2" if after_it in in_force else in_force
        assert [was_in_force in (p / "tiny_v1.jsonl").read_text() for p in former] == [True]
        assert publish(root, "last", "last").startswith("Published")
        former = [p for p in TINY.generations(root).iterdir() if p != TINY.in_force(root)]
        assert [after_it in (p / "tiny_v1.jsonl").read_text() for p in former] == [True]
        shutil.rmtree(path)
    assert len(found) == 2


def test_what_is_published_is_on_the_disk_before_it_is_in_force(fresh: Callable[[], Root]) -> None:
    """After a power failure the link could lead to files without content."""
    root, flushed = fresh(), set[Path]()
    expected = set[Path]()

    def note(function: Callable, given: tuple, named: dict) -> object:
        if function is fsync:
            flushed.add(Path(f"/proc/self/fd/{given[0]}").readlink())
        if function is rename and given[0] == root.staging:
            expected.update([root.staging, *root.staging.iterdir()])
            assert expected <= flushed
        return function(*given, **named)

    fsync, rename = os.fsync, os.rename
    with hooked(note):
        publish(root, "new", "new")
    assert len(expected) == 5


def test_what_could_neither_be_published_nor_taken_back_is_not_kept(
    fresh: Callable[[], Root],
) -> None:
    """Later, diff and handoff compared with it, as if it had been in force."""
    root = fresh()
    no_more = {str(TINY.link(root)), str(root.staging)}

    def refuse(function: Callable, given: tuple, named: dict) -> object:
        if function is rename and str(given[1]) in no_more:
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*given, **named)

    def fail(run_id: str) -> None:
        Receipt(root, run_id, JOB, read_receipt(root, run_id)).end("failed", "No space left")

    rename = os.rename
    # A run may fail after it has published: what was in force is kept.
    publish(root, "once", "once")
    fail("once")
    with hooked(refuse), pytest.raises(OSError):
        publish(root, "never", "never")
    fail("never")
    publish(root, "last", "last")
    found = {(place / "tiny_v1.jsonl").read_text() for place in TINY.generations(root).iterdir()}
    assert found == {'{"title_id":"last"}\n', '{"title_id":"once"}\n'}


def test_generations_are_listed_by_their_time_with_what_changed(
    template: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PUBLICATIONS", {"tiny": TINY})
    told = history.describe(template)
    first, second = told.content["generations"]["tiny"]
    assert (first["in_force"], second["in_force"]) == (True, False)
    assert first["time"] >= second["time"]
    assert first["job"] == "tiny"
    assert first["counts"] == {"titles": 1}
    assert (first["changes"], second["changes"]) == ({}, None)
    assert told.text.splitlines()[1].startswith(f"  * {first['time']}  tiny: 1 titles")
    assert history._changes({"a": 2, "b": 1}, {"a": 1, "b": 1, "c": 3}) == {"a": 1, "c": -3}


def test_a_result_that_is_published_adds_no_generation(fresh: Callable[[], Root]) -> None:
    root = fresh()
    before = TINY.in_force(root)
    assert publish(root, "t2", "again").startswith("Unchanged")
    assert TINY.in_force(root) == before
    assert before
    assert [run["invocation_id"] for run in runs_of(root, before)] == ["again", "run2"]
    # Of other code, or other versions of it, it may lack what is looked for in it.
    for key in ("code", "versions"):
        there = TINY.in_force(root)
        assert there
        made = receipt_of(root, there)
        made[key] = "other"
        (root.runs / f"{made['invocation_id']}.json").write_text(json.dumps(made))
        assert publish(root, "t2", f"of this {key}").startswith("Published")
        # In the place of the same result, beside what it was before.
        assert ["t1" in (p / "tiny_v1.jsonl").read_text() for p in kept(root, TINY)] == [
            False,
            True,
        ]
    before = TINY.in_force(root)
    assert before
    # Once damaged, it is not that result any more.
    (before / "tiny_v1.jsonl").write_text("?")
    assert publish(root, "t2", "once more").startswith("Published")
    assert "t2" in title(root)


PATCHES = b'{"patch_id": "p1"}\n' * 3


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("is_killed", [False, True], ids=["error", "kill"])
def test_a_file_comes_into_the_log_whole_or_not_at_all(
    tmp_path: Path, is_killed: bool, is_done: bool
) -> None:
    """Accepting, undoing and declining each end with it; half a file would be half a decision."""
    log = tmp_path / "semantic_patches"
    with hooked(left := Left(log, tmp_path / "left", is_done=is_done)):
        add_file(log, PATCHES, "a.jsonl")
    assert len(left.copies) > 3
    seen = set()
    for at, copy in enumerate(left.copies):
        told = ""
        shutil.rmtree(log, ignore_errors=True)
        if is_killed:
            log = copy
        else:
            error = ERRORS[at % len(ERRORS)]
            try:
                with hooked(Trap(at, fail_with(error), is_done=is_done)):
                    add_file(log, PATCHES, "a.jsonl")
            except (EngineError, KeyboardInterrupt) as raised:
                told = str(raised)
        there = [path for path in log.glob("*") if path.name[0] != "."] if log.exists() else []
        assert [path.read_bytes() for path in there] in ([], [PATCHES])
        assert not (there and "nothing was added" in told)
        seen.add(len(there))
        # Run again, it is there, under its name or the next.
        assert add_file(log, PATCHES, "a.jsonl").read_bytes() == PATCHES
    assert seen == {0, 1}
