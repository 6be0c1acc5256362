"""What Spark's workers ask of DuckDB: what a text of JSON says.

What is JSON, how its numbers are written and what a repeated key means differs between any two
readers, so that both engines have one. A worker asks for a batch of rows at once, as columns of
Arrow, and Python sees none of them.
"""

from functools import cache
from typing import Any

import duckdb
import pyarrow
from pyspark.sql.functions import arrow_udf


@cache
def _database(macros: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """Return the worker's own database, which knows the project's functions."""
    connection = duckdb.connect(config={"threads": 1})
    for macro in macros:
        connection.execute(macro)
    return connection


def answered(sql: str, macros: tuple[str, ...], *columns: pyarrow.Array) -> pyarrow.Array:
    """Return the value of an expression over columns `a0`, `a1`, and so on, a row each.

    Null where it has none: Spark asks for every row, those too of which a `case` asks nothing.
    """
    cursor = _database(macros).cursor()
    batch = pyarrow.table({f"a{place}": column for place, column in enumerate(columns)})
    cursor.register("batch", batch)
    found = cursor.sql(f"select try({sql}) as answer from batch").to_arrow_table()
    cursor.close()
    return found["answer"].combine_chunks()


def asking(sql: str, macros: tuple[str, ...], returns: str) -> Any:
    """Return the expression as a function of Spark's, for `spark.udf.register`."""

    def ask(*columns: pyarrow.Array) -> pyarrow.Array:
        return answered(sql, macros, *columns)

    return arrow_udf(ask, returns)
