"""The jobs: what each reads and publishes.

A job is a command, a selector of `selectors.yml` and the tag of the models that it builds.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from aina_data_engine.artifacts import refuse_others
from aina_data_engine.errors import EngineError
from aina_data_engine.files import read_json
from aina_data_engine.root import Root

REPLAY = "semantic-patch-replay"
PROPOSE = "propose-patches"
ACCEPT = "accept-patches"
REVERT = "revert-patches"
ACCURACY = "rule-accuracy"
INTAKE = "packet-hardening-intake"
FIXTURES = "caveat-fixtures"
RERUN = "source-ref-rerun"
MINING = "mine-holds"
REVIEW = "import-review"


@dataclass(frozen=True)
class Publication:
    """What a job publishes: JSON lines by model, a summary and a database of one stem."""

    place: str
    """The link's name under `artifacts`."""
    stem: str
    title: str
    counts: str
    """The model with the summary's counts."""

    def link(self, root: Root) -> Path:
        """Return the symbolic link to the generation in force."""
        return root.artifacts / self.place

    def generations(self, root: Root) -> Path:
        """Return where the generations lie, a directory each."""
        return root.artifacts / "generations" / self.place

    def in_force(self, root: Root) -> Path | None:
        """Return the directory of the generation in force; None where nothing is published.

        EngineError where the link, or a directory on its way, is not the engine's own.
        """
        link, generations = self.link(root), self.generations(root)
        if not os.path.lexists(link):
            return None
        target = link.readlink() if link.is_symlink() else None
        if not target or link.parent / target.parent != generations or target.name == "..":
            what = f", a link to {target}," if target else ""
            raise EngineError(
                f"{link}{what} is in the way: the engine's link to a generation in {generations}"
                " belongs there. Move it aside and run again."
            )
        for directory in (generations.parent, generations, generations / target.name):
            refuse_others(directory, stat.S_IFDIR)
        return generations / target.name

    def file(self, root: Root, name: str) -> Path:
        """Return a file of the generation in force; EngineError where nothing is published."""
        place = self.in_force(root)
        if not place:
            raise EngineError(f"Nothing is published at {self.link(root)}.")
        return place / name

    def generation(self, root: Root) -> str | None:
        """Return the digest of the generation in force; None where there is none to be read."""
        try:
            place = self.in_force(root)
        except EngineError:
            return None
        return self.digest_in(place) if place else None

    def digest_in(self, generation: Path) -> str | None:
        """Return what a generation's summary says is its digest; None where none can be read."""
        try:
            return str(read_json(generation / f"{self.stem}.json", follow=False)["generation"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True)
class Job:
    """One job. `reads` names what is loaded before its models run.

    `inputs` are the title rows and the patch log, `log` the patch log alone, `harvest` the harvest
    sources, `declined` what a person has declined; any other name is a file of the replay's
    generation in force, by its stem.
    """

    name: str
    reads: tuple[str, ...]
    publishes: Publication | None = None

    @property
    def published_stems(self) -> list[str]:
        """What it reads of the replay's generation in force."""
        return [name for name in self.reads if name not in ("inputs", "log", "harvest", "declined")]

    @property
    def log_inputs(self) -> tuple[str, ...]:
        """Which inputs it loads, and wants to be those of the generation that it reads."""
        if "inputs" in self.reads:
            return ("title_rows", "semantic_patches")
        return ("semantic_patches",) if "log" in self.reads else ()


REPLAY_PUBLICATION = Publication(
    "validation", "semantic_patch_replay_v1", "Semantic patch replay", "summary_counts"
)


OUTCOMES = f"{REPLAY_PUBLICATION.stem}_patch_outcomes"
EFFECTS = f"{REPLAY_PUBLICATION.stem}_patch_effects"
"""The table of the published database that has no file."""


def _lane(name: str) -> str:
    return f"{REPLAY_PUBLICATION.stem}_{name}"


JOBS = {
    job.name: job
    for job in (
        Job(REPLAY, ("inputs",), REPLAY_PUBLICATION),
        Job(PROPOSE, ("inputs", "harvest", "declined")),
        Job(ACCEPT, ("inputs",)),
        Job(REVERT, ("inputs", REPLAY_PUBLICATION.stem, OUTCOMES)),
        Job(ACCURACY, ()),
        Job(
            INTAKE,
            ("harvest", _lane("packet_hardening")),
            Publication(
                INTAKE, "packet_hardening_intake_v1", "Packet hardening intake", "intake_counts"
            ),
        ),
        Job(
            FIXTURES,
            ("harvest", _lane("serviceable_with_caveat")),
            Publication(
                FIXTURES, "caveat_runtime_fixtures_v1", "Caveat runtime fixtures", "fixture_counts"
            ),
        ),
        Job(
            RERUN,
            ("log", "harvest", "declined", _lane("source_ref_rerun")),
            Publication(RERUN, "source_ref_rerun_v1", "Source-ref rerun", "rerun_counts"),
        ),
        Job(
            MINING,
            ("log", "harvest", "declined", _lane("holds")),
            Publication(MINING, "hold_mining_v1", "Hold mining", "mining_counts"),
        ),
        Job(REVIEW, ("inputs", "harvest")),
    )
}

PARTIAL = Job(REPLAY, ("inputs", "harvest", "declined"), REPLAY_PUBLICATION)
"""What a run is that picks nodes by itself: it may need any input, and publishes nothing."""

PUBLICATIONS = {name: job.publishes for name, job in JOBS.items() if job.publishes}
"""What is published, by job."""

STAGES = {
    "packet_hardening": INTAKE,
    "serviceable_with_caveat": FIXTURES,
    "source_ref_rerun": RERUN,
    "hold": MINING,
}
"""The job that each lane feeds."""
