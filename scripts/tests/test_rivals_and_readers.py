"""Two builds on one root, and readers beside a build."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, RootDir, row, start_engine
from test_crashes import start, verify
from warm import Started

from aina_data_engine.lock import take


@pytest.fixture
def root_with_rows(tmp_path: Path) -> RootDir:
    return RootDir(tmp_path).title_rows(*(row(f"t{n}") for n in range(50)))


def wait_for_lock(root: RootDir, build: Started) -> None:
    """Wait until the build says that it has the lock; fail where it ends before."""
    lock = root.path / "artifacts" / ".lock"
    while not lock.exists() or "process" not in lock.read_text():
        assert build.poll() is None, build.communicate()
        time.sleep(0.005)


def test_the_second_of_two_builds_leaves_at_once_and_says_why_or_waits_when_asked_to(
    root_with_rows: RootDir,
) -> None:
    first = start(root_with_rows)
    wait_for_lock(root_with_rows, first)
    # However long the others take to start.
    first.send_signal(signal.SIGSTOP)
    second = root_with_rows.replay()
    dbt = root_with_rows.build()
    third = start_engine("--root", str(root_with_rows.path), "semantic-patch-replay", "--wait")
    first.send_signal(signal.SIGCONT)
    assert second.status == 3
    assert f"process {first.pid}, since 20" in second.err
    assert dbt.status == 3
    assert f"process {first.pid}, since 20" in dbt.out
    first.communicate()
    out, _ = third.communicate()
    assert (first.returncode, third.returncode) == (0, 0)
    assert "Unchanged" in out
    assert len(root_with_rows.generations()) == 1
    verify(root_with_rows)


def test_the_lock_of_a_dead_process_is_no_obstacle(root_with_rows: RootDir) -> None:
    """That a build goes on from there is in `test_crashes.py`."""
    first = start(root_with_rows)
    wait_for_lock(root_with_rows, first)
    first.kill()
    first.communicate()
    lock = root_with_rows.path / "artifacts" / ".lock"
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


def test_readers_see_one_generation_or_the_other_and_hold_nobody_up(
    root_with_rows: RootDir,
) -> None:
    assert root_with_rows.replay().status == 0
    before = root_with_rows.summary()["generation"]
    validation = root_with_rows.published("")
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(validation)], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    reader.stdout.readline()
    root_with_rows.title_rows(*(row(f"u{n}") for n in range(50)))
    with duckdb.connect(str(root_with_rows.published(f"{STEM}.duckdb")), read_only=True) as held:
        count = f"select count(*) from {STEM} where title_id like 't%'"
        build = start(root_with_rows)
        wait_for_lock(root_with_rows, build)
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
    assert set(json.loads(out)) <= {before, root_with_rows.summary()["generation"]}
    assert before in json.loads(out)
