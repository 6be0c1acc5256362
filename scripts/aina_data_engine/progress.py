"""What takes a while does at the moment, and how far it is: a line of its own on a terminal."""

import threading
import time
from types import TracebackType
from typing import Any, Self

from aina_data_engine import say

TICK = 0.5
"""Seconds between two looks at the clock."""
KINDS = {"test": "gate", "model": "model", "seed": "seed"}


class Progress:
    """The line; it says nothing where nobody looks on.

    dbt carries what it does as events, in the order: the number of nodes, each node's start and
    end. Before the first the inputs are loaded, after the last the job's own last step is done.
    """

    def __init__(self, now: str = "starting", last: str = "finishing") -> None:
        """Take what is done at first, and what after the last node."""
        self.now = now
        self.last = last
        self.done = self.total = 0
        self.began = time.monotonic()
        self.is_over = threading.Event()
        self.clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        """Begin to show it, where somebody looks on."""
        if say.shows_progress():
            self.clock.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Take the line away."""
        self.is_over.set()
        if self.clock.ident:
            self.clock.join()
            say.passing("")

    def __str__(self) -> str:
        """Say it in a line."""
        far = f"{self.done:,} of {self.total:,}, " if self.total else ""
        return f"{far}{self.now}, {time.monotonic() - self.began:.0f} s"

    def listen(self, event: Any) -> None:
        """Note what dbt does."""
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
