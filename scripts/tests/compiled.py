"""The project's models, compiled by dbt once and run by DuckDB alone: fast enough for Hypothesis."""

import json
from pathlib import Path
from typing import Any, Self

import duckdb
from dbt.cli.main import dbtRunner

from aina_data_engine.load import SCHEMA, load_inputs
from aina_data_engine.root import Root

DATABASE = "engine_room"


class CompiledReplay:
    """Runs inputs through every model, in dbt's own order."""

    def __init__(self, models: list[tuple[str, str]]):
        self.models = models

    @classmethod
    def compile(cls, project: Path, work: Path) -> Self:
        (work / "artifacts").mkdir()
        shown = dbtRunner().invoke(
            [
                "--log-level=none",
                f"--log-path={work}",
                "compile",
                f"--project-dir={project}",
                f"--profiles-dir={project}",
                f"--target-path={work}",
                f"--vars={{root: '{work}'}}",
            ]
        )
        assert shown.success, shown.exception
        nodes = json.loads((work / "manifest.json").read_text())["nodes"]
        models = {k: n for k, n in nodes.items() if n["resource_type"] == "model"}
        ordered: list[str] = []

        def visit(key: str) -> None:
            for parent in models[key]["depends_on"]["nodes"]:
                if parent in models:
                    visit(parent)
            if key not in ordered:
                ordered.append(key)

        for key in models:
            visit(key)
        return cls([(models[k]["name"], models[k]["compiled_code"]) for k in ordered])

    def run(self, root: Root) -> duckdb.DuckDBPyConnection:
        """Return a connection to an in-memory database with every model's table."""
        connection = duckdb.connect()
        connection.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}")
        connection.execute(SCHEMA)
        load_inputs(connection, root.input_files(), {}, [])
        for name, code in self.models:
            connection.execute(f"create table {name} as {code}")
        return connection

    @staticmethod
    def records(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
        """Return a table's rows as objects."""
        rows = connection.execute(f"select to_json(t)::varchar from {table} t").fetchall()
        return [json.loads(row[0]) for row in rows]
