"""One build at a time on a root: an advisory lock that the system releases with its process."""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

from aina_data_engine.errors import RootBusyError

_held: dict[Path, int] = {}
"""The locks of this process by path, as file descriptors. They stay open until the process ends."""


def hold(path: Path, *, wait: bool = False) -> None:
    """Hold the lock at `path` for the rest of this process; a second call changes nothing.

    RootBusyError, with the holder's process id and since when, where another process has it;
    with `wait`, wait for that one to end.
    """
    path = path.resolve()
    if path in _held:
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
        os.close(descriptor)
        raise RootBusyError(
            f"A build is running on {path.parents[1]} ({holder or 'just started'}). "
            "Run again when it has ended, or with --wait."
        ) from None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}, since {now}\n".encode(), 0)
    _held[path] = descriptor
