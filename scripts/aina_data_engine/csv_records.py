"""CSV files as inputs: each record as the JSON object that it stands for.

RFC 4180 with any of four delimiters, split by regular expressions in SQL. Nothing is guessed: the
delimiter is the one with which the header has its required columns, and a record that does not fit
is loaded with its flaw, for quarantine.
"""

import codecs
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import cast

import duckdb

from aina_data_engine.errors import EngineError
from aina_data_engine.lines import (
    LongLine,
    blocks,
    bytes_marked,
    readable,
    refuse_carriage_returns,
    refuse_other_forms,
)
from aina_data_engine.project_sql import make_functions
from aina_data_engine.sql import literal

DELIMITERS = (",", ";", "\t", "|")
SEPARATOR_LINE = re.compile(r"sep=[^\r\n]?\r*\n", re.IGNORECASE)
"""The line that a spreadsheet puts above the header to name the delimiter."""
SHOWN_HEADER = 200
QUOTED_HEADER = "A quote in its header is not closed, or is inside a field."
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""The encoding that a file declares itself; UTF-32 precedes UTF-16, whose mark begins its own."""
REMEDY = (
    "save the file as UTF-8, or name its encoding with the var csv_encoding, for example cp1252"
)
OTHER_REMEDY = "save the file as UTF-8 and leave out the var csv_encoding, or name another with it"
OTHER_ENCODING = ", or name its encoding with the var csv_encoding, which then is {}"

# A record, well formed or flawed; the rest of a block that ends inside a quoted field; any other
# line. A flawed record has a quote inside a field, or text after a quote that closes on the same
# line: the record goes on, and line ends quoted in its other fields do not end it. Text after a
# quote that closes on a later line is not such a record, since that quote may open a field of that
# line instead. Carriage returns at the end of a line are part of its end, however many.
RECORD = r"{field}(?:{delimiter}{field})*\r*(?:\n|\z)"
OPEN_RECORD = r'(?:{field}{delimiter})*"(?:[^"]|"")*'
FLAWED_RECORD = RECORD.replace("{field}", "{flawed}")
OPEN_FLAWED_RECORD = OPEN_RECORD.replace("{field}", "{flawed}")
LINE = r"[^\n]*(?:\n|\z)"

PIECES = """
create or replace temp table csv_pieces as
with
pieces as (
    select
        regexp_extract_all($text, $pattern) as pieces,
        regexp_extract_all($clean, $pattern) as clean
)
select
    generate_subscripts(pieces, 1) as nth,
    unnest(pieces) as piece,
    unnest(coalesce(clean, pieces)) as clean,
    length(piece) - length(replace(piece, chr(10), '')) as line_ends
from pieces
"""

OPEN_PIECE = """
delete from csv_pieces
where
    nth = (select max(nth) from csv_pieces where piece <> '')
    and regexp_full_match(piece, $pattern)
returning piece, clean
"""

RECORDS = """
insert into {into}
with
numbered as (
    select
        $line + 1 + coalesce(sum(line_ends) over (
            order by nth rows between unbounded preceding and 1 preceding
        ), 0) as line_number,
        piece <> clean as is_no_text,
        rtrim(if(ends_with(piece, chr(10)), piece[:-2], piece), chr(13)) as text
    from csv_pieces
),
split as (
    select
        *,
        list_transform(
            regexp_extract_all($delimiter || text, $field), lambda field: field[2:]
        ) as fields
    from numbered
    where trim(text, ' \t\r') <> ''
),
judged as (
    select
        *,
        -- As in PostgreSQL's COPY, an empty field is null and a quoted empty field is a text.
        list_transform(fields, lambda field: case
            when field = '' then null
            when field[1] = '"' then replace(field[2:-2], '""', '"')
            else field
        end) as texts,
        case
            when is_no_text then 'not ' || $encoding || ': ' || $remedy
            when array_to_string(fields, $delimiter) <> text
                then 'a quote is not closed, or stands inside a field'
            when len(fields) <> {width}
                then len(fields) || ' fields, where the header has {width}'
            when len(list_filter({nameless}, lambda text: text <> '')) > 1
                then 'more than one field has no name in the header'
        end as flaw
    from split
),
records as (select *, case when flaw is null then {record} end as record from judged)
select
    $input, $file, line_number, text, record, flaw, sha256(coalesce(record, text)) as sha256
from records
"""


@dataclass(frozen=True)
class CsvForm:
    """What is expected of a CSV: its columns by name, and its encoding."""

    required: Collection[str]
    """The columns by which header and delimiter are recognized."""
    advice: str
    """What to do when one is missing."""
    lists: Collection[str] = ()
    """The columns whose fields are JSON."""
    encoding: str | None = None
    """The encoding of a file without a byte order mark, where it is not UTF-8."""
    named: Callable[[str], str] = str
    """Maps a column of the file to the name it is called by."""


@dataclass(frozen=True)
class Header:
    """The first line of a CSV."""

    delimiter: str
    names: list[str]
    """The columns, as they are called."""
    record: str
    """The line as it is in the file, including a line above it that names the delimiter."""

    def pattern(self, form: str) -> str:
        """Return `form`, such as RECORD, as a regular expression for this delimiter."""
        plain, rest = f'[^{self.delimiter}"\\n]', f"[^{self.delimiter}\\n]*"
        field = f'(?:"(?:[^"]|"")*"|{plain}*)'
        flawed = f'(?:"(?:[^"]|"")*"|"(?:[^"\\n]|"")*"{plain}{rest}|(?:{plain}{rest})?)'
        delimiter = re.escape(self.delimiter)
        return form.format(field=field, flawed=flawed, delimiter=delimiter)


def insert_csv(
    cursor: duckdb.DuckDBPyConnection,
    into: str,
    path: Path,
    place: dict[str, object],
    form: CsvForm,
    limit: int,
) -> list[str]:
    """Add a CSV's records to the table `into`; return the names of its columns.

    Each record is one row: its `place` (`input` and `file`), the number of the line on which it
    begins, its text, the JSON object that it stands for, its flaw and a hash. A line, or an open
    quote, of more than `limit` bytes is a flaw. EngineError for a file that cannot be read, or
    whose header lacks the required columns.
    """
    with readable(path) as stream:
        start = cast(BufferedReader, stream).peek(4)[:4]
        encoding, read = _as_utf8(cast(BufferedReader, stream), path, form)
        pieces = blocks(read, limit)
        # The piece before a line that is too long may be empty.
        first = next(pieces) or next(pieces, b"")
        if isinstance(first, LongLine):
            raise EngineError(
                f"{path}, line 1: its header is {first.flaw}. Without a header no record can be"
                " read; save the file with a shorter first line, or raise the var."
            )
        text, clean = _text(first, encoding)
        header = find_header(path, text, form, start)
        if not (clean or text).startswith(header.record):
            raise EngineError(f"{path}, line 1: not {encoding}; {_remedy(form)}.")
        values = {**place, "encoding": encoding, "remedy": _remedy(form)}
        values["delimiter"] = header.delimiter
        if form.lists:
            make_functions(cursor, "json/is_json.sql", of="text")
        reader = _Reader(cursor, into, header, form, values)
        reader.read(chain([first], pieces), limit)
    return header.names


def find_header(path: Path, text: str, form: CsvForm, start: bytes) -> Header:
    """Return the header at the beginning of `text`; EngineError where a required column is missing.

    `start` is the first bytes of the file itself.
    """
    if not text.strip():
        raise EngineError(f"{path} is empty: it has no header.")
    above = match[0] if (match := SEPARATOR_LINE.match(text)) else ""
    line = text[len(above) :].split("\n", 1)[0]
    found = [_header(text[len(above) :], above, delimiter, form) for delimiter in DELIMITERS]
    header = min(found, key=lambda h: len(set(form.required) - set(h.names)))
    missing = [name for name in form.required if name not in header.names]
    if missing and not start.startswith(tuple(BYTE_ORDER_MARKS)):
        refuse_other_forms(path, start, OTHER_ENCODING)
    refuse_carriage_returns(path, line)
    if missing:
        advice = form.advice if header.names else QUOTED_HEADER
        shown = line.strip()[:SHOWN_HEADER]
        raise EngineError(
            f"{path} has no column {', '.join(missing)}. {advice} Its first line is\n  {shown}"
        )
    if twice := sorted({n for n in header.names if n and header.names.count(n) > 1}):
        raise EngineError(f"{path}: its header has the column {', '.join(twice)} more than once.")
    return header


def _header(text: str, above: str, delimiter: str, form: CsvForm) -> Header:
    empty = Header(delimiter, [], above)
    match = re.match(empty.pattern(RECORD).replace(r"\z", r"\Z"), text)
    if not match:
        return empty
    fields = re.findall(empty.pattern("{delimiter}({field})"), delimiter + match[0].rstrip("\r\n"))
    names = [f[1:-1].replace('""', '"') if f.startswith('"') else f for f in fields]
    return Header(delimiter, [form.named(name) for name in names], above + match[0])


def _as_utf8(
    stream: BufferedReader, path: Path, form: CsvForm
) -> tuple[str, Callable[[int], bytes]]:
    """Return the encoding, and a function that reads the stream as UTF-8.

    Bytes that are invalid in the encoding become bytes that are invalid in UTF-8 too.
    """
    start = stream.peek(4)
    marked = (name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark))
    encoding = next(marked, form.encoding or "UTF-8")
    try:
        found = codecs.lookup(encoding)
        decoder = found.incrementaldecoder(errors=_bytes_that_are_no_text)
        TextIOWrapper(BytesIO(), encoding)
        decoder.decode(b"")
    except (LookupError, ValueError):
        raise EngineError(
            f"The var csv_encoding is {encoding!r}, which is not a text encoding; use for example"
            " cp1252."
        ) from None
    if found.name == "utf-8":
        return "UTF-8", stream.read

    def read(size: int) -> bytes:
        try:
            while chunk := stream.read(size):
                if text := decoder.decode(chunk):
                    return text.encode(errors="surrogateescape")
            return decoder.decode(b"", True).encode(errors="surrogateescape")
        except UnicodeError as error:
            remedy = _remedy(form)
            raise EngineError(f"{path} cannot be read as {encoding}: {error}; {remedy}.") from error

    return encoding, read


def _remedy(form: CsvForm) -> str:
    """Return what to do about bytes that are invalid in the encoding."""
    return OTHER_REMEDY if form.encoding else REMEDY


# The mark is not valid UTF-8 either.
_bytes_that_are_no_text = bytes_marked("bytes_that_are_no_text", "\udcff")
_their_digits_follow = "their_digits_follow"


def _show(error: UnicodeError) -> tuple[str, int]:
    """Show an invalid byte as it was."""
    if isinstance(error, UnicodeDecodeError):
        return "\\x", error.start + 1
    raise error


codecs.register_error(_their_digits_follow, _show)


def _text(block: bytes, encoding: str) -> tuple[str, str | None]:
    """Return the text of a block, and a second one with replacement characters for invalid bytes.

    The second is None if all bytes are valid. Both are split in the same places: neither the
    escapes of invalid bytes nor the replacement characters have a meaning in CSV.
    """
    try:
        return block.decode(), None
    except UnicodeDecodeError:
        errors = "backslashreplace" if encoding == "UTF-8" else _their_digits_follow
        return block.decode(errors=errors), block.decode(errors="replace")


class _Reader:
    """Adds block after block; a record may begin in one block and end in the next."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        into: str,
        header: Header,
        form: CsvForm,
        values: dict[str, object],
    ):
        self.cursor, self.header, self.values = cursor, header, values
        self.into = into
        self.sql = RECORDS.format(
            into=into,
            width=len(header.names),
            record=_record(header, form),
            nameless=_nameless(header),
        )
        self.line = 0

    def read(self, pieces: Iterator[bytes | LongLine], limit: int) -> None:
        """Add all of a file except its header."""
        text, clean = "", ""
        skipped = self.header.record
        for piece in pieces:
            if isinstance(piece, LongLine):
                self._insert(text, clean, ends=True)
                piece.insert(self.cursor, self.into, self._place())
                self.line += 1
                text, clean = "", ""
                continue
            more, more_clean = _text(piece, str(self.values["encoding"]))
            may_end = not text or '"' in more
            text += more.removeprefix(skipped)
            clean += (more if more_clean is None else more_clean).removeprefix(skipped)
            self.line += skipped.count("\n")
            skipped = ""
            if may_end:
                text, clean = self._insert(text, clean, ends=False)
            if len(text) > limit:
                text, clean = self._insert(text, clean, ends=True)
        self._insert(text, clean, ends=True)

    def _insert(self, text: str, clean: str, *, ends: bool) -> tuple[str, str]:
        """Add the records of a text; return the rest, from a record with an open quote on."""
        if not text:
            return "", ""
        opened = [] if ends else [f"(?:{OPEN_RECORD}|{OPEN_FLAWED_RECORD})\\z"]
        forms = [RECORD, *opened, FLAWED_RECORD, LINE]
        values = {
            "text": text,
            "clean": None if text == clean else clean,
            "pattern": "|".join(self.header.pattern(form) for form in forms),
        }
        self.cursor.execute(PIECES, values)
        left = ("", "")
        if not ends:
            pattern = {"pattern": self.header.pattern(f"{OPEN_RECORD}|{OPEN_FLAWED_RECORD}")}
            found = self.cursor.execute(OPEN_PIECE, pattern).fetchall()
            left = found[0] if found else left
        field = {"field": self.header.pattern("{delimiter}{field}")}
        self.cursor.execute(self.sql, self.values | {"line": self.line} | field)
        self.line += text.count("\n") - left[0].count("\n")
        return left

    def _place(self) -> dict[str, object]:
        return {name: self.values[name] for name in ("input", "file")} | {"line": self.line}


def _nameless(header: Header) -> str:
    """Return SQL for the fields without a name: spreadsheets leave such columns, mostly empty."""
    fields = [f"texts[{n}]" for n, name in enumerate(header.names, start=1) if not name]
    return f"[{', '.join(fields)}]::varchar[]"


def _record(header: Header, form: CsvForm) -> str:
    """Return SQL for the JSON object of a record whose fields are the list `texts`.

    A field without a name is a member with an empty name if it has content; if it is empty, nothing
    is lost.
    """
    members = []
    first_named = next(number for number, name in enumerate(header.names, start=1) if name)
    for number, name in enumerate(header.names, start=1):
        text = f"texts[{number}]"
        value = f"to_json({text})::varchar"
        if name in form.lists:
            # JSON stays as it is; other text stays text, for the rules to judge.
            value = f"case when is_json({text}) then {text} else {value} end"
        member = f"to_json({literal(name)})::varchar || ':' || coalesce({value}, 'null')"
        # A member that may be left out includes its comma: the first one with a name is always in.
        if number < first_named:
            member = f"{member} || ','"
        elif number > first_named:
            member = f"',' || {member}"
        members.append(member if name else f"if({text} <> '', {member}, '')")
    return "'{' || " + " || ".join(members) + " || '}'"
