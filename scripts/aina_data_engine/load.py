"""Extract and load: the input files become the tables `inputs.files` and `inputs.lines`.

Each file format has its own module; all of them fill the same table of lines.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from aina_data_engine.csv_records import CsvForm, insert_csv
from aina_data_engine.errors import EngineError, told_by, unreadable
from aina_data_engine.files import size_and_hash
from aina_data_engine.json_array import RefusedArrayError, insert_array
from aina_data_engine.json_rows import insert_parquet
from aina_data_engine.lines import insert_lines, reader
from aina_data_engine.messages import Member
from aina_data_engine.root import InputFile, extension

SCHEMA = """
create schema if not exists inputs;
create or replace table inputs.files (
    input varchar, file varchar, bytes bigint, sha256 varchar
);
create or replace table inputs.lines (
    input varchar, file varchar, line_number bigint, text varchar using compression zstd,
    record varchar, flaw varchar, sha256 varchar using compression uncompressed
);
create or replace table inputs.unread_files (file varchar);
"""
"""A line: its text as it is in the file; the JSON that it stands for, where that differs; its flaw,
where one is known before the JSON is examined; the hash of its bytes, or of its JSON.
`models/staging/inputs/inputs.yml` describes the columns. The compression is given, since choosing
one takes the database longer than reading and hashing the lines."""

PUBLISHED_SCHEMA = """
create schema if not exists published;
create or replace table published.lines (
    file varchar, line_number bigint, text varchar using compression zstd
);
"""


@dataclass(frozen=True)
class Reading:
    """How the title rows are read: the settings of the vars, and the title document's members."""

    columns: dict[str, str]
    """The member to which each foreign column maps."""
    members: list[Member]
    csv_encoding: str | None
    max_line_bytes: int
    refused: str | None = None
    """What is wrong with the array of title rows, once the database's reader has refused it."""

    @property
    def required(self) -> list[str]:
        """The columns that a table must have."""
        needed = [self.column(m["name"]) for m in self.members if m["required"]]
        return list(dict.fromkeys([*needed, *self.columns]))

    @property
    def lists(self) -> list[str]:
        """The columns with lists: in a CSV these are JSON text."""
        return [self.column(m["name"]) for m in self.members if m["kind"] == "list"]

    @property
    def texts(self) -> list[str]:
        """The columns with texts, except the key, to which the rows' own rule applies."""
        texts = (m["name"] for m in self.members if m["kind"] == "string")
        return [self.column(name) for name in texts if name != "title_id"]

    def column(self, member: str) -> str:
        """Return the name that a member has in the file."""
        return next((column for column, m in self.columns.items() if m == member), member)


ADVICE = (
    "Map your columns with the var title_row_columns, for example {id: title_id, title:"
    " source_title}."
)


MeasuredFile = tuple[str, str, int | None, str | None]
"""A row of `inputs.files`; size and hash are null for a file that cannot be read."""


def load_files(cursor: duckdb.DuckDBPyConnection, files: list[InputFile], reading: Reading) -> None:
    """Add the files, as they are on the disk, and their lines."""
    for file in files:
        load_file(cursor, file, reading)


def load_inputs(
    cursor: duckdb.DuckDBPyConnection,
    files: list[InputFile],
    reading: Reading,
    unread: Collection[str] = (),
    load: Callable[[duckdb.DuckDBPyConnection, list[InputFile], Reading], None] = load_files,
) -> None:
    """Fill `inputs.files`, `inputs.lines` and `inputs.unread_files`, in one transaction.

    `load` adds the files. EngineError for a file that cannot be read, a mapping of a column that no
    row has, or no title rows.
    """

    def load_all(reading: Reading) -> None:
        cursor.execute("begin")
        cursor.execute(SCHEMA)
        load(cursor, files, reading)

    again_where_refused(load_all, reading, lambda: cursor.execute("rollback"))
    for name in unread:
        cursor.execute("insert into inputs.unread_files values (?)", (name,))
    for file in files:
        if file.input == "title_rows":
            _check_title_rows(cursor, file, reading.columns)
    cursor.execute("commit")


def again_where_refused(
    load: Callable[[Reading], object], reading: Reading, undo: Callable[[], object] = lambda: None
) -> None:
    """Load; if an array is refused, `undo` that and load again, now cutting it by element.

    When the database's reader fails, its transaction fails with it. Raises the EngineErrors of
    `load`.
    """
    try:
        load(reading)
    except RefusedArrayError as error:
        undo()
        load(replace(reading, refused=str(error)))


def load_file(cursor: duckdb.DuckDBPyConnection, file: InputFile, reading: Reading) -> None:
    """Add one file, as it is on the disk, and its lines."""
    place: dict[str, object] = {"input": file.input, "file": file.name}
    into, path, limit = "inputs.lines", file.path, reading.max_line_bytes
    try:
        cursor.execute("insert into inputs.files values (?, ?, ?, ?)", _measured(file))
        match extension(path):
            case ".csv":
                form = CsvForm(reading.required, ADVICE, reading.lists, reading.csv_encoding)
                insert_csv(cursor, into, path, place, form, limit)
            case ".json":
                insert_array(cursor, into, path, place, limit, reading.refused)
            case ".parquet":
                names = insert_parquet(cursor, into, path, place, limit, reading.texts)
                _check_columns(path, names, reading.required)
            case _:
                insert_lines(cursor, into, path, place, limit)
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise EngineError(
            f"{path} needs more memory than is available. If it has very long lines, lower the var"
            f" max_line_bytes, now {limit:,}: longer lines go to quarantine."
        ) from error
    except duckdb.Error as error:
        raise EngineError(f"{path} cannot be read: {told_by(error)}") from error
    except OSError as error:
        raise unreadable(path, error) from error


def add_lines(cursor: duckdb.DuckDBPyConnection, file: InputFile, limit: int) -> None:
    """Add the lines of a file that no build reads; EngineError where it cannot be read."""
    place: dict[str, object] = {"input": file.input, "file": file.name}
    try:
        insert_lines(cursor, "inputs.lines", file.path, place, limit)
    except duckdb.Error as error:
        raise EngineError(f"{file.path} cannot be read: {told_by(error)}") from error
    except OSError as error:
        raise unreadable(file.path, error) from error


def load_published(cursor: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    """Fill `published.lines` from published files, each by its stem."""
    cursor.execute(PUBLISHED_SCHEMA)
    for path in paths:
        cursor.execute(
            f"insert into published.lines select ?, row_number() over (), line from {lines(path)}",
            (path.stem,),
        )


def lines(path: Path, longest_line: int | None = None) -> str:
    """Return SQL for the lines of a file that the engine wrote; one may be as long as the file."""
    return reader(path, longest_line or path.stat().st_size)


def _measured(file: InputFile) -> MeasuredFile:
    size, digest = size_and_hash(file.path)
    return file.input, file.name, size, digest.removeprefix("sha256:")


def measure_again(
    cursor: duckdb.DuckDBPyConnection,
    files: list[InputFile],
    table: str,
    each: Callable[..., Iterable[MeasuredFile]] = map,
) -> None:
    """Insert the current size and SHA-256 of every input file into `table`."""
    for found in each(_measured_now, files):
        cursor.execute(f"insert into {table} values (?, ?, ?, ?)", found)


def _measured_now(file: InputFile) -> MeasuredFile:
    try:
        return _measured(file)
    except OSError:
        return file.input, file.name, None, None


def _check_columns(path: Path, found: list[str], required: list[str]) -> None:
    """EngineError where a table lacks a mapped column or the column of a required member."""
    if missing := [column for column in required if column not in found]:
        raise EngineError(
            f"{path} has no column {', '.join(missing)}; its columns are {', '.join(found)}."
            f" {ADVICE}"
        )


def check_mapping(columns: object, members: list[Member]) -> dict[str, str]:
    """Return the var `title_row_columns`, checked; EngineError for an invalid mapping."""
    names = [m["name"] for m in members]
    if not isinstance(columns, dict):
        raise EngineError(
            "The var title_row_columns must map column names, for example {id: title_id}."
        )
    for column, member in columns.items():
        if member not in names:
            raise EngineError(
                f"The var title_row_columns maps {column} to {member}, which is not a member of the"
                f" title document. The members are {', '.join(names)}."
            )
    targets = list(columns.values())
    if twice := sorted({t for t in targets if targets.count(t) > 1}):
        raise EngineError(
            f"The var title_row_columns maps more than one column to {', '.join(twice)}."
        )
    return {str(column): member for column, member in columns.items()}


def _check_title_rows(
    cursor: duckdb.DuckDBPyConnection, file: InputFile, columns: dict[str, str]
) -> None:
    """EngineError where there is no title row at all, or no row has a mapped column."""
    rows = "from inputs.lines where input = 'title_rows'"
    if not cursor.execute(f"select 1 {rows} limit 1").fetchall():
        raise EngineError(f"{file.path} is empty: it has no title row.")
    for column, member in columns.items():
        json = "coalesce(record, text)"
        holds = f"case when json_valid({json}) then json_exists({json}, ?) end"
        if not cursor.execute(
            f"select 1 {rows} and {holds} limit 1", (pointer(column),)
        ).fetchall():
            raise EngineError(
                f"{file.path} has no row with a field {column}, which the var title_row_columns"
                f" maps to {member}."
            )


def pointer(name: str) -> str:
    """Return the JSON Pointer (RFC 6901) of a top-level member."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
