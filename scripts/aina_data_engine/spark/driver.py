"""The part of a Spark run in dbt's own process: a DuckDB that loads, exports and publishes.

Spark's tables are Parquet files in the warehouse; the database reads them where they are.
"""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.adapters.duckdb.utils import TargetConfig, TargetLocation
from pyspark.sql import SparkSession

from aina_data_engine.artifacts import DATABASE, remove, remove_database
from aina_data_engine.dbt_plugin import Plugin
from aina_data_engine.errors import EngineError
from aina_data_engine.export import Rows, json_object
from aina_data_engine.load import Reading
from aina_data_engine.root import InputFile, Root
from aina_data_engine.spark import loading
from aina_data_engine.spark.session import stop
from aina_data_engine.spark.translation import (
    Function,
    Question,
    Translation,
    type_in_spark,
)
from aina_data_engine.spark.workers import asking
from aina_data_engine.sql import identifier, literal, path_literal


class Driver:
    """The engine's plugin over its own database, and Spark's session beside it."""

    def __init__(self, root: Root, spark: SparkSession) -> None:
        """Open the database as dbt-duckdb would, without anything from a former run."""
        self.root, self.spark = root, spark
        self.lock = threading.RLock()
        self.macros: list[str] = []
        self.known: set[str] = set()
        self.translation = Translation({}, {}, self._ask)
        self.plugin = Plugin("engine", {"root": str(root.path)})
        self.plugin.load_files, self.plugin.each = self._load_files, self._by_workers
        remove_database(root.database)
        # The schemas' directories stay: dbt makes them before the first hook.
        for left in root.warehouse.glob("*/*"):
            remove(left)
        self.database = duckdb.connect(
            str(root.database), config={"storage_compatibility_version": "v1.5.0"}
        )
        self.plugin.configure_connection(self.database)

    def close(self) -> None:
        """End the session and close the database."""
        self.database.close()
        stop(self.spark)

    def do(self, relation: Any, config: dict[str, Any]) -> None:
        """Run a hook: the plugin's part of it, and Spark's."""
        match config["action"]:
            case "export":
                sort = partial(self._sort_lines, relation)
                self.plugin.sorts[relation.identifier] = sort
                self._store(_view_of(relation), config)
            case "measure_inputs":
                self._measure_inputs(relation, config)
            case "begin":
                self._store(None, config)
                for name in ("files", "unread_files"):
                    self._hand_over("inputs", name)
                self.spark.catalog.refreshTable("inputs.lines")
                hashes = "select input, sha256 from inputs.lines order by sha256"
                self.plugin.run.sorted_hashes = self._sorted("line_hashes", hashes)
            case _:
                self._store(_view_of(relation) if relation else None, config)

    def _store(self, relation: DuckDBRelation | None, config: dict[str, Any]) -> None:
        self.plugin.store(TargetConfig(relation, [], config, TargetLocation("", "")))

    def define(
        self, name: str, arguments: list[str], sql: str, returns: str, *, about_json: bool
    ) -> None:
        """Note a function of the project; those about JSON run on DuckDB, in Spark's workers."""
        function = Function(tuple(arguments), sql, returns)
        macro = f"create or replace macro {name}({', '.join(arguments)}) as ({sql}\n)"
        self._here(macro)
        if not about_json:
            self.translation.functions[name] = function
            return
        self.translation.about_json[name] = function
        self.macros.append(macro)

    def _ask(self, question: Question) -> None:
        with self.lock:
            if question.name not in self.known:
                made = asking(question.sql, tuple(self.macros), question.returns)
                self.spark.udf.register(question.name, made)
                self.known.add(question.name)

    def show_table(self, schema: str, name: str, types: dict[str, str]) -> None:
        """Make a view of a Spark table, with the types of the model's contract."""
        casts = [f"{identifier(c)}::{kind} as {identifier(c)}" for c, kind in types.items()]
        files = _files_of(self._place_of(schema, name))
        self.show_view(schema, name, f"select {', '.join(casts) or '*'} from {files}")

    def show_view(self, schema: str, name: str, sql: str) -> None:
        """Make a view in the database."""
        self._make("or replace view", schema, name, sql)

    def keep(self, schema: str, name: str, sql: str) -> None:
        """Make a table of a query's rows."""
        self._make("table", schema, name, sql)

    def _make(self, kind: str, schema: str, name: str, sql: str) -> None:
        self._here(f"create schema if not exists {identifier(schema)}")
        self._here(f"create {kind} {identifier(schema)}.{identifier(name)} as {sql}")

    def types_of(self, sql: str) -> list[tuple[str, str]]:
        """Return the columns of a query, by name and type."""
        return [(name, kind) for name, kind, *_ in self._here(f"describe {sql}")]

    def count(self, sql: str) -> int:
        """Return how many rows a query has."""
        return int(self._here(f"select count(*) from ({sql})")[0][0])

    def why_not_done(self) -> str | None:
        """Return the reason that the plugin has noted at the run's end."""
        found = self._here("select why from engine.run_ended where why is not null")
        return str(found[0][0]) if found else None

    def _here(self, sql: str) -> list[Any]:
        """Query the database; each dbt thread has its own cursor."""
        with self.database.cursor() as cursor:
            self.plugin.configure_cursor(cursor)
            return cursor.execute(sql).fetchall()

    def _sort_lines(
        self, relation: Any, cursor: duckdb.DuckDBPyConnection, rows: Rows, lines: str
    ) -> None:
        """Have Spark make the lines of a relation's rows, and let the database read them."""
        names = [name for name, _ in rows.columns]
        places = {name: f"a{place}" for place, name in enumerate(names)}
        sort_key = Question(rows.sort_key(places.__getitem__), "binary")
        line = Question(json_object(rows.columns, places.__getitem__), "string")
        for question in (sort_key, line):
            self._ask(question)
        # Spark sorts like the database; the lines are made after sorting.
        keys = ", ".join(f"{name} asc nulls first" for name in rows.order_by)
        given = ", ".join(names)
        sql = (
            f"select {sort_key.name}({given}) as sort_key,"
            f" {rows.part_key or 'cast(null as string)'} as part, {line.name}({given}) as line"
            f" from (select * from {relation} order by {keys})"
        )
        cursor.execute(
            f"create or replace view {lines} as"
            f" select *, hash(line) as line_hash from {self._sorted(relation.identifier, sql)}"
        )

    def _sorted(self, name: str, sql: str) -> str:
        """Return SQL for the rows of a Spark query, in its order, which its files' names keep."""
        place = self.root.warehouse / "sorted" / name
        self.spark.sql(sql).write.parquet(str(place))
        return _files_of(place)

    def _measure_inputs(self, relation: Any, config: dict[str, Any]) -> None:
        """Fill a table of the database, and copy it to Spark."""
        measured = DuckDBRelation.create(schema="inputs", identifier=relation.identifier)
        self._here(f"create table {measured} as from inputs.files where false")
        self._store(measured, config)
        self._hand_over("inputs", relation.identifier, relation.schema)

    def _hand_over(self, schema: str, name: str, to_schema: str | None = None) -> None:
        """Copy a table of the database to Spark: write its rows to the Spark table's directory."""
        table = f"{identifier(schema)}.{identifier(name)}"
        place = self._make_table(to_schema or schema, name, self.types_of(f"from {table}"))
        self._here(f"copy {table} to {literal(place / '0.parquet')} (format parquet)")
        self.spark.catalog.refreshTable(f"{to_schema or schema}.{name}")

    def _make_table(self, schema: str, name: str, types: list[tuple[str, str]]) -> Path:
        """Make a table of Spark's without rows; return the directory for files of them."""
        columns = ", ".join(f"{column} {type_in_spark(kind)}" for column, kind in types)
        self.spark.sql(f"create database if not exists {schema}")
        self.spark.sql(f"drop table if exists {schema}.{name}")
        self.spark.sql(f"create table {schema}.{name} ({columns}) using parquet")
        place = self._place_of(schema, name)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def _place_of(self, schema: str, name: str) -> Path:
        return self.root.warehouse / f"{schema}.db" / name

    def _load_files(
        self, cursor: duckdb.DuckDBPyConnection, files: list[InputFile], reading: Reading
    ) -> None:
        """Have Spark's workers load the files, and let the database read their lines."""
        most = self.spark._jsparkSession.sessionState().conf().filesMaxPartitionBytes()
        found = self._by_workers(partial(loading.measured, most=most), files)
        cursor.executemany("insert into inputs.files values (?, ?, ?, ?)", [m.row for m in found])
        described = cursor.execute("describe inputs.lines").fetchall()
        place = self._make_table("inputs", "lines", [row[:2] for row in described])
        pieces = [piece for one in found for piece in one.pieces]
        self._by_workers(
            lambda one: loading.load_piece(one[1], reading, place / f"{one[0]}.parquet"),
            list(enumerate(pieces)),
        )
        cursor.execute("drop table inputs.lines")
        cursor.execute(f"create view inputs.lines as from {_files_of(place)}")

    def _by_workers(self, work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
        """Return the result of `work` for each item, one task each; raise a task's EngineError."""

        def told(item: Any) -> Any:
            try:
                return work(item)
            except EngineError as error:
                return error

        tasks = self.spark.sparkContext.parallelize(items, len(items))
        found = tasks.map(told).collect()
        for error in found:
            if isinstance(error, EngineError):
                raise error
        return found


def _files_of(place: Path) -> str:
    """Return SQL for the rows of a Spark table."""
    files = path_literal(place).removesuffix("'")
    return (
        f"read_parquet({files}/*.parquet', hive_partitioning = false, union_by_name = false,"
        " binary_as_string = false)"
    )


def _view_of(relation: Any) -> DuckDBRelation:
    """Return the view in the driver's database that shows a Spark relation."""
    return DuckDBRelation.create(
        database=Path(DATABASE).stem, schema=relation.schema, identifier=relation.identifier
    )
