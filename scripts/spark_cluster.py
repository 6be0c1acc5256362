"""A Spark cluster on this machine, to try the engine on: a master and workers on loopback.

    python scripts/spark_cluster.py up [WORKERS]
    python scripts/spark_cluster.py down

Logs and process ids are in `artifacts/spark-cluster`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pyspark

HOST = "127.0.0.1"
PLACE = Path(__file__).resolve().parent.parent / "artifacts" / "spark-cluster"
PACKAGE = "org.apache.spark.deploy"
PATIENCE = 120
"""Seconds within which master and workers must be up."""


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def start(place: Path, name: str, *command: str) -> None:
    """Start a Spark daemon; its output and its process id are in `place`."""
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_WORKER_DIR": str(place / "work"),
    }
    with (place / f"{name}.log").open("wb") as log:
        started = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *command],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    (place / f"{name}.pid").write_text(str(started.pid))


def up(place: Path = PLACE, workers: int = 2) -> str:
    """Start a master and workers of one core and 2 GB each; return the master's address."""
    place.mkdir(parents=True, exist_ok=True)
    port, page = free_port(), free_port()
    master = f"spark://{HOST}:{port}"
    addresses = ["--host", HOST, "--port", str(port), "--webui-port", str(page)]
    start(place, "master", f"{PACKAGE}.master.Master", *addresses)
    for number in range(workers):
        own = ["--host", HOST, "--webui-port", "0", "--cores", "1", "--memory", "2g"]
        start(place, f"worker-{number}", f"{PACKAGE}.worker.Worker", *own, master)
    wait_for(page, workers, place)
    (place / "master").write_text(master)
    return master


def wait_for(page: int, workers: int, place: Path) -> None:
    """Wait until the master counts all workers; TimeoutError where it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page_of_master = f"http://{HOST}:{page}/json/"
        with (
            suppress(OSError, ValueError),
            urllib.request.urlopen(page_of_master, timeout=5) as answer,
        ):
            if json.load(answer)["aliveworkers"] == workers:
                return
        time.sleep(0.5)
    raise TimeoutError(f"The cluster is not up after {PATIENCE} seconds; its logs are in {place}.")


def down(place: Path = PLACE) -> None:
    """End the processes that `up` has started."""
    for written in sorted(place.glob("*.pid"), reverse=True):
        with suppress(ProcessLookupError):
            os.killpg(int(written.read_text()), signal.SIGTERM)
        written.unlink()
    (place / "master").unlink(missing_ok=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["up", *count]:
            address = up(workers=int(count[0]) if count else 2)
            print(
                f"Up: SPARK_MASTER={address} aina-data-engine semantic-patch-replay --target spark"
            )
        case ["down"]:
            down()
        case _:
            sys.exit(__doc__)
