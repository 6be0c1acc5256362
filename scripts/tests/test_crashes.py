"""A build may die anywhere: what was published stands, and the next build needs no help."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from conftest import RootDir, call_engine, notes, patch, row, start_engine
from warm import ENGINE, Started

from aina_data_engine import stopping
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.patch_log import add_file
from aina_data_engine.root import Root
from aina_data_engine.stopping import temporary_directory
from aina_data_engine.verify import verify as check

FORCED = ("semantic-patch-replay", "--force")
"""Builds though what is published is what a former moment has left."""


def start(root: RootDir, *, by_dbt: bool = False) -> Started:
    """Start a build; its output can be read when it has ended."""
    return start_engine("--root", str(root.path), *FORCED, notes=None if by_dbt else notes())


def start_cold(root: RootDir) -> subprocess.Popen:
    """Start a build in a process of its own."""
    command = [sys.executable, "-m", ENGINE, "--root", str(root.path), *FORCED]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def verify(root: RootDir) -> str:
    """Return the generation in force; fail unless it is whole and all of it could be checked."""
    checked = check(Root(root.path), REPLAY_PUBLICATION)
    assert (checked.findings, checked.unchecked) == ([], [])
    return checked.generation


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root with a published generation, whose inputs have changed since."""
    root = RootDir(tmp_path_factory.mktemp("crashes"))
    root.title_rows(*(row(f"t{n}") for n in range(500)))
    assert root.replay().status == 0
    root.patches(*(patch(f"p{n}", f"t{n}") for n in range(400)))
    return root


def after(seconds: float) -> Callable[[Path], bool]:
    end = time.monotonic() + seconds
    return lambda artifacts: time.monotonic() >= end


def sees(pattern: str, count: int = 1) -> Callable[[Path], bool]:
    """Return whether `count` files of the pattern exist."""
    return lambda artifacts: len(list(artifacts.glob(pattern))) >= count


STARTING = "while dbt starts"
MOMENTS = {
    STARTING: lambda: after(1.0),
    "when the database is there": lambda: sees("engine_room.duckdb"),
    "when staging has begun": lambda: sees("staging"),
    "a moment later": lambda: after(0.3),
}
PUBLISHING = {
    "when the first file is exported": lambda: sees("staging/*.jsonl"),
    "when every file is exported": lambda: sees("staging/*.jsonl", 7),
    "when the summary is written": lambda: sees("staging/semantic_patch_replay_v1.json"),
    "when the database is written": lambda: sees("staging/semantic_patch_replay_v1.duckdb"),
    "when the generation is in its place": lambda: sees("generations/validation/*", 2),
}


def wait(build: Started | subprocess.Popen, reached: Callable[[], bool]) -> None:
    """Wait until the moment, or the build's end; poll often, but with pauses."""
    while build.poll() is None and not reached():
        time.sleep(0.003)


def remove_what_a_kill_left(artifacts: Path) -> None:
    shutil.rmtree(artifacts / "staging", ignore_errors=True)
    (artifacts / "engine_room.duckdb").unlink(missing_ok=True)


@pytest.mark.parametrize("moment", [*MOMENTS, *PUBLISHING])
def test_a_kill_leaves_a_whole_generation(published: RootDir, moment: str) -> None:
    artifacts = published.path / "artifacts"
    remove_what_a_kill_left(artifacts)
    before = verify(published)
    # What dbt has left to do at the later moments is the engine's own work.
    is_early = moment in MOMENTS
    build = start_cold(published) if moment == STARTING else start(published, by_dbt=is_early)
    reached = (MOMENTS | PUBLISHING)[moment]()
    wait(build, lambda: reached(artifacts))
    build.kill()
    build.communicate()
    after_it = verify(published)
    # The last moment may be after the step that publishes.
    assert after_it == before or moment == "when the generation is in its place"


def test_the_next_run_needs_no_help_and_the_killed_one_left_a_receipt(published: RootDir) -> None:
    build = start(published)
    wait(build, (published.path / "artifacts" / "staging").exists)
    build.kill()
    build.communicate()
    receipts = [p.read_text() for p in (published.path / "artifacts" / "runs").glob("*.json")]
    assert any('"outcome": "started"' in text for text in receipts)
    ended = published.replay()
    assert ended.status == 0, ended.err
    assert published.summary()["lane_counts"]["serviceable_with_caveat"] == 400
    verify(published)


KILLED_AT_ITS_LAST_STEP = """
import os, sys
from pathlib import Path

from aina_data_engine.patch_log import add_file

os.link = lambda *_, **__: os.kill(os.getpid(), 9)
add_file(Path(sys.argv[1]), b"half", "first.jsonl")
"""


def test_a_kill_while_a_file_is_added_leaves_no_input_to_be_removed(root: RootDir) -> None:
    root.title_rows(row("t1"))
    for name in ("semantic_patches", "declined_patches"):
        place = root.path / "inputs" / name
        killed = subprocess.run([sys.executable, "-c", KILLED_AT_ITS_LAST_STEP, str(place)])
        assert killed.returncode == -signal.SIGKILL
        assert len(list(place.iterdir())) == 1
    ended = root.replay("--vars", "{strict: true}")
    assert (ended.status, ended.err) == (0, "")
    assert "not read, since" not in ended.out
    added = add_file(place, b"", "first.jsonl")
    assert [*place.iterdir()] == [added]


def test_dbt_alone_goes_on_after_a_kill_too(published: RootDir) -> None:
    build = start(published)
    staging = published.path / "artifacts" / "staging"
    wait(build, lambda: bool(list(staging.glob("*_holds.jsonl"))))
    build.kill()
    build.communicate()
    ended = published.build()
    assert ended.status == 0, ended.out
    verify(published)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_a_clear_last_line(
    published: RootDir, number: signal.Signals
) -> None:
    artifacts = published.path / "artifacts"
    remove_what_a_kill_left(artifacts)
    before = verify(published)
    build = start(published, by_dbt=True)
    wait(build, (artifacts / "staging").exists)
    build.send_signal(number)
    _, err = build.communicate()
    assert build.returncode == 128 + number
    assert err.splitlines()[-1] == (
        f"aina-data-engine: stopped by {number.name}: nothing published,"
        " what was published before stands."
    )
    assert verify(published) == before


COMPANY = {"title_id": "t1", "source_title": "Pastry Chef - Soma", "company": "Soma"}
ADDING = {
    "accept-patches": ("offered.jsonl", "inputs/semantic_patches/offered.jsonl"),
    "propose-patches": ("--name", "first", "artifacts/proposals/first.jsonl"),
}


@pytest.mark.parametrize("command", ADDING)
def test_whoever_stops_a_job_is_told_whether_its_file_is_there(
    root: RootDir, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    root.title_rows(COMPANY).patches(patch("p0"))
    *words, name = ADDING[command]
    added, staging = root.path / name, root.path / "artifacts" / "staging"
    monkeypatch.chdir(root.path)
    Path("offered.jsonl").write_text(json.dumps(patch()) + "\n")
    for number, reached, told in (
        (signal.SIGTERM, staging.exists, f"nothing added to {added.parent}"),
        (signal.SIGINT, added.exists, f"added {added}"),
    ):
        job = start_engine("--root", str(root.path), command, *words)
        wait(job, reached)
        job.send_signal(number)
        _, err = job.communicate()
        assert err.splitlines()[-1] == f"aina-data-engine: stopped by {number.name}: {told}."
        shutil.rmtree(staging)
    if command == "propose-patches":
        # A second run reports that the file exists, and there is no other way to its page.
        assert all(added.with_suffix(kind).exists() for kind in (".md", ".html"))


def test_whoever_stops_a_trial_is_told_that_nothing_is_published(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.title_rows(row("t1"), row("t2")).patches(patch("p1"), patch("p2", "t2", patch_seq=2))
    assert root.replay().status == 0
    monkeypatch.setenv("TMPDIR", str(root.path))
    job = start_engine("--root", str(root.path), "as-of", "1")
    wait(job, lambda: bool(list(root.path.glob("aina-*/artifacts/validation"))))
    job.send_signal(signal.SIGTERM)
    _, err = job.communicate()
    assert err.splitlines()[-1] == (
        "aina-data-engine: stopped by SIGTERM: nothing published, what was published before stands."
    )
    assert not list(root.path.glob("aina-*"))


def test_what_goes_with_a_block_is_no_longer_anybodys_to_take_away() -> None:
    """A signal later would remove what somebody else has called so since."""
    with suppress(KeyError), temporary_directory() as place:
        assert stopping._temporary == [place]
        raise KeyError
    assert not place.exists()
    assert stopping._temporary == []


def test_of_a_build_that_was_stopped_no_gate_is_told_as_passed(root: RootDir) -> None:
    def told() -> str:
        ended = call_engine("--root", str(root.path), "failing-rows", "every_title_in_one_lane")
        return ended.err if ended.status == 2 else ""

    root.title_rows(row())
    assert "No build has run" in told()
    assert root.replay().status == 0
    build = start(root)
    wait(build, (root.path / "artifacts" / "staging").exists)
    build.kill()
    build.communicate()
    assert "The last build on" in told()
    assert "did not reach its gates: it was stopped" in told()
    (root.path / "artifacts" / "engine_room.duckdb").unlink()
    assert "engine_room.duckdb, with the results of the last build, is missing" in told()


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[None]:
    """Mount a file system of `size` at `path`; skip the test where that is not allowed."""
    path.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs a superuser")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def resize(path: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(path)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "disk")
    with small_disk(root.path, "60m"):
        root.title_rows(*(row(f"t{n}", note="x" * 500) for n in range(2000)))
        assert root.replay().status == 0
        before = verify(root)
        root.patches(*(patch(f"p{n}", f"t{n}") for n in range(2000)))
        for room in (100_000, 3_000_000, 9_000_000):
            for left in root.path.glob("artifacts/engine_room.duckdb*"):
                left.unlink()
            disk = os.statvfs(root.path)
            used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
            resize(root.path, f"size={used + room}")
            ended = root.replay(anew=True)
            assert ended.status == 1
            assert "No space left on device" in ended.err
            assert "Traceback" not in ended.err
            assert verify(root) == before
        resize(root.path, "size=120m")
        assert root.replay().status == 0
        verify(root)


def test_artifacts_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "disk")
    with small_disk(root.path, "60m"):
        root.title_rows(row("t1"))
        assert root.replay().status == 0
        resize(root.path, "ro")
        ended = root.replay()
        assert ended.status == 2
        assert "cannot be written (Read-only file system)" in ended.err
        verify(root)
