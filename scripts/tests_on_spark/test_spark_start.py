"""If Spark does not start, the reason is reported."""

import os
import sys
from pathlib import Path

from conftest import RootDir, row
from roots import run

REPLAY = ("semantic-patch-replay", "--target", "spark")
OLD = "java.lang.UnsupportedClassVersionError: class file version 61.0"


def test_a_java_that_does_not_start_spark_is_told(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f'#!/bin/sh\necho "{OLD}" >&2\nexit 1\n')
    java.chmod(0o755)
    path = f"{java.parent}:{os.environ['PATH']}"
    ended = run(root, *REPLAY, PATH=path, JAVA_HOME="")
    log = root.path / "artifacts" / "logs" / "java.log"
    assert ended.returncode == 2
    assert f"Spark does not start ({OLD}). Its output is in {log}." in ended.stderr


def test_no_java_is_told(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    ended = run(root, *REPLAY, PATH=str(tmp_path), JAVA_HOME="")
    assert ended.returncode == 2
    assert "Spark needs Java 17, and no Java is found." in ended.stderr


def test_a_worker_without_the_packages_is_told(tmp_path: Path) -> None:
    """As on a cluster where no one has installed them."""
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    ended = run(root, *REPLAY, PYSPARK_PYTHON=str(bare), SPARK_MASTER="local[1]")
    assert ended.returncode == 1
    assert "ModuleNotFoundError: No module named" in ended.stderr
    assert "Traceback" not in ended.stderr
