"""Files: one way each to open, measure and write them.

Only regular files are opened: a named pipe would block forever, and a device may have no end.
"""

import errno
import hashlib
import json
import math
import os
import shutil
import stat
from contextlib import suppress
from decimal import Decimal
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

BLOCK = 1024 * 1024
LONGEST_TEXT = 64 * 1024 * 1024
"""The most bytes of a summary or a receipt: they are read whole."""
DEEPEST = 100
"""The deepest nesting of a JSON value that is passed on, since Python's stack is limited."""
ADDED = ".aina-data-engine.next"
"""The name of a file until it is complete, in directories where a person may keep files too: a
killed process leaves it, and the next one that adds a file replaces it."""
KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link",
}


class Measured(NamedTuple):
    """The measures of a file's content, as it is on the disk."""

    bytes: int
    sha256: str
    lines: int
    longest_line: int
    """An upper bound of the line lengths in bytes, without line ends; not exact for short lines."""
    state: str
    """The file's `state_of` before it was read."""


def state_of(found: os.stat_result) -> str:
    """Return what changes when a file's bytes do: its identity, size and time of change."""
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_ctime_ns}"


def open_regular(path: Path, *, follow: bool = True) -> BufferedReader:
    """Open a regular file to read its bytes; never blocks.

    OSError, with a `strerror` to show, for anything else; also for a link unless `follow` is set.
    """
    _refuse_irregular(path, path.stat(follow_symlinks=follow))
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    stream = os.fdopen(os.open(path, flags), "rb")
    try:
        # Again: the file at the path may have been replaced.
        _refuse_irregular(path, os.fstat(stream.fileno()))
    except OSError:
        stream.close()
        raise
    return stream


def _refuse_irregular(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, f"{kind_of(found.st_mode)}, where a file belongs", str(path))


def cache_home() -> Path | None:
    """Return the user's cache directory (XDG Base Directory); None for a user without a home."""
    asked = Path(os.environ.get("XDG_CACHE_HOME", ""))
    with suppress(RuntimeError):
        return asked if asked.is_absolute() else Path.home() / ".cache"
    return None


def entry_of(path: Path) -> Path:
    """Return a path without linked directories; the entry itself may be a link."""
    return path.parent.resolve() / path.name


def is_utf8(name: object) -> bool:
    """Return whether a name is valid UTF-8: Python gives other bytes as surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for letter in str(name))


def kind_of(mode: int) -> str:
    """Return the kind of file that a mode stands for, in words."""
    return KINDS.get(stat.S_IFMT(mode), "no file")


def read_text_bounded(path: Path, limit: int = LONGEST_TEXT, *, follow: bool = True) -> str:
    """Return the text of a small file; OSError where it is longer, ValueError where not UTF-8."""
    with open_regular(path, follow=follow) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"longer than {limit:,} bytes", str(path))
    return content.decode()


def read_json(path: Path, *, follow: bool = True) -> Any:
    """Return the value of a small JSON file; OSError or ValueError where it is not one."""
    return parsed_json(read_text_bounded(path, follow=follow))


def parsed_json(text: str) -> Any:
    """Return the value of a JSON text; ValueError for invalid JSON and what Python cannot hold."""
    try:
        found = json.loads(text, parse_constant=_refuse_constant, parse_float=_exact)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if text.count("[") + text.count("{") > DEEPEST and _is_too_deep(found):
        raise ValueError("nested too deeply")
    return found


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            part
            for one in level
            if isinstance(one, (dict, list))
            for part in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _exact(digits: str) -> float:
    """Return a number; ValueError for one that Python would turn into another or an infinity."""
    found = float(digits)
    with suppress(ArithmeticError):
        if math.isfinite(found) and Decimal(digits) == Decimal(repr(found)):
            return found
    raise ValueError(f"{digits} is no number that Python represents")


def holds_other(path: Path, content: bytes) -> bool:
    """Return whether a file exists with other content."""
    try:
        with open_regular(path) as stream:
            return stream.read(len(content) + 1) != content
    except FileNotFoundError:
        return False


def file_hash(path: Path, *, follow: bool = True) -> str:
    """Return `sha256:` and the hash of a file's bytes."""
    return size_and_hash(path, follow=follow)[1]


def size_and_hash(path: Path, *, follow: bool = True) -> tuple[int, str]:
    """Return a file's size, and `sha256:` with the hash of its bytes."""
    with open_regular(path, follow=follow) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), f"sha256:{digest}"


def measure(path: Path, *, follow: bool = True) -> Measured:
    """Return size, SHA-256, number of line ends, upper bound of line lengths and state."""
    digest, lines, longest, current = hashlib.sha256(), 0, 0, 0
    with open_regular(path, follow=follow) as stream:
        state = state_of(os.fstat(stream.fileno()))
        while block := stream.read(BLOCK):
            digest.update(block)
            if ends := block.count(b"\n"):
                first, last = block.index(b"\n"), block.rindex(b"\n")
                # The lines between the first end and the last are measured together.
                longest, current = max(longest, current + first, last - first), -last - 1
            current += len(block)
            lines += ends
        longest = max(longest, current)
        return Measured(stream.tell(), digest.hexdigest(), lines, longest, state)


def write_atomically(path: Path, content: bytes | BinaryIO, *, new: bool = False) -> None:
    """Write a file whole or not at all, and flush it to the disk.

    An existing file is replaced, not written to: a link is not followed, and another name of the
    same file keeps its content. With `new`, FileExistsError where something exists, and only one
    process at a time may add to a directory.
    """
    fresh = path.with_name(ADDED) if new else _beside(path)
    fresh.unlink(missing_ok=True)
    try:
        with fresh.open("xb") as stream:
            if isinstance(content, bytes):
                stream.write(content)
            else:
                shutil.copyfileobj(content, stream, BLOCK)
            stream.flush()
            os.fsync(stream.fileno())
        if new:
            os.link(fresh, path)
        else:
            fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    flush(path.parent)


def try_to_write(path: Path) -> None:
    """Try whether `write_atomically` could write a file, and leave nothing; OSError if not."""
    fresh = _beside(path)
    fresh.unlink(missing_ok=True)
    fresh.open("xb").close()
    fresh.unlink()


def _beside(path: Path) -> Path:
    """Return the name of a file until it is complete."""
    return path.with_name(f".{path.name}.next")


def flush(path: Path) -> None:
    """Flush a file, or the names in a directory, to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
