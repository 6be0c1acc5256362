"""Two builds on one root, and readers during a build."""

import json
import os
import signal
import subprocess
import sys
import time

import duckdb
import pytest
from conftest import STEM, RootDir, row, start_engine
from test_crashes import start, verify
from warm import Started

from aina_data_engine.lock import take


class Rivals:
    """Three builds of one root: one comes second by the command line, one by dbt, and one waits."""

    def __init__(self, root: RootDir) -> None:
        self.root = root
        self.first = start(root)
        wait_for_lock(root, self.first)
        # However long the others take to start.
        self.first.send_signal(signal.SIGSTOP)
        self.second, self.dbt = root.replay(), root.build()
        waits = start_engine("--root", str(root.path), "semantic-patch-replay", "--wait")
        self.first.send_signal(signal.SIGCONT)
        self.first.communicate()
        self.waited, _ = waits.communicate()
        self.statuses = (self.first.returncode, waits.returncode)


def wait_for_lock(root: RootDir, build: Started) -> None:
    """Wait until the build reports that it has the lock; fail if it ends before."""
    lock = root.path / "artifacts" / ".lock"
    while not lock.exists() or f"process {build.pid}," not in lock.read_text():
        assert build.poll() is None, build.communicate()
        time.sleep(0.005)


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> Rivals:
    root = RootDir(tmp_path_factory.mktemp("rivals"))
    return Rivals(root.title_rows(*(row(f"t{n}") for n in range(50))))


def test_the_second_of_two_builds_leaves_at_once_and_says_why(rivals: Rivals) -> None:
    assert rivals.second.status == 3
    assert f"process {rivals.first.pid}, since 20" in rivals.second.err
    assert rivals.dbt.status == 3
    assert f"process {rivals.first.pid}, since 20" in rivals.dbt.out


def test_a_build_waits_for_another_when_asked_to(rivals: Rivals) -> None:
    assert rivals.statuses == (0, 0)
    assert "Unchanged" in rivals.waited
    assert len(rivals.root.generations()) == 1
    verify(rivals.root)


def test_the_lock_of_a_dead_process_is_no_obstacle(root: RootDir) -> None:
    """That a build continues from there is tested in `test_crashes.py`."""
    first = start(root.title_rows(row()))
    wait_for_lock(root, first)
    first.kill()
    first.communicate()
    lock = root.path / "artifacts" / ".lock"
    assert f"process {first.pid}," in lock.read_text()
    take(lock)
    assert f"process {os.getpid()}," in lock.read_text()


READER = """
import hashlib, json, pathlib, sys, time
validation, seen = pathlib.Path(sys.argv[1]), set()
print("ready", flush=True)
while not (validation.parent / "enough").exists():
    place = validation.resolve()
    summary = json.loads((place / "semantic_patch_replay_v1.json").read_text())
    for resource in summary["resources"]:
        found = hashlib.sha256((place / resource["path"]).read_bytes()).hexdigest()
        assert resource["hash"] == f"sha256:{found}", resource["path"]
    seen.add(summary["generation"])
    time.sleep(0.005)
print(json.dumps(sorted(seen)))
"""


def test_readers_see_one_generation_or_the_other_and_hold_nobody_up(rivals: Rivals) -> None:
    root = rivals.root
    before = root.summary()["generation"]
    validation = root.published("")
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(validation)], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    reader.stdout.readline()
    root.title_rows(*(row(f"u{n}") for n in range(50)))
    with duckdb.connect(str(root.published(f"{STEM}.duckdb")), read_only=True) as held:
        count = f"select count(*) from {STEM} where title_id like 't%'"
        build = start(root)
        wait_for_lock(root, build)
        while build.poll() is None:
            with duckdb.connect(
                str(validation.resolve() / f"{STEM}.duckdb"), read_only=True
            ) as other:
                assert other.execute(f"select count(*) from {STEM}").fetchall() == [(50,)]
            time.sleep(0.05)
        build.communicate()
        assert build.returncode == 0
        assert held.execute(count).fetchall() == [(50,)]
    (validation.parent / "enough").touch()
    out, _ = reader.communicate()
    assert reader.returncode == 0
    assert set(json.loads(out)) <= {before, root.summary()["generation"]}
    assert before in json.loads(out)
