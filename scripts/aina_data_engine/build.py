"""Run `dbt build` in this process, for the command line, and report its result."""

import gc
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aina_data_engine.artifacts import remove_database
from aina_data_engine.errors import EngineError
from aina_data_engine.files import write_atomically
from aina_data_engine.job import Job
from aina_data_engine.lock import take
from aina_data_engine.messages import REFUSED, SAID
from aina_data_engine.parsed import parsed_project
from aina_data_engine.patch_log import check_name, offered_file
from aina_data_engine.progress import Progress
from aina_data_engine.receipt import read_receipt
from aina_data_engine.request import Request
from aina_data_engine.root import PROJECT, Root
from aina_data_engine.say import Told, shown
from aina_data_engine.stopping import (
    done_by,
    leave_clearly,
    nothing_published,
    temporary_directory,
)
from aina_data_engine.targets import ENGINE
from aina_data_engine.unchanged import say_unchanged
from aina_data_engine.variables import parse


@dataclass
class Heard:
    """The events of dbt in a run, and the messages that the plugin has sent through them.

    dbt's own log would search the environment for secrets at each line, which takes a tenth of the
    time of a small job; `_set_up_environment` leaves none there.
    """

    log: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    invocation_id: str = "none"

    def listen(self, event: Any) -> None:
        """Keep an event."""
        told = event.info
        self.log.append(f"{told.ts.ToJsonString()} {told.level} [{told.thread}] {told.msg}\n")
        channels = {SAID: self.said, REFUSED: self.refused}
        name = getattr(event.data, "name", None)
        if event.info.name.startswith("AdapterEvent") and name in channels:
            channels[name].append(event.data.base_msg)
            self.invocation_id = event.info.invocation_id


def run(
    root: Root,
    job: Job,
    given_vars: str,
    request: Request,
    *,
    wait: bool,
    force: bool = True,
    target: str = ENGINE,
    is_trial: bool = False,
) -> Told:
    """Do the job; return its result. EngineError where its inputs cannot be read.

    Unless `force` is set, a published result is not made again if all that decides it is the same.
    A trial publishes on a temporary root only, so stopping it reports that nothing was published.
    """
    variables = parse(given_vars) | {"root": str(root.path), "request": request.as_var()}
    check_name(root, request.name)
    root.refuse_what_is_none()
    root.prepare()
    if "inputs" in job.reads:
        root.input_files()
    if request.offered:
        offered_file(request)
    last = "publishing" if job.publishes else "finishing"
    # dbt runs what it has compiled, so that must not be kept in a root.
    with Progress(last=last) as progress, temporary_directory() as scratch:
        progress.now = "waiting for another build" if wait else progress.now
        take(root.lock, wait=wait)
        progress.now = "looking for what has changed"
        if not force and (unchanged := say_unchanged(root, job, variables)):
            return unchanged
        progress.now = "reading the project"
        leave_clearly(nothing_published if is_trial else done_by(root, job))
        # A new database, whatever a killed run has left; a reader keeps the one it has open.
        remove_database(root.database)
        return _build(root, job, variables, scratch, progress, target)


def _build(
    root: Root,
    job: Job,
    variables: dict[str, object],
    scratch: Path,
    progress: Progress,
    target: str,
) -> Told:
    _set_up_environment()
    # Slow to import, and a wrong command line should not wait for it.
    from dbt.cli.main import dbtRunner

    heard = Heard()
    # No garbage collection of dbt's objects, which live to the end: it takes a twentieth of the
    # time of a small job. Python runs one when it exits; before another job in this process it runs
    # here.
    if not gc.isenabled():
        gc.collect()
    gc.disable()
    runner = dbtRunner(
        parsed_project(root, job.name, scratch, target), [heard.listen, progress.listen]
    )
    result = runner.invoke(_arguments(job, target, scratch, variables))
    log = _keep_log(root, heard.log)
    if heard.refused:
        raise EngineError(heard.refused[-1])
    said, content = "\n".join(heard.said), {"runs": [read_receipt(root, heard.invocation_id)]}
    if result.success:
        return Told(0, said, content=content)
    complaint = said or f"The build broke, nothing published: {result.exception}"
    if log:
        complaint += f"\ndbt's own log: {shown(log)}"
    return Told(1, complaint=complaint, content=content)


def _arguments(job: Job, target: str, scratch: Path, variables: dict[str, object]) -> list[str]:
    """Return the arguments for dbt, which then writes only to `scratch`."""
    # Slow to import.
    import yaml

    return [
        "--log-level=none",
        "--log-level-file=none",
        "--no-use-colors",
        f"--log-path={scratch}",
        "--no-write-json",
        "build",
        f"--selector={job.name}",
        f"--target={target}",
        "--exclude-resource-type=unit_test",
        # The hook at the start creates the functions, all in one statement.
        "--exclude-resource-type=function",
        f"--project-dir={PROJECT}",
        f"--profiles-dir={PROJECT}",
        f"--target-path={scratch / 'target'}",
        f"--vars={yaml.safe_dump(variables, default_flow_style=True, width=10**9)}",
    ]


def _set_up_environment() -> None:
    """Remove from the environment what would make dbt do another job than the one asked for."""
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    # A stopped run leaves dbt's semaphores to the system; Python is not to warn about that.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"


def _keep_log(root: Root, log: list[str]) -> Path | None:
    """Put dbt's log of this run where a person can find it; return the path, None on failure."""
    place = root.artifacts / "logs"
    try:
        place.mkdir(exist_ok=True)
        write_atomically(place / "dbt.log", "".join(log).encode())
    except OSError:
        return None
    return place / "dbt.log"
