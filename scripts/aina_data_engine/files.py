"""Files: how they are opened, measured and written, one way each.

Only regular files are opened: a named pipe would wait for ever, and a device may have no end.
"""

import errno
import hashlib
import json
import math
import os
import shutil
import stat
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

BLOCK = 1024 * 1024
LONGEST_TEXT = 64 * 1024 * 1024
"""Bytes that a summary or a receipt may have: they are read whole."""
DEEPEST = 100
"""Levels of nesting that a JSON value may have to be passed on, on Python's stack."""
ADDED = ".aina-data-engine.next"
"""What a file is called until it is whole, where it is added to others that a person may have put
there: a process that is killed leaves it, and the next one that adds a file replaces it."""
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
    """What a file holds, as it is on the disk."""

    bytes: int
    sha256: str
    lines: int
    longest_line: int
    """What no line is longer than, in bytes, its end left out; short ones are not told apart."""
    state: str
    """The file's `state_of` before it was read."""


def state_of(found: os.stat_result) -> str:
    """Return what changes with a file's bytes: which file it is, its size, when it was changed."""
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_ctime_ns}"


def open_regular(path: Path, *, follow: bool = True) -> BufferedReader:
    """Open a regular file to read its bytes; never waits.

    OSError, with `strerror` to be shown, for whatever else the path is; unless `follow` for a link.
    """
    _refuse_irregular(path, path.stat(follow_symlinks=follow))
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    stream = os.fdopen(os.open(path, flags), "rb")
    try:
        # Once more: what the path names may have been replaced.
        _refuse_irregular(path, os.fstat(stream.fileno()))
    except OSError:
        stream.close()
        raise
    return stream


def _refuse_irregular(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, f"{kind_of(found.st_mode)}, where a file belongs", str(path))


def kind_of(mode: int) -> str:
    """Return what a path of this mode is, in words."""
    return KINDS.get(stat.S_IFMT(mode), "no file")


def read_text_bounded(path: Path, limit: int = LONGEST_TEXT, *, follow: bool = True) -> str:
    """Return the text of a small file; OSError where it is longer, ValueError where not UTF-8."""
    with open_regular(path, follow=follow) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"longer than {limit:,} bytes", str(path))
    return content.decode()


def read_json(path: Path, *, follow: bool = True) -> Any:
    """Return what a small JSON file holds; OSError or ValueError for what is none."""
    return parsed_json(read_text_bounded(path, follow=follow))


def parsed_json(text: str) -> Any:
    """Return what JSON holds; ValueError for what is none, and for what Python cannot pass on."""
    try:
        found = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
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


def _finite(digits: str) -> float:
    """Return a number; ValueError for one of which Python would make an infinity."""
    if math.isinf(found := float(digits)):
        raise ValueError(f"{digits} is too large")
    return found


def holds_other(path: Path, content: bytes) -> bool:
    """Return whether a file is there and holds anything but the content."""
    try:
        with open_regular(path) as stream:
            return stream.read(len(content) + 1) != content
    except FileNotFoundError:
        return False


def file_hash(path: Path, *, follow: bool = True) -> str:
    """Return `sha256:` and the hash of a file's bytes."""
    return size_and_hash(path, follow=follow)[1]


def size_and_hash(path: Path, *, follow: bool = True) -> tuple[int, str]:
    """Return a file's bytes, and `sha256:` with their hash."""
    with open_regular(path, follow=follow) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), f"sha256:{digest}"


def measure(path: Path, *, follow: bool = True) -> Measured:
    """Return bytes, SHA-256, number of line ends and what no line is longer than."""
    digest, lines, longest, current = hashlib.sha256(), 0, 0, 0
    with open_regular(path, follow=follow) as stream:
        state = state_of(os.fstat(stream.fileno()))
        while block := stream.read(BLOCK):
            digest.update(block)
            if ends := block.count(b"\n"):
                first, last = block.index(b"\n"), block.rindex(b"\n")
                # Between the first end and the last, all lines together.
                longest, current = max(longest, current + first, last - first), -last - 1
            current += len(block)
            lines += ends
        longest = max(longest, current)
        return Measured(stream.tell(), digest.hexdigest(), lines, longest, state)


def write_atomically(path: Path, content: bytes | BinaryIO, *, new: bool = False) -> None:
    """Write a file whole or not at all, and have the disk hold it.

    What lay there is replaced, not written to: a link is not followed, another name of the same
    file keeps what it had. With `new`, FileExistsError where something is there, and one process at
    a time adds to a directory.
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
    """Write nothing where `write_atomically` would write a file; OSError where it could not."""
    fresh = _beside(path)
    fresh.unlink(missing_ok=True)
    fresh.open("xb").close()
    fresh.unlink()


def _beside(path: Path) -> Path:
    """Return what a file is called until it is whole."""
    return path.with_name(f".{path.name}.next")


def flush(path: Path) -> None:
    """Have the disk hold a file, or the names in a directory."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
