"""Where things lie in a root: what is read under `inputs`, what is written under `artifacts`."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aina_data_engine import artifacts
from aina_data_engine.errors import EngineError
from aina_data_engine.say import quoted

PROJECT = Path(__file__).resolve().parents[2]
TITLE_ROW_EXTENSIONS = (".jsonl", ".jsonl.gz", ".parquet", ".csv")
PATCH_EXTENSIONS = (".jsonl", ".jsonl.gz")
EXPECTED = """\
  inputs/title_rows.jsonl        title rows; or .jsonl.gz, .parquet, .csv; exactly one
  inputs/semantic_patches/*.jsonl  semantic patches, one a line; or .jsonl.gz; may be none"""


@dataclass(frozen=True)
class InputFile:
    """One file that a run reads. `input` is `title_rows` or `semantic_patches`."""

    input: str
    path: Path
    name: str
    """The path relative to the inputs, as text that UTF-8 can hold."""


@dataclass(frozen=True)
class Root:
    """A directory whose `inputs` are read and whose `artifacts` are written, and nothing else."""

    path: Path

    @property
    def inputs(self) -> Path:
        """Its own inputs, or the shipped sample where the project's directory has none."""
        own = self.path / "inputs"
        if self.path.resolve() == PROJECT and not own.exists():
            return PROJECT / "seeds"
        return own

    @property
    def artifacts(self) -> Path:
        """All that the engine writes."""
        return self.path / "artifacts"

    @property
    def database(self) -> Path:
        """The build's own database: held while a build runs, queryable after it."""
        return self.artifacts / artifacts.DATABASE

    @property
    def staging(self) -> Path:
        """Where a run writes before its gates have judged."""
        return self.artifacts / "staging"

    @property
    def lock(self) -> Path:
        """The file that a build locks, so that there is one at a time."""
        return self.artifacts / ".lock"

    @property
    def proposals(self) -> Path:
        """Patches that are proposed, for a person to accept."""
        return self.artifacts / "proposals"

    @property
    def runs(self) -> Path:
        """One receipt a run."""
        return self.artifacts / "runs"

    @property
    def command(self) -> str:
        """How a person calls the command line on it."""
        if self.path.resolve() == PROJECT:
            return "aina-data-engine"
        return f"aina-data-engine --root {quoted(self.path)}"

    def prepare(self) -> None:
        """Make the directories a build writes to; EngineError where it may not."""
        if not self.path.is_dir():
            raise EngineError(f"The root {self.path} is not a directory. Name one with --root DIR.")
        for mark in ("?", "#", "{{", "{%"):
            if mark in str(self.path):
                raise EngineError(
                    f"The root {self.path} has {mark} in its path, which database and dbt would"
                    " take for something else. Give it another name."
                )
        artifacts.claim(self.artifacts)

    def input_files(self) -> list[InputFile]:
        """Every file a run reads, title rows first, by name; EngineError where one is amiss."""
        if not self.inputs.is_dir():
            raise EngineError(f"{self.path} has no directory `inputs`. Expected there:\n{EXPECTED}")
        return [self._title_rows(), *self._semantic_patches()]

    def refuse_links_out(self, files: list[InputFile]) -> None:
        """EngineError for a file that lies outside the root, reached by a symbolic link."""
        inside = self.path.resolve()
        for file in files:
            target = file.path.resolve()
            if not target.is_relative_to(inside):
                raise EngineError(
                    f"{file.path} leads out of the root, to {target}. Put the file itself there, or"
                    " allow it with the var allow_linked_inputs: true."
                )

    def _title_rows(self) -> InputFile:
        found = sorted(_visible(self.inputs, "title_rows."))
        if len(found) != 1:
            what = "holds no title rows" if not found else f"holds {len(found)} title row files: "
            raise EngineError(
                f"{self.inputs} {what}{', '.join(p.name for p in found)}; exactly one is read."
                f" Expected:\n{EXPECTED}"
            )
        if not found[0].name.endswith(tuple("title_rows" + e for e in TITLE_ROW_EXTENSIONS)):
            raise EngineError(
                f"{found[0]}: not one of the forms that are read. Expected:\n{EXPECTED}"
            )
        return self._input_file("title_rows", found[0])

    def _semantic_patches(self) -> list[InputFile]:
        directory = self.inputs / "semantic_patches"
        if not directory.exists():
            return []
        if not directory.is_dir():
            raise EngineError(f"{directory} is a file; a directory of .jsonl files belongs there.")
        logs = (p for p in _visible(directory) if p.name.endswith(PATCH_EXTENSIONS))
        return [self._input_file("semantic_patches", log) for log in sorted(logs)]

    def _input_file(self, kind: str, path: Path) -> InputFile:
        if path.is_dir():
            raise EngineError(f"{path} is a directory; a file belongs there.")
        try:
            path.open("rb").close()
        except OSError as error:
            raise EngineError(f"{path} cannot be read: {error.strerror}.") from error
        name = os.fsencode(path.relative_to(self.inputs)).decode("utf-8", "backslashreplace")
        return InputFile(kind, path, name)


def _visible(directory: Path, prefix: str = "") -> Iterator[Path]:
    try:
        for path in directory.iterdir():
            if path.name.startswith(prefix) and not path.name.startswith("."):
                yield path
    except OSError as error:
        raise EngineError(f"{directory} cannot be read: {error.strerror}.") from error
