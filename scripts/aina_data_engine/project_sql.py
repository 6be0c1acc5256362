"""The project's own SQL, for commands that build nothing, so that a rule is written once."""

import re
from pathlib import Path

import duckdb

from aina_data_engine.root import PROJECT

_CALL = re.compile(r"\{\{ function\('(\w+)'\) \}\}")
_SOURCE = re.compile(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}")
_QUERY = re.compile(r"(\s*--.*\n)*\s*select\b")


def model(path: str) -> str:
    """Return the query of a model that reads only sources, given its path under `models`."""
    return _SOURCE.sub(r"\1.\2", _called((PROJECT / "models" / path).read_text("utf-8")))


def make_functions(connection: duckdb.DuckDBPyConnection, *paths: str, of: str) -> None:
    """Make functions of one argument, `of`, given their paths under `functions`.

    Each comes after those that it calls. Only this connection has them.
    """
    for path in paths:
        text = (PROJECT / "functions" / path).read_text("utf-8")
        body = _QUERY.sub("", _called(text), count=1)
        connection.execute(f"create or replace temp macro {Path(path).stem}({of}) as ({body})")


def _called(text: str) -> str:
    return _CALL.sub(r"\1", text)
