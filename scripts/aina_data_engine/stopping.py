"""What a command reports when SIGINT or SIGTERM ends it, and what it removes then."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from aina_data_engine.errors import EngineError
from aina_data_engine.job import Job
from aina_data_engine.patch_log import place_of_additions
from aina_data_engine.root import Root
from aina_data_engine.say import shown, shows_progress
from aina_data_engine.terminal import CLEAR

Done = Callable[[], str]
"""Returns what has been done since it was created."""

_temporary: list[Path] = []


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Make a directory that is removed after the block, or when the command is stopped in it.

    EngineError where none can be made.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="aina-data-engine-", ignore_cleanup_errors=True)
    except OSError as error:
        raise EngineError(
            f"No temporary directory can be made ({error.strerror}). Set the environment variable"
            " TMPDIR to a directory with free space."
        ) from error
    place = Path(made.name)
    _temporary.append(place)
    try:
        with made:
            yield place
    finally:
        # Another process may use the name later: a signal must not remove its directory.
        _temporary.remove(place)


def leave_clearly(done: Done) -> None:
    """Exit at once on SIGINT and SIGTERM, reporting what is done: a kill never does harm."""

    def leave(number: int, _: FrameType | None) -> NoReturn:
        begin = CLEAR if shows_progress() else ""
        told = f"{begin}aina-data-engine: stopped by {signal.Signals(number).name}: {done()}.\n"
        with suppress(OSError):
            os.write(2, told.encode())
        for directory in _temporary:
            shutil.rmtree(directory, ignore_errors=True)
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


def done_by(root: Root, job: Job) -> Done:
    """Return a function that tells whether the job has published or added a file from now on."""
    if place := place_of_additions(root, job):
        return added_to(place)
    link = job.publishes.link(root) if job.publishes else root.artifacts
    before = link.resolve()
    return lambda: nothing_published() if link.resolve() == before else "published"


def nothing_published() -> str:
    """Return that nothing was published."""
    return "nothing published, what was published before stands"


def added_to(directory: Path) -> Done:
    """Return a function that tells whether a file of patches was added there from now on."""
    before = {*directory.glob("*.jsonl")}

    def told() -> str:
        added = sorted({*directory.glob("*.jsonl")} - before)
        return f"added {shown(added[0])}" if added else f"nothing added to {shown(directory)}"

    return told
