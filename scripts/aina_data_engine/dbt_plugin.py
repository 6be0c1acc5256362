"""The dbt-duckdb plugin: what hooks in `macros/hooks.sql` ask of Python during a build.

dbt-duckdb calls `store` in dbt's own process, with the hook's `config`; its `action` says what to
do.
"""

import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt.adapters.events.logging import AdapterLogger
from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from aina_data_engine import export, finish, harvest, load, patch_log, publish, report, review, say
from aina_data_engine.artifacts import remove
from aina_data_engine.errors import EngineError
from aina_data_engine.finish import Run
from aina_data_engine.jobs import ACCURACY, JOBS, PARTIAL, REPLAY, REPLAY_PUBLICATION
from aina_data_engine.lines import insert_lines
from aina_data_engine.lock import hold
from aina_data_engine.patch_log import Request
from aina_data_engine.receipt import Receipt, read_receipt
from aina_data_engine.root import Root
from aina_data_engine.sql import literal
from aina_data_engine.verify import verify

logger = AdapterLogger("engine")


@dataclass
class Outcome:
    """How a run ended, for the command line, which runs dbt in its own process."""

    input_error: str | None = None
    done: bool = False
    """Whether the job did what it is for: published, for one."""
    text: str = ""
    receipt: dict[str, Any] = field(default_factory=dict)


last_outcome = Outcome()
request = Request()


def _seeds() -> Path:
    """Return the seeds of the project that dbt builds."""
    return Path(get_flags().PROJECT_DIR).absolute() / "seeds"


class Plugin(BasePlugin):  # type: ignore[misc]
    """Loads the inputs, exports models, publishes; see `store`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the root from the profile, where it stands once."""
        self.root = Root(Path(plugin_config["root"]).absolute())
        self.run = Run(JOBS[REPLAY], Receipt(self.root, "none"))
        self.lock = threading.Lock()

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Before the database is opened, see that its directory is there and nobody builds."""
        try:
            self.root.prepare()
            hold(self.root.lock)
        except EngineError as error:
            raise DbtRuntimeError(say.fitting(str(error), sys.stdout)) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Lock the database down, and keep the connection: hooks work on cursors of their own.

        From here on SQL reads and writes in the root's inputs and artifacts and in the project's
        seeds only, and no extension comes in.
        """
        places = ", ".join(literal(p) for p in (self.root.inputs, self.root.artifacts, _seeds()))
        conn.execute(f"set allowed_directories = [{places}]")
        conn.execute("set enable_external_access = false")
        conn.execute("set lock_configuration = true")
        self.connection = conn

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Tell the gates where the exported files lie and how long their lines are."""
        # Once published, they are no longer staged: `dbt test` alone judges what is in force.
        job = JOBS.get(getattr(get_flags(), "SELECTOR", None) or REPLAY, JOBS[REPLAY])
        published = (job.publishes or REPLAY_PUBLICATION).link(self.root)
        exported = self.root.staging if self.root.staging.exists() else published
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
            self._note_failure("input_error", str(error))
            raise DbtRuntimeError(say.fitting(str(error), sys.stdout)) from error
        except (OSError, duckdb.Error) as error:
            last_outcome.text = f"The build broke, nothing published: {error}"
            self._note_failure("failed", str(error))
            raise DbtRuntimeError(say.fitting(str(error), sys.stdout)) from error
        finally:
            cursor.close()

    def _note_failure(self, outcome: str, message: str) -> None:
        """Write the receipt of a run that broke, where there is room for it."""
        with suppress(OSError):
            self.run.receipt.end(outcome, message)

    def _begin(
        self,
        cursor: duckdb.DuckDBPyConnection,
        _: TargetConfig,
        job: str | None,
        members: list[dict[str, object]],
        columns: object,
        csv_encoding: str | None,
        max_line_bytes: int,
        invocation_id: str,
    ) -> None:
        """Empty the staging place and load what the job reads."""
        self.run = Run(JOBS.get(job or "", PARTIAL), Receipt(self.root, invocation_id))
        self.run.receipt.begin(self.run.job)
        last_outcome.receipt = self.run.receipt.content
        if self.run.job.publishes:
            publish.clear_the_way(self.root, self.run.job.publishes)
        remove(self.root.staging)
        self.root.staging.mkdir()
        cursor.execute(export.SCHEMA)
        patch_log.note_request(cursor, request)
        if request.sheet:
            review.load_review_sheet(cursor, request.sheet, self.root.staging)
        with self.run.receipt.timed("load"):
            if "inputs" in self.run.job.reads:
                self._load_inputs(cursor, members, columns, csv_encoding, max_line_bytes)
            self._load_harvest(cursor)
            self._load_published(cursor)

    def _load_inputs(
        self,
        cursor: duckdb.DuckDBPyConnection,
        members: list[dict[str, object]],
        columns: object,
        csv_encoding: str | None,
        max_line_bytes: int,
    ) -> None:
        self.run.files = self.root.input_files()
        if request.offered:
            self.run.files.append(patch_log.offered_file(request))
        reading = load.Reading(
            load.check_mapping(columns, members), members, csv_encoding, max_line_bytes
        )
        load.load_inputs(cursor, self.root, self.run.files, reading)
        found = cursor.execute("select * from inputs.files order by input, file")
        keys = ("input", "file", "bytes", "sha256")
        self.run.receipt.content["inputs"] = [
            dict(zip(keys, row, strict=True)) for row in found.fetchall()
        ]
        unread = cursor.execute("select file from inputs.unread_files order by file").fetchall()
        self.run.receipt.content["unread_inputs"] = [name for (name,) in unread]

    def _load_harvest(self, cursor: duckdb.DuckDBPyConnection) -> None:
        if "harvest" not in self.run.job.reads:
            return
        harvest.load_harvest(
            cursor,
            self.root,
            source_map=_seeds() / harvest.SOURCE_MAP.name,
        )
        found = cursor.execute("select * from harvest.files order by source_id, file")
        keys = ("source_id", "file", "bytes", "sha256")
        self.run.receipt.content["harvest"] = [
            dict(zip(keys, row, strict=True)) for row in found.fetchall()
        ]

    def _load_published(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Load the files of the replay's generation in force that the job reads, once verified."""
        stems = [name for name in self.run.job.reads if name not in ("inputs", "harvest")]
        cursor.execute(load.PUBLISHED_SCHEMA)
        if not stems:
            return
        link = REPLAY_PUBLICATION.link(self.root)
        place = REPLAY_PUBLICATION.in_force(self.root)
        if not place:
            raise EngineError(
                f"Nothing is published at {link}. Run {self.root.command} {REPLAY} first."
            )
        generation, findings = verify(self.root, REPLAY_PUBLICATION)
        if findings:
            raise EngineError(
                f"{link} is not whole: {'; '.join(findings[:3])}. Run {REPLAY} again."
            )
        if "inputs" in self.run.job.reads:
            made_from = read_receipt(self.root, place.name).get("inputs")
            if made_from != self.run.receipt.content["inputs"]:
                raise EngineError(
                    f"{link} was not made from the inputs as they are. Run {REPLAY} first."
                )
        load.load_published(cursor, [place / f"{stem}.jsonl" for stem in stems])
        self.run.receipt.content["read_generation"] = generation

    def _export(
        self, cursor: duckdb.DuckDBPyConnection, target: TargetConfig, order_by: list[str]
    ) -> None:
        """Write the model's rows to the staging place."""
        name = target.relation.identifier
        path = self.root.staging / f"{name}.jsonl"
        longest = export.export_jsonl(cursor, str(target.relation), order_by, path)
        with self.lock:
            self.run.longest_line = max(self.run.longest_line, longest)
            self.run.exported[name] = str(target.relation)

    def _export_csv(
        self, cursor: duckdb.DuckDBPyConnection, target: TargetConfig, order_by: list[str]
    ) -> None:
        """Write the model's rows as CSV to the staging place."""
        path = self.root.staging / f"{target.relation.identifier}.csv"
        export.export_csv(cursor, str(target.relation), order_by, path)

    def _validate(
        self, cursor: duckdb.DuckDBPyConnection, target: TargetConfig, schema: str
    ) -> None:
        """Hold a staged file against a JSON Schema, which is staged with it."""
        staged = self.root.staging / f"{target.relation.identifier}.jsonl"
        export.validate(cursor, staged, schema)

    def _offer(self, cursor: duckdb.DuckDBPyConnection, target: TargetConfig) -> None:
        """Load the staged patches as one more file of the log."""
        staged = self.root.staging / f"{target.relation.identifier}.jsonl"
        file = patch_log.note_offered(cursor, staged)
        place: dict[str, object] = {"input": file.input, "file": file.name}
        insert_lines(cursor, "inputs.lines", staged, place, staged.stat().st_size)

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
        keep_receipts: int,
        lanes: list[dict[str, str]],
    ) -> None:
        """Publish when the run was whole and all of it passed; say what came of it."""
        ended, receipt = report.RunReport.of(results), self.run.receipt
        receipt.content["gates"] = ended.gates
        for result in results:
            receipt.add_seconds(result["stage"], result["execution_time"])
        outcome = "not_published"
        if ended.failed:
            outcome = "failed"
            last_outcome.text = ended.describe_failures(cursor, self.root)
            if self.run.job.name == ACCURACY and not ended.is_broken:
                last_outcome.text += f"\n{report.describe_accuracy(cursor)}"
        elif not complete:
            last_outcome.text = "Nothing published: this run left out models or tests."
        else:
            done = finish.Finish(cursor, self.root, self.run, request)
            outcome, last_outcome.text = done(ended.gates, keep_generations, lanes)
            last_outcome.done = True
        receipt.end(outcome, last_outcome.text)
        receipt.prune(keep_receipts)
        logger.info(say.fitting(last_outcome.text, sys.stdout))
