"""The exceptions that a person is meant to read: their message is shown as it is."""

import difflib
import errno
import os
import re
import tempfile
import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class EngineError(Exception):
    """What is wrong, where, and what to do about it: wrong usage, or unreadable input.

    The message is one paragraph; lines after it, for example a list of alternatives, are indented.
    A line end in a name is escaped, so that no name can add text of its own, and so are bytes
    that are not UTF-8, which dbt would not pass on.
    """

    exit_status = 2

    def __init__(self, message: str) -> None:
        """Take the message; line ends that no indent follows belong to a name."""
        text = message.encode(errors="backslashreplace").decode()
        super().__init__(re.sub(r"\n(?! )", r"\\n", text))


class RootBusyError(EngineError):
    """Another process builds on the same root."""

    exit_status = 3


WITHOUT_RIGHT_OR_ROOM = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)


def unreadable(path: object, error: OSError) -> EngineError:
    """Return the error to raise for a file or directory that the system does not let us read."""
    advice = " It must exist, and the user who runs the engine must be allowed to read it."
    is_meant = error.errno in (errno.ENOENT, errno.EACCES, errno.EPERM)
    return EngineError(f"{path} cannot be read: {error.strerror}.{advice if is_meant else ''}")


def unwritable(path: object, error: OSError, so: str = "") -> EngineError:
    """Return the error to raise for a file or directory that the system does not let us write."""
    advice = " The user who runs the build needs write permission and free space there."
    is_meant = error.errno in WITHOUT_RIGHT_OR_ROOM
    told = f"{path} cannot be written ({error.strerror}){so}."
    return EngineError(told + (advice if is_meant else ""))


def told_by(error: Exception) -> str:
    """Return the database's message about an input, on one line, without its advice on options.

    It may quote bytes that are not text; the error is then the one of decoding the message.
    """
    said = str(error)
    if isinstance(error, UnicodeDecodeError):
        said = error.object.decode(errors="backslashreplace")
    return " ".join(re.split("Possible|Try setting", said)[0].split())


def note_traceback(directory: Path) -> Path:
    """Write the traceback of the current exception to a new file; return its path.

    It goes to `directory` if that exists and is writable, else to the directory of temporary files.
    """
    place = directory if directory.is_dir() and not directory.is_symlink() else None
    text = traceback.format_exc().encode("utf-8", "backslashreplace")
    for where in (place, None):
        with suppress(OSError):
            handle, name = tempfile.mkstemp(".log", "aina-data-engine-", where)
            with os.fdopen(handle, "wb") as stream:
                stream.write(text)
            return Path(name)
    return Path(os.devnull)


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a question with the nearest name, to follow a sentence; empty if none is near."""
    found = difflib.get_close_matches(name, list(names), n=1)
    return f" Did you mean {found[0]}?" if found else ""
