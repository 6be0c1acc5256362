"""Watches whether a cluster has executors for a run.

Spark waits for executors forever: its master may come back, and workers may join.
"""

import threading
import time
from contextlib import suppress

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

TICK = 1.0
SETTING = "spark.network.timeout"
"""How long until Spark considers a silent executor dead, and a run its cluster."""


class Watch(threading.Thread):
    """Cancels jobs that wait for executors when there have been none for as long as `SETTING`."""

    def __init__(self, session: SparkSession) -> None:
        """Watch from now on."""
        super().__init__(daemon=True)
        self.context = session.sparkContext
        settings = self.context._jsc.sc().conf()
        self.patience = int(settings.getTimeAsSeconds(SETTING, "120s"))
        self.ended = threading.Event()
        self.why = ""
        """Why it has cancelled jobs."""
        self.start()

    def run(self) -> None:
        """Check once a second, as long as the session lasts."""
        seen = time.monotonic()
        with suppress(Py4JError, OSError):
            while not self.ended.wait(TICK):
                if not self._is_alone():
                    seen = time.monotonic()
                elif time.monotonic() - seen > self.patience:
                    self.why = (
                        f"{self.context.master} has had no executor for this run for"
                        f" {self.patience} seconds ({SETTING}): the master or its workers are gone,"
                        " or no worker has as many cores or as much memory as requested."
                    )
                    # What dbt asks next would wait too, and is cancelled in its turn.
                    self.context.cancelAllJobs()

    def _is_alone(self) -> bool:
        """Return whether there is work but no executor; the status counts the driver as one."""
        executors = self.context._jsc.sc().getExecutorMemoryStatus().size() - 1
        return executors == 0 and bool(self.context.statusTracker().getActiveJobsIds())
