"""dbt-spark's adapter, with the functions that the project's hooks and materializations call."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.duckdb.column import DuckDBColumn
from dbt.adapters.spark import SparkAdapter, SparkConnectionManager, SparkCredentials
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from aina_data_engine.dbt_plugin import claim, refused
from aina_data_engine.errors import EngineError
from aina_data_engine.root import Root
from aina_data_engine.spark.driver import Driver
from aina_data_engine.spark.session import start, told_by_spark, told_plainly

TYPE = "enginespark"


@dataclass
class EngineSparkCredentials(SparkCredentials):
    """dbt-spark's credentials, with the root to build and the cluster's master."""

    root: str = "."
    master: str = "local[*]"

    def __post_init__(self) -> None:
        """Make Spark fail on values that do not fit, where dbt-spark would let it continue."""
        super().__post_init__()
        self.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    @property
    def type(self) -> str:
        """The adapter's name in a profile."""
        return TYPE

    @property
    def place(self) -> Root:
        """The root to build."""
        return Root(Path(self.root).absolute())

    def _connection_keys(self) -> tuple[str, ...]:
        return ("master", "schema", "root")


class EngineSparkConnectionManager(SparkConnectionManager):
    """dbt-spark's connection manager, over the session that the engine has started."""

    TYPE = TYPE
    opening = threading.Lock()
    """dbt opens one connection per thread, several at once."""

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Start the session once, on a root that no other process is building."""
        credentials = connection.credentials
        if get_flags().WHICH not in ("build", "run"):
            raise DbtRuntimeError(
                "On Spark use dbt build or dbt run: its tables last only as long as a run."
            )
        with cls.opening:
            claim(credentials.place)
        try:
            start(credentials.place, credentials.master, credentials.server_side_parameters)
        except EngineError as error:
            refused.debug(str(error))
            raise DbtRuntimeError(str(error)) from error
        return super().open(connection)

    @contextmanager
    def exception_handler(self, sql: str) -> Iterator[None]:
        """Report what went wrong without the stack in Spark's own code, which is in its log."""
        try:
            with super().exception_handler(sql):
                yield
        except DbtRuntimeError as error:
            raise DbtRuntimeError(told_by_spark(error.msg)) from error


class EngineSparkAdapter(SparkAdapter):
    """What macros call: hooks as with dbt-duckdb, and models in Spark's SQL."""

    ConnectionManager = EngineSparkConnectionManager

    @cached_property
    def driver(self) -> Driver:
        """The part of the run beside Spark, in this process."""
        credentials = self.config.credentials
        return Driver(
            credentials.place,
            start(credentials.place, credentials.master, credentials.server_side_parameters),
        )

    def cleanup_connections(self) -> None:
        """End the session and close the database, when dbt has finished."""
        super().cleanup_connections()
        if "driver" in self.__dict__:
            self.driver.close()
            del self.driver

    @available
    def store_relation(
        self, _plugin: str, relation: Any, _columns: Any, _path: str, _format: str, config: Any
    ) -> None:
        """Run a hook, as dbt-duckdb's adapter does through its plugins."""
        with told_plainly():
            self.driver.do(relation, config)

    def get_columns_in_relation(self, relation: Any) -> list[DuckDBColumn]:
        """Return a relation's columns in the driver's database: unit tests are in its SQL."""
        found = self.driver.types_of(f"from {relation}")
        return [DuckDBColumn(name, kind) for name, kind in found]

    @available
    def types_of(self, sql: str) -> list[tuple[str, str]]:
        """Return the columns of a query, by name and DuckDB's type."""
        return self.driver.types_of(sql)

    @available
    def define_function(
        self, name: str, arguments: list[str], sql: str, returns: str, about_json: bool
    ) -> None:
        """Note a function of the project."""
        self.driver.define(name, arguments, sql, returns, about_json=about_json)

    @available
    def in_spark(self, sql: str) -> str:
        """Return a query in Spark's SQL."""
        return self.driver.translation(sql)

    @available
    def asks_duckdb(self, sql: str) -> bool:
        """Return whether a query in Spark's SQL asks DuckDB anything."""
        return any(name in sql.lower() for name in self.driver.known)

    @available
    def show_table(self, relation: Any, types: dict[str, str]) -> None:
        """Let the driver's database read a Spark table; `types` are those of its contract."""
        self.driver.show_table(relation.schema, relation.identifier, types)

    @available
    def show_view(self, relation: Any, sql: str) -> None:
        """Let the driver's database answer a view as Spark does."""
        self.driver.show_view(relation.schema, relation.identifier, sql)

    @available
    def count_here(self, sql: str) -> int:
        """Return how many rows a query about the staged files has, run where the files are."""
        return self.driver.count(sql)

    @available
    def keep_here(self, relation: Any, sql: str) -> None:
        """Keep the rows of such a query, for `failing-rows`."""
        self.driver.keep(relation.schema, relation.identifier, sql)

    @available
    def why_not_done(self) -> str | None:
        """Return why the run has not done what was asked; None where it has."""
        return self.driver.why_not_done()
