r"""The one place that prints, and that makes text safe to show.

What is shown may hold anything that a title, a file's name or a header holds. Control characters,
those that turn the direction of text and those that cannot be seen are shown as JSON writes them,
`\u001b` for one, so that JSON stays what it was. What a stream's encoding cannot take is shown in
the same way. A stream that cannot be written ends quietly: it says nothing about the data.
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
"""Letters and marks that show nothing: Default_Ignorable_Code_Point of Unicode, blank braille."""
TAGS_AND_SELECTORS = range(0xE0000, 0xE1000)


@dataclass(frozen=True)
class Told:
    """What a command came to: its exit status, words for a person, and the same for a program."""

    status: int
    text: str = ""
    """For standard output."""
    complaint: str = ""
    """For standard error."""
    content: dict[str, Any] = field(default_factory=dict)

    def then(self, other: "Told") -> "Told":
        """Return what two runs, one after the other, came to."""
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
    """Return the columns of the terminal that standard output is; None where it is none."""
    return terminal.width(sys.stdout)


def shows_progress() -> bool:
    """Return whether somebody looks at standard error."""
    return terminal.is_looked_at(sys.stderr)


def passing(text: str) -> None:
    """Show on standard error, which is a terminal, a line that the next word there replaces."""
    columns = terminal.width(sys.stderr) or 80
    _write(terminal.CLEAR + fitting(shown(text), sys.stderr)[: columns - 1], sys.stderr)


def visible(text: str) -> str:
    """Return text with everything that hides or commands shown; line ends stay."""
    return text.translate(_LINES)


def shown(value: object) -> str:
    """Return a value's text on one line, for what comes from outside and stands in a sentence."""
    return str(value).translate(_WORDS)


def exactly(value: object) -> str:
    """Return what `shown` does, and every blank but the common one shown, for what is not found."""
    return re.sub(r"[^\S ]", lambda blank: _as_json(blank[0]), shown(value))


def first(lines: list[str], most: int) -> list[str]:
    """Return the first lines, and of the others how many there are."""
    left = len(lines) - most
    return [*lines[:most], f"and {left:,} more"] if left > 0 else lines


def unfolded(text: str | None) -> Any:
    """Return what JSON holds, for it to be told; its text where Python cannot pass that on."""
    try:
        return None if text is None else parsed_json(text)
    except ValueError:
        return text


def fitting(text: str, stream: TextIO | None) -> str:
    """Return the text as the stream can show it."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return visible(text).encode(encoding, "as-json").decode(encoding)


def cell(value: object) -> str:
    """Return a value's text for a cell of a Markdown table, where it is text and nothing else."""
    text = shown(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*{}\[\]|~]|(?<!\w)_|_(?!\w))", r"\\\1", text)


def quoted(value: object) -> str:
    """Return an argument as a shell takes it when it is pasted."""
    text = str(value)
    if shown(text) == text:
        return shlex.quote(text)
    hostile = "".join(c if c.isalnum() or c in "/._- " else _bytes(c) for c in text)
    return f"$'{hostile}'"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number and what it counts: 1 patch, 2 patches."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int]) -> str:
    """Return rows in columns, those of numbers to the right.

    Where the terminal is too narrow, a row is a line for each of its columns, its name before it.
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
    """Give standard streams that are closed a place, lest a file that is opened takes it."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class _Escapes(dict[int, str]):
    """A table for `str.translate`, filled with what is met."""

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
    """Show what an encoding has no character for."""
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
    """Let what is left in the stream, which Python flushes when it ends, go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
