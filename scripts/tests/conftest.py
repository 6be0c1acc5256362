import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from compiled import CompiledReplay
from hypothesis import settings
from warm import DBT, ENGINE, PARSED, Started, Warm, can_be, make_asking

from aina_data_engine import cli
from aina_data_engine.root import PROJECT

# A change is tested with the same examples each time. `pytest --hypothesis-profile=default` draws
# new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

STEM = "semantic_patch_replay_v1"
ASKING = pytest.StashKey[int]()
PLACE = pytest.StashKey[str | None]()
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""More than twice what the tests write, in bytes."""
LONGEST = [
    # First a file that runs no command, while the other worker has dbt parse the project; the first
    # notes of a job are those of the root in `mined.py`.
    *("test_decisions", "test_publishing_step_by_step", "test_ways_of_dbt", "test_loop"),
    *("test_bad_project", "test_crashes", "test_installed", "test_loop_gates", "test_recorded"),
    *("test_verify", "test_output", "test_status", "test_same_bytes", "test_pages"),
    *("test_replay_against_jsonpatch", "test_sample", "test_growing", "test_documentation"),
    *("test_command_line", "test_terminal", "test_json_lines", "test_bench", "test_hostile_text"),
]
"""Files that go first, so that no worker is left alone with one of them."""


@dataclass
class Ended:
    """A finished process."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class RootDir:
    """A root of the test's own, and the engine as its user has it."""

    path: Path

    def title_rows(self, *rows: object, name: str = "title_rows.jsonl") -> "RootDir":
        return self.write(name, "".join(f"{_line(row)}\n" for row in rows).encode())

    def patches(self, *patches: object, name: str = "log.jsonl") -> "RootDir":
        lines = "".join(f"{_line(patch)}\n" for patch in patches)
        return self.write(f"semantic_patches/{name}", lines.encode())

    def write(self, name: str, content: bytes) -> "RootDir":
        target = self.path / "inputs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return self

    def replay(self, *options: str, anew: bool = False, **environment: str) -> Ended:
        asked = ("--root", str(self.path), "semantic-patch-replay", *options)
        return run_engine(*asked, anew=anew, **environment)

    def dbt(
        self,
        *arguments: str,
        project: Path = PROJECT,
        environment: dict[str, str] | None = None,
        **variables: object,
    ) -> Ended:
        """Run dbt itself, as a data engineer does, on the project or on a copy of it.

        The root is the working directory: another var `root` would make dbt parse again. dbt's own
        log is off, since it searches the environment at each line.
        """
        places = [f"--project-dir={project}", f"--profiles-dir={project}"]
        places += [f"--target-path={self.target(project)}", f"--log-path={self.path}/logs"]
        places += ["--log-level-file=none"]
        command = [DBT, *arguments, *places]
        given = ["--vars", json.dumps(variables)] if variables else []
        self.path.mkdir(exist_ok=True)
        return run([*command, "--no-use-colors", *given], cwd=self.path, **environment or {})

    def build(self, *arguments: str, project: Path = PROJECT, **variables: object) -> Ended:
        """Have dbt build as the command line does: no unit tests, and functions at the start.

        It does not write dbt's JSON either, a sixth of the time.
        """
        left_out = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "function")
        asked = ("build", "--no-write-json", *left_out, *arguments)
        return self.dbt(*asked, project=project, **variables)

    def target(self, project: Path = PROJECT) -> Path:
        """Return the directory where dbt keeps what it parsed; a copy starts with the project's."""
        target = parsed_once() if project == PROJECT else project / "target"
        if not target.exists():
            # Slow to import, and most tests need none of it.
            from dbt.contracts.graph.manifest import Manifest
            from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

            target.mkdir()
            parsed = Manifest.from_msgpack(
                (parsed_once() / PARSED).read_bytes(), decoder=extended_mashumuro_decoder
            )
            for node in parsed.nodes.values():
                if node.resource_type == "seed":
                    node.root_path = str(project)
            (target / PARSED).write_bytes(parsed.to_msgpack(extended_mashumaro_encoder))
        return target

    def generations(self) -> list[Path]:
        return list((self.path / "artifacts" / "generations" / "validation").iterdir())

    def published(self, name: str) -> Path:
        return self.path / "artifacts" / "validation" / name

    def summary(self) -> dict:
        return json.loads(self.published(f"{STEM}.json").read_text(encoding="utf-8"))

    def records(self, stem: str = STEM) -> list[dict]:
        text = self.published(f"{stem}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n")[:-1]]


WRITER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"


@contextmanager
def written_elsewhere(database: Path) -> Iterator[None]:
    """Have another process keep a database open for writing."""
    asked = [sys.executable, "-c", WRITER, str(database)]
    pipe = subprocess.PIPE
    with subprocess.Popen(asked, stdin=pipe, stdout=pipe, text=True) as writer:
        assert writer.stdout
        writer.stdout.readline()
        yield
        writer.communicate("\n")


@cache
def shared_cache() -> Path:
    """Return the cache of all workers, whatever a test later sets the variable to."""
    return Path(os.environ["XDG_CACHE_HOME"])


@cache
def warm() -> Warm:
    """Return the warm process, which the first worker that needs it starts for all."""
    return Warm(shared_cache())


def parsed_once() -> Path:
    """Return the directory where dbt, once for this process, has left what it parsed."""
    return warm().target


def _line(item: object) -> str:
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


@cache
def notes() -> Path:
    """Return the directory of all workers' notes of what dbt asks in a job, see `recorded.py`."""
    return shared_cache() / "notes"


def run_engine(
    *arguments: str, anew: bool = False, into: dict[str, str] | None = None, **environment: str
) -> Ended:
    """Run a command from notes; without notes, if `anew`, or with more options, dbt does it."""
    place = None if environment else notes()
    command = [sys.executable, "-m", ENGINE, *arguments]
    return run(command, notes=place, anew=anew, into=into, **environment)


def call_engine(*arguments: str) -> Ended:
    """Call the command line in this process, for commands that only read or never reach dbt."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        status = cli.main(list(arguments))
        out.flush()
        err.flush()
    return Ended(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def start_engine(
    *arguments: str,
    notes: Path | None = None,
    into: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
) -> Started:
    """Start a command, so that a test can do something meanwhile; dbt does it, without notes."""
    command = [sys.executable, "-m", ENGINE, *arguments]
    return warm().start(command, Path.cwd(), environment or dict(os.environ), notes, into=into)


def run(
    command: list[str],
    cwd: Path | None = None,
    notes: Path | None = None,
    *,
    anew: bool = False,
    into: dict[str, str] | None = None,
    **environment: str,
) -> Ended:
    """Run a command in a separate process, which starts warm where that changes nothing."""
    if can_be(command, environment):
        asked = (command, cwd or Path.cwd(), os.environ | environment, notes)
        started = warm().start(*asked, anew=anew, into=into)
        out, err = started.communicate()
        assert started.returncode is not None
        return Ended(started.returncode, out, err)
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
        cwd=cwd,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def row(title_id: str = "t1", **members: object) -> dict:
    return {"title_id": title_id, "source_title": "Cook", "source_refs": ["bls:1"], **members}


def patch(patch_id: str = "p1", title_id: str = "t1", *ops: object, **members: object) -> dict:
    return {
        "patch_id": patch_id,
        "patch_seq": 1,
        "title_id": title_id,
        "author": "a curator",
        "reason": "a reason",
        "ops": list(ops) or [{"op": "add", "path": "/caveats/-", "value": "compound_title"}],
        **members,
    }


def assert_every_outcome_and_code_occurs(outcomes: list[dict]) -> None:
    assert {o["outcome"] for o in outcomes} == {
        "applied",
        "noop",
        "rejected",
        "duplicate",
        "orphaned",
    }
    assert {o["code"] for o in outcomes} == {
        None,
        "op_invalid",
        "path_not_found",
        "path_immutable",
        "member_required",
        "value_invalid",
        "test_failed",
        "patch_id_conflict",
    }


def is_roomy(place: Path) -> bool:
    """Return whether all that the tests write fits and can be run there, as an installation."""
    if not os.access(place, os.W_OK):
        return False
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize > ROOM and not disk.f_flag & os.ST_NOEXEC


def pytest_configure(config: pytest.Config) -> None:
    """Give the engine a cache of the tests' own, and the tests a warm process, for all workers."""
    if not hasattr(config, "workerinput"):
        if is_roomy(MEMORY) and "TMPDIR" not in os.environ:
            # The disk costs a tenth of the tests' processor time, and waiting.
            config.stash[PLACE] = place = tempfile.mkdtemp(prefix="tests-", dir=MEMORY)
            os.environ["TMPDIR"] = tempfile.tempdir = place
        os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="cache-")
        # When no worker is left to send requests, it ends.
        config.stash[ASKING] = make_asking(shared_cache())
    shared_cache()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End a worker at once: taking DuckDB's module down prints pages about its reference counts."""
    if warm.cache_info().currsize:
        warm().end()
    if hasattr(config, "workerinput"):
        os._exit(0)
    os.close(config.stash[ASKING])
    shutil.rmtree(shared_cache())
    if place := config.stash.get(PLACE, None):
        shutil.rmtree(place, ignore_errors=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the files of a failed test, for a person to look at."""
    if exitstatus != pytest.ExitCode.OK:
        session.config.stash[PLACE] = None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture
def root(tmp_path: Path) -> RootDir:
    (tmp_path / "root").mkdir()
    return RootDir(tmp_path / "root")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledReplay:
    root = RootDir(tmp_path_factory.mktemp("compiled"))
    ended = root.dbt("compile")
    assert ended.status == 0, ended.out
    return CompiledReplay.read(root.target() / "manifest.json")


def copy_of_project(place: Path) -> Path:
    """Copy what dbt reads of the project, for a test to break."""
    for name in ("models", "macros", "functions", "tests", "seeds"):
        shutil.copytree(PROJECT / name, place / name)
    for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(PROJECT / name, place)
    return place
