"""The receipt of a run, `artifacts/runs/<invocation_id>.json`: what differs from run to run.

It is written when a run begins and again when it ends, so that a run that was killed leaves one
too: its `outcome` is still `started`, or `publishing`.
"""

import json
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aina_data_engine.errors import EngineError, unreadable
from aina_data_engine.files import file_hash, write_atomically
from aina_data_engine.generations import kept, remove_generation, run_of
from aina_data_engine.job import INPUTS, Job, Publication
from aina_data_engine.jobs import JOBS, PUBLICATIONS, REPLAY, REPLAY_PUBLICATION
from aina_data_engine.root import InputFile, Root
from aina_data_engine.say import shown, visible
from aina_data_engine.shapes import load_receipt
from aina_data_engine.variables import VARS

PACKAGES = ("aina-data-engine", "dbt-core", "dbt-duckdb", "duckdb")


@dataclass
class Receipt:
    """One run: its inputs, gates, seconds per part, versions, generation before and after."""

    root: Root
    invocation_id: str
    job: Job = field(default_factory=lambda: JOBS[REPLAY])
    content: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by part. Models run side by side, so they may add up to more than the run took."""

    def begin(self, job: Job) -> None:
        """Write that a run of the job has started."""
        self.job = job
        generation = self._generation()
        self.content = {
            "invocation_id": self.invocation_id,
            "job": job.name,
            "outcome": "started",
            "started_at": _now(),
            "versions": current_versions(),
            "generation": {"before": generation, "after": generation},
        }
        self.write()

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the seconds that the block takes to `part`."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.add_seconds(part, time.monotonic() - start)

    def add_seconds(self, part: str, seconds: float) -> None:
        """Add to `part`."""
        self.timings[part] = round(self.timings.get(part, 0.0) + seconds, 3)

    def end(self, outcome: str, message: str) -> None:
        """Write how the run ended: what its last step did, not_published, failed or input_error."""
        self.content |= {"outcome": outcome, "ended_at": _now(), "message": message}
        self.content["timings"] = self.timings
        self.content["generation"]["after"] = self._generation()
        self.write()

    def close(self, outcome: str, message: str, keep: int) -> str:
        """Write how the run ended and remove old receipts; return the message, with any warning.

        The run has already done its work, so an error here is only a warning.
        """
        try:
            self.end(outcome, message)
            self.prune(keep)
        except (Exception, KeyboardInterrupt) as error:
            what = getattr(error, "strerror", None) or repr(error)
            return message + warning(f"The run's receipt was not completed: {what}")
        return message

    def prune(self, keep: int) -> None:
        """Remove all receipts but the `keep` latest, those of the generations kept, and origins.

        An origin tells which file was accepted as one of the log, while the log has that one.
        """
        receipts = sorted(self.root.runs.glob("*.json"), key=lambda p: -p.stat().st_mtime_ns)
        published = {run_of(g) for p in PUBLICATIONS.values() for g in kept(self.root, p)}
        for path in receipts[keep:]:
            accepted = read_receipt(self.root, path.stem).get("accepted") or {}
            is_origin = "as" in accepted and (self.root.inputs / accepted["as"]).exists()
            if path.stem not in published and not is_origin:
                path.unlink(missing_ok=True)

    def _generation(self) -> str | None:
        """Return the generation in force of the job's publication, if unreadable by its name."""
        if not self.job.publishes:
            return None
        with suppress(EngineError):
            if place := self.job.publishes.in_force(self.root):
                return self.job.publishes.digest_in(place) or place.name
        return None

    def write(self) -> None:
        """Replace the receipt's file, in one atomic step."""
        text = visible(json.dumps(self.content, ensure_ascii=False, indent=2)) + "\n"
        write_atomically(receipt_path(self.root, self.invocation_id), text.encode())


def warning(text: str) -> str:
    """Return a warning as a line to append to a run's message."""
    return f"\n  warning: {text}"


@cache
def current_versions() -> dict[str, str]:
    """Return the versions of the software that a run uses."""
    return {"python": platform.python_version()} | {p: version(p) for p in PACKAGES}


def receipt_path(root: Root, invocation_id: str) -> Path:
    """Return the path of a run's receipt."""
    return root.runs / f"{invocation_id}.json"


def read_receipt(root: Root, invocation_id: str) -> dict[str, Any]:
    """Return a run's receipt; an empty one where it is missing or cannot be read."""
    try:
        return load_receipt(receipt_path(root, invocation_id))
    except (OSError, ValueError):
        return {}


def receipt_of(root: Root, generation: Path) -> dict[str, Any]:
    """Return the receipt of the run that published a generation; an empty one if there is none."""
    return read_receipt(root, run_of(generation))


def settle_killed_runs(root: Root, publication: Publication) -> None:
    """Decide of each run that was killed as it published whether it did: only the link tells.

    Before the link changes, since afterwards nothing does: what was never in force is removed, also
    what a run left that could neither publish it nor take it back.
    """
    for generation in kept(root, publication):
        if generation != publication.in_force(root):
            if was_never_in_force(root, publication, generation):
                remove_generation(generation)
        elif (found := receipt_of(root, generation)).get("outcome") == "publishing":
            receipt = Receipt(root, run_of(generation), content=found | {"outcome": "published"})
            receipt.write()


def was_never_in_force(root: Root, publication: Publication, generation: Path) -> bool:
    """Return whether the receipt says that a generation, now not in force, never was."""
    found = receipt_of(root, generation)
    if (outcome := found.get("outcome", "published")) == "publishing":
        return True
    # A run can fail after it has published, too.
    after = found.get("generation", {}).get("after", generation.name)
    published = (publication.digest_in(generation), generation.name)
    return outcome != "published" and "directory" not in found and after not in published


def runs_of(
    root: Root, generation: Path, runs: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Return the receipts of the run that published a generation and of those that confirmed it.

    They are looked up in `runs` where those have been read already.
    """
    publisher = run_of(generation)
    return [
        run
        for run in (receipts(root) if runs is None else runs)
        if run.get("directory") == generation.name or run.get("invocation_id") == publisher
    ]


def receipts(root: Root) -> list[dict[str, Any]]:
    """Return the receipts of every run that is still known."""
    return [read_receipt(root, path.stem) for path in sorted(root.runs.glob("*.json"))]


def hashes(files: list[InputFile]) -> dict[str, str]:
    """Return the hash of each input by its name; EngineError for an unreadable one."""
    hashes = {}
    for file in files:
        try:
            hashes[file.name] = file_hash(file.path)
        except OSError as error:
            raise unreadable(shown(file.path), error) from error
    return hashes


def are_inputs(
    receipt: dict[str, Any], inputs: dict[str, str], kinds: tuple[str, ...] = INPUTS
) -> bool:
    """Return whether the run read the inputs of these kinds, hashes by name, as they are now."""
    return noted_hashes(receipt, kinds) == inputs


def noted_hashes(receipt: dict[str, Any], kinds: tuple[str, ...] = INPUTS) -> dict[str, str]:
    """Return the hashes of the inputs of these kinds that a run read, by name, like `hashes`."""
    read = [file for file in receipt.get("inputs", []) if file.get("input") in kinds]
    return {file["file"]: f"sha256:{file['sha256']}" for file in read}


def is_replayed(
    root: Root,
    inputs: dict[str, str],
    kinds: tuple[str, ...] = INPUTS,
    runs: list[dict[str, Any]] | None = None,
) -> bool:
    """Return whether the replay in force was made from these inputs, hashes by name."""
    place = REPLAY_PUBLICATION.in_force(root)
    found = runs_of(root, place, runs) if place else []
    return any(are_inputs(run, inputs, kinds) for run in found)


def refuse_outdated(root: Root, inputs: dict[str, str], kinds: tuple[str, ...] = INPUTS) -> None:
    """EngineError where the replay in force was not made from these inputs, hashes by name."""
    if not is_replayed(root, inputs, kinds):
        link = shown(REPLAY_PUBLICATION.link(root))
        raise EngineError(
            f"The inputs have changed since {link} was made. Run {root.call(REPLAY)} first."
        )


def vars_of_replay(root: Root, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the vars of the last run that gave the replay in force; else of the last replay.

    With other vars the inputs may not even be readable.
    """
    place = REPLAY_PUBLICATION.in_force(root)
    found = runs_of(root, place, runs) if place else [r for r in runs if r.get("job") == REPLAY]
    last = max(found, key=lambda run: str(run.get("started_at", "")), default={})
    return dict(last.get("vars", {}))


def line_limit(variables: dict[str, Any]) -> int:
    """Return the longest line, in bytes, that a replay with these vars reads."""
    var = VARS["max_line_bytes"]
    found = variables.get(var.name)
    return int(str(found if var.kind.allows(found) else var.default))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
