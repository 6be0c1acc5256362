"""A job as dbt ran it the first time: its statements, replayed on another root.

What dbt asks of the database and the plugin in a job depends on the project, its seeds and the
vars, not on any row of a root, since dbt looks at nothing else while it asks, see `is_left_out`.
Half of the cost of a command is dbt working out the same again. So the first command of the tests
that does a job with certain vars runs dbt, and notes each statement and message in the order in
which they were done; later commands send the same to the plugin and to their own root's database.
Everything else is the command's own: options, lock, reading, gates, publishing, output. What dbt
does by itself is left to dbt: if a gate fails or warns, an input is refused or anything breaks, the
command starts over and lets dbt do it all.
"""

import hashlib
import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials, PluginConfig
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper, LocalEnvironment
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.events.contextvars import get_node_info

from aina_data_engine import build, dbt_plugin, selection
from aina_data_engine.artifacts import remove_database
from aina_data_engine.job import Job
from aina_data_engine.progress import Progress
from aina_data_engine.receipt import read_receipt, receipt_path
from aina_data_engine.root import PROJECT, Root
from aina_data_engine.say import Told
from aina_data_engine.targets import ENGINE

Step = dict[str, Any]
PASSED = {"success", "pass"}
LEFT_OUT = ("select", "SELECT", "with", "BEGIN", "COMMIT")
"""How statements begin that only look something up, and those about transactions."""
IS_GATE = "as should_error"
LOOKS_AT = re.compile(r"\b(?:from|join)\s+([^\s(),]+)", re.IGNORECASE)
SEEDS = {f'"engine_room"."main"."{path.stem}"' for path in (PROJECT / "seeds").glob("*.csv")}
OF_THE_DATABASE = {
    *("system.information_schema.tables", "system.information_schema.schemata"),
    *("duckdb_databases", "duckdb_constraints", "engine.run_ended"),
}
"""Catalogs, the same in every database until the job makes something; and how a job ended."""
TYPES = "select column_name, column_type from (describe"
"""How a statement begins that asks only for the columns of a query."""


class NotAsRecorded(Exception):
    """The job does not run as it did when it was noted."""


def use(place: Path, *, anew: bool) -> None:
    """From here on run jobs from the notes in `place`, and note there those that it lacks.

    `anew`: let dbt do it all, and note it.
    """
    by_dbt = build._build

    def build_by_notes(
        root: Root,
        job: Job,
        variables: dict[str, object],
        scratch: Path,
        progress: Progress,
        target: str,
    ) -> Told:
        def ask_dbt() -> Told:
            return by_dbt(root, job, variables, scratch, progress, target)

        if target != ENGINE:
            return ask_dbt()
        notes = place / name_of(job, variables)
        if notes.exists() and not anew:
            with notes.open(encoding="utf-8") as lines:
                told = played(root, job, variables, map(json.loads, lines))
            if told:
                return told
            remove_database(root.database)
            return ask_dbt()
        with noting() as steps:
            told = ask_dbt()
        # The notes of a job that did not pass would be incomplete.
        if told.status == 0 and all(result["status"] in PASSED for result in results_of(steps)):
            keep(notes, steps)
        return told

    build._build = build_by_notes


def name_of(job: Job, variables: dict[str, object]) -> str:
    """Return the name of the notes: by the job and by the vars that its SQL may contain."""
    said = {key: value for key, value in variables.items() if key not in ("root", "request")}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode())
    return f"{job.name}-{digest.hexdigest()[:16]}"


def keep(notes: Path, steps: list[Step]) -> None:
    """Write down what is sent again: what dbt looked up is part of its other statements."""
    notes.parent.mkdir(exist_ok=True)
    # Two workers may write the same.
    written = notes.with_suffix(f".{uuid.uuid4()}")
    sent = (step for step in steps if not is_left_out(step))
    written.write_text("".join(json.dumps(step) + "\n" for step in sent), encoding="utf-8")
    written.replace(notes)


def is_left_out(step: Step) -> bool:
    """Return whether it only looks something up, or is about a transaction.

    AssertionError where it looks at a root's own data, which could change what else is asked.
    """
    sql = step.get("sql", "").strip()
    if IS_GATE in sql or not sql.startswith(LEFT_OUT):
        return False
    looked_at = set() if sql.startswith(TYPES) else {*LOOKS_AT.findall(sql)}
    assert looked_at <= SEEDS | OF_THE_DATABASE, sql
    return True


def results_of(steps: list[Step]) -> list[dict[str, Any]]:
    """Return the result of each node."""
    (end,) = (step["message"] for step in steps if step.get("message", {}).get("action") == "end")
    return list(end["results"])


@contextmanager
def noting() -> Iterator[list[Step]]:
    """Note what is sent to the database and to the plugin, each when it is done."""
    steps: list[Step] = []
    lock = threading.Lock()
    execute, store = DuckDBCursorWrapper.execute, dbt_plugin.Plugin.store

    def note(**step: object) -> None:
        with lock:
            steps.append({"node": get_node_info().get("unique_id", ""), **step})

    def execute_and_note(self: DuckDBCursorWrapper, sql: str, bindings: object = None) -> object:
        found = execute(self, sql, bindings)
        note(sql=sql)
        return found

    def store_and_note(self: dbt_plugin.Plugin, target: TargetConfig) -> None:
        store(self, target)
        relation = target.relation
        path = relation and [relation.database, relation.schema, relation.identifier]
        note(message=target.config, relation=path)

    with (
        patch.object(DuckDBCursorWrapper, "execute", execute_and_note),
        patch.object(dbt_plugin.Plugin, "store", store_and_note),
    ):
        yield steps


def played(
    root: Root, job: Job, variables: dict[str, object], steps: Iterator[Step]
) -> Told | None:
    """Do the job from the notes; None where dbt must do it after all."""
    said: list[str] = []
    invocation = str(uuid.uuid4())
    fresh = {"invocation_id": invocation, "request": variables["request"]}
    flags = SimpleNamespace(PROJECT_DIR=str(PROJECT), VARS=variables, SELECTOR=job.name)
    logger = SimpleNamespace(info=said.append, debug=said.append)
    with (
        patch.object(dbt_plugin, "get_flags", lambda: flags),
        patch.multiple(dbt_plugin, said=logger, refused=logger),
        # The run that was noted was complete.
        patch.object(selection, "nodes_left_out", lambda *_: []),
        closing(LocalEnvironment(credentials(root))) as database,
    ):
        try:
            send(database, steps, fresh)
        except Exception:
            receipt_path(root, invocation).unlink(missing_ok=True)
            return None
    return Told(0, "\n".join(said), content={"runs": [read_receipt(root, invocation)]})


def send(database: LocalEnvironment, steps: Iterator[Step], fresh: dict[str, object]) -> None:
    """Send each statement and message, with one cursor per node."""
    cursors: dict[str, Any] = {}
    for step in steps:
        if "message" in step:
            message = step["message"]
            message |= {key: value for key, value in fresh.items() if key in message}
            relation = step["relation"] and DuckDBRelation.create(*step["relation"])
            database.store_relation("engine", TargetConfig(relation, [], message))
            continue
        if step["node"] not in cursors:
            cursors[step["node"]] = database.handle().cursor()
        found = cursors[step["node"]].execute(step["sql"])
        if IS_GATE in step["sql"]:
            is_good(found.fetchall())
    if database.handle().cursor().execute("from engine.run_ended").fetchall():
        raise NotAsRecorded


def is_good(found: list[tuple]) -> None:
    """NotAsRecorded unless a gate's answer is that it passes."""
    ((_, should_warn, should_error),) = found
    if should_warn or should_error:
        raise NotAsRecorded


def credentials(root: Root) -> DuckDBCredentials:
    """Return the profile's settings for the root's database."""
    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    said = yaml.safe_load(text)["aina_data_engine"]["outputs"][ENGINE]
    (plugin,) = said["plugins"]
    return DuckDBCredentials(
        database=root.database.stem,
        path=str(root.database),
        # On a root as small as a test's, two database threads get in each other's way.
        config_options={**said["config_options"], "threads": 1},
        plugins=[PluginConfig(plugin["module"], plugin["alias"], {"root": str(root.path)})],
        keep_open=True,
    )
