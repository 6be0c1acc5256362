"""Where a root stands: what is published, what waits in which stage, which command comes next."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import (
    ACCEPT,
    FIXTURES,
    INTAKE,
    JOBS,
    MINING,
    PROPOSE,
    REPLAY,
    REPLAY_PUBLICATION,
    RERUN,
    Publication,
)
from aina_data_engine.publish import file_hash
from aina_data_engine.receipt import read_receipt
from aina_data_engine.root import Root

STAGES = {
    "packet_hardening": INTAKE,
    "serviceable_with_caveat": FIXTURES,
    "source_ref_rerun": RERUN,
    "hold": MINING,
}
"""The stage that each lane feeds."""


@dataclass(frozen=True)
class Stage:
    """What one lane's stage has made of the generation in force."""

    lane: str
    job: str
    titles: int
    is_done: bool
    has_run: bool

    def __str__(self) -> str:
        """Say it in a line."""
        state = "done" if self.is_done else "of a former generation" if self.has_run else "not run"
        return f"  {self.lane:<24}{self.titles:>9,}  {self.job}: {state if self.titles else '-'}"


def describe(root: Root) -> str:
    """Return where the root stands. EngineError where it has no inputs."""
    files = root.input_files()
    summary = _summary(root, REPLAY_PUBLICATION)
    if not summary:
        return f"Nothing is published on {root.path}.\nNext: {_next(root, REPLAY)}"
    lines = [f"{REPLAY_PUBLICATION.link(root)}, generation {summary['generation']}"]
    stages = [_stage(root, lane, job, summary) for lane, job in STAGES.items()]
    lines += map(str, stages)
    waiting = _waiting_proposals(root)
    lines += [f"  waits to be accepted: {path}" for path in waiting]
    if _inputs_have_changed(root, [(f.name, f.path) for f in files]):
        lines.append("  the inputs have changed since")
        return "\n".join([*lines, f"Next: {_next(root, REPLAY)}"])
    undone = [stage.job for stage in stages if stage.titles and not stage.is_done]
    if waiting:
        lines.append(f"Next: {_next(root, ACCEPT)} {waiting[0]}")
    else:
        lines.append(f"Next: {_next(root, undone[0] if undone else PROPOSE)}")
    return "\n".join(lines)


def _stage(root: Root, lane: str, job: str, summary: dict[str, Any]) -> Stage:
    publication = JOBS[job].publishes
    made = _summary(root, publication) if publication else {}
    made_from = made.get("inputs", {}).get(REPLAY_PUBLICATION.stem, {}).get("generation")
    titles = int(summary["lane_counts"][lane])
    return Stage(lane, job, titles, made_from == summary["generation"], bool(made))


def _summary(root: Root, publication: Publication) -> dict[str, Any]:
    """Return what a publication's summary says; nothing where there is none."""
    path = publication.link(root) / f"{publication.stem}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EngineError(f"{path} cannot be read: {error}. Run verify.") from error
    return found if isinstance(found, dict) else {}


def _inputs_have_changed(root: Root, files: list[tuple[str, Path]]) -> bool:
    place = REPLAY_PUBLICATION.link(root).resolve()
    known = read_receipt(root, place.name).get("inputs", [])
    return {f["file"]: f"sha256:{f['sha256']}" for f in known} != {
        name: file_hash(path) for name, path in files
    }


def _waiting_proposals(root: Root) -> list[Path]:
    """Return the files of proposals of which the log has no copy."""
    log = root.inputs / "semantic_patches"
    accepted = {file_hash(path) for path in log.glob("*.jsonl")} if log.is_dir() else set()
    found = sorted(root.proposals.glob("*.jsonl")) if root.proposals.is_dir() else []
    return [path for path in found if file_hash(path) not in accepted]


def _next(root: Root, job: str) -> str:
    return f"{root.command} {job}"
