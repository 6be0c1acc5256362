"""Installed as a package, without a checkout, every command works and writes nothing there."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Ended, RootDir, run

from aina_data_engine import installed as installed_project
from aina_data_engine.errors import EngineError
from aina_data_engine.root import PROJECT

SHIPPED = (
    "models",
    "macros",
    "functions",
    "seeds",
    "tests",
    "scripts/aina_data_engine",
    "scripts/dbt",
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


@dataclass(frozen=True)
class Installed:
    """An environment with only the wheel and its requirements, and its own home directory."""

    place: Path
    home: Path

    def run(self, *arguments: str, at: Path | None = None) -> Ended:
        return self._run([str(self.place / "bin" / "aina-data-engine"), *arguments], at)

    def dbt(self, *arguments: str, at: Path) -> Ended:
        dbt = "from dbt.cli.main import cli; cli(prog_name='dbt')"
        return self._run([str(self.place / "bin" / "python"), "-c", dbt, *arguments], at)

    def _run(self, command: list[str], at: Path | None) -> Ended:
        place = at or self.home
        # Its cache is where a user's cache is.
        left_out = ("PYTHONPATH", "XDG_CACHE_HOME")
        env = {name: value for name, value in os.environ.items() if name not in left_out}
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=place,
            env=env | {"HOME": str(self.home), "PWD": str(place)},
            timeout=300,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    @property
    def package(self) -> Path:
        (found,) = self.place.glob("lib/python*/site-packages/aina_data_engine")
        return found

    def files(self) -> dict[str, str]:
        """Return the hash of every file of the package except what Python compiles."""
        return {
            str(path.relative_to(self.package)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.package.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel of a copy of the project, and install it.

    Its requirements are not installed again, which takes minutes: a .pth file gives it this
    environment's packages, in the pinned versions. This environment's editable install is not among
    them, since .pth files are not read in a directory that a .pth file adds.
    """
    work = tmp_path_factory.mktemp("installed")
    source = work / "source"
    for name in filter(lambda name: (PROJECT / name).exists(), SHIPPED):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / name, target)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={work}", str(source)]
    )
    assert built.status == 0, built.err
    (wheel,) = work.glob("*.whl")
    venv.create(work / "environment", symlinks=True)
    environment = work / "environment"
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = f"--python={environment / 'bin' / 'python'}"
    ended = run([*pip, python, "install", "--no-deps", "--no-index", str(wheel)])
    assert ended.status == 0, ended.err
    # There is nothing left of the checkout that built it.
    shutil.rmtree(source)
    (work / "home").mkdir()
    return Installed(environment, work / "home")


def test_the_wheel_requires_what_is_pinned(installed: Installed) -> None:
    (metadata,) = installed.package.parent.glob("aina_data_engine-*.dist-info/METADATA")
    required = re.findall(r"^Requires-Dist: ([^;\n]+)$", metadata.read_text(), re.M)
    pinned = set(
        re.findall(r"^[^\s#]+==[^\s\\]+", (PROJECT / "requirements.txt").read_text(), re.M)
    )
    assert required
    assert {re.sub(r"\[.*\]", "", name) for name in required} <= pinned


def test_every_command_works_anywhere_and_writes_nothing_into_the_installation(
    installed: Installed, tmp_path: Path
) -> None:
    before = installed.files()
    assert {name.partition("/")[0] for name in before} >= {"cli.py", "project"}
    nowhere = installed.run("status", at=tmp_path)
    assert nowhere.status == 2
    assert "--root DIR" in nowhere.err

    sample = RootDir(tmp_path / "my own sample")
    made = installed.run("init", str(sample.path), "--sample", at=tmp_path)
    assert made.status == 0, made.err
    command = made.out.splitlines()[-1].removeprefix("Next: ")
    pasted = subprocess.run(
        ["bash", "-c", command],
        env={
            "PATH": f"{installed.place / 'bin'}:{os.environ['PATH']}",
            "HOME": str(installed.home),
        },
        capture_output=True,
    )
    # And nothing else on standard error: DuckDB's module reports at exit what a process leaves
    # open.
    assert (pasted.returncode, pasted.stderr) == (0, b"")
    assert sample.summary()["lane_counts"]["packet_hardening"] == 295
    for words in ("status", "verify"):
        ended = installed.run(words, at=sample.path)
        assert ended.status == 0, ended.err

    own = RootDir(tmp_path / "my own root")
    assert installed.run("init", str(own.path)).status == 0
    project = installed.run("project-dir").out.strip()
    ended = installed.dbt(
        *("build", "--no-use-colors", "--exclude-resource-type", "unit_test"),
        *("--no-write-json", "--log-level-file=none"),
        *("--project-dir", project, "--profiles-dir", project),
        *("--vars", json.dumps({"root": str(own.path)})),
        at=tmp_path,
    )
    assert ended.status == 0, ended.out
    lanes = {record["title_id"]: record["runtime_lane"] for record in own.records()}
    assert lanes == {"t1": "hold", "t2": "packet_hardening"}
    assert installed.files() == before


def test_of_two_first_copies_of_the_project_the_later_one_yields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended in an error of the system, that a directory is not empty."""
    (project := tmp_path / "project").mkdir()
    (project / "dbt_project.yml").touch()
    cache = tmp_path / "cache"
    monkeypatch.setattr(installed_project, "IS_INSTALLED", True)
    monkeypatch.setattr(installed_project, "PROJECT", project)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    copy = shutil.copytree

    def copied_meanwhile(source: Path, target: Path, **options: object) -> None:
        if not list(cache.glob("*/*/dbt_project.yml")):
            monkeypatch.setattr(shutil, "copytree", copy)
            installed_project.project_dir()
        copy(source, target, **options)

    monkeypatch.setattr(shutil, "copytree", copied_meanwhile)
    place = installed_project.project_dir()
    assert [path.name for path in place.iterdir()] == ["dbt_project.yml"]
    assert [*place.parent.iterdir()] == [place]


def test_a_user_without_a_home_is_told_where_to_name_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(installed_project, "IS_INSTALLED", True)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    with pytest.raises(EngineError, match="environment variable XDG_CACHE_HOME"):
        installed_project.project_dir()


def test_init_never_touches_what_is_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "aina_data_engine.cli", "init"]
    (tmp_path / "README.md").write_text("mine")
    assert run([*command, str(tmp_path)]).status == 0
    assert (tmp_path / "README.md").read_text() == "mine"
    log = tmp_path / "inputs" / "title_rows.jsonl"
    log.write_text("mine")
    again = run([*command, str(tmp_path), "--sample"])
    assert again.status == 2
    assert f"{tmp_path}/inputs exists already" in again.err
    assert log.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", "inputs"}
    (tmp_path / "file").write_text("")
    refused = run([*command, str(tmp_path / "file")])
    assert refused.status == 2
    assert f"{tmp_path / 'file'} cannot be written (File exists)." in refused.err
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "inputs").symlink_to("nowhere")
    assert run([*command, str(tmp_path / "dangling")]).status == 2
