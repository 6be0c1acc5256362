"""Output on a terminal: colours, a progress line, the available width.

None of it is written to a pipe or a log. `NO_COLOR` (no-color.org) turns colours off; a terminal of
type `dumb` gets none of it.
"""

import os
import re
import shutil
from typing import TextIO

CLEAR = "\r\x1b[K"
"""Goes back to the beginning of the line and clears it."""
RESET = "\x1b[0m"
COLOURS = {"bad": "\x1b[1;31m", "good": "\x1b[32m", "warns": "\x1b[33m", "head": "\x1b[1m"}
WORDS = re.compile(
    r"""
    ^(?:(?P<bad> aina-data-engine: | \d+\ of\ \d+\ gates?\ failed\. | The\ build\ broke\b
        | .*\ is\ not\ whole,)
    | (?P<good> Published\b | Unchanged\b | Accepted\b | Reverted\b | Made\b | .*\ is\ whole:)
    | (?P<warns> \ *warning: | \d+\ gates?\ warned: | The\ last\ run, | \ \ not\ checked:
        | \ \ the\ inputs\ have\ changed\ since)
    | (?P<head> Next: | Usage: | [A-Z][\w, ]*:$))
    """,
    re.M | re.X,
)
"""The words that begin a line of a command's output, by their meaning."""


def is_looked_at(stream: TextIO | None) -> bool:
    """Return whether the stream is a terminal that supports more than printing."""
    try:
        return bool(stream and stream.isatty()) and os.environ.get("TERM") != "dumb"
    except ValueError:
        # The stream is closed.
        return False


def width(stream: TextIO | None) -> int | None:
    """Return the columns of a terminal; None for another stream."""
    return shutil.get_terminal_size().columns if is_looked_at(stream) else None


def coloured(text: str, stream: TextIO | None) -> str:
    """Return a text with colours, where the stream shows any."""
    if os.environ.get("NO_COLOR") or not is_looked_at(stream):
        return text
    return WORDS.sub(lambda found: f"{COLOURS[found.lastgroup or '']}{found[0]}{RESET}", text)
