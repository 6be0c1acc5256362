import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from compiled import CompiledReplay

from aina_data_engine.root import PROJECT

STEM = "semantic_patch_replay_v1"


@dataclass
class Ended:
    """A finished process."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class RootDir:
    """A root of a test's own, and the product as its user has it."""

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

    def replay(self, *options: str, **environment: str) -> Ended:
        return run_engine(
            "--root", str(self.path), "semantic-patch-replay", *options, **environment
        )

    def dbt(self, *arguments: str, project: Path = PROJECT, **variables: object) -> Ended:
        """Run dbt itself, as a data engineer does, on the project or on a copy of it."""
        places = [f"--project-dir={project}", f"--profiles-dir={project}"]
        places += [f"--target-path={self.target(project)}", f"--log-path={self.path}/logs"]
        given = json.dumps({"root": str(self.path), **variables})
        command = [str(Path(sys.executable).with_name("dbt")), *arguments, *places]
        return run([*command, "--no-use-colors", "--vars", given])

    def target(self, project: Path = PROJECT) -> Path:
        """Return where dbt keeps what it parsed: another place for each project."""
        return (self.path if project == PROJECT else project) / "target"

    def generations(self) -> list[Path]:
        return list((self.path / "artifacts" / "generations" / "validation").iterdir())

    def published(self, name: str) -> Path:
        return self.path / "artifacts" / "validation" / name

    def summary(self) -> dict:
        return json.loads(self.published(f"{STEM}.json").read_text(encoding="utf-8"))

    def records(self, stem: str = STEM) -> list[dict]:
        text = self.published(f"{stem}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n")[:-1]]


def _line(item: object) -> str:
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


def run_engine(*arguments: str, **environment: str) -> Ended:
    return run([sys.executable, "-m", "aina_data_engine.cli", *arguments], **environment)


def run(command: list[str], **environment: str) -> Ended:
    ended = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | environment, timeout=300
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


def pytest_unconfigure(config: pytest.Config) -> None:
    """End a worker at once: taking DuckDB's module down prints pages about its reference counts."""
    if hasattr(config, "workerinput"):
        os._exit(0)


@pytest.fixture
def root(tmp_path: Path) -> RootDir:
    (tmp_path / "root").mkdir()
    return RootDir(tmp_path / "root")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledReplay:
    return CompiledReplay.compile(PROJECT, tmp_path_factory.mktemp("compiled"))


def copy_of_project(place: Path) -> Path:
    """Copy what dbt reads of the project, for a test to spoil."""
    for name in ("models", "macros", "tests", "seeds"):
        shutil.copytree(PROJECT / name, place / name)
    for name in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(PROJECT / name, place)
    return place
