"""The kept generations of a publication: named, listed and pruned by their time."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from aina_data_engine.job import Publication
from aina_data_engine.root import Root

STAMP = "%Y%m%dT%H%M%S"


def name_of(run_id: str, now: datetime | None = None) -> str:
    """Return the name of a run's generation: its time in UTC, to the millisecond, and the run."""
    now = now or datetime.now(UTC)
    return f"{now:{STAMP}}.{now.microsecond // 1000:03}Z-{run_id}"


def run_of(generation: Path) -> str:
    """Return the run that published a generation. Old generations are named by the run alone."""
    stamp, _, run_id = generation.name.partition("Z-")
    return run_id or stamp


def time_of(generation: Path) -> datetime:
    """Return when a generation was published."""
    stamp = generation.name.partition("Z-")[0]
    try:
        return datetime.strptime(f"{stamp}000", f"{STAMP}.%f").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(generation.lstat().st_mtime, UTC)


def kept(root: Root, publication: Publication) -> list[Path]:
    """Return the existing generations, newest first."""
    place = publication.generations(root)
    found = place.iterdir() if place.is_dir() and not place.is_symlink() else ()
    there = [path for path in found if path.name[0] != "." and path.is_dir()]
    return sorted(there, key=lambda path: (time_of(path), path.name), reverse=True)


def prune(root: Root, publication: Publication, current: Path, keep: int) -> None:
    """Remove former generations except the `keep` latest that differ from the next one."""
    for left in publication.generations(root).glob(".former-*"):
        shutil.rmtree(left, ignore_errors=True)
    former = [path for path in kept(root, publication) if path != current]
    digests = [publication.digest_in(path) for path in [current, *former]]
    differ = [
        path
        for path, digest, later in zip(former, digests[1:], digests, strict=False)
        if digest is None or digest != later
    ]
    for path in former:
        if path not in differ[: max(keep, 0)]:
            remove_generation(path)


def remove_generation(generation: Path) -> None:
    """Remove a generation, hidden in one step: half removed, it must not look like a whole one."""
    hidden = generation.with_name(f".former-{generation.name}")
    generation.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)
