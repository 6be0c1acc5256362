"""What a user at a terminal sees beside the output, and what no other stream gets."""

import fcntl
import io
import os
import pty
import re
import select
import struct
import sys
import termios

import pytest
from conftest import RootDir, row, start_engine

from aina_data_engine import cli, progress, say, terminal

ESCAPE = "\x1b"
CODES = re.compile(r"\x1b\[[0-9;]*[mK]|\r")


def on_terminal(*arguments: str, columns: int = 100, **environment: str) -> tuple[int, str, str]:
    """Run the command line with a terminal for standard error; return status, output, errors."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    own = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    own |= {"TERM": "xterm", "COLUMNS": str(columns)} | environment
    started = start_engine(*arguments, into={"err": os.ttyname(theirs)}, environment=own)
    shown = b""
    while started.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.01)[0]:
            shown += os.read(ours, 65536)
    out, _ = started.communicate()
    assert started.returncode is not None
    os.close(theirs)
    os.close(ours)
    return started.returncode, out, shown.decode()


def test_a_command_says_what_it_does_and_how_far_it_is_to_who_looks_on(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.title_rows(row())
    at = ("--root", str(root.path))
    status, out, shown = on_terminal(*at, "semantic-patch-replay", columns=40)
    assert status == 0
    assert out.startswith("Published ")
    assert ESCAPE not in out
    lines = [line for line in CODES.sub("\n", shown).splitlines() if line]
    assert lines
    assert max(map(len, lines)) < 40
    assert any(re.match(r"\d+ of \d+, (gate|model|seed) \w+", line) for line in lines), lines
    # Nothing of the progress line is left.
    assert shown.endswith(terminal.CLEAR)
    quiet = on_terminal(*at, "semantic-patch-replay", TERM="dumb")
    assert (quiet[0], quiet[2]) == (0, "")
    # A command that reads for long says what it reads.
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "TICK", 0.001)
    assert cli.main([*at, "verify"]) == 0
    assert "reading " in stream.getvalue()
    assert stream.getvalue().endswith(terminal.CLEAR)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_an_error_has_a_colour_unless_that_is_not_wanted(environment: dict[str, str]) -> None:
    status, _, shown = on_terminal("stauts")
    assert status == 2
    assert shown.startswith("\x1b[1;31maina-data-engine:\x1b[0m ")
    _, _, plain = on_terminal("stauts", **environment)
    assert ESCAPE not in plain
    assert CODES.sub("", shown) == plain.replace("\r", "")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    heads, rows = ["from", "to a lane", "to another"], [["a lane", "1", "12"]]
    wide = "from    to a lane  to another\na lane          1          12"
    assert say.table(heads, rows, {1, 2}) == wide
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "80")
    assert say.table(heads, rows, {1, 2}) == wide
    monkeypatch.setenv("COLUMNS", "20")
    narrow = "from: a lane\n  to a lane: 1\n  to another: 12"
    assert say.table(heads, rows, {1, 2}) == narrow


def test_what_a_title_holds_colours_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    say.out("Published x\n  \x1b[31mtitle")
    assert stream.getvalue() == "\x1b[32mPublished\x1b[0m x\n  \\u001b[31mtitle\n"


def test_the_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stdout", stream)
    assert cli.main(["--help"]) == 0
    assert cli.main(["explain", "--help"]) == 0
    told, _, _ = stream.getvalue().rpartition("For example:")
    assert max(map(len, told.splitlines())) <= 40
