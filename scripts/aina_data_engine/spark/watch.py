"""Whether there is anybody to do a run's work on a cluster.

Spark waits for executors for ever: its master may come back, and workers may join.
"""

import threading
import time
from contextlib import suppress

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

TICK = 1.0
SETTING = "spark.network.timeout"
"""After how long Spark takes a silent executor for dead, and a run its cluster."""


class Watch(threading.Thread):
    """Ends what waits for executors where there has been none for as long as `SETTING` says."""

    def __init__(self, session: SparkSession) -> None:
        """Watch from now on."""
        super().__init__(daemon=True)
        self.context = session.sparkContext
        settings = self.context._jsc.sc().conf()
        self.patience = int(settings.getTimeAsSeconds(SETTING, "120s"))
        self.ended = threading.Event()
        self.why = ""
        """Why it has ended what waited."""
        self.start()

    def run(self) -> None:
        """Look once a second, as long as the session lasts."""
        seen = time.monotonic()
        with suppress(Py4JError, OSError):
            while not self.ended.wait(TICK):
                if not self._is_alone():
                    seen = time.monotonic()
                elif time.monotonic() - seen > self.patience:
                    self.why = (
                        f"{self.context.master} has had no executor for this run for"
                        f" {self.patience} seconds ({SETTING}): it is gone, or its workers are, or"
                        " none of them has as many cores or as much memory as is asked for."
                    )
                    # What dbt asks next would wait as well, and is ended in its turn.
                    self.context.cancelAllJobs()

    def _is_alone(self) -> bool:
        """Return whether there is work and nobody to do it; the driver is counted among them."""
        executors = self.context._jsc.sc().getExecutorMemoryStatus().size() - 1
        return executors == 0 and bool(self.context.statusTracker().getActiveJobsIds())
