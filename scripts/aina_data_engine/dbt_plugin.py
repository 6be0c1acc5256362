"""The dbt-duckdb plugin: what the hooks in `macros/hooks.sql` ask of Python during a build.

dbt-duckdb calls `store` in dbt's own process, with the hook's message as `config`.
"""

import atexit
import os
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import singledispatchmethod
from pathlib import Path
from typing import Any

import click
import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.factory import FACTORY
from dbt.artifacts.schemas.results import NodeStatus
from dbt.flags import get_flags
from dbt.task.build import BuildTask
from dbt_common.exceptions import DbtRuntimeError

from aina_data_engine import (
    declines,
    export,
    finish,
    harvest,
    load,
    patch_log,
    publish,
    report,
    review,
    review_page,
    say,
    selection,
    undo,
    variables,
)
from aina_data_engine.artifacts import remove
from aina_data_engine.errors import EngineError, RootBusyError, told_by
from aina_data_engine.files import write_atomically
from aina_data_engine.finish import Run
from aina_data_engine.jobs import ACCURACY, JOBS, PARTIAL, REPLAY, REPLAY_PUBLICATION
from aina_data_engine.lines import Limits
from aina_data_engine.lock import take
from aina_data_engine.messages import (
    REFUSED,
    SAID,
    Begin,
    End,
    Export,
    ExportCsv,
    ExportPage,
    Keep,
    MeasureInputs,
    Message,
    Validate,
    message_of,
)
from aina_data_engine.receipt import Receipt, noted_hashes, refuse_outdated
from aina_data_engine.request import Request
from aina_data_engine.root import Root
from aina_data_engine.sql import literal, path_literal
from aina_data_engine.unchanged import code_of, settings
from aina_data_engine.verify import verify

said, refused = AdapterLogger(SAID), AdapterLogger(REFUSED)

LEFT_OUT = "this run left out models or tests"
GATES_LEFT_OUT = "this run built all models of the replay and left out tests of them"
# It would report gates of other jobs as the replay's, in a summary with other bytes.
PICKED_BY_HAND = "this run's nodes were selected by hand, although all of the replay are among them"

# All gates run: one that fails does not hold back other nodes, only the publication at the end.
BuildTask.MARK_DEPENDENT_ERRORS_STATUSES = [
    status for status in BuildTask.MARK_DEPENDENT_ERRORS_STATUSES if status != NodeStatus.Fail
]


def _seeds() -> Path:
    """Return the seeds of the project that dbt builds."""
    return Path(get_flags().PROJECT_DIR).absolute() / "seeds"


class Plugin(BasePlugin):  # type: ignore[misc]
    """Loads the inputs, exports models, publishes; see `store`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the root from the profile, the only place where it is set."""
        self.root = Root(Path(plugin_config["root"]).absolute())
        self.run = Run(JOBS[REPLAY], Receipt(self.root, "none"))
        self.request = Request()
        self.lock = threading.Lock()
        # Work that passes over all rows is done here, unless another function is set.
        self.load_files: Callable[..., None] = load.load_files
        self.each: Callable[..., Iterable[Any]] = map
        self.sorts: dict[str, Callable[..., None]] = {}

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Claim the root for this process before the database is opened."""
        claim(self.root)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Lock the database down, and keep the connection: hooks use their own cursors.

        From here on SQL can read and write only in the root's inputs and artifacts and in the
        project's seeds, and no extension can be loaded.
        """
        own = (self.root.inputs, self.root.artifacts, _seeds())
        # Both as they are and as a reader's patterns for them are written.
        rows = self.root.files_the_database_reads()
        for setting, paths in (("allowed_directories", own), ("allowed_paths", rows)):
            spelled = ", ".join(spell(path) for path in paths for spell in (literal, path_literal))
            conn.execute(f"set {setting} = [{spelled}]")
        # Lines in a table keep the order of their file.
        conn.execute("set preserve_insertion_order = true")
        conn.execute("set enable_external_access = false")
        conn.execute("set lock_configuration = true")
        self.connection = conn

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Tell the gates where the exported files are and how long their lines are.

        Until a whole job has exported a file, nothing asks: that saves two statements per node.
        """
        is_whole = bool(self.run.receipt.content) and self.run.job is not PARTIAL
        if is_whole and not self.run.exported:
            return
        # Once published, they are no longer staged: `dbt test` alone judges what is in force.
        job = JOBS.get(getattr(get_flags(), "SELECTOR", None) or REPLAY, JOBS[REPLAY])
        published = [] if is_whole else [(job.publishes or REPLAY_PUBLICATION).link(self.root)]
        export.show_gates(cursor, *published, self.root.staging)
        # For an export by another process, the length was noted.
        longest = self.run.longest_line if is_whole else export.longest_noted(cursor)
        limits = Limits.of(max(longest, self.run.longest_line))
        cursor.execute("set variable line_limits = ?", (asdict(limits),))

    def store(self, target_config: TargetConfig) -> None:
        """Run one hook; DbtRuntimeError where it fails."""
        cursor = self.connection.cursor()
        try:
            self._do(message_of(target_config.config), cursor, target_config)
        except EngineError as error:
            refused.debug(str(error))
            self._note_failure("input_error", str(error))
            raise DbtRuntimeError(say.fitting(str(error), sys.stdout)) from error
        except Exception as error:
            # The database raises more than duckdb.Error, see `UNREADABLE`.
            self._note_failure("failed", told_by(error))
            raise DbtRuntimeError(say.fitting(str(error), sys.stdout)) from error
        finally:
            cursor.close()

    def _note_failure(self, outcome: str, message: str) -> None:
        """Write the receipt of a run that broke, if there is room for it."""
        with suppress(OSError):
            if self.run.receipt.content:
                self.run.receipt.end(outcome, message)

    @singledispatchmethod
    def _do(
        self, message: Message, cursor: duckdb.DuckDBPyConnection, target: TargetConfig
    ) -> None:
        raise NotImplementedError(message)

    @_do.register
    def _begin(self, asked: Begin, cursor: duckdb.DuckDBPyConnection, _: TargetConfig) -> None:
        """Load what the job reads, and empty the staging directory for it.

        A run of anything but a whole job publishes nothing, and leaves the last exports there.
        """
        job = JOBS.get(asked.job or "")
        self.request = Request.of_var(asked.request)
        if job:
            _refuse_half_a_job(asked)
        self.run = Run(job or PARTIAL, Receipt(self.root, asked.invocation_id))
        self.run.receipt.begin(self.run.job)
        given = getattr(get_flags(), "VARS", {})
        project = Path(get_flags().PROJECT_DIR).absolute()
        self.run.receipt.content |= {"made_by": settings(given, project), "code": code_of(project)}
        self.run.receipt.content["vars"] = variables.own(given)
        self.root = replace(self.root, variables=variables.as_text(given))
        if self.run.job.publishes:
            publish.clear_the_way(self.root, self.run.job.publishes)
        if job:
            remove(self.root.staging)
            self.root.staging.mkdir()
            cursor.execute(export.FORGET)
        cursor.execute(export.SCHEMA)
        patch_log.note_request(cursor, self.request)
        if self.request.sheet:
            review.load_review_sheet(cursor, self.request.sheet, asked)
        with self.run.receipt.timed("load"):
            if self.run.job.log_inputs:
                self._load_inputs(cursor, asked)
            self._load_harvest(cursor)
            self._load_published(cursor)

    def _load_inputs(self, cursor: duckdb.DuckDBPyConnection, asked: Begin) -> None:
        read = self.run.job.log_inputs
        files = self.root.input_files()
        self.run.files = [file for file in files if file.input in read]
        if self.request.offered:
            self.run.files.append(patch_log.offered_file(self.request))
        columns = load.check_mapping(asked.columns, asked.members)
        reading = load.Reading(columns, asked.members, asked.csv_encoding, asked.max_line_bytes)
        unread = [*self.root.unread_files(files), *harvest.unread(self.root)]
        load.load_inputs(cursor, self.run.files, reading, unread, self.load_files)
        if "declined" in self.run.job.reads:
            self.run.receipt.content["declines_left_out"] = declines.load_declined(
                cursor, self.root, asked.max_line_bytes
            )
        undo.name_reverted(cursor, self.root, self.run.files, self.request.reverted)
        found = cursor.execute("select * from inputs.files order by input, file")
        keys = ("input", "file", "bytes", "sha256")
        self.run.receipt.content["inputs"] = [
            dict(zip(keys, row, strict=True)) for row in found.fetchall()
        ]
        self.run.receipt.content["unread_inputs"] = unread

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
        """Verify the replay's generation in force, and load the files of it that the job reads."""
        cursor.execute(load.PUBLISHED_SCHEMA)
        if not self.run.job.reads_replay:
            return
        link = REPLAY_PUBLICATION.link(self.root)
        place = REPLAY_PUBLICATION.published(self.root)
        generation, findings, _ = verify(self.root, REPLAY_PUBLICATION, with_tables=False)
        if findings:
            raise EngineError(
                f"{link} is not whole: {'; '.join(findings[:3])}. Run {REPLAY} again."
            )
        if read := self.run.job.log_inputs:
            refuse_outdated(self.root, noted_hashes(self.run.receipt.content, read), read)
        stems = self.run.job.stems_it_reads(REPLAY_PUBLICATION, place)
        load.load_published(cursor, [place / f"{stem}.jsonl" for stem in stems])
        self.run.receipt.content["read_generation"] = generation

    def _staged(self, name: str) -> Path:
        """Return the path for an export; the staging directory is made only when needed."""
        self.root.staging.mkdir(exist_ok=True)
        path = self.root.staging / name
        # A run of a part of the project finds old files there, which may be someone else's links.
        remove(path)
        return path

    @_do.register
    def _export(
        self, asked: Export, cursor: duckdb.DuckDBPyConnection, target: TargetConfig
    ) -> None:
        """Write the model's rows to the staging directory."""
        name = target.relation.identifier
        path = self._staged(f"{name}.jsonl")
        longest = export.export_jsonl(
            cursor,
            str(target.relation),
            asked.order_by,
            path,
            part_key=asked.part_key,
            part=export.Part(**asked.part) if asked.part else None,
            sort=self.sorts.get(name),
        )
        with self.lock:
            self.run.longest_line = max(self.run.longest_line, longest)
            self.run.exported[name] = str(target.relation)
            self.run.described[name] = {"": asked.description, **asked.columns}

    @_do.register
    def _keep(self, asked: Keep, _: duckdb.DuckDBPyConnection, target: TargetConfig) -> None:
        """Note that the model is to be a table of the published database."""
        name = target.relation.identifier
        with self.lock:
            self.run.kept[name] = str(target.relation)
            self.run.described[name] = {"": asked.description, **asked.columns}

    @_do.register
    def _export_csv(
        self, asked: ExportCsv, cursor: duckdb.DuckDBPyConnection, target: TargetConfig
    ) -> None:
        """Write the model's rows as CSV to the staging directory."""
        path = self._staged(f"{target.relation.identifier}.csv")
        export.export_csv(cursor, str(target.relation), asked.order_by, path)

    @_do.register
    def _export_page(
        self, asked: ExportPage, cursor: duckdb.DuckDBPyConnection, target: TargetConfig
    ) -> None:
        """Write the page that asks about the model's rows to the staging directory."""
        page = review_page.page_of(cursor, str(target.relation), asked.sheet)
        write_atomically(self._staged(f"{asked.sheet}.html"), page.encode())

    @_do.register
    def _validate(
        self, asked: Validate, cursor: duckdb.DuckDBPyConnection, target: TargetConfig
    ) -> None:
        """Check a staged file against a JSON Schema, which is staged too."""
        staged = self.root.staging / f"{target.relation.identifier}.jsonl"
        export.validate(cursor, staged, asked.schema)

    @_do.register
    def _measure_inputs(
        self, _: MeasureInputs, cursor: duckdb.DuckDBPyConnection, target: TargetConfig
    ) -> None:
        """Fill the model with the current sizes and hashes of the input files."""
        load.measure_again(cursor, self.run.files, str(target.relation), self.each)

    @_do.register
    def _end(self, ended: End, cursor: duckdb.DuckDBPyConnection, _: TargetConfig) -> None:
        """Publish if the run was complete and everything passed; report the result.

        If the run did not do what was asked, the reason goes to `engine.run_ended`, and the hook
        fails.
        """
        cursor.execute("create schema if not exists engine")
        # Before the job's last step: after it, nothing may fail.
        cursor.execute("create or replace table engine.run_ended (why varchar)")
        if why := self._judge(ended, cursor):
            told = say.fitting(why, sys.stdout)
            cursor.execute("insert into engine.run_ended values (?)", (told,))

    def _judge(self, ended: End, cursor: duckdb.DuckDBPyConnection) -> str | None:
        """Return why the job was not done, if dbt would consider the run a success."""
        if ended.command == "test":
            return self._judge_test(ended)
        ran = {result["unique_id"] for result in ended.results}
        left_out = selection.nodes_left_out(ended.job, ran) if ended.job in JOBS else []
        gates_left_out = [name for name, kind in left_out if kind == "test"]
        found, receipt = report.RunReport.of(ended.results, gates_left_out), self.run.receipt
        receipt.content |= {"gates": found.gates, "kept_in": report.kept_in(ended.results)}
        for result in ended.results:
            receipt.add_seconds(result["part"], result["execution_time"])
        outcome, why = "not_published", None
        if found.failed:
            outcome = "failed"
            publishes = self.run.job.publishes is not None
            text = found.describe_failures(cursor, self.root, publishes=publishes)
            if self.run.job.name == ACCURACY and not found.is_broken:
                text += f"\n{report.describe_accuracy(cursor)}"
            if self.request.offered and found.has_judged(patch_log.GATE):
                text += patch_log.describe_part(cursor, self.root, self.request.offered, receipt)
        elif self.run.job is PARTIAL or left_out:
            text, why = self._describe_part(ended, left_out, ran)
        elif not found.gates:
            left = "published" if self.run.job.publishes else "done"
            outcome = "failed"
            text = why = (
                f"Nothing {left}: no gate judges it, since all of its data tests are disabled."
            )
        else:
            outcome, text, why = self._finish(found, ended, cursor)
        text += report.describe_unread(receipt.content.get("unread_inputs", []))
        text += "".join(f"\n  {line}" for line in receipt.content.get("declines_left_out", []))
        text = receipt.close(outcome, text, ended.keep_receipts)
        (said.debug if why else said.info)(say.fitting(text, sys.stdout))
        return why

    def _describe_part(
        self, ended: End, left_out: list[tuple[str, str]], ran: set[str]
    ) -> tuple[str, str | None]:
        """Return the message for a run that is not a whole job, and what went wrong."""
        if left_out and ended.job and (of_no_job := selection.names_of_no_job(ended.job)):
            text = f"Nothing published: {', '.join(of_no_job)} {selection.OF_NO_JOB}."
            return text, text
        left_out = left_out or selection.nodes_left_out(REPLAY, ran)
        kinds = {kind for _, kind in left_out}
        why = {frozenset(): PICKED_BY_HAND, frozenset({"test"}): GATES_LEFT_OUT}
        text = f"Nothing published: {why.get(frozenset(kinds), LEFT_OUT)}."
        # Whoever has all of its models built wants the whole job.
        went_wrong = ended.job in JOBS or kinds <= {"test"}
        return text, f"{text} dbt build does the whole job." if went_wrong else None

    def _finish(
        self, found: report.RunReport, ended: End, cursor: duckdb.DuckDBPyConnection
    ) -> tuple[str, str, str | None]:
        """Do the job's last step; return the outcome, the message, and what went wrong."""
        done = finish.Finish(cursor, self.root, self.run, self.request)
        # Before the last step: after it, nothing may fail.
        warnings = found.describe_warnings(cursor, self.root)
        try:
            outcome, text = done(found.gates, ended.keep_generations, ended.lanes)
        except EngineError as error:
            refused.debug(str(error))
            return "input_error", str(error), str(error)
        except (OSError, duckdb.Error) as error:
            text = f"The build broke, nothing published: {error}"
            return "failed", text, text
        return outcome, "\n".join([text, *warnings]), None

    def _judge_test(self, ended: End) -> str | None:
        """Return what `dbt test` leaves undone: it judges what is built, and publishes nothing."""
        if ended.job not in JOBS or not self.root.staging.exists():
            return None
        return "Nothing published: dbt test only tests what is built. Run dbt build to publish it."


def claim(root: Root) -> None:
    """Check the vars, and take the root's lock; DbtRuntimeError where either fails."""
    try:
        variables.check(_vars(), _seeds())
        root.prepare()
        take(root.lock)
    except EngineError as error:
        if isinstance(error, RootBusyError):
            _let_dbt_end_with(error.exit_status)
        else:
            refused.debug(str(error))
        raise DbtRuntimeError(say.fitting(str(error), sys.stdout)) from error


def _vars() -> dict[Any, Any]:
    """Return dbt's vars of the project, overridden by those of its command line."""
    found: dict[Any, Any] = {}
    for adapter in FACTORY.adapters.values():
        found |= adapter.config.vars.to_dict()
        found |= found.pop(adapter.config.project_name, {})
    return found | getattr(get_flags(), "VARS", {})


def _let_dbt_end_with(status: int) -> None:
    """Make the program `dbt` exit with a status that it does not know; not other programs."""
    if Path(sys.argv[0]).name == "dbt":
        atexit.register(lambda: (sys.stdout.flush(), sys.stderr.flush(), os._exit(status)))


def _refuse_half_a_job(asked: Begin) -> None:
    """EngineError where dbt was asked for a job with options that cannot do it."""
    context = click.get_current_context(silent=True)
    if context and context.info_name == "retry":
        raise EngineError(
            "dbt retry would continue from the tables of a former run, whose inputs may have"
            " changed since. Nothing published; dbt build does the whole job."
        )
    # dbt lets macros see --empty, but not --sample.
    if asked.is_empty or getattr(get_flags(), "SAMPLE", None):
        raise EngineError(
            "--empty and --sample build models without their rows. Nothing published; dbt build"
            " without them does the whole job."
        )
