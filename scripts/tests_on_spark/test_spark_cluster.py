"""A cluster of two workers: one of them is killed, and the driver, in the middle of a run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import RootDir, patch, row
from roots import hostile, run
from test_same_bytes import published_bytes

import spark_cluster

PATIENCE = 240


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    place = tmp_path_factory.mktemp("cluster")
    try:
        yield spark_cluster.up(place, workers=2), place
    finally:
        spark_cluster.down(place)


def start(root: RootDir, master: str) -> subprocess.Popen[str]:
    command = ["-m", "aina_data_engine.cli", "--root", str(root.path), "semantic-patch-replay"]
    return subprocess.Popen(
        [sys.executable, *command, "--target", "spark"],
        env=os.environ | {"SPARK_MASTER": master},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_table(root: RootDir, name: str, running: subprocess.Popen[str]) -> None:
    """Wait until the run has written a table, which is in the middle of it."""
    done = root.path / "artifacts" / "spark" / "main.db" / name / "_SUCCESS"
    end = time.monotonic() + PATIENCE
    while not done.exists():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_driver_that_is_killed_leaves_what_was_published(
    cluster: tuple[str, Path], tmp_path: Path
) -> None:
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    assert run(root, "semantic-patch-replay").returncode == 0
    before = published_bytes(root)
    root.patches(patch("p1", "t1"))
    running = start(root, cluster[0])
    wait_for_table(root, "stg_semantic_patches", running)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert published_bytes(root) == before
    assert run(root, "verify").returncode == 0
    # Nothing of the killed run is in the way of the next.
    assert run(root, "semantic-patch-replay").returncode == 0
    assert published_bytes(root) != before


def test_a_worker_that_is_killed_costs_no_byte(cluster: tuple[str, Path], tmp_path: Path) -> None:
    master, place = cluster
    expected = hostile(RootDir(tmp_path / "expected"))
    assert run(expected, "semantic-patch-replay").returncode == 0
    root = hostile(RootDir(tmp_path / "root"))
    running = start(root, master)
    wait_for_table(root, "base_semantic_patches", running)
    worker = int((place / "worker-0.pid").read_text())
    os.killpg(worker, signal.SIGKILL)
    out, err = running.communicate()
    assert running.returncode == 0, out + err
    assert "Lost executor" in (root.path / "artifacts" / "logs" / "spark.log").read_text()
    assert published_bytes(root) == published_bytes(expected)
