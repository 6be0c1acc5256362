"""A line on a terminal that shows what a slow command is doing, and how far it has come."""

import threading
import time
from types import TracebackType
from typing import Any, Self

from aina_data_engine import say

TICK = 0.5
"""Seconds between two updates."""
KINDS = {"test": "gate", "model": "model", "seed": "seed"}


class Progress:
    """The progress line; it is shown on a terminal only.

    dbt reports as events, in this order: the number of nodes, then each node's start and end. The
    inputs are loaded before the first node, and the job's last step is done after the last one.
    """

    def __init__(self, now: str = "starting", last: str = "finishing") -> None:
        """Take the names of the first step, and of the step after the last node."""
        self.now = now
        self.last = last
        self.done = self.total = 0
        self.began = time.monotonic()
        self.is_over = threading.Event()
        self.clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        """Begin to show the line, on a terminal."""
        if say.shows_progress():
            self.clock.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Remove the line."""
        self.is_over.set()
        if self.clock.ident:
            self.clock.join()
            say.passing("")

    def __str__(self) -> str:
        """Return the line."""
        far = f"{self.done:,} of {self.total:,}, " if self.total else ""
        return f"{far}{self.now}, {time.monotonic() - self.began:.0f} s"

    def listen(self, event: Any) -> None:
        """Note an event of dbt."""
        match event.info.name:
            case "ConcurrencyLine":
                self.total, self.now = event.data.node_count, "loading the inputs"
            case "NodeStart":
                node = event.data.node_info
                self.now = f"{KINDS.get(node.resource_type, node.resource_type)} {node.node_name}"
            case "NodeFinished":
                self.done += 1
                if self.done == self.total:
                    self.now = self.last

    def _tick(self) -> None:
        while not self.is_over.wait(TICK):
            say.passing(str(self))
