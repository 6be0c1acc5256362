"""What Spark's workers ask of DuckDB: the content of JSON text.

What counts as JSON, how numbers are written and what a repeated key means differ between any two
JSON readers, so both engines use the same one. A worker asks for a batch of rows at once, as Arrow
columns, and no row becomes a Python object.
"""

from functools import cache
from typing import Any

import duckdb
import pyarrow
from pyspark.sql.functions import arrow_udf


@cache
def _database(macros: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """Return the worker's own database, with the project's functions."""
    connection = duckdb.connect(config={"threads": 1})
    for macro in macros:
        connection.execute(macro)
    return connection


def answered(sql: str, macros: tuple[str, ...], *columns: pyarrow.Array) -> pyarrow.Array:
    """Return the values of an expression over columns `a0`, `a1`, and so on, one per row.

    Null where it fails: Spark evaluates every row, even those that a `case` excludes.
    """
    cursor = _database(macros).cursor()
    batch = pyarrow.table({f"a{place}": column for place, column in enumerate(columns)})
    cursor.register("batch", batch)
    found = cursor.sql(f"select try({sql}) as answer from batch").to_arrow_table()
    cursor.close()
    return found["answer"].combine_chunks()


def asking(sql: str, macros: tuple[str, ...], returns: str) -> Any:
    """Return the expression as a Spark function, for `spark.udf.register`."""

    def ask(*columns: pyarrow.Array) -> pyarrow.Array:
        return answered(sql, macros, *columns)

    return arrow_udf(ask, returns)
