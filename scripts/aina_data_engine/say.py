r"""The one module that prints, and that makes text safe to show.

Text to show may contain anything that a title, a file name or a header contains. Control
characters, those that change the direction of text and invisible ones are shown as JSON escapes,
for example `\u001b`, so that JSON stays equivalent. Characters that a stream's encoding lacks are
shown the same way. A stream that cannot be written is ignored: that is no statement about the data.
"""

import codecs
import json
import os
import re
import shlex
import sys
import unicodedata
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TextIO

from aina_data_engine import terminal
from aina_data_engine.files import parsed_json

HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's control, format and surrogate characters, and separators that break a line."""
BLANK_LETTERS = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
"""Letters and marks that are invisible: Unicode's Default_Ignorable_Code_Point, blank braille."""
TAGS_AND_SELECTORS = range(0xE0000, 0xE1000)


@dataclass(frozen=True)
class Told:
    """A command's result: its exit status, text for a person, and the same for a program."""

    status: int
    text: str = ""
    """For standard output."""
    complaint: str = ""
    """For standard error."""
    content: dict[str, Any] = field(default_factory=dict)

    def then(self, other: "Told") -> "Told":
        """Return the result of two runs, one after the other."""
        return Told(
            other.status,
            "\n".join(filter(None, [self.text, other.text])),
            "\n".join(filter(None, [self.complaint, other.complaint])),
            {"runs": [*self.content.get("runs", []), *other.content.get("runs", [])]},
        )


def out(text: str) -> None:
    """Print to standard output."""
    _print(text, sys.stdout)


def err(text: str) -> None:
    """Print to standard error."""
    _print(text, sys.stderr)


def columns_of_output() -> int | None:
    """Return the width of standard output in columns; None where it is not a terminal."""
    return terminal.width(sys.stdout)


def shows_progress() -> bool:
    """Return whether standard error is a terminal that can show progress."""
    return terminal.is_looked_at(sys.stderr)


def passing(text: str) -> None:
    """Show on standard error, which is a terminal, a line that the next output there replaces."""
    columns = terminal.width(sys.stderr) or 80
    _write(terminal.CLEAR + fitting(shown(text), sys.stderr)[: columns - 1], sys.stderr)


def visible(text: str) -> str:
    """Return text with invisible and control characters escaped; line ends stay."""
    return text.translate(_LINES)


def shown(value: object) -> str:
    """Return a value's text escaped on one line, for outside text within a sentence."""
    return str(value).translate(_WORDS)


def exactly(value: object) -> str:
    """Return `shown`, with every blank except the space escaped too, for names not found."""
    return re.sub(r"[^\S ]", lambda blank: _as_json(blank[0]), shown(value))


def first(lines: list[str], most: int) -> list[str]:
    """Return the first lines, and the number of the others."""
    left = len(lines) - most
    return [*lines[:most], f"and {left:,} more"] if left > 0 else lines


def unfolded(text: str | None) -> Any:
    """Return the value of a JSON text, for output; the text itself where Python cannot hold it."""
    try:
        return None if text is None else parsed_json(text)
    except ValueError:
        return text


def fitting(text: str, stream: TextIO | None) -> str:
    """Return the text as the stream can show it."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return visible(text).encode(encoding, "as-json").decode(encoding)


def cell(value: object) -> str:
    """Return a value's text for a cell of a Markdown table, with all markup escaped."""
    text = shown(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*{}\[\]|~]|(?<!\w)_|_(?!\w))", r"\\\1", text)


def quoted(value: object) -> str:
    """Return an argument quoted so that it can be pasted into a shell."""
    text = str(value)
    if shown(text) == text:
        return shlex.quote(text)
    hostile = "".join(c if c.isalnum() or c in "/._- " else _bytes(c) for c in text)
    return f"$'{hostile}'"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 patch, 2 patches."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int]) -> str:
    """Return rows in columns, with numbers aligned right.

    On a terminal that is too narrow, each row becomes one line per column, with the column's name.
    """
    shown_rows = [[shown(value) for value in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*shown_rows, strict=True)]
    columns = columns_of_output()
    if columns and sum(widths) + 2 * len(widths) - 2 > columns:
        names, *told = shown_rows
        return "\n".join(
            f"{'  ' if place else ''}{name}: {value}"
            for row in told
            for place, (name, value) in enumerate(zip(names, row, strict=True))
        )
    return "\n".join(
        "  ".join(
            value.rjust(width) if place in numbers else value.ljust(width)
            for place, (value, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in shown_rows
    )


def open_streams() -> None:
    """Open closed standard streams on /dev/null, so that no opened file gets their descriptors."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class _Escapes(dict[int, str]):
    """A table for `str.translate`, filled on demand."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        hides = (
            unicodedata.category(character) in HIDDEN_CATEGORIES
            or code in BLANK_LETTERS
            or code in TAGS_AND_SELECTORS
        )
        self[code] = _as_json(character) if hides else character
        return self[code]


_WORDS = _Escapes()
_LINES = _Escapes({ord("\n"): "\n"})


def _as_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _unfit(error: UnicodeError) -> tuple[str, int]:
    """Escape what an encoding has no character for."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_as_json, error.object[error.start : error.end])), error.end


codecs.register_error("as-json", _unfit)


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))


def _print(text: str, stream: TextIO | None) -> None:
    _write(terminal.coloured(fitting(text + "\n", stream), stream), stream)


def _write(text: str, stream: TextIO | None) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Discard what is left in the stream, which Python flushes at its exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
