"""What is done where somebody looks on: colours, a line that shows progress, the width there is.

Elsewhere, in a pipe or a log, nothing of it is written. `NO_COLOR` (no-color.org) takes the colours
away, a terminal of the kind `dumb` has none of it.
"""

import os
import re
import shutil
from typing import TextIO

CLEAR = "\r\x1b[K"
"""Goes back to the line's beginning and empties it."""
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
"""Words that begin a line of what a command says, and how it is meant."""


def is_looked_at(stream: TextIO | None) -> bool:
    """Return whether the stream is a terminal that can do more than print."""
    try:
        return bool(stream and stream.isatty()) and os.environ.get("TERM") != "dumb"
    except ValueError:
        # It is closed.
        return False


def width(stream: TextIO | None) -> int | None:
    """Return the columns that a terminal has; None of what is none."""
    return shutil.get_terminal_size().columns if is_looked_at(stream) else None


def coloured(text: str, stream: TextIO | None) -> str:
    """Return a text with its words' colours, where the stream shows any."""
    if os.environ.get("NO_COLOR") or not is_looked_at(stream):
        return text
    return WORDS.sub(lambda found: f"{COLOURS[found.lastgroup or '']}{found[0]}{RESET}", text)
