"""Run `dbt build` in this process, for the command line, and say what came of it."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from aina_data_engine.artifacts import remove
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import Job
from aina_data_engine.lock import hold
from aina_data_engine.patch_log import Request, offered_file
from aina_data_engine.root import PROJECT, Root
from aina_data_engine.say import Told, shown


def run(root: Root, job: Job, given_vars: str, request: Request, *, wait: bool) -> Told:
    """Do the job; return what it came to. EngineError where what it reads cannot be read."""
    variables = _parse_vars(given_vars) | {"root": str(root.path)}
    root.prepare()
    if "inputs" in job.reads:
        root.input_files()
    if request.offered:
        offered_file(request)
    hold(root.lock, wait=wait)
    _leave_clearly_when_stopped(root, job)
    _remove_former_database(root.database)
    return _build(root, job, variables, request)


def _build(root: Root, job: Job, variables: dict[str, object], request: Request) -> Told:
    # Slow to import, and a wrong command line should not wait for it.
    import yaml
    from dbt.cli.main import dbtRunner

    from aina_data_engine import dbt_plugin

    dbt_plugin.request = request
    outcome = dbt_plugin.last_outcome = dbt_plugin.Outcome()
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    # A run that is stopped leaves dbt's semaphores to the system; no word about it after the last.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
    result = dbtRunner().invoke(
        [
            "--log-level=none",
            "--no-use-colors",
            f"--log-path={root.artifacts / 'logs'}",
            "build",
            f"--selector={job.name}",
            f"--project-dir={PROJECT}",
            f"--profiles-dir={PROJECT}",
            f"--target-path={root.artifacts / 'target'}",
            f"--vars={yaml.safe_dump(variables, default_flow_style=True, width=10**9)}",
        ]
    )
    if outcome.input_error:
        raise EngineError(outcome.input_error)
    content = {"runs": [outcome.receipt]}
    if outcome.done:
        return Told(0, outcome.text, content=content)
    reason = outcome.text or f"The build broke, nothing published: {result.exception}"
    log = shown(root.artifacts / "logs" / "dbt.log")
    return Told(1, complaint=f"{reason}\ndbt's own log: {log}", content=content)


def _remove_former_database(path: Path) -> None:
    """Begin afresh, whatever a killed run left; an open reader keeps what it has open."""
    for left in ("", ".wal", ".tmp"):
        remove(path.with_name(f"{path.name}{left}"))


def _leave_clearly_when_stopped(root: Root, job: Job) -> None:
    """End on SIGINT and SIGTERM at once: a build can be killed anywhere without harm."""
    link = job.publishes.link(root) if job.publishes else root.artifacts
    before = link.resolve()

    def leave(number: int, _: FrameType | None) -> NoReturn:
        unchanged = link.resolve() == before
        what = "nothing published, what was published before stands" if unchanged else "published"
        name = signal.Signals(number).name
        with suppress(OSError):
            os.write(2, f"aina-data-engine: stopped by {name}: {what}.\n".encode())
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


def _parse_vars(text: str) -> dict[str, object]:
    """Return `--vars` as a mapping; EngineError for what is none."""
    from yaml import YAMLError, safe_load

    try:
        found = safe_load(text)
    except YAMLError as error:
        raise EngineError(f"--vars is not YAML: {error}") from error
    if not isinstance(found, dict):
        raise EngineError("--vars is a mapping, for one '{strict: true}'.")
    return found
