"""Parquet files as inputs: each row as the JSON object that it stands for.

Every option of the database's reader is set: no path, name or value decides how a file is read.
Values that JSON cannot express are written as text: points in time as the database writes them,
those with a zone in UTC with `Z`, NaN and the infinities by name, bytes as UTF-8.
"""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb
from duckdb.sqltypes import VARCHAR, DuckDBPyType

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.files import is_utf8
from aina_data_engine.lines import SHOWN_CHARACTERS, cut_where_long
from aina_data_engine.sql import literal, path_literal

ROWS_OF_PARQUET = """
insert into {into}
with
rows as (from (select row_number() over (), * from {reader}) as rows ({columns})),
records as (
    select nth, {record} as text, case {flaws} end as flaw
    from rows
),
cut as (select nth, sha256(text) as sha256, {cut} from records)
select $input, $file, nth, text, null, flaw, sha256 from cut
"""

WHOLE_NUMBERS = re.compile(r"u?(tiny|small|big|huge)int|u?integer")
AS_NUMBERS = re.compile(rf"boolean|decimal|{WHOLE_NUMBERS.pattern}")
"""Types whose text in SQL is already JSON."""
MOST_DIGITS = 38
"""The most digits of a decimal that the database reads as a decimal."""
VARIANT = r"""
replace(
    replace(
        regexp_replace(
            {value}::json::varchar,
            '("(?:[^"\\]|\\.)*")|(-?(?:NaN|Infinity))', '\1' || chr(0) || '\2' || chr(0), 'g'
        ),
        chr(0) || chr(0), ''
    ),
    chr(0), '"'
)
"""
"""A value that has its own type in each row. To the database NaN is JSON, and a decimal has all its
digits in a cast alone. NUL is never in JSON, so it marks a number's name until that is quoted."""
EPOCHS = {
    "timestamp": "epoch_us",
    "timestamp with time zone": "epoch_us",
    "timestamptz_ns": "epoch_ns",
}
"""Functions for the time since 1970. Microseconds reach further than the database's calendar."""
FIRST_MICROSECOND = -9_223_372_022_400_000_000
"""Since 1970, of the first day of the database's calendar, 22 December 290309 BC."""


@dataclass(frozen=True)
class Column:
    """A column of a Parquet file, or a part of a column, as the file's own schema names it."""

    name: str
    parts: list["Column"]


def insert_parquet(
    cursor: duckdb.DuckDBPyConnection,
    into: str,
    path: Path,
    place: dict[str, object],
    limit: int,
    texts: Collection[str] = (),
) -> list[str]:
    """Add the rows of a Parquet file to the table `into`; return the names of its columns.

    Whole numbers in the columns `texts` become their digits: a column's type says nothing about
    what a number means. A row with bytes that are not UTF-8, with a point in time before the
    database's calendar, or of more than `limit` bytes as JSON goes in as flawed. EngineError for a
    file that cannot be read without loss.
    """
    if not is_utf8(path.resolve()):
        raise EngineError(
            f"{path} is a link to {path.resolve()}, whose name has bytes that are not UTF-8."
            " Rename it."
        )
    reader = (
        f"read_parquet({path_literal(path.resolve())}, hive_partitioning = false,"
        " union_by_name = false, filename = false, file_row_number = false,"
        " binary_as_string = false)"
    )
    columns = _columns(cursor, path)
    found = [kind for _, kind, *_ in cursor.execute(f"from {reader} limit 0").description]
    types = [
        VARCHAR if column.name in texts and WHOLE_NUMBERS.fullmatch(kind.id) else kind
        for column, kind in zip(columns, found, strict=True)
    ]
    names = [f"c{nth}" for nth in range(len(columns))]
    sql = ROWS_OF_PARQUET.format(
        into=into,
        reader=reader,
        columns=", ".join(["nth", *names]),
        record=_members(names, columns, types),
        flaws=_flaws(names, columns, types),
        cut=cut_where_long(limit),
    )
    try:
        cursor.execute(sql, place)
    except (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError) as error:
        where = _where_it_fails(cursor, reader, columns)
        raise EngineError(
            f"{path} cannot be read{where}. {told_by(error)[:SHOWN_CHARACTERS].rstrip('.!')}."
            " Write that value as text."
        ) from error
    return [column.name for column in columns]


def _where_it_fails(cursor: duckdb.DuckDBPyConnection, reader: str, columns: list[Column]) -> str:
    """Name the columns with a value that the reader refuses; it names neither column nor row."""
    names = ", ".join(f"c{nth}" for nth in range(len(columns)))
    failing = []
    # In its own transaction: the one that failed accepts no more statements.
    with cursor.cursor() as other:
        for nth, column in enumerate(columns):
            try:
                other.execute(f"select sum(hash(c{nth})) from {reader} as rows ({names})")
            except (duckdb.Error, UnicodeDecodeError):
                failing.append(column.name)
    return f", because of a value of its column {', '.join(failing)}" if failing else ""


def _columns(cursor: duckdb.DuckDBPyConnection, path: Path) -> list[Column]:
    """Return the columns of a Parquet file; the database's reader renames some."""
    rows = iter(
        cursor.execute(
            "select name, coalesce(num_children, 0), coalesce(precision, 0)"
            f" from parquet_schema({path_literal(path.resolve())})"
        ).fetchall()
    )

    def read_one() -> Column:
        name, children, digits = next(rows)
        if digits > MOST_DIGITS:
            raise EngineError(
                f"{path}: the column {name} has decimals of {digits} digits, but at most"
                f" {MOST_DIGITS} can be read without loss. Write it as text."
            )
        return Column(name, [read_one() for _ in range(children)])

    return read_one().parts


def _parts(kind: DuckDBPyType) -> list[DuckDBPyType]:
    """Return the types that a nested type is made of."""
    return [cast(DuckDBPyType, part) for name, part in kind.children if name != "size"]


def _members(values: list[str], columns: list[Column], types: list[DuckDBPyType]) -> str:
    """Return SQL for the JSON object of named values."""
    members = [
        f"{literal(json.dumps(column.name, ensure_ascii=False))} || ':'"
        f" || coalesce({_json(value, column, kind)}, 'null')"
        for value, column, kind in zip(values, columns, types, strict=True)
    ]
    return "'{' || " + " || ',' || ".join(members or ["''"]) + " || '}'"


def _json(value: str, column: Column, kind: DuckDBPyType) -> str:
    """Return SQL for a value as JSON text; null where it is null."""
    match kind.id:
        case "float" | "double":
            text = f"to_json({value})::varchar"
            return f"case when isfinite({value}) then {text} else to_json({text})::varchar end"
        case name if name in EPOCHS:
            return f"to_json({_moment(value, name)})::varchar"
        case "blob":
            return f"to_json(coalesce(try(decode({value})), {value}::varchar))::varchar"
        case "list" | "array":
            return _list(value, column, _parts(kind)[0])
        case "struct":
            names = [f"struct_extract_at({value}, {n})" for n in range(1, len(column.parts) + 1)]
            whole = _members(names, column.parts, _parts(kind))
            return f"case when {value} is not null then {whole} end"
        case "map":
            return _map(value, column, kind)
        case _:
            return _scalar(value, kind)


def _scalar(value: str, kind: DuckDBPyType) -> str:
    if kind.id == "variant":
        return VARIANT.format(value=value)
    # JSON stays as it is.
    is_json = AS_NUMBERS.fullmatch(kind.id) or str(kind) == "JSON"
    return f"{value}::varchar" if is_json else f"to_json({value}::varchar)::varchar"


def _list(value: str, column: Column, kind: DuckDBPyType) -> str:
    item = _item(value)
    # A list's element is two levels below it in the file's schema, or one for older writers.
    inner = column.parts[0] if column.parts else column
    of = inner.parts[0] if len(inner.parts) == 1 else inner
    if kind.id == "struct" and len(of.parts) != len(_parts(kind)):
        of = inner
    text = f"coalesce({_json(item, of, kind)}, 'null')"
    return f"'[' || array_to_string(list_transform({value}, lambda {item}: {text}), ',') || ']'"


def _map(value: str, column: Column, kind: DuckDBPyType) -> str:
    """Return SQL for a map as an object; a key that is not a string is the text of its JSON."""
    key_type, item_type = _parts(kind)
    key, item = column.parts[0].parts
    entry = _item(value)
    text = _json(f"{entry}.key", key, key_type)
    name = f"case when starts_with({text}, '\"') then {text} else to_json({text})::varchar end"
    member = f"{name} || ':' || coalesce({_json(f'{entry}.value', item, item_type)}, 'null')"
    members = f"list_transform(map_entries({value}), lambda {entry}: {member})"
    return f"'{{' || array_to_string({members}, ',') || '}}'"


def _item(value: str) -> str:
    """Return a name for the parameter of a lambda over `value`, unique among those around it."""
    return re.sub(r"\W+", "_", value) + "_item"


def _moment(value: str, name: str) -> str:
    """Return SQL for a point in time as text; outside the calendar, its epoch."""
    epoch = EPOCHS[name]
    is_fine = name == "timestamptz_ns"
    # An explicit null: casting a value in a branch that is not taken would fail the run as well.
    told = value if is_fine else f"if({epoch}({value}) < {FIRST_MICROSECOND}, null, {value})"
    text = f"{told}::varchar"
    if name != "timestamp":
        utc = f"make_timestamp{'_ns' * is_fine}({epoch}({told}))::varchar || 'Z'"
        # BC comes after the day.
        text = f"regexp_replace({utc}, '^([0-9-]+) ([0-9:.]+Z)$', '\\1T\\2')"
    # An infinite time has no epoch, and is the same in every zone.
    return f"coalesce({text}, {epoch}({value})::varchar, {told}::varchar)"


def _flaws(values: list[str], columns: list[Column], types: list[DuckDBPyType]) -> str:
    """Return the branches of a SQL case for a row's flaw."""
    branches = ["when false then ''"]
    for value, column, kind in zip(values, columns, types, strict=True):
        told = f"the column {column.name} has a point in time before 290309 BC"
        for wrong, flaw in ((_no_text, "bytes that are not UTF-8"), (_no_day, told)):
            if found := _anywhere(value, kind, wrong):
                branches.append(f"when {found} then {literal(flaw)}")
    return " ".join(branches)


def _no_text(value: str, kind: DuckDBPyType) -> str:
    is_bytes = kind.id == "blob"
    return f"({value} is not null and try(decode({value})) is null)" if is_bytes else ""


def _no_day(value: str, kind: DuckDBPyType) -> str:
    return f"epoch_us({value}) < {FIRST_MICROSECOND}" if EPOCHS.get(kind.id) == "epoch_us" else ""


def _anywhere(value: str, kind: DuckDBPyType, wrong: Callable[[str, DuckDBPyType], str]) -> str:
    """Return SQL for whether a value contains one that is `wrong`; empty where it cannot."""
    item = _item(value)
    match kind.id:
        case "struct":
            parts = [
                _anywhere(f"struct_extract_at({value}, {n})", part, wrong)
                for n, part in enumerate(_parts(kind), start=1)
            ]
            return " or ".join(filter(None, parts))
        case "list" | "array":
            found = _anywhere(item, _parts(kind)[0], wrong)
            list_of = value
        case "map":
            parts = [
                _anywhere(f"{item}.{name}", part, wrong)
                for name, part in zip(("key", "value"), _parts(kind), strict=True)
            ]
            found, list_of = " or ".join(filter(None, parts)), f"map_entries({value})"
        case _:
            return wrong(value, kind)
    return f"list_bool_or(list_transform({list_of}, lambda {item}: {found}))" if found else ""
