"""Load a review sheet of `mine-holds` that a person has filled in, and say what counts of it."""

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
from aina_data_engine.root import Root
from aina_data_engine.say import counted, shown
from aina_data_engine.sql import literal
from aina_data_engine.workbook import read_workbook

REQUIRED = ("title_id", "decision", "reviewer")
OPTIONAL = ("title", "choices", "note")
ADVICE = (
    "A review sheet has the columns title_id, decision and reviewer; title, choices and note are"
    " optional, others are ignored."
)
SHOWN_ROWS = 20
"""How many rows that are left out are named."""

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
    coalesce(flaw, case when len(list_distinct(names)) < len(names) then 'a key stands twice' end),
    {values}
from named
"""
NOTES_ALONE = """
select count(*) from engine.review_sheet
where flaw is null and is_blank(coalesce(decision, '')) and not is_blank(coalesce(note, ''))
"""


def load_review_sheet(cursor: duckdb.DuckDBPyConnection, path: Path, asked: Begin) -> None:
    """Fill `engine.review_sheet` from a sheet, JSON lines, CSV or a workbook, that was filled in.

    A line that is none of the sheet's rows goes in with its flaw. EngineError for a file that
    cannot be read or lacks a column.
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
    # A CSV that was saved as a workbook keeps its apostrophes, and one of the engine's has none.
    first, other = {
        ".csv": (as_written, as_they_stand),
        ".xlsx": (as_they_stand, as_written),
    }.get(extension, (as_they_stand, as_they_stand))
    values = [*first, *other[:2]]
    cursor.execute(ROWS.format(values=", ".join(values), names=list(names)))
    _check_keys(cursor, path)


def _column_names() -> Callable[[str], str]:
    """Return what calls a sheet's columns by their names in small letters; others are ignored."""
    others = count(1)

    def named(head: str) -> str:
        name = head.strip().lower()
        return name if name in REQUIRED + OPTIONAL else f"column {next(others)}"

    return named


def _member(name: str) -> str:
    """Return SQL for an object's member by its name in any case."""
    key = f"list_filter(keys, lambda key: lower(trim(key)) = {literal(name)})[1]"
    return f"record ->> ('/' || replace(replace({key}, '~', '~0'), '/', '~1'))"


def _insert_workbook(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Add the rows of a workbook's first sheet, by the names of its heads."""
    heads, rows = read_workbook(path)
    named = _column_names()
    names = [named(head) for head in heads]
    if missing := [name for name in REQUIRED if name not in names]:
        raise EngineError(
            f"{shown(path)} has no column {', '.join(missing)}. {ADVICE} Its first row is\n"
            f"  {shown(', '.join(heads))}"
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise EngineError(
            f"{shown(path)}: its first row has the column {', '.join(twice)} more than once."
        )
    records = [[n, json.dumps(dict(zip(names, row, strict=False)))] for n, row in rows]
    cursor.execute(
        """
        insert into sheet_lines
        select 'review_sheet', ?, (row ->> 0)::bigint, row ->> 1, row ->> 1, null, null
        from (select unnest(json_extract(?::json, '$[*]')) as row)
        """,
        (path.name, json.dumps(records)),
    )


def _check_keys(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """EngineError for a sheet that names a required column nowhere."""
    counts = ", ".join(f"count({name})" for name in REQUIRED)
    found = cursor.execute(f"select {counts}, count(*) from engine.review_sheet").fetchall()[0]
    if path.suffix.lower() in (".csv", ".xlsx") or not found[-1]:
        return
    if missing := [name for name, number in zip(REQUIRED, found, strict=False) if not number]:
        raise EngineError(f"{shown(path)}: no line has a member {', '.join(missing)}. {ADVICE}")


def refuse_useless_sheet(cursor: duckdb.DuckDBPyConnection, sheet: Path | None) -> None:
    """EngineError for a sheet with rows that cannot be taken, and none that can."""
    left_out, taken = _left_out(cursor), _number(cursor, "is_taken")
    if left_out and not taken:
        raise EngineError(
            "\n".join([f"{shown(sheet)} decides nothing that can be taken.", *left_out])
        )


def describe_review(cursor: duckdb.DuckDBPyConnection, root: Root, path: Path | None) -> str:
    """Say where the patches of a review are, and which rows are left out."""
    lines = _left_out(cursor)
    beyond = cursor.execute(
        "select line_number, title_id, decision from review_decisions"
        " where is_beyond_choices and is_taken order by 1 limit ?",
        (SHOWN_ROWS,),
    ).fetchall()
    lines += [
        f"  line {n}, {shown(title)}: {shown(decision)} is taken, and none of the row's choices"
        for n, title, decision in beyond
    ]
    ((notes,),) = cursor.execute(NOTES_ALONE).fetchall()
    if notes:
        lines.append(f"  left out, {counted(notes, 'row')} with a note and no decision")
    if not path:
        return "\n".join(["The sheet decides nothing that is new.", *lines])
    number = cursor.execute("select count(*) from reviewed_patches").fetchall()[0][0]
    told = f"{counted(number, 'patch', 'patches')} in {shown(path)}"
    return "\n".join([told, *lines, f"Accept them: {root.call(ACCEPT, path)}"])


def _left_out(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Name the rows that do not count: their line in the sheet, their title, and why."""
    rows = cursor.execute(
        """
        select line_number, coalesce(', ' || title_id, ''), problem from review_decisions
        where problem is not null order by line_number
        """
    ).fetchall()
    lines = [
        f"  left out, line {n}{shown(title)}: {shown(problem)}"
        for n, title, problem in rows[:SHOWN_ROWS]
    ]
    if len(rows) > SHOWN_ROWS:
        lines.append(f"  left out, {len(rows) - SHOWN_ROWS:,} rows more")
    return lines


def _number(cursor: duckdb.DuckDBPyConnection, condition: str) -> int:
    found = cursor.execute(f"select count(*) from review_decisions where {condition}").fetchall()
    return int(found[0][0])
