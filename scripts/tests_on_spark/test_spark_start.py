"""Where Spark does not start, the reason is told."""

import os
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
    assert f"Spark does not start ({OLD}). What it said is in {log}." in ended.stderr


def test_no_java_is_told(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "root").title_rows(row("t1"))
    ended = run(root, *REPLAY, PATH=str(tmp_path), JAVA_HOME="")
    assert ended.returncode == 2
    assert "Spark needs Java 17, and none is found." in ended.stderr
