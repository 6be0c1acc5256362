"""The kept generations of every publication, and how each differs from the previous one."""

from itertools import zip_longest
from pathlib import Path
from typing import Any

from aina_data_engine.generations import kept, time_of
from aina_data_engine.job import Publication
from aina_data_engine.jobs import PUBLICATIONS, REPLAY_PUBLICATION
from aina_data_engine.receipt import receipt_of
from aina_data_engine.root import Root
from aina_data_engine.say import Told, shown
from aina_data_engine.shapes import counts_of, read_summary


def describe(root: Root) -> Told:
    """Return the generations of every publication, the newest first."""
    lines, content = [], {}
    for publication in PUBLICATIONS.values():
        if found := _generations(root, publication):
            lines += [shown(publication.link(root)), *map(_line, found)]
            content[publication.place] = found
    if not lines:
        raise REPLAY_PUBLICATION.missing(root)
    return Told(0, "\n".join(lines), content={"generations": content})


def _generations(root: Root, publication: Publication) -> list[dict[str, Any]]:
    places = kept(root, publication)
    in_force = publication.in_force(root)
    counts = [_counts(place, publication) for place in places]
    return [
        {
            "directory": place.name,
            "time": f"{time_of(place):%Y-%m-%dT%H:%M:%SZ}",
            "job": receipt_of(root, place).get("job", "unknown"),
            "generation": publication.digest_in(place),
            "in_force": place == in_force,
            "counts": now,
            "changes": None if now is None or before is None else _changes(now, before),
        }
        for place, now, before in zip_longest(places, counts, counts[1:])
    ]


def _counts(place: Path, publication: Publication) -> dict[str, int] | None:
    """Return the counts of the summary, by name, lanes first; None where it cannot be read."""
    try:
        summary = read_summary(place, publication.stem)
    except (OSError, ValueError):
        return None
    sections = counts_of(summary).values()
    return {name: count for counts in sections for name, count in counts.items()}


def _changes(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    names = dict.fromkeys([*now, *before])
    changes = {name: now.get(name, 0) - before.get(name, 0) for name in names}
    return {name: change for name, change in changes.items() if change}


def _line(found: dict[str, Any]) -> str:
    """Describe a generation in a line: its time, its job, its counts and how they changed."""
    mark = "*" if found["in_force"] else " "
    if found["counts"] is None:
        told = "its summary cannot be read"
    else:
        changes = found["changes"] or {}
        told = ", ".join(
            f"{count:,}{f' ({changes[name]:+,})' if name in changes else ''} {name}"
            for name, count in found["counts"].items()
            if count or name in changes
        )
    return shown(f"  {mark} {found['time']}  {found['job']}: {told}  {found['directory']}")
