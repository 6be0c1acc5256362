"""Lines of files: how those of inputs are read, and how the engine writes its own.

Inputs are read in blocks and split into lines by SQL, with every byte accounted for.
Carriage returns, NULs, lines that are not UTF-8 and lines of many megabytes arrive as they are.
The database's own readers would split or refuse them, or fail the run, which must not happen to
evidence.
"""

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self, cast

import duckdb

from aina_data_engine.errors import EngineError, unreadable
from aina_data_engine.files import is_utf8, open_regular
from aina_data_engine.sql import literal, path_literal

BLOCK = 4 * 1024 * 1024
"""Bytes read at a time; a block is cut at its last line end."""
SHOWN_CHARACTERS = 1000
"""How many characters are kept of a line that is too long."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# The database's reader gives null for an empty line, which still counts as a line.
LINES_OF_PLAIN_FILE = """
insert into {into}
select $input, $file, nth, text, null, null, sha256(text)
from (select row_number() over () as nth, line as text from {reader})
where regexp_matches(text, '[^ \t]')
"""

# A line ends in LF or CR LF. A blank line does not count.
LINES_OF_TEXT = """
insert into {into}
with
pieces as (select string_split($block, chr(10)) as pieces),
lines as (
    select
        generate_subscripts(pieces, 1) as nth,
        unnest(pieces) as line,
        if(ends_with(line, chr(13)), line[:-2], line) as text
    from pieces
)
select $input, $file, $line + nth, text, null, null, sha256(text)
from lines
where regexp_matches(text, '[^ \t\r]')
"""

# DuckDB writes a blob as text with \\xNN for all that is not printable ASCII, line ends included.
# In $shown only the bytes that are not UTF-8 are written so: the rest of their line stays as it is.
LINES_OF_BYTES = """
insert into {into}
with
pieces as (
    select
        string_split($block::blob::varchar, '\\x0A') as pieces,
        string_split($shown, chr(10)) as shown
),
split as (
    select generate_subscripts(pieces, 1) as nth, unnest(pieces) as piece, unnest(shown) as shown
    from pieces
),
lines as (
    select
        nth,
        regexp_replace(piece, '\\\\x0D$', '')::blob as bytes,
        try(decode(bytes)) as text,
        if(ends_with(shown, chr(13)), shown[:-2], shown) as shown
    from split
)
select
    $input,
    $file,
    $line + nth,
    coalesce(text, shown),
    null,
    case when text is null then 'not UTF-8' end,
    sha256(bytes)
from lines
where text is null or regexp_matches(text, '[^ \t\r]')
"""

LONGER = "longer than max_line_bytes: {} bytes"
"""The flaw of such a line, with its length."""
LONG_LINE = "insert into {into} values ($input, $file, $line + 1, $text, null, $flaw, $sha256)"


@dataclass(frozen=True)
class LongLine:
    """A line that is longer than allowed: what is kept of it, without holding it in memory."""

    length: int
    """In bytes, without its line end."""
    beginning: str
    sha256: str

    @property
    def flaw(self) -> str:
        """Why the line is quarantined."""
        return LONGER.format(f"{self.length:,}")

    def insert(
        self, cursor: duckdb.DuckDBPyConnection, into: str, place: dict[str, object]
    ) -> None:
        """Add it as one line of `into`; `place` has input, file and the number of lines before."""
        told = {"text": self.beginning, "flaw": self.flaw, "sha256": self.sha256}
        cursor.execute(LONG_LINE.format(into=into), place | told)


def insert_lines(
    cursor: duckdb.DuckDBPyConnection, into: str, path: Path, place: dict[str, object], limit: int
) -> None:
    """Add a file's lines to the table `into`; `place` gives its `input` and `file`.

    Lines longer than `limit` bytes go in as flawed. EngineError for a file that cannot be read.
    """
    if longest := _longest_where_plain(path, limit):
        # A link may lead to a place that the database may not read.
        with suppress(duckdb.PermissionException):
            sql = LINES_OF_PLAIN_FILE.format(into=into, reader=reader(path, longest))
            cursor.execute(sql, place)
            return
    line = 0
    with readable(path) as stream:
        for block in blocks(stream.read, limit):
            values = place | {"line": line}
            if isinstance(block, LongLine):
                block.insert(cursor, into, values)
                line += 1
                continue
            try:
                values["block"] = block.decode()
                cursor.execute(LINES_OF_TEXT.format(into=into), values)
            except UnicodeDecodeError:
                values |= {"block": block, "shown": block.decode(errors="backslashreplace")}
                cursor.execute(LINES_OF_BYTES.format(into=into), values)
            line += block.count(b"\n")


def cut_where_long(limit: int) -> str:
    """Return SQL for the columns text and flaw of a row of JSON, with the limit applied to both."""
    said = " || format('{:,}', strlen(text)) || ".join(map(literal, LONGER.split("{}")))
    return (
        f"if(strlen(text) > {limit}, left(text, {SHOWN_CHARACTERS}), text) as text,"
        f" if(strlen(text) > {limit}, {said}, flaw) as flaw"
    )


@dataclass(frozen=True)
class Limits:
    """How the database reads lines up to a length, in bytes."""

    longest: int
    buffer: int
    parallel: bool

    @classmethod
    def of(cls, longest_line: int) -> Self:
        """Return the limits for lines of up to `longest_line` bytes, line ends aside.

        A small buffer would make reading five times as slow. If the buffer cannot hold four lines,
        several threads would fail, or lose a part of a line.
        """
        longest = max(longest_line + 2, 64 * 1024)
        buffer = max(longest, 36 * 1024 * 1024)
        return cls(longest, buffer, parallel=4 * longest <= buffer)


def reader(path: Path, longest_line: int) -> str:
    """Return SQL for the lines of a UTF-8 file, ended by LF, none longer than `longest_line`.

    The reader guesses nothing, neither from the path (`line=1/` is only a name) nor from the text.
    """
    limits = Limits.of(longest_line)
    return (
        f"read_csv({path_literal(path)}, columns = {{'line': 'varchar'}}, auto_detect = false,"
        " header = false, skip = 0, comment = '', delim = '', quote = '', escape = '',"
        " new_line = '\\n', encoding = 'utf-8', compression = 'none', hive_partitioning = false,"
        " filename = false, union_by_name = false, null_padding = false, ignore_errors = false,"
        f" strict_mode = true, max_line_size = {limits.longest},"
        f" buffer_size = {limits.buffer}, parallel = {limits.parallel})"
    )


def write_lines(cursor: duckdb.DuckDBPyConnection, lines: str, path: Path) -> None:
    """Write a query's only column to `path`, one line per row, in the query's order.

    The join with an empty table adds nothing, but makes a single thread read the rows, in order.
    Several threads would each hold a copy of their part until its turn, for twice the CPU time and
    the same elapsed time.
    """
    cursor.execute(
        f"copy (select lines.* from ({lines}) as lines positional join (select 1 where false))"
        f" to {literal(path)} (format csv, header false, delimiter '', quote '', escape '')"
    )


def _longest_where_plain(path: Path, limit: int) -> int | None:
    """Return an upper bound of a file's line lengths, if the database's reader reads it unchanged.

    It does if every block has a line end and none has a carriage return, a NUL or bytes that are
    not UTF-8. None for other files, and for those of a single block, which are read at once.
    """
    # The database accepts no other name.
    if not is_utf8(path):
        return None
    if path.name.lower().endswith(".gz") or path.stat().st_size <= BLOCK or limit < 2 * BLOCK:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    with readable(path) as stream:
        while block := stream.read(BLOCK):
            if b"\n" not in block or b"\r" in block or b"\0" in block:
                return None
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                return None
            if text.startswith("\ufeff"):
                return None
    return None if decoder.getstate()[0] else 2 * BLOCK


@contextmanager
def readable(path: Path) -> Iterator[BinaryIO]:
    """Open a file, gunzipped if its name says so; EngineError for failures while it is read."""
    try:
        opened = open_regular(path)
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        with opened as stream:
            is_zipped = path.name.lower().endswith(".gz")
            yield cast(BinaryIO, gzip.GzipFile(fileobj=stream) if is_zipped else stream)
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or error
        raise EngineError(f"{path} cannot be read to its end: {what}.") from error


def bytes_marked(name: str, mark: str) -> str:
    """Register a codec error handler that writes an invalid byte as a mark and its hex digits."""

    def marked(error: UnicodeError) -> tuple[str, int]:
        if isinstance(error, UnicodeDecodeError):
            found = error.object[error.start : error.end]
            return "".join(f"{mark}{byte:02x}" for byte in found), error.end
        raise error

    codecs.register_error(name, marked)
    return name


OTHER_FORMS = {
    b"PK\x03\x04": "a workbook or another zip archive. Save it as CSV",
    b"\x1f\x8b": "compressed by gzip. Rename it so that its name ends in .gz",
}
"""What a file with these first bytes is, and what to do about it."""


def refuse_other_forms(path: Path, start: bytes, otherwise: str = "") -> None:
    """EngineError where a text file begins like a file of another format.

    `otherwise` is the advice for UTF-16, a template for the encoding's name.
    """
    for mark, told in OTHER_FORMS.items():
        if start.startswith(mark):
            raise EngineError(f"{path} is {told}.")
    if b"\0" in start:
        is_marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        form = "UTF-16" if is_marked else "UTF-16 without a byte order mark"
        named = otherwise.format(f"utf-16-{'be' if start[0] == 0 else 'le'}")
        raise EngineError(f"{path} begins with NUL bytes, as {form} does. Save it as UTF-8{named}.")


def refuse_carriage_returns(path: Path, line: str) -> None:
    """EngineError where a table's lines end in CR alone, so that its first line is all of it."""
    if "\r" in re.sub('"[^"]*"', "", line.rstrip("\r")):
        raise EngineError(
            f"{path}: its lines end in a carriage return alone, so they are read as one line. Save"
            " it with line ends of LF or CR LF."
        )


def blocks(read: Callable[[int], bytes], limit: int) -> Iterator[bytes | LongLine]:
    """Yield what is read in blocks that end with a line, without a byte order mark.

    A line longer than `limit` comes by itself; memory does not grow with it.
    """
    chunk, held = read(BLOCK).removeprefix(BYTE_ORDER_MARK), b""
    while chunk:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield from _split_long(held + chunk[:cut], limit)
            held = chunk[cut:]
        # One byte more: a carriage return may belong to the line end.
        elif len(held) + len(chunk) <= limit + 1:
            held += chunk
        else:
            long_line, chunk = _skip(read, held + chunk)
            yield long_line
            held = b""
            if chunk:
                continue
        chunk = read(BLOCK)
    yield from _split_long(held, limit)


def _split_long(block: bytes, limit: int) -> Iterator[bytes | LongLine]:
    """Yield a block; if some of its lines are too long, these and the parts between them."""
    start = 0
    if len(block) > limit:
        for match in re.finditer(rb"[^\n]{%d,}" % (limit + 1), block):
            line = match[0].removesuffix(b"\r")
            if len(line) > limit:
                yield block[start : match.start()]
                yield LongLine(len(line), _beginning(line), hashlib.sha256(line).hexdigest())
                start = match.end() + 1
    yield block[start:]


def _skip(read: Callable[[int], bytes], held: bytes) -> tuple[LongLine, bytes]:
    """Read to the end of the line that `held` begins; return the line and the bytes after it."""
    beginning, length, digest = _beginning(held), 0, hashlib.sha256()
    rest, tail = b"", b""
    while held:
        line, end, rest = held.partition(b"\n")
        # A carriage return at the end may belong to the line end: the next block tells.
        line = tail + line
        tail = line[-1:] if line.endswith(b"\r") else b""
        digest.update(line.removesuffix(tail))
        length += len(line) - len(tail)
        if end:
            break
        held = read(BLOCK)
    return LongLine(length, beginning, digest.hexdigest()), rest


def _beginning(line: bytes) -> str:
    return line[: 4 * SHOWN_CHARACTERS].decode(errors="backslashreplace")[:SHOWN_CHARACTERS]
