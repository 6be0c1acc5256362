"""A cluster of two workers: one of them is killed, and the driver, in the middle of a run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import RootDir, patch, row
from roots import run
from test_same_bytes import published_bytes

import bench
import spark_cluster
from aina_data_engine.spark import session

PATIENCE = 240
TITLES, PATCHES = 111_134, 226_472
"""As many as the postings of a day have, and their log."""
ROOT_OF_ONES_OWN, VARS = "SPARK_TEST_ROOT", "SPARK_TEST_VARS"
"""In the environment: a root whose inputs are tried instead, and what it takes as `--vars`."""

KILLED = """
import os, signal, sys
from aina_data_engine import cli, publish

step = publish.{step}
def kill(*asked):
    {done}
    os.killpg(0, signal.SIGKILL)
publish.{step} = kill
sys.exit(cli.main(sys.argv[1:]))
"""
"""The engine, and its Java with it, killed where it comes to a step of publishing."""
BEFORE_THE_RENAME = KILLED.format(step="publish", done="pass")
AFTER_THE_RENAME = KILLED.format(step="_point", done="step(*asked)")
ENGINE = "import sys; from aina_data_engine import cli; sys.exit(cli.main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    place = tmp_path_factory.mktemp("cluster")
    try:
        yield spark_cluster.up(place, workers=2), place
    finally:
        spark_cluster.down(place)


def start(
    root: RootDir, master: str, *arguments: str, code: str = ENGINE, **environment: str
) -> subprocess.Popen[str]:
    command = ["--root", str(root.path), "semantic-patch-replay", "--target", "spark", *arguments]
    return subprocess.Popen(
        [sys.executable, "-c", code, *command],
        env=os.environ | {"SPARK_MASTER": master} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def settings_of_ones_own(tmp_path: Path, *lines: str) -> str:
    """Return a directory of Spark settings: the engine's, and additional lines."""
    made = shutil.copytree(Path(session.__file__).parent / "conf", tmp_path / "conf")
    with (made / "spark-defaults.conf").open("a", encoding="utf-8") as defaults:
        defaults.write("\n".join(lines))
    return str(made)


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
    """Killed in the middle on a cluster, or in one process before or after the step that publishes.

    The last is a run on two workers that is left alone until it has published, to the byte.
    """
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    assert run(root, "semantic-patch-replay").returncode == 0
    before = published_bytes(root)
    root.patches(patch("p1", "t1"))
    expected = RootDir(tmp_path / "expected").title_rows(row("t1")).patches(patch("p1", "t1"))
    assert run(expected, "semantic-patch-replay").returncode == 0
    after = published_bytes(expected)
    assert after != before

    running = start(root, cluster[0])
    wait_for_table(root, "stg_semantic_patches", running)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert published_bytes(root) == before
    for master, code, published in (
        ("local[2]", BEFORE_THE_RENAME, before),
        (cluster[0], AFTER_THE_RENAME, after),
    ):
        running = start(root, master, code=code)
        out, err = running.communicate()
        assert running.returncode == -signal.SIGKILL, out + err
        staged = root.path / "artifacts" / "staging" / "semantic_patch_replay_v1.duckdb"
        assert staged.exists() == (published is before)
        assert published_bytes(root) == published
        assert run(root, "verify").returncode == 0
    ended = run(root, "semantic-patch-replay")
    assert ended.returncode == 0, ended.stderr
    assert published_bytes(root) == after


def large(root: RootDir) -> RootDir:
    """Fill a root with as many titles and patches as a day brings, or with the given numbers."""
    if own := os.environ.get(ROOT_OF_ONES_OWN):
        shutil.copytree(Path(own) / "inputs", root.path / "inputs")
    else:
        bench.make(root.path, TITLES, PATCHES)
    return root


def test_a_worker_that_is_killed_costs_no_byte(cluster: tuple[str, Path], tmp_path: Path) -> None:
    """Many titles, loaded in pieces, and sorted in several parts."""
    master, place = cluster
    own = ["--vars", os.environ.get(VARS, json.dumps({"strict": False}))]
    expected, root = large(RootDir(tmp_path / "expected")), large(RootDir(tmp_path / "root"))
    assert run(expected, "semantic-patch-replay", *own).returncode == 0
    settings = settings_of_ones_own(tmp_path, "spark.sql.files.maxPartitionBytes 8m")
    running = start(root, master, *own, SPARK_CONF_DIR=settings)
    wait_for_table(root, "base_semantic_patches", running)
    worker = int((place / "worker-0.pid").read_text())
    os.killpg(worker, signal.SIGKILL)
    out, err = running.communicate()
    assert running.returncode == 0, out + err
    assert "Lost executor" in (root.path / "artifacts" / "logs" / "spark.log").read_text()
    found, wanted = published_bytes(root), published_bytes(expected)
    assert sorted(found) == sorted(wanted)
    for name, content in wanted.items():
        # Printed, the difference would be longer than the file.
        assert (name, found[name] == content) == (name, True)
    spark = root.path / "artifacts" / "spark"
    for parts in ("inputs.db/lines", "sorted/semantic_patch_replay_v1", "sorted/line_hashes"):
        assert len(list((spark / parts).glob("*.parquet"))) > 1, parts


def test_a_run_whose_cluster_is_gone_ends(cluster: tuple[str, Path], tmp_path: Path) -> None:
    """It would wait forever. This is the last test, since it destroys the cluster."""
    master, place = cluster
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    patience = [f"spark.network.{name} 15s" for name in ("timeout", "timeoutInterval")]
    settings = settings_of_ones_own(tmp_path, *patience)
    running = start(root, master, SPARK_CONF_DIR=settings)
    wait_for_table(root, "base_semantic_patches", running)
    for number in place.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.killpg(int(number.read_text()), signal.SIGKILL)
    out, err = running.communicate()
    assert running.returncode == 1, out + err
    assert f"{master} has had no executor for this run for 15 seconds" in err
    assert "Nothing published" in err
    assert "Traceback" not in err
    assert not (root.path / "artifacts" / "validation").exists()
