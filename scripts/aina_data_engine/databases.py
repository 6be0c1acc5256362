"""Databases of a root, read so that nothing in them is run and no other file is reached.

A root may come from someone else: a view or a macro in its databases is code that would be run.
"""

import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from aina_data_engine.artifacts import refuse_others
from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.sql import identifier, literal, path_literal

LOCKED = "Could not set lock on file"
"""What DuckDB says about a database that another process has open for writing."""


@contextmanager
def locked(*places: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that can reach only these directories."""
    with (
        tempfile.TemporaryDirectory(prefix="aina-data-engine-") as scratch,
        duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": scratch,
            }
        ) as connection,
    ):
        # Both as they are and as a reader's pattern for them is written.
        allowed = ", ".join(f"{literal(place)}, {path_literal(place)}" for place in places)
        connection.execute(f"set allowed_directories = [{allowed}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


@contextmanager
def opened(tables: Mapping[str, tuple[Path, str]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open tables under names; `tables` gives the database and the table for each name.

    EngineError where a database cannot be read or has no such table; a view does not count.
    """
    databases = {path: f"database_{n}" for n, (path, _) in enumerate(tables.values())}
    with locked(*(path.parent for path in databases)) as connection:
        for path, alias in databases.items():
            attach(connection, path, alias)
        for name, (path, table) in tables.items():
            found = connection.execute(
                "select true from duckdb_tables()"
                " where database_name = ? and schema_name = 'main' and table_name = ?",
                [databases[path], table],
            ).fetchall()
            if not found:
                raise EngineError(
                    f"{path} has no table {table}: it was published by another version, or changed"
                    " afterwards. Publish it again."
                )
            source = f"{databases[path]}.main.{identifier(table)}"
            connection.execute(f"create view {identifier(name)} as from {source}")
        yield connection


def attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> None:
    """Attach a database for reading. EngineError where that fails, or it is a link or a pipe."""
    refuse_others(path, stat.S_IFREG)
    try:
        connection.execute(f"attach {literal(path)} as {identifier(alias)} (read_only)")
    except duckdb.Error as error:
        if LOCKED in str(error):
            raise EngineError(
                f"{path} is open for writing in another program, such as a build that is running."
                " Run again when that has ended."
            ) from error
        raise EngineError(f"{path} cannot be read: {told_by(error)}") from error
