"""Load a review sheet of `mine-holds` that a person has filled in, and report its decisions."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import duckdb

from aina_data_engine.cells import read_back
from aina_data_engine.csv_records import CsvForm, insert_csv
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import ACCEPT
from aina_data_engine.lines import insert_lines
from aina_data_engine.messages import Begin
from aina_data_engine.pages import short
from aina_data_engine.root import Root
from aina_data_engine.say import counted, exactly, first, shown
from aina_data_engine.sql import literal
from aina_data_engine.workbook import MOST_ROWS, Value, Worksheet, read_workbook, text_of

REQUIRED = ("title_id", "decision", "reviewer")
OPTIONAL = ("title", "choices", "note")
WORDS = ("decision", "reviewer", "note")
"""The columns that a person fills in."""
ADVICE = (
    "A review sheet needs the columns title_id, decision and reviewer; title, choices and note are"
    " optional, and others are ignored."
)
SHOWN_ROWS = 20
"""How many of the rows left out are listed."""

LINES = """
create or replace temp table sheet_lines (
    input varchar, file varchar, line_number bigint, text varchar, record varchar, flaw varchar,
    sha256 varchar
);
"""

ROWS = """
insert into engine.review_sheet
with
lines as (
    select
        line_number,
        case
            when flaw is not null then flaw
            when not json_valid(coalesce(record, text)) then 'not JSON'
            when json_type(coalesce(record, text)::json) <> 'OBJECT' then 'not a JSON object'
        end as flaw,
        case when flaw is null then coalesce(record, text) end as record
    from sheet_lines
),

members as (
    select line_number, flaw, record, case when flaw is null then json_keys(record) end as keys
    from lines
),

named as (
    select
        *,
        list_filter(
            list_transform(keys, lambda key: lower(trim(key))),
            lambda name: list_contains({names}, name)
        ) as names
    from members
)

select
    line_number,
    coalesce(
        flaw,
        case when len(list_distinct(names)) < len(names) then 'a key stands twice' {no_texts} end
    ),
    {values}
from named
"""
KEYS = """
select
    (select count(*) from sheet_lines),
    coalesce(list(distinct lower(trim(key))), [])
from (
    select
        unnest(
            case when flaw is null and json_valid(record) then json_keys(record) end
        ) as key
    from (select flaw, coalesce(record, text) as record from sheet_lines)
)
"""
"""How many rows there are, and the names of their members, whatever these hold."""
DECISIONS = f"""
review_decisions left join engine.worksheets
    on review_decisions.line_number - worksheets.rows_before between 1 and {MOST_ROWS}
"""
PLACE = """
coalesce('worksheet ' || worksheets.name || ', ', '')
|| 'line ' || (review_decisions.line_number - coalesce(worksheets.rows_before, 0))
"""
"""The place of a row of `DECISIONS`, with its worksheet where there are several."""
NOTES_ALONE = """
select count(*) from engine.review_sheet
where flaw is null and is_blank(coalesce(decision, '')) and not is_blank(coalesce(note, ''))
"""


def load_review_sheet(cursor: duckdb.DuckDBPyConnection, path: Path, asked: Begin) -> None:
    """Fill `engine.review_sheet` from a filled-in sheet: JSON lines, CSV or a workbook.

    A line that is not a valid row goes in with its flaw. EngineError for a file that cannot be read
    or lacks a column.
    """
    cursor.execute(LINES)
    limit = asked.max_line_bytes
    extension = path.suffix.lower()
    place: dict[str, object] = {"input": "review_sheet", "file": path.name}
    if extension == ".csv":
        form = CsvForm(REQUIRED, ADVICE, (), asked.csv_encoding, _column_names())
        insert_csv(cursor, "sheet_lines", path, place, form, limit)
    elif extension == ".xlsx":
        _insert_workbook(cursor, path)
    else:
        insert_lines(cursor, "sheet_lines", path, place, limit)
    names = ("title_id", "title", "choices", "decision", "reviewer", "note")
    as_they_stand = [_member(name) for name in names]
    as_written = [read_back(cell) for cell in as_they_stand]
    # A CSV saved as a workbook keeps its apostrophes; a workbook of the engine's has none.
    first, other = {
        ".csv": (as_written, as_they_stand),
        ".xlsx": (as_they_stand, as_written),
    }.get(extension, (as_they_stand, as_they_stand))
    values = [*first, *other[:2]]
    no_texts = " ".join(map(_no_text, WORDS))
    cursor.execute(ROWS.format(values=", ".join(values), names=list(names), no_texts=no_texts))
    _check_keys(cursor, path)


def _column_names() -> Callable[[str], str]:
    """Return a function that names a sheet's columns in lower case; others get ignored names."""
    others = count(1)

    def named(head: str) -> str:
        name = head.strip().lower()
        return name if name in REQUIRED + OPTIONAL else f"column {next(others)}"

    return named


def _member(name: str) -> str:
    """Return SQL for an object's member by its name in any case."""
    return f"record ->> {_pointer(name)}"


def _pointer(name: str) -> str:
    key = f"list_filter(keys, lambda key: lower(trim(key)) = {literal(name)})[1]"
    return f"('/' || replace(replace({key}, '~', '~0'), '/', '~1'))"


def _no_text(name: str) -> str:
    """Return SQL, a branch of a case, for a member that is neither text nor a whole number."""
    told = literal(f"its {name} is not text: ")
    return (
        f"when json_type(record, {_pointer(name)}) in ('BOOLEAN', 'DOUBLE', 'ARRAY', 'OBJECT')"
        f" then {told} || ({_member(name)})"
    )


def _insert_workbook(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Add the rows of a workbook's worksheets that have a sheet's columns, and note the others.

    With several worksheets, line numbers continue: each begins at a number past any worksheet's.
    """
    sheets = read_workbook(path)
    read = [sheet for sheet in sheets if not _missing(sheet)]
    if not read:
        sheet = min(sheets, key=lambda sheet: len(_missing(sheet)))
        where = shown(path) + (f", worksheet {shown(sheet.name)}," if len(sheets) > 1 else "")
        raise EngineError(
            f"{where} has no column {', '.join(_missing(sheet))}. {ADVICE} Its first row is\n"
            f"  {shown(', '.join(sheet.heads))}"
        )
    for sheet in read:
        names = _names(sheet)
        if twice := sorted({name for name in names if names.count(name) > 1}):
            where = shown(path) + (f", worksheet {shown(sheet.name)}" if len(sheets) > 1 else "")
            raise EngineError(
                f"{where}: its first row has the column {', '.join(twice)} more than once."
            )
    records = [
        [before + n, json.dumps(_record(_names(sheet), row))]
        for before, sheet in zip(count(0, MOST_ROWS), read, strict=False)
        for n, row in sheet.rows
    ]
    cursor.execute(
        """
        insert into sheet_lines
        select 'review_sheet', ?, (row ->> 0)::bigint, row ->> 1, row ->> 1, null, null
        from (select unnest(json_extract(?::json, '$[*]')) as row)
        """,
        (path.name, json.dumps(records)),
    )
    if len(sheets) > 1:
        _note_worksheets(cursor, read, [sheet for sheet in sheets if sheet not in read])


def _record(names: list[str], row: list[Value]) -> dict[str, Value]:
    """Return a worksheet's row by column: a title that looks like a date stays a title."""
    return {
        name: value if name in WORDS else text_of(value)
        for name, value in zip(names, row, strict=False)
    }


def _names(sheet: Worksheet) -> list[str]:
    named = _column_names()
    return [named(head) for head in sheet.heads]


def _missing(sheet: Worksheet) -> list[str]:
    """Return the columns that a worksheet lacks to be a review sheet."""
    names = _names(sheet)
    return [name for name in REQUIRED if name not in names]


def _note_worksheets(
    cursor: duckdb.DuckDBPyConnection, read: list[Worksheet], others: list[Worksheet]
) -> None:
    """Record, for messages, where the lines of several worksheets begin, and what is not read."""
    noted: list[list[object]] = [
        [sheet.name, None, f"it has no column {', '.join(_missing(sheet))}"] for sheet in others
    ]
    if len(read) > 1:
        noted += [[sheet.name, nth * MOST_ROWS, None] for nth, sheet in enumerate(read)]
    if noted:
        cursor.executemany("insert into engine.worksheets values (?, ?, ?)", noted)


def _check_keys(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """EngineError for a sheet in which no row has one of the required members."""
    ((rows, names),) = cursor.execute(KEYS).fetchall()
    if path.suffix.lower() in (".csv", ".xlsx") or not rows:
        return
    if missing := [name for name in REQUIRED if name not in names]:
        raise EngineError(f"{shown(path)}: no line has a member {', '.join(missing)}. {ADVICE}")


def refuse_useless_sheet(cursor: duckdb.DuckDBPyConnection, sheet: Path | None) -> None:
    """EngineError for a sheet that has unusable rows and no usable one."""
    left_out, taken = _left_out(cursor), _number(cursor, "is_taken")
    if left_out and not taken:
        raise EngineError(
            "\n".join(
                [
                    f"{shown(sheet)} has no decision that can be used.",
                    *left_out,
                    *_not_read(cursor),
                ]
            )
        )


def describe_review(cursor: duckdb.DuckDBPyConnection, root: Root, path: Path | None) -> str:
    """Return where the patches of a review are, and which rows are left out."""
    lines = _left_out(cursor)
    beyond = cursor.execute(
        f"select {PLACE}, title_id, decision from {DECISIONS}"
        " where is_beyond_choices and is_taken order by line_number limit ?",
        (SHOWN_ROWS,),
    ).fetchall()
    taken = "is used, although it is not one of the row's choices"
    lines += [
        f"  {shown(place)}, {shown(title)}: {shown(decision)} {taken}"
        for place, title, decision in beyond
    ]
    ((notes,),) = cursor.execute(NOTES_ALONE).fetchall()
    if notes:
        lines.append(f"  left out, {counted(notes, 'row')} with a note and no decision")
    lines += _not_read(cursor)
    if not path:
        return "\n".join(["The sheet has no new decision.", *lines])
    number = cursor.execute("select count(*) from reviewed_patches").fetchall()[0][0]
    told = f"{counted(number, 'patch', 'patches')} in {shown(path)}"
    return "\n".join([told, *lines, f"Accept them: {root.call(ACCEPT, path)}"])


def _left_out(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """List the rows that do not count: their line in the sheet, their title, and why."""
    rows = cursor.execute(
        f"""
        select {PLACE}, coalesce(', ' || title_id, ''), review_decisions.problem from {DECISIONS}
        where review_decisions.problem is not null order by line_number
        """
    ).fetchall()
    lines = [
        f"  left out, {shown(place)}{short(exactly(title))}: {shown(problem)}"
        for place, title, problem in rows[:SHOWN_ROWS]
    ]
    if len(rows) > SHOWN_ROWS:
        lines.append(f"  left out, {len(rows) - SHOWN_ROWS:,} more rows")
    return lines


def _not_read(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """List the worksheets that have content and are not review sheets."""
    found = cursor.execute(
        "select name, problem from engine.worksheets where problem is not null order by rowid"
    ).fetchall()
    lines = [f"not read, worksheet {shown(name)}: {problem}" for name, problem in found]
    return [f"  {line}" for line in first(lines, SHOWN_ROWS)]


def _number(cursor: duckdb.DuckDBPyConnection, condition: str) -> int:
    found = cursor.execute(f"select count(*) from review_decisions where {condition}").fetchall()
    return int(found[0][0])
