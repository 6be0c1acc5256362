"""Runs commands in children of a process in which Python and dbt have started already.

That start is two thirds of the processor time of a small build. A child is a separate process, with
the arguments, environment, directory, streams and exit status that are asked for. It is forked from
a process without threads, open databases or anything of a test: one that has imported the engine
and dbt, and has had dbt parse the project, for which dbt makes code that every command needs.
Beyond that it keeps compiled templates, by their text, and parsed projects, by their bytes. Where a
test does not need dbt itself, a child does a job from notes of an earlier one, see `recorded.py`.
"""

import atexit
import fcntl
import gc
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from multiprocessing import resource_tracker
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NoReturn, TypedDict
from unittest.mock import patch

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import ManifestLoader

ENGINE = "aina_data_engine.cli"
DBT = str(Path(sys.executable).with_name("dbt"))
AT_THE_START = ("PYTHON", "LC_", "LANG", "TZ")
"""What Python reads of the environment when it starts, and not again."""
SECONDS = 300
READY = "ready\n"
PARSED = "partial_parse.msgpack"
ASKING = "asking"
"""The pipe by which it is asked: the name of a directory a line, with what is asked in it."""


class Asked(TypedDict):
    """What the child is to be."""

    command: list[str]
    environment: dict[str, str]
    directory: str
    notes: str | None
    """Where notes are of what dbt asks in a job, see `recorded.py`; None where dbt is to do it."""
    anew: bool
    """Whether dbt is to do it for the notes, though there are some."""


class Started:
    """A running command: the part of `subprocess.Popen` that the tests use."""

    def __init__(self, place: tempfile.TemporaryDirectory[str], told: Connection) -> None:
        self.place, self.told = place, told
        self.pid: int = told.recv()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and self.told.poll():
            self.returncode = self.told.recv()
        return self.returncode

    def communicate(self) -> tuple[str, str]:
        """Wait for its end; return its output."""
        if self.returncode is None:
            self.returncode = self.told.recv()
        self.told.close()
        with self.place as place:
            streams = (Path(place) / name for name in ("out", "err"))
            # Unchanged: line ends are not translated.
            out, err = ("" if s.is_symlink() else s.read_bytes().decode() for s in streams)
            return out, err

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Warm:
    """The process that is forked, as one worker of the tests sees it; all workers share it."""

    def __init__(self, shared: Path) -> None:
        """Start it, unless another worker has; wait until `target` has what dbt parsed."""
        asking, parsed = shared / ASKING, shared / "target"
        with (shared / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not parsed.exists():
                command = [sys.executable, __file__, str(asking), str(parsed)]
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    text=True,
                    # Whatever the first test that needs it has set the variable to.
                    env=os.environ | {"XDG_CACHE_HOME": str(shared)},
                )
                assert self.process.stdout
                assert self.process.stdout.readline() == READY
        # dbt writes there in each command.
        self.target = Path(tempfile.mkdtemp(prefix="parsed-"))
        shutil.copytree(parsed, self.target, dirs_exist_ok=True)
        self.asking = asking.open("w", encoding="utf-8")

    def start(
        self,
        command: list[str],
        directory: Path,
        environment: dict[str, str],
        notes: Path | None = None,
        *,
        anew: bool = False,
        into: dict[str, str] | None = None,
    ) -> "Started":
        """Start a command; its `out` and `err` can be redirected, for example to a terminal."""
        place = tempfile.TemporaryDirectory(prefix="warm-")
        for name, path in (into or {}).items():
            Path(place.name, name).symlink_to(path)
        asked = Asked(
            command=command,
            environment=environment,
            directory=str(directory),
            notes=str(notes) if notes else None,
            anew=anew,
        )
        with Listener(f"{place.name}/told", "AF_UNIX") as listener:
            Path(place.name, "asked").write_text(json.dumps(asked), encoding="utf-8")
            # Short enough that lines of several workers do not mix.
            print(place.name, file=self.asking, flush=True)
            return Started(place, listener.accept())

    def end(self) -> None:
        self.asking.close()
        shutil.rmtree(self.target)


def make_asking(shared: Path) -> int:
    """Make the pipe for requests, and hold it open: when no one does, the process ends."""
    os.mkfifo(shared / ASKING)
    return os.open(shared / ASKING, os.O_RDWR)


def can_be(command: list[str], environment: dict[str, str]) -> bool:
    """Return whether a child behaves like a new process with this added to the environment."""
    is_known = command[0] == DBT or command[1:3] == ["-m", ENGINE]
    return is_known and not any(name.startswith(AT_THE_START) for name in environment)


def serve(asking: Path, target: Path) -> None:
    """Fork a child for each request, and report to the requester when it has ended."""
    # Objects made by now stay: no garbage collection of them, here or in a child.
    gc.disable()
    warm_up(target)
    gc.freeze()
    gc.enable()
    threads = Path("/proc/self/task")
    assert not threads.exists() or len(list(threads.iterdir())) == 1
    told: dict[int, Connection] = {}
    signal.signal(signal.SIGCHLD, lambda *_: tell_ends(told))
    print(READY, end="", flush=True)
    with asking.open(encoding="utf-8") as places:
        for line in places:
            attend(Path(line.rstrip("\n")), told)
    # DuckDB's module prints pages when it is taken down.
    os._exit(0)


def warm_up(target: Path) -> None:
    """Import what a command imports; leave in `target` what dbt has parsed."""
    import recorded  # noqa: F401

    import aina_data_engine
    from aina_data_engine.root import PROJECT

    for module in iter_modules(aina_data_engine.__path__, "aina_data_engine."):
        if not module.ispkg:
            import_module(module.name)
    # A child runs this module as its main module.
    del sys.modules[ENGINE]
    # So that each child's semaphores are left to the system without a warning, as in the engine.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:multiprocessing.resource_tracker"
    # One for all children; otherwise each would start one, which is another Python.
    resource_tracker.ensure_running()
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import ManifestLoader, extended_mashumuro_decoder
    from dbt.task.test import TestResultData
    from dbt_common.clients.jinja import get_template, template_cache

    from aina_data_engine import pages
    from aina_data_engine import parsed as engines
    from aina_data_engine.jobs import JOBS
    from aina_data_engine.root import Root

    compile_templates_once()
    find_out_once()
    parse_once_whatever_the_vars(ManifestLoader)
    for template in pages.environment().list_templates(["jinja"]):
        pages.environment().get_template(template)

    places = [f"--project-dir={PROJECT}", f"--profiles-dir={PROJECT}", f"--target-path={target}"]
    # The static parser starts threads; a child would wait for threads that exist only here.
    quietly = ["--log-level=none", f"--log-path={target}", "--no-static-parser"]
    parsed = dbtRunner().invoke([*quietly, "parse", *places])
    assert parsed.success, parsed.exception
    TestResultData.json_schema()
    # Macros that parsing does not run.
    for node in (*parsed.result.nodes.values(), *parsed.result.functions.values()):
        get_template(node.raw_code, {})
    # By the text of the macro, so that another one with the same name is not mistaken for it.
    for macro in parsed.result.macros.values():
        template_cache.get_node_template(macro)
    # The engine's own selector is made from what was parsed.
    with patch.object(engines, "_parse", lambda *_: parsed.result):
        for job in JOBS:
            engines.parsed_project(Root(target), job, target)
    # The reader is made when it is first needed.
    Manifest.from_msgpack((target / PARSED).read_bytes(), decoder=extended_mashumuro_decoder)
    with reading_ahead(Manifest):
        Manifest.from_msgpack((target / PARSED).read_bytes(), decoder=extended_mashumuro_decoder)
        for job in JOBS:
            engines.parsed_project(Root(target), job, target)


def compile_templates_once() -> None:
    """Keep the code made from a template, by its text and by what makes it."""
    from jinja2 import Environment

    compile_it, found = Environment.compile, {}

    def compile_once(self: Environment, source: str, *named: object, **others: object) -> object:
        key = (type(self), source, *named, *others.items())
        if key not in found:
            found[key] = compile_it(self, source, *named, **others)
        return found[key]

    Environment.compile = compile_once


def find_out_once() -> None:
    """Keep two answers that dbt computes again and again: who declares a flag, what a cell is."""
    from dbt_common.behavior_flags import BehaviorFlagRendered
    from dbt_common.clients import agate_helper

    BehaviorFlagRendered._default_source = staticmethod(cache(BehaviorFlagRendered._default_source))
    made = cache(agate_helper.build_type_tester)
    agate_helper.build_type_tester = lambda columns, **others: made(frozenset(columns), **others)
    # For an answer that is not text, like a gate's.
    agate_helper.table_from_data_flat([{"failures": 0}], ["failures"])


def parse_once_whatever_the_vars(loader: type["ManifestLoader"]) -> None:
    """Make dbt reuse its parsed project with other vars: the project does not depend on them."""
    from dbt.contracts.files import FileHash

    look = loader.build_manifest_state_check

    def look_at_all_but_vars(self: "ManifestLoader") -> object:
        found = look(self)
        found.vars_hash = FileHash.from_contents("")
        return found

    loader.build_manifest_state_check = look_at_all_but_vars


@contextmanager
def reading_ahead(manifest: type["Manifest"]) -> Iterator[None]:
    """Keep what is read; a child that reads the very same bytes gets it once, as its own."""
    read, found = manifest.from_msgpack, {}

    def keep(content: bytes, decoder: Callable) -> "Manifest":
        return found.setdefault(content, read(content, decoder=decoder))

    def give(content: bytes, decoder: Callable) -> "Manifest":
        return found.pop(content, None) or read(content, decoder=decoder)

    manifest.from_msgpack = keep
    yield
    manifest.from_msgpack = give


def attend(place: Path, told: dict[int, Connection]) -> None:
    """Fork the child; report its process id, and note whom to tell about its end."""
    connection = Client(f"{place}/told", "AF_UNIX")
    # It may end before it is noted.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    if not (child := os.fork()):
        for other in (connection, *told.values()):
            other.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        become(json.loads((place / "asked").read_text(encoding="utf-8")), place)
    told[child] = connection
    connection.send(child)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def tell_ends(told: dict[int, Connection]) -> None:
    """Report the exit status of each child that has ended."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            # The requester may have killed it and be gone.
            with suppress(OSError), told.pop(found[0]) as connection:
                connection.send(os.waitstatus_to_exitcode(found[1]))


def become(asked: Asked, place: Path) -> NoReturn:
    """Be the command, to its end; its output goes to files in `place`."""
    signal.alarm(SECONDS)
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, place / "out", os.O_WRONLY | os.O_CREAT),
        (2, place / "err", os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["directory"])
    tempfile.tempdir = None
    status = 1
    try:
        if asked["notes"]:
            import recorded

            recorded.use(Path(asked["notes"]), anew=asked["anew"])
        status = status_of(asked["command"])
        # As at the end of a process.
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def status_of(command: list[str]) -> int:
    try:
        if command[0] == DBT:
            # As in the engine itself: dbt's objects stay to the end.
            gc.disable()
            sys.argv = command
            runpy.run_path(DBT, run_name="__main__")
        else:
            sys.argv = command[2:]
            runpy.run_module(ENGINE, run_name="__main__", alter_sys=True)
    except SystemExit as left:
        return int(left.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
