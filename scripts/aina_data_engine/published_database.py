"""What a run has staged, and the published database, which has the same rows as tables."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine import answers
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.messages import Gate, Lane
from aina_data_engine.sql import identifier, literal

VARIED_TEXTS = {
    "title_id",
    "patch_id",
    "source_title",
    "learner_title",
    "source_row_sha256",
    "attributes",
    "before",
    "after",
}
"""Columns of texts that differ from row to row: their compression is given, since choosing one
takes the database longer than storing them."""


@dataclass(frozen=True)
class Staged:
    """What a run has staged, and what its summary says about it."""

    relations: dict[str, str]
    """The table of each exported file, by the file's stem."""
    kept: dict[str, str]
    """The tables that go into the database only, by their names."""
    described: dict[str, dict[str, str]]
    """The description of each of these (under '') and of its columns, from the models."""
    lanes: dict[str, Lane]
    """The lane of a lane's file, by the file's stem; the best first."""
    gates: list[Gate]
    inputs: dict[str, Any]
    """What was read, described independently of the order of lines and files."""


def write_database(
    cursor: duckdb.DuckDBPyConnection, path: Path, staged: Staged, generation: str
) -> None:
    """Write the exported tables to a separate database, which clients from 1.1.0 on can open.

    No older format can be written; clients of 1.0 cannot read a column of empty lists in it. A lane
    is a view of the replayed rows, which are stored once. The comment of each table and view has
    its description and its generation; the comment of a column, its description.
    """
    cursor.execute(f"attach {literal(path)} as fresh_generation (storage_version 'v1.0.0')")
    with used(cursor, "fresh_generation"), _at_once(cursor):
        _fill_database(cursor, path.stem, staged, generation)
    cursor.execute("detach fresh_generation")


@contextmanager
def used(cursor: duckdb.DuckDBPyConnection, database: str) -> Iterator[None]:
    """Use a database, and afterwards, whatever is raised, the previous one.

    The text of a view must not name a database: a client may open the file under any name.
    """
    ((home,),) = cursor.execute("select current_database()").fetchall()
    cursor.execute(f"use {database}")
    try:
        yield
    finally:
        cursor.execute(f"use {identifier(home)}")


@contextmanager
def _at_once(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Do it in one transaction: otherwise each comment would be flushed separately."""
    cursor.begin()
    try:
        yield
    except BaseException:
        # Whatever happens to the transaction, the original exception tells why.
        with suppress(duckdb.Error):
            cursor.rollback()
        raise
    cursor.commit()


def _fill_database(
    cursor: duckdb.DuckDBPyConnection, stem: str, staged: Staged, generation: str
) -> None:
    for name, relation in sorted({**staged.relations, **staged.kept}.items()):
        kind = "table"
        if lane := staged.lanes.get(name):
            kind = "view"
            cursor.execute(lane_view(stem, name, lane["name"]))
        else:
            _copy(cursor, relation, name)
        described = staged.described.get(name, {})
        comment = f"{described.get('', '')}\n{generation}".strip()
        cursor.execute(f"comment on {kind} {identifier(name)} is {literal(comment)}")
        for column, text in described.items():
            if column and text:
                place = f"{identifier(name)}.{identifier(column)}"
                cursor.execute(f"comment on column {place} is {literal(text)}")
    if stem == REPLAY_PUBLICATION.stem:
        answers.add_answers(cursor, reversed(staged.lanes.values()), generation)


def _copy(cursor: duckdb.DuckDBPyConnection, relation: str, name: str) -> None:
    """Create a table of a relation's rows."""
    columns = ", ".join(
        f"{identifier(column)} {kind}{' using compression fsst' if column in VARIED_TEXTS else ''}"
        for column, kind, *_ in cursor.execute(f"describe {relation}").fetchall()
    )
    cursor.execute(f"create table {identifier(name)} ({columns})")
    cursor.execute(f"insert into {identifier(name)} from {relation}")


def lane_view(rows: str, name: str, lane: str) -> str:
    """Return SQL that creates the view of a lane in the published database."""
    return (
        f"create view {identifier(name)} as"
        f" from {identifier(rows)} where runtime_lane = {literal(lane)}"
    )
