"""Whether the tables of a published database have the lines of the files beside it.

Nothing in the database is run: a view counts only by its text.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from aina_data_engine.answers import views as explaining_views
from aina_data_engine.databases import LOCKED
from aina_data_engine.errors import told_by
from aina_data_engine.export import json_object
from aina_data_engine.published_database import lane_view
from aina_data_engine.shapes import SHOWN
from aina_data_engine.sql import identifier, literal

UNREADABLE = (duckdb.Error, ValueError, RuntimeError)
"""What the database's reader raises on a damaged or foreign file."""

Print = tuple[int, int, int]
"""A fingerprint of lines in any order: their number, and the sums of the halves of their MD5s."""


@dataclass(frozen=True)
class Files:
    """The files of a generation that agree with the summary, by their stems."""

    stem: str
    """The publication's stem."""
    lines: dict[str, str]
    """SQL for a file's lines."""
    prints: dict[str, dict[str | None, Print]]
    lanes: dict[str, str]


def prints_of(
    connection: duckdb.DuckDBPyConnection, source: str, key: str = "''"
) -> dict[str | None, Print]:
    """Return the fingerprints of the lines, by key, in one pass: independent of their order."""
    rows = connection.execute(
        f"select {key}, count(*), sum((md5_number(line) & {2**64 - 1})::ubigint),"
        f" sum((md5_number(line) >> 64)::ubigint) from {source} group by 1"
    )
    return {found: (count, lower, upper) for found, count, lower, upper in rows.fetchall()}


def total(prints: dict[str | None, Print]) -> Print:
    """Return the fingerprint of all lines."""
    counts, lower, upper = zip(*prints.values(), strict=True) if prints else ((), (), ())
    return sum(counts), sum(lower), sum(upper)


def check_tables(
    connection: duckdb.DuckDBPyConnection, database: Path, files: Files
) -> tuple[list[str], list[str]]:
    """Compare the database with the files; return what is wrong and what was not checked."""
    try:
        connection.execute(f"attach {literal(database)} as published (read_only)")
        columns = _columns(connection)
        views = _views(connection, "published")
        own = _own_views(connection, columns, files) if files.stem in columns else {}
        wrong = []
        for name in files.lines:
            if name in columns:
                wrong += _hold_table(connection, name, columns[name], files)
            elif name not in views:
                wrong.append(f"table {name} is missing")
            elif views[name] != own.get(name):
                wrong.append(f"table {name} is a view that the engine has not made")
        others = {f"table {name}" for name in columns} | {f"view {name}" for name in views}
        macros = connection.execute(
            "select distinct 'macro ' || function_name from duckdb_functions()"
            " where database_name = 'published' and not internal"
        ).fetchall()
        known = {f"{kind} {name}" for kind in ("table", "view") for name in files.lines}
        known |= {f"view {name}" for name in views if _plain(views[name]) == _plain(own.get(name))}
        strange = sorted((others | {name for (name,) in macros}) - known)
    except UNREADABLE as error:
        if LOCKED in str(error):
            return [], [f"{database.name}, which another program has open for writing"]
        return [f"{database.name} cannot be read: {told_by(error)[:SHOWN]}"], []
    return [f"{database.name}: {what}" for what in wrong], [
        f"{database.name}: {o}" for o in strange
    ]


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Return names and types of the columns of every table in the published database."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in connection.execute(
        "select c.table_name, c.column_name, c.data_type from duckdb_columns() c"
        " semi join duckdb_tables() using (database_name, schema_name, table_name)"
        " where c.database_name = 'published' and c.schema_name = 'main' order by c.column_index"
    ).fetchall():
        columns.setdefault(table, []).append((name, kind))
    return columns


def _views(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """Return the text of every view; no view is run."""
    return dict(
        connection.execute(
            "select view_name, sql from duckdb_views() where not internal and database_name = ?",
            (database,),
        ).fetchall()
    )


def _plain(text: str | None) -> str:
    """Return a view's text without brackets: whether a join has them depends on the database."""
    return (text or "").translate({ord("("): None, ord(")"): None})


def _own_views(
    connection: duckdb.DuckDBPyConnection, columns: Collection[str], files: Files
) -> dict[str, str]:
    """Return the text of the views that the engine makes: the lanes and the explaining views."""
    connection.execute("attach ':memory:' as own")
    connection.execute("use own")
    for table in map(identifier, {*columns} - {*files.lanes}):
        connection.execute(f"create table {table} as from published.main.{table} limit 0")
    for name, lane in files.lanes.items():
        connection.execute(lane_view(files.stem, name, lane))
    for name, view in explaining_views().items():
        # What a table lacks is reported when the tables are compared.
        with suppress(duckdb.Error):
            connection.execute(f"create view {identifier(name)} as {view.query}")
    return _views(connection, "own")


def _hold_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: list[tuple[str, str]],
    files: Files,
) -> list[str]:
    """Compare a table's rows with the lines of its file."""
    rows = f"(select {json_object(columns)} as line from published.main.{identifier(name)})"
    found, told = total(prints_of(connection, rows)), total(files.prints[name])
    if found == told:
        return []
    difference = _difference(connection, rows, files.lines[name])
    return [f"table {name} has {found[0]:,} rows, {name}.jsonl {told[0]:,}; {difference}"]


def _difference(connection: duckdb.DuckDBPyConnection, rows: str, source: str) -> str:
    """Return a row that one of the two has and the other lacks."""
    for one, other, what in ((rows, source, "the table"), (source, rows, "the file")):
        found = connection.execute(
            f"select line from {one} except all select line from {other} order by 1 limit 1"
        ).fetchall()
        if found:
            return f"only {what} has {str(found[0][0])[:SHOWN]}"
    return "they differ"
