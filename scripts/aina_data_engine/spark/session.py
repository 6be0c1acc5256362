"""Spark's session of a run: in this process, or on a cluster that a master's address names."""

import atexit
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from dbt_common.exceptions import DbtRuntimeError
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException, PySparkRuntimeError
from pyspark.sql import SparkSession

from aina_data_engine.errors import EngineError
from aina_data_engine.root import Root
from aina_data_engine.spark.watch import Watch

_STARTING = threading.Lock()
_watching: list[Watch] = []

SETTINGS = {
    # Tables are known as long as the run lasts; what is published does not need them.
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A table of lists takes many times the memory of its file, by whose size Spark sends it around.
    "spark.sql.autoBroadcastJoinThreshold": "1m",
    # A long log is folded in as many rounds as it has chunks.
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
}


def start(root: Root, master: str, settings: dict[str, str]) -> SparkSession:
    """Return this process's session, with its warehouse in the root's artifacts.

    EngineError where there is no Java to run it, where it does not start, and for a path that Spark
    does not take.
    """
    with _STARTING:
        return _started(root, master, tuple(settings.items()))


@cache
def _started(root: Root, master: str, settings: tuple[tuple[str, str], ...]) -> SparkSession:
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise EngineError(
            "Spark needs Java 17, and none is found. Install it (Debian: openjdk-17-jre-headless)"
            " or name it in JAVA_HOME."
        )
    if mark := next((mark for mark in "*?[]{}" if mark in str(root.path)), None):
        raise EngineError(
            f"The root {root.path} has {mark} in its path, which Spark would take for a pattern."
            " Give it another name."
        )
    root.warehouse.mkdir(exist_ok=True)
    logs = root.artifacts / "logs"
    logs.mkdir(exist_ok=True)
    os.environ.setdefault("SPARK_CONF_DIR", str(Path(__file__).parent / "conf"))
    os.environ["ENGINE_SPARK_LOG"] = str(logs / "spark.log")
    # Where it is not said, Java looks the machine's own name up, which not every machine can.
    if address := dict(settings).get("spark.driver.bindAddress"):
        os.environ.setdefault("SPARK_LOCAL_IP", address)
    # Workers ask the same DuckDB, from the same packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # What Java itself says goes to a file as well.
    builder = SparkSession.builder.master(master).appName("aina-data-engine")
    own = {"spark.sql.warehouse.dir": str(root.warehouse)}
    for name, value in {**SETTINGS, **own, **dict(settings)}.items():
        builder = builder.config(name, value)
    atexit.register(_say_no_more)
    try:
        with _outputs_in(logs / "java.log"):
            session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise EngineError(_why_not_started(logs / "java.log")) from error
    except Py4JError as error:
        raise EngineError(
            f"Spark does not start on {master} ({told_by_spark(error).splitlines()[0]}) Where that"
            f" is a cluster, its master may not answer. What it said is in {logs / 'spark.log'}."
        ) from error
    if not master.startswith("local"):
        _watching.append(Watch(session))
    return session


def told_by_spark(error: object) -> str:
    """Return what went wrong, without the places in Spark's own code, which stand in its log."""
    if why := next((watch.why for watch in _watching if watch.why), None):
        return why
    told, *_ = re.split(r"\n\s*at [\w.$]+\(", str(error), maxsplit=1)
    told = re.sub(r"An error occurred while calling \S+\s*:\s*", "", told)
    # Of what Python says in a worker its last line tells what is wrong.
    return re.sub(
        r"Traceback \(most recent call last\):.*\n(?=\S[^\n]*\s*\Z)", "", told, flags=re.S
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Raise what Spark raises as an error of dbt's, told by `told_by_spark`."""
    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise DbtRuntimeError(told_by_spark(error)) from error


def _why_not_started(log: Path) -> str:
    """Return what Java has said of the end that it came to, or where all of it stands."""
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()
    causes = [line for line in said if "Exception" in line or "Error" in line]
    why = f" ({causes[-1].strip()})" if causes else ""
    return f"Spark does not start{why}. What it said is in {log}."


def _say_no_more() -> None:
    """At Python's end DuckDB's module would count, on pages, what threads of Spark's still hold."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)


@contextmanager
def _outputs_in(path: Path) -> Iterator[None]:
    """Let what is started here write its outputs to a file."""
    kept = [os.dup(1), os.dup(2)]
    with path.open("wb") as log:
        try:
            for number in (1, 2):
                os.dup2(log.fileno(), number)
            yield
        finally:
            for number, former in zip((1, 2), kept, strict=True):
                os.dup2(former, number)
                os.close(former)


def stop(session: SparkSession) -> None:
    """End the session; a next one begins afresh."""
    with _STARTING:
        while _watching:
            _watching.pop().ended.set()
        session.stop()
        _started.cache_clear()
