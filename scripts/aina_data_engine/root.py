"""The layout of a root: what is read under `inputs`, what is written under `artifacts`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from aina_data_engine import artifacts
from aina_data_engine.errors import EngineError, unreadable
from aina_data_engine.files import ADDED, is_utf8, open_regular
from aina_data_engine.say import quoted

_INSTALLED = Path(__file__).resolve().parent / "project"
IS_INSTALLED = _INSTALLED.is_dir()
"""True when installed as a package, which has the dbt project as data; false in a checkout."""
PROJECT = _INSTALLED if IS_INSTALLED else Path(__file__).resolve().parents[2]
"""The dbt project. A checkout is a root too, with the shipped sample; an installed one is not."""
PATCHES = ("semantic_patches", "declined_patches")
"""The directories of files of patches."""
SHEETS = (".csv", ".xlsx", ".jsonl", ".ndjson")
"""Extensions of review sheets."""
LINES = (".jsonl", ".ndjson")
"""Extensions of JSON lines. Upper or lower case; all except Parquet's may be followed by .gz."""
TITLE_ROWS = (*LINES, ".json", ".csv", ".parquet")
EXPECTED = """\
  inputs/title_rows.jsonl          title rows, exactly one file; or .ndjson, .json (one array),
                                   .csv, each also .gz; or .parquet
  inputs/semantic_patches/*.jsonl  semantic patches, one per line (optional); or .ndjson, each
                                   also .gz
  inputs/declined_patches/*.jsonl  patches that are not proposed again (optional)
  inputs/harvest/SOURCE_ID/        a harvest source's own files (optional)"""


@dataclass(frozen=True)
class InputFile:
    """One file that is read."""

    input: str
    """What for, as `inputs.lines` tells it: `title_rows`, `semantic_patches`, `proposed`."""
    path: Path
    name: str
    """The path relative to the inputs, as text that UTF-8 can encode."""


@dataclass(frozen=True)
class Root:
    """A directory: the engine reads its `inputs` and writes its `artifacts`, and nothing else."""

    path: Path
    variables: str = ""
    """The vars of its jobs, as JSON, for the commands that are printed; empty if none."""

    @property
    def inputs(self) -> Path:
        """Its own inputs; the shipped sample if it is the project and has none."""
        own = self.path / "inputs"
        if self.path.resolve() == PROJECT and not (own.exists() or IS_INSTALLED):
            return PROJECT / "seeds"
        return own

    @property
    def artifacts(self) -> Path:
        """The directory for all that the engine writes."""
        return self.path / "artifacts"

    @property
    def database(self) -> Path:
        """The build's own database: locked while a build runs, queryable after it."""
        return self.artifacts / artifacts.DATABASE

    @property
    def warehouse(self) -> Path:
        """Where a run on Spark keeps its tables."""
        return self.artifacts / "spark"

    @property
    def staging(self) -> Path:
        """Where a run writes until its gates have passed."""
        return self.artifacts / "staging"

    @property
    def lock(self) -> Path:
        """The file that a build locks, so that only one runs at a time."""
        return self.artifacts / ".lock"

    @property
    def proposals(self) -> Path:
        """The files of proposed patches, for a person to accept."""
        return self.artifacts / "proposals"

    @property
    def runs(self) -> Path:
        """The receipts, one per run."""
        return self.artifacts / "runs"

    @property
    def command(self) -> str:
        """The command line for this root, as a person types it."""
        if self.path.resolve() == PROJECT:
            return "aina-data-engine"
        return f"aina-data-engine --root {quoted(self.path)}"

    def call(self, job: str, *words: object) -> str:
        """Return the command for a job on this root, with its vars, as a person types it."""
        given = ("--vars", self.variables) if self.variables else ()
        return " ".join([self.command, job, *map(quoted, (*words, *given))])

    def refuse_what_is_none(self) -> None:
        """EngineError for a directory without inputs or artifacts: a mistake, so left as it is."""
        if self.path.is_dir() and not self.artifacts.exists():
            self._check_inputs()

    def refuse_its_name(self) -> None:
        """EngineError for a path on which no job could run."""
        if not is_utf8(self.path):
            raise EngineError(
                f"The root {self.path} has bytes in its path that are not UTF-8, which neither the"
                " database nor dbt accepts. Rename it."
            )
        for mark in ("?", "#", "{{", "{%", "\\"):
            if mark in str(self.path):
                raise EngineError(
                    f"The root {self.path} has {mark} in its path, which has another meaning to"
                    " the database or dbt. Rename it."
                )

    def prepare(self) -> None:
        """Make the directories that a build writes to; EngineError where it cannot."""
        if not self.path.is_dir():
            raise EngineError(f"The root {self.path} is not a directory. Name one with --root DIR.")
        self.refuse_its_name()
        artifacts.claim(self.artifacts)

    def input_files(self) -> list[InputFile]:
        """Return the files a run reads, title rows first, by name; EngineError for invalid ones."""
        self._check_inputs()
        return [self._title_rows(), *self._lines_in("semantic_patches")]

    def files_the_database_reads(self) -> list[Path]:
        """Return the files of title rows by their real paths, with links resolved."""
        found = (path.resolve() for path in self.inputs.glob("title_rows.*"))
        # Naming one that is not UTF-8 would end the run.
        return [path for path in found if is_utf8(path)]

    def declined_files(self) -> list[InputFile]:
        """Return the files that say what a person has declined, by name."""
        return self._lines_in("declined_patches")

    def unread_files(self, files: list[InputFile]) -> list[str]:
        """Return what is under the inputs and is not a file that a run can read, by name.

        `harvest` is left to the harvest; a linked directory is named, but not looked into, except
        those of patches. A file that the engine itself left when it was killed is not for a person
        to remove.
        """
        if self.inputs == PROJECT / "seeds":
            return []
        read = {file.path for file in (*files, *self.declined_files())}
        linked = [path for name in PATCHES if (path := self.inputs / name).is_symlink()]
        found: list[Path] = []

        def walked(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
            # A directory that cannot be listed is not read either.
            return os.walk(top, onerror=lambda error: found.append(Path(error.filename)))

        for place, directories, names in chain(*map(walked, (self.inputs, *linked))):
            here = Path(place)
            if here == self.inputs and "harvest" in directories:
                directories.remove("harvest")
            links = [name for name in directories if (here / name).is_symlink()]
            found += [here / name for name in (*names, *links) if name != ADDED]
        return sorted(name_in(path, self.inputs) for path in {*found} - {*read, *linked})

    def _check_inputs(self) -> None:
        if not self.inputs.is_dir():
            raise EngineError(f"{self.path} has no directory `inputs`. Expected there:\n{EXPECTED}")

    def _title_rows(self) -> InputFile:
        found = [
            path
            for path in _visible(self.inputs, "title_rows.")
            if path.name.lower() in {f"title_rows{e}{z}" for e in TITLE_ROWS for z in ("", ".gz")}
            and path.name.lower() != "title_rows.parquet.gz"
        ]
        if len(found) != 1:
            others = found or list(_visible(self.inputs, ""))
            what = f"has {len(found)} files of title rows" if found else "has no file of title rows"
            names = ", ".join(sorted(path.name for path in others)) or "nothing"
            raise EngineError(
                f"{self.inputs} {what}; there must be exactly one. It contains: {names}."
                f" Expected:\n{EXPECTED}"
            )
        return self._input_file("title_rows", found[0])

    def _lines_in(self, name: str) -> list[InputFile]:
        directory = self.inputs / name
        found = sorted(_visible(directory)) if is_directory(directory, ".jsonl files") else []
        return [self._input_file(name, path) for path in found if extension(path) in LINES]

    def _input_file(self, kind: str, path: Path) -> InputFile:
        try:
            open_regular(path).close()
        except OSError as error:
            raise unreadable(path, error) from error
        return InputFile(kind, path, name_in(path, self.inputs))


def extension(path: Path) -> str:
    """Return the extension by which a file is read: in lower case, without .gz."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def refuse_no_file(path: Path) -> None:
    """EngineError for a path, given by a person, that is not a readable file."""
    try:
        if not path.is_file():
            raise EngineError(f"{path} is not a file.")
        open_regular(path).close()
    except OSError as error:
        raise unreadable(path, error) from error


def as_text(path: Path | str) -> str:
    """Return a path as text that UTF-8 can encode."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def name_in(path: Path, directory: Path) -> str:
    """Return a path relative to a directory, as text that UTF-8 can encode."""
    return as_text(path.relative_to(directory))


def is_directory(path: Path, of: str) -> bool:
    """Return whether a directory exists; `of` says what belongs in it.

    EngineError for a file or a broken link in its place: neither is an empty directory.
    """
    if path.is_dir():
        return True
    if path.exists():
        raise EngineError(f"{path} is a file; a directory of {of} belongs there.")
    if path.is_symlink():
        raise EngineError(
            f"{path} is a link to {path.readlink()}, which does not exist. Mount or create that, or"
            " remove the link."
        )
    return False


def _visible(directory: Path, prefix: str = "") -> Iterator[Path]:
    try:
        for path in directory.iterdir():
            if path.name.startswith(prefix) and not path.name.startswith("."):
                yield path
    except OSError as error:
        raise unreadable(directory, error) from error
