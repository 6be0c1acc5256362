"""The project's models, compiled by dbt once and run by the database alone, for Hypothesis."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import duckdb

from aina_data_engine.load import SCHEMA, Reading, load_inputs
from aina_data_engine.patch_log import note_request
from aina_data_engine.request import Request
from aina_data_engine.root import Root

DATABASE = "engine_room"


@dataclass(frozen=True)
class Gate:
    """A data test: SQL for its failing rows; `kind` is the generic test's name, or empty."""

    name: str
    sql: str
    kind: str
    model: str
    column: str


class CompiledReplay:
    """Runs inputs through every model, in dbt's own order."""

    def __init__(self, functions: list[str], models: list[tuple[str, str, str]], gates: list[Gate]):
        self.functions, self.models, self.gates = functions, models, gates

    @property
    def names(self) -> set[str]:
        return set(self.code)

    @property
    def code(self) -> dict[str, str]:
        """Return each model's compiled SQL."""
        return {name: code for name, _, code in self.models}

    @classmethod
    def read(cls, manifest: Path) -> Self:
        """Take the models and tests from a manifest that `dbt compile` has left."""
        content = json.loads(manifest.read_text())
        # Those of the job; the others are not compiled.
        nodes = {key: node for key, node in content["nodes"].items() if "compiled_code" in node}
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
        gates = [_gate(node) for node in nodes.values() if node["resource_type"] == "test"]
        made = [models[key] for key in ordered]
        kinds = [(m["name"], m["config"]["materialized"], m["compiled_code"]) for m in made]
        functions = [_function(f) for f in in_order(content["functions"]) if "compiled_code" in f]
        return cls(functions, kinds, gates)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a connection to an in-memory database with every function, and no input."""
        # The inputs are small: two threads would be in each other's way.
        connection = duckdb.connect(config={"threads": 1})
        connection.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}")
        for made in self.functions:
            connection.execute(made)
        connection.execute(SCHEMA)
        return connection

    @cached_property
    def database(self) -> duckdb.DuckDBPyConnection:
        """One for all runs: opening one takes a third of the time of a run."""
        return self.connect()

    def run(self, root: Root) -> duckdb.DuckDBPyConnection:
        """Return a connection to it, with every model's table or view of this root.

        Each is made again.
        """
        connection = self.database.cursor()
        connection.execute(f"use {DATABASE}")
        note_request(connection, Request())
        load_inputs(connection, root.input_files(), Reading({}, self._members(), None, 64 << 20))
        for name, kind, code in self.models:
            connection.execute(f"create or replace {kind} {name} as {code}")
        return connection

    def _members(self) -> list[dict[str, object]]:
        """Return the title document's table; a row has the members that no patch may write."""
        code = self.code["title_members"]
        found = duckdb.sql(code).fetchall()
        return [{"name": n, "kind": k, "required": not patched} for _, n, k, patched in found]

    @staticmethod
    def records(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
        """Return a table's rows as objects."""
        rows = connection.execute(f"select to_json(t)::varchar from {table} t").fetchall()
        return [json.loads(row[0]) for row in rows]


def in_order(functions: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the functions of a manifest, each after those that it calls."""
    ordered: dict[str, dict[str, Any]] = {}

    def visit(key: str) -> None:
        for parent in functions[key]["depends_on"]["nodes"]:
            visit(parent)
        ordered[key] = functions[key]

    for key in functions:
        visit(key)
    return list(ordered.values())


def _function(node: dict[str, Any]) -> str:
    names = [argument["name"] for argument in node["arguments"]]
    return function(node["name"], names, node["compiled_code"])


def function(name: str, arguments: list[str], code: str) -> str:
    """Return the result of `duckdb__scalar_function_sql` for a function."""
    body = re.sub(r"^(\s*--.*\n)*\s*select\b", "", code)
    return f"create macro {DATABASE}.{name}({', '.join(arguments)}) as ({body}\n)"


def _gate(node: dict[str, Any]) -> Gate:
    generic = node.get("test_metadata") or {"name": "", "kwargs": {}}
    model = (node.get("attached_node") or "").rpartition(".")[2]
    column = generic["kwargs"].get("column_name", "")
    return Gate(node["name"], node["compiled_code"], generic["name"], model, column)
