"""The dbt-duckdb plugin: what hooks in `macros/hooks.sql` ask of Python during a build.

dbt-duckdb calls `store` in dbt's own process, with the hook's `config`; its `action` says what to do.
"""

import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from aina_data_engine import export, load, publish, report
from aina_data_engine.errors import EngineError
from aina_data_engine.root import InputFile, Root

logger = AdapterLogger("engine")


@dataclass
class Outcome:
    """How a run ended, for the command line, which runs dbt in its own process."""

    input_error: str | None = None
    published: bool = False
    text: str = ""


@dataclass
class Run:
    """What the hooks of one dbt invocation share."""

    files: list[InputFile] = field(default_factory=list)
    exported: dict[str, str] = field(default_factory=dict)
    longest_line: int = 32 * 1024
    """Of the staged files, in bytes."""


last_outcome = Outcome()


class Plugin(BasePlugin):  # type: ignore[misc]
    """Loads the inputs, exports models, publishes; see `store`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the root from the profile, where it stands once."""
        self.root = Root(Path(plugin_config["root"]).absolute())
        self.run = Run()
        self.lock = threading.Lock()

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """See that the database's directory is there before it is opened."""
        try:
            self.root.prepare()
        except EngineError as error:
            raise DbtRuntimeError(str(error)) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep the connection: hooks work on cursors of their own."""
        self.connection = conn

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Tell the gates where the exported files lie and how long their lines are."""
        # Once published, they are no longer staged: `dbt test` alone judges what is in force.
        exported = self.root.staging if self.root.staging.exists() else self.root.validation
        cursor.execute("set variable exported_to = ?", (str(exported),))
        cursor.execute("set variable longest_line = ?", (self.run.longest_line + 2,))

    def store(self, target_config: TargetConfig) -> None:
        """Carry out one hook; DbtRuntimeError where it fails."""
        config = dict(target_config.config)
        action = getattr(self, f"_{config.pop('action')}")
        cursor = self.connection.cursor()
        try:
            action(cursor, target_config, **config)
        except EngineError as error:
            last_outcome.input_error = str(error)
            raise DbtRuntimeError(str(error)) from error
        finally:
            cursor.close()

    def _begin(
        self,
        cursor: duckdb.DuckDBPyConnection,
        _: TargetConfig,
        members: list[dict[str, object]],
        columns: object,
    ) -> None:
        """Empty the staging place and load the inputs."""
        self.run = Run(files=self.root.input_files())
        shutil.rmtree(self.root.staging, ignore_errors=True)
        self.root.staging.mkdir()
        cursor.execute(export.SCHEMA)
        load.load_inputs(cursor, self.run.files, load.check_mapping(columns, members), members)

    def _export(
        self, cursor: duckdb.DuckDBPyConnection, target: TargetConfig, order_by: list[str]
    ) -> None:
        """Write the model's rows to the staging place."""
        name = target.relation.identifier
        columns = [export.Column(c.name, c.dtype) for c in target.column_list]
        path = self.root.staging / f"{name}.jsonl"
        longest = export.export_jsonl(cursor, str(target.relation), columns, order_by, path)
        with self.lock:
            self.run.longest_line = max(self.run.longest_line, longest)
            self.run.exported[name] = str(target.relation)

    def _measure_inputs(self, cursor: duckdb.DuckDBPyConnection, target: TargetConfig) -> None:
        """Fill the model with what the input files are now."""
        load.measure_again(cursor, self.run.files, str(target.relation))

    def _end(
        self,
        cursor: duckdb.DuckDBPyConnection,
        _: TargetConfig,
        results: list[dict[str, Any]],
        complete: bool,
        keep_generations: int,
        lanes: list[dict[str, str]],
        invocation_id: str,
    ) -> None:
        """Publish when the run was whole and all of it passed; say what came of it."""
        ended = report.RunReport.of(results)
        if ended.failed:
            last_outcome.text = ended.describe_failures(self.root)
        elif not complete:
            last_outcome.text = "Nothing published: this run left out models or tests."
        else:
            summary = publish.publish(
                cursor,
                self.root,
                invocation_id,
                self.run.exported,
                ended.gates,
                keep_generations,
            )
            last_outcome.published = True
            last_outcome.text = report.describe_publication(self.root, summary, lanes)
        logger.info(last_outcome.text)
