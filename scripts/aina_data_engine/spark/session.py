"""The Spark session of a run: in this process, or on the cluster at a master's address."""

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
    # The catalog lasts as long as the run; what is published does not need it.
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Spark broadcasts a table by its file size, but a table of lists needs many times that memory.
    "spark.sql.autoBroadcastJoinThreshold": "1m",
    # A long log is folded in as many recursions as it has chunks.
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
}


def start(root: Root, master: str, settings: dict[str, str]) -> SparkSession:
    """Return this process's session, with its warehouse in the root's artifacts.

    EngineError where there is no Java to run it, where it does not start, and for a path that Spark
    does not accept.
    """
    with _STARTING:
        return _started(root, master, tuple(settings.items()))


@cache
def _started(root: Root, master: str, settings: tuple[tuple[str, str], ...]) -> SparkSession:
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise EngineError(
            "Spark needs Java 17, and no Java is found. Install it (Debian:"
            " openjdk-17-jre-headless), or set JAVA_HOME to it."
        )
    if mark := next((mark for mark in "*?[]{}" if mark in str(root.path)), None):
        raise EngineError(
            f"The root {root.path} has {mark} in its path, which Spark would take for a pattern."
            " Rename it."
        )
    root.warehouse.mkdir(exist_ok=True)
    logs = root.artifacts / "logs"
    logs.mkdir(exist_ok=True)
    os.environ.setdefault("SPARK_CONF_DIR", str(Path(__file__).parent / "conf"))
    os.environ["ENGINE_SPARK_LOG"] = str(logs / "spark.log")
    # Without this, Java looks up the machine's own name, which not every machine can resolve.
    if address := dict(settings).get("spark.driver.bindAddress"):
        os.environ.setdefault("SPARK_LOCAL_IP", address)
    # Workers use the same DuckDB, from the same packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Java's own output goes to a file too.
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
            f"Spark does not start on {master} ({told_by_spark(error).splitlines()[0]}). If that is"
            f" a cluster, its master may not answer. The log is {logs / 'spark.log'}."
        ) from error
    if not master.startswith("local"):
        _watching.append(Watch(session))
    return session


def told_by_spark(error: object) -> str:
    """Return what went wrong, without the stack in Spark's own code, which is in its log."""
    if why := next((watch.why for watch in _watching if watch.why), None):
        return why
    told, *_ = re.split(r"\n\s*at [\w.$]+\(", str(error), maxsplit=1)
    told = re.sub(r"An error occurred while calling \S+\s*:\s*", "", told)
    # The last line of a worker's Python traceback says what is wrong.
    return re.sub(
        r"Traceback \(most recent call last\):.*\n(?=\S[^\n]*\s*\Z)", "", told, flags=re.S
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """Raise Spark's exceptions as dbt's, with the message of `told_by_spark`."""
    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise DbtRuntimeError(told_by_spark(error)) from error
    except DbtRuntimeError as error:
        # A hook has raised the exception as dbt's already.
        raise DbtRuntimeError(told_by_spark(error.msg)) from error


def _why_not_started(log: Path) -> str:
    """Return the last error in Java's output, and where that output is."""
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()
    causes = [line for line in said if "Exception" in line or "Error" in line]
    why = f" ({causes[-1].strip()})" if causes else ""
    return f"Spark does not start{why}. Its output is in {log}."


def _say_no_more() -> None:
    """Silence standard error: at exit DuckDB's module would list, at length, leaked references."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)


@contextmanager
def _outputs_in(path: Path) -> Iterator[None]:
    """Redirect the output of processes started in the block to a file."""
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
    """End the session; the next one starts from scratch."""
    with _STARTING:
        while _watching:
            _watching.pop().ended.set()
        session.stop()
        _started.cache_clear()
