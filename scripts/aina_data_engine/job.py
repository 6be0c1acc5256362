"""What a job is: what it reads, what it publishes and where in a root, and how it ends."""

import os
import stat
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Literal

from aina_data_engine.artifacts import refuse_others
from aina_data_engine.errors import EngineError
from aina_data_engine.files import read_json
from aina_data_engine.root import Root
from aina_data_engine.say import shown

INPUTS = ("title_rows", "semantic_patches")
"""What a replay is of."""


@dataclass(frozen=True)
class Publication:
    """What a job publishes: JSON lines per model, a summary and a database, named by one stem."""

    job: str
    stem: str
    title: str
    counts: str
    """The model with the counts of the summary."""
    own_place: str | None = None

    @property
    def place(self) -> str:
        """The link's name under `artifacts`: the job's name, unless it has its own."""
        return self.own_place or self.job

    def link(self, root: Root) -> Path:
        """Return the symbolic link to the generation in force."""
        return root.artifacts / self.place

    def generations(self, root: Root) -> Path:
        """Return the directory that has one directory per generation."""
        return root.artifacts / "generations" / self.place

    def in_force(self, root: Root) -> Path | None:
        """Return the directory of the generation in force; None where nothing is published.

        EngineError where the link, or a directory on its path, is not the engine's own.
        """
        link, generations = self.link(root), self.generations(root)
        if not os.path.lexists(link):
            return None
        target = link.readlink() if link.is_symlink() else None
        if not target or link.parent / target.parent != generations or target.name == "..":
            what = f", a link to {target}," if target else ""
            raise EngineError(
                f"{link}{what} is in the way: the engine's link to a generation in {generations}"
                " belongs there. Move it away and run again."
            )
        for directory in (generations.parent, generations, generations / target.name):
            refuse_others(directory, stat.S_IFDIR)
        return generations / target.name

    def published(self, root: Root) -> Path:
        """Return the directory of the generation in force; EngineError where there is none."""
        if place := self.in_force(root):
            return place
        raise self.missing(root)

    def missing(self, root: Root) -> EngineError:
        """Return the error to raise where nothing is published."""
        link = shown(self.link(root))
        return EngineError(f"Nothing is published at {link}. Run {root.call(self.job)} first.")

    def generation(self, root: Root) -> str | None:
        """Return the digest of the generation in force; None without one, or where unreadable."""
        try:
            place = self.in_force(root)
        except EngineError:
            return None
        return self.digest_in(place) if place else None

    def digest_in(self, generation: Path) -> str | None:
        """Return a generation's digest as its summary has it; None where it cannot be read."""
        try:
            return str(read_json(generation / f"{self.stem}.json", follow=False)["generation"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def lane_stem(self, generation: Path, lane: str) -> str:
        """Return the stem of a lane's file; EngineError where the summary has none."""
        for resource in read_json(generation / f"{self.stem}.json", follow=False)["resources"]:
            if resource.get("runtime_lane") == lane:
                return str(resource["name"])
        raise EngineError(f"{generation} has no file for the lane {lane}. Run {self.job} again.")


Read = Literal["inputs", "log", "harvest", "declined", "replayed"]


class LastStep(Enum):
    """What a job does after all of its gates have passed."""

    PUBLISH = auto()
    PROPOSE = auto()
    ACCEPT = auto()
    REVERT = auto()
    MEASURE = auto()
    IMPORT_REVIEW = auto()


@dataclass(frozen=True)
class Job:
    """One job. `reads` names what is loaded before its models run.

    `inputs` are the title rows and the patch log, `log` the patch log alone, `harvest` the harvest
    sources, `declined` the declined patches, `replayed` the titles and the outcomes of the replay's
    generation in force.
    """

    name: str
    what: str
    """A description in one line."""
    help: str
    """A description in a paragraph."""
    examples: tuple[str, ...]
    reads: tuple[Read, ...]
    last_step: LastStep = LastStep.PUBLISH
    publishes: Publication | None = None
    lane: str | None = None
    """The lane that feeds it: it reads the lane's file of the replay's generation in force."""

    @property
    def log_inputs(self) -> tuple[str, ...]:
        """Which inputs it loads; these must be the inputs of the generation that it reads."""
        if "inputs" in self.reads:
            return INPUTS
        return ("semantic_patches",) if "log" in self.reads else ()

    @property
    def reads_replay(self) -> bool:
        """Whether it reads the published replay."""
        return bool(self.lane) or "replayed" in self.reads

    def stems_it_reads(self, replay: Publication, generation: Path) -> list[str]:
        """Return the stems of the files that it reads from a generation of the replay."""
        replayed = [replay.stem, f"{replay.stem}_patch_outcomes"]
        lane = [replay.lane_stem(generation, self.lane)] if self.lane else []
        return [*(replayed if "replayed" in self.reads else []), *lane]
