"""Extract and load: the inputs' files become the tables `inputs.files` and `inputs.lines`.

Files are read in blocks and cut into lines by SQL, so that every byte is accounted for: carriage
returns, NULs, lines that are not UTF-8 and lines of many megabytes arrive as they are. What the
database's own readers would do with them (split, refuse, or end the run) is not for evidence.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import duckdb

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.root import InputFile
from aina_data_engine.sql import identifier, literal

BLOCK = 4 * 1024 * 1024
"""Bytes read at a time; a block is cut at its last line end."""

SCHEMA = """
create schema if not exists inputs;
create or replace table inputs.files (
    input varchar, file varchar, bytes bigint, sha256 varchar
);
create or replace table inputs.lines (
    input varchar, file varchar, line_number bigint, text varchar, is_utf8 boolean, sha256 varchar
);
"""

PUBLISHED_SCHEMA = """
create schema if not exists published;
create or replace table published.lines (file varchar, line_number bigint, text varchar);
"""

# A line's end is LF or CR LF. A blank line is no line.
LINES_OF_TEXT = """
insert into inputs.lines
with
pieces as (select string_split($block, chr(10)) as pieces),
lines as (
    select generate_subscripts(pieces, 1) as nth, regexp_replace(unnest(pieces), '\\r$', '') as text
    from pieces
)
select $input, $file, $line + nth, text, true, sha256(text)
from lines
where trim(text, ' \t\r') <> ''
"""

# DuckDB writes a blob as text with \\xNN for what is not printable ASCII, quotes and backslashes; a
# line end is among it, and quotes are put back for the reader.
LINES_OF_BYTES = """
insert into inputs.lines
with
pieces as (select string_split($block::blob::varchar, '\\x0A') as pieces),
escaped as (
    select
        generate_subscripts(pieces, 1) as nth,
        regexp_replace(unnest(pieces), '\\\\x0D$', '') as escaped
    from pieces
),
lines as (
    select nth, escaped, escaped::blob as bytes, try(decode(escaped::blob)) as text from escaped
)
select
    $input,
    $file,
    $line + nth,
    coalesce(text, replace(replace(escaped, '\\x22', '"'), '\\x27', chr(39))),
    text is not null,
    sha256(bytes)
from lines
where text is null or trim(text, ' \t\r') <> ''
"""


def load_inputs(
    cursor: duckdb.DuckDBPyConnection,
    files: list[InputFile],
    columns: dict[str, str],
    members: list[dict[str, object]],
) -> None:
    """Fill `inputs.files` and `inputs.lines` from `files`, in one transaction.

    `columns` maps foreign column names to members; `members` is the title document's table.
    Raises EngineError for a file that cannot be read, a mapping that fits nothing, no title rows.
    """
    cursor.execute("begin")
    cursor.execute(SCHEMA)
    for file in files:
        record = (file.input, file.name, *_measure(file.path))
        cursor.execute("insert into inputs.files values (?, ?, ?, ?)", record)
        if file.path.name.endswith((".csv", ".parquet")):
            _load_table(cursor, file, columns, members)
        else:
            load_lines(cursor, file)
    _check_title_rows(cursor, files[0], columns, members)
    cursor.execute("commit")


def load_published(cursor: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    """Fill `published.lines` from published files, by their stems."""
    cursor.execute(PUBLISHED_SCHEMA)
    for path in paths:
        cursor.execute(
            f"insert into published.lines select ?, row_number() over (), line from {lines(path)}",
            (path.stem,),
        )


def lines(path: Path) -> str:
    """Return SQL for the lines of a file that the engine wrote; one may be as long as the file."""
    longest = max(path.stat().st_size + 2, 65536)
    return (
        f"read_csv({literal(path)}, columns = {{'line': 'varchar'}}, delim = '', quote = '',"
        f" escape = '', header = false, auto_detect = false, max_line_size = {longest},"
        f" buffer_size = {longest})"
    )


def _measure(path: Path) -> tuple[int, str]:
    """Return the file's size in bytes and its SHA-256."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return stream.tell(), digest


def measure_again(cursor: duckdb.DuckDBPyConnection, files: list[InputFile], table: str) -> None:
    """Insert size and SHA-256 of every input file, as it is now, into `table`."""
    for file in files:
        try:
            found: tuple[int | None, str | None] = _measure(file.path)
        except OSError:
            found = None, None
        cursor.execute(f"insert into {table} values (?, ?, ?, ?)", (file.input, file.name, *found))


def load_lines(cursor: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Add the file's lines to `inputs.lines`; EngineError where it cannot be read to its end."""
    line = 0
    try:
        for block in _blocks(file.path):
            values = {"input": file.input, "file": file.name, "line": line}
            try:
                cursor.execute(LINES_OF_TEXT, values | {"block": block.decode()})
            except UnicodeDecodeError:
                cursor.execute(LINES_OF_BYTES, values | {"block": block})
            line += block.count(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise EngineError(f"{file.path} cannot be read to its end: {error}.") from error


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes, decompressed, without a byte order mark, cut after line ends."""
    opener = gzip.open if path.name.endswith(".gz") else open
    with cast(BinaryIO, opener(path, "rb")) as stream:
        held = [stream.read(BLOCK).removeprefix(b"\xef\xbb\xbf")]
        while chunk := stream.read(BLOCK):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield b"".join([*held, chunk[:cut]])
                held = []
            held.append(chunk[cut:])
        yield b"".join(held)


def _load_table(
    cursor: duckdb.DuckDBPyConnection,
    file: InputFile,
    columns: dict[str, str],
    members: list[dict[str, object]],
) -> None:
    """Load each row of a CSV or Parquet file as the line of JSON that it stands for."""
    is_csv = file.path.name.endswith(".csv")
    reader = (
        # As in PostgreSQL's COPY, an empty field is null and a quoted empty field is a text.
        "read_csv({}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',"
        " allow_quoted_nulls = false, null_padding = false, sample_size = 1)"
        if is_csv
        else "read_parquet({})"
    ).format(literal(file.path))
    try:
        found = [row[0] for row in cursor.execute(f"describe from {reader}").fetchall()]
        _check_columns(file, found, columns, members)
        lists = [c for c in found if is_csv and _kind(columns.get(c, c), members) == "list"]
        values = ", ".join(_json_text(identifier(c)) for c in lists)
        cursor.execute(
            f"""
            insert into inputs.lines
            with
            rows as (select * {f"replace ({values})" if lists else ""} from {reader}),
            lines as (select row_number() over () as nth, to_json(rows)::varchar as text from rows)
            select ?, ?, nth + {int(is_csv)}, text, true, sha256(text) from lines
            """,
            (file.input, file.name),
        )
    except duckdb.Error as error:
        raise EngineError(f"{file.path} cannot be read: {told_by(error)}") from error


def _json_text(column: str) -> str:
    """Return SQL for a CSV field that holds JSON; other text stays text, for the rules to judge."""
    return (
        f"case when json_valid({column}) then {column}::json else to_json({column}) end as {column}"
    )


def _kind(name: str, members: list[dict[str, object]]) -> object:
    return next((m["kind"] for m in members if m["name"] == name), None)


def _check_columns(
    file: InputFile, found: list[str], columns: dict[str, str], members: list[dict[str, object]]
) -> None:
    """EngineError where a table lacks a mapped column, or the column of a required member."""
    have = {columns.get(c, c) for c in found}
    missing = [c for c in columns if c not in found]
    missing += [str(m["name"]) for m in members if m["required"] and m["name"] not in have]
    if missing:
        raise EngineError(
            f"{file.path} has no column {', '.join(missing)}; it has {', '.join(found)}. Name the"
            " columns with the var title_row_columns, for one {id: title_id, title: source_title}."
        )


def check_mapping(columns: object, members: list[dict[str, object]]) -> dict[str, str]:
    """Return the var `title_row_columns` as checked; EngineError for what is no mapping."""
    names = [str(m["name"]) for m in members]
    if not isinstance(columns, dict):
        raise EngineError("The var title_row_columns maps column names, for one {id: title_id}.")
    for column, member in columns.items():
        if member not in names:
            raise EngineError(
                f"The var title_row_columns maps {column} to {member}, which is no member of the"
                f" title document. Members are {', '.join(names)}."
            )
    targets = list(columns.values())
    if twice := sorted({t for t in targets if targets.count(t) > 1}):
        raise EngineError(f"The var title_row_columns names {', '.join(twice)} more than once.")
    return {str(column): member for column, member in columns.items()}


def _check_title_rows(
    cursor: duckdb.DuckDBPyConnection,
    file: InputFile,
    columns: dict[str, str],
    members: list[dict[str, object]],
) -> None:
    """EngineError where there is no title row at all, or a mapped name occurs in none."""
    rows = "from inputs.lines where input = 'title_rows'"
    if not cursor.execute(f"select 1 {rows} limit 1").fetchall():
        raise EngineError(f"{file.path} is empty: it holds no title row.")
    for column in columns:
        holds = "case when json_valid(text) then json_exists(text, ?) end"
        if not cursor.execute(
            f"select 1 {rows} and {holds} limit 1", (pointer(column),)
        ).fetchall():
            raise EngineError(
                f"{file.path} holds no row with a field {column}, which the var"
                f" title_row_columns maps to {columns[column]}."
            )


def pointer(name: str) -> str:
    """Return the JSON Pointer (RFC 6901) of a top-level member."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
