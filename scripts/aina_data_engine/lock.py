"""One build at a time on a root: an advisory lock that the system releases with its process."""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

from aina_data_engine.errors import RootBusyError

_held: dict[Path, int] = {}
"""The locks of this process, by path, as file descriptors. They stay open until it exits."""


def take(path: Path, *, wait: bool = False) -> None:
    """Take the lock at `path` for the rest of this process; a second call changes nothing.

    RootBusyError, with the holder's process id and start time, where another process has it; with
    `wait`, wait for that one to end. OSError where the path is a link or not a file.
    """
    key = path.parent.resolve() / path.name
    while key not in _held:
        descriptor = _locked(path, wait=wait)
        if _is_ours_alone(path, descriptor):
            now = datetime.now(UTC).isoformat(timespec="seconds")
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()}, since {now}\n".encode(), 0)
            _held[key] = descriptor
        else:
            os.close(descriptor)


def _locked(path: Path, *, wait: bool) -> int:
    """Return a descriptor of the file, which is locked."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
        os.close(descriptor)
        raise RootBusyError(
            f"A build is running on {path.parents[1]} ({holder or 'just started'}). "
            "Run again when it has finished; with --wait a command waits for it."
        ) from None
    return descriptor


def _is_ours_alone(path: Path, descriptor: int) -> bool:
    """Return whether the path still names the file; unlink one with other names (hard links).

    A copy of a root made of hard links shares the file: writing to it, or locking it, would affect
    the other root.
    """
    opened = os.fstat(descriptor)
    try:
        named = path.lstat()
    except FileNotFoundError:
        return False
    if not os.path.samestat(opened, named):
        return False
    if opened.st_nlink > 1:
        path.unlink()
    return opened.st_nlink == 1
