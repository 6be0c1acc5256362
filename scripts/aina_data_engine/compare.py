"""What differs between two generations of the replay, found from their databases alone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.databases import opened
from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.generations import kept
from aina_data_engine.jobs import REPLAY, REPLAY_PUBLICATION
from aina_data_engine.root import Root
from aina_data_engine.say import counted, shown, table
from aina_data_engine.shapes import counts_of, read_summary
from aina_data_engine.sql import identifier, json_of, literal

STEM = REPLAY_PUBLICATION.stem
KEYS = ("title_id", "runtime_lane", "lane_rule_id", "lane_reasons", "patches_applied")
"""The columns of a row that are not compared as members."""
ABSENT = "(none)"
SHOWN_ROWS = 20
BATCH = 10_000
MEANT = 6
"""How many characters of a digest identify it, unless another digest begins with them too."""


@dataclass(frozen=True)
class Difference:
    """Two generations side by side, in a database in memory."""

    connection: duckdb.DuckDBPyConnection
    before: str
    after: str
    lanes: list[str]
    """The lanes that the generations count, the later generation's first."""

    @classmethod
    @contextmanager
    def of(cls, before: Path, after: Path) -> "Iterator[Difference]":
        """Compare two generations' directories. EngineError where one cannot be read."""
        places = {"before": before, "after": after}
        tables = {name: (place / f"{STEM}.duckdb", STEM) for name, place in places.items()}
        with opened(tables) as connection:
            try:
                connection.execute(_changes(connection))
            except duckdb.Error as error:
                raise EngineError(f"{before} and {after}: {told_by(error)}") from error
            lanes = list(dict.fromkeys([*_lanes(after), *_lanes(before)]))
            yield cls(connection, _digest(before), _digest(after), lanes)

    def moves(self) -> list[tuple[str, str, int]]:
        """Return how many titles moved from which lane to which; a title may come from none."""
        return self.connection.execute(
            f"""
            select
                coalesce(b.runtime_lane, '{ABSENT}') as lane_before,
                coalesce(a.runtime_lane, '{ABSENT}') as lane_after,
                count(*)
            from before as b full join after as a on b.title_id = a.title_id
            group by all order by all
            """
        ).fetchall()

    def counts(self) -> dict[str, int]:
        """Return how many titles came, went and changed."""
        found = self.connection.execute("select change, count(*) from changes group by 1")
        return {"came": 0, "went": 0, "changed": 0} | dict(found.fetchall())

    def rows(self, limit: int | None = None) -> Iterator[str]:
        """Return the titles that differ, as JSON, by title_id."""
        at_most = f"limit {limit}" if limit else ""
        found = self.connection.execute(
            f"select to_json(c)::varchar from changes as c order by title_id {at_most}"
        )
        while batch := found.fetchmany(BATCH):
            yield from (row[0] for row in batch)

    def content(self) -> dict[str, Any]:
        """Return the difference for a program, with the first rows only."""
        return {
            "before": self.before,
            "after": self.after,
            "lanes": [
                {"before": before, "after": after, "titles": count}
                for before, after, count in self.moves()
            ],
            **self.counts(),
            "first_rows": [json.loads(row) for row in self.rows(SHOWN_ROWS)],
        }

    def text(self, *, how_to_see_all: str = "") -> str:
        """Return the same for a person; `how_to_see_all` ends the line about rows left out."""
        counts = self.counts()
        told = ", ".join(f"{number:,} {what}" for what, number in counts.items())
        matrix = _matrix(self.moves(), self.lanes)
        lines = [f"From {self.before}\n  to {self.after}", "", matrix, ""]
        lines.append(f"Titles: {told}")
        lines += [_line(json.loads(row)) for row in self.rows(SHOWN_ROWS)]
        if (left := sum(counts.values()) - SHOWN_ROWS) > 0:
            lines.append(f"  and {counted(left, 'other')}{how_to_see_all}")
        return "\n".join(lines)


def chosen(root: Root, before: str | None, after: str | None) -> tuple[Path, Path]:
    """Return the two generations that are meant, former first. EngineError if one is missing."""
    newest, found = REPLAY_PUBLICATION.published(root), kept(root, REPLAY_PUBLICATION)
    if not after and newest not in found:
        raise EngineError(
            f"{newest} is missing, to which {shown(REPLAY_PUBLICATION.link(root))} leads. Run"
            f" {root.call(REPLAY)} first, or name two of the generations that"
            f" {root.command} generations lists."
        )
    if len(found) < 2 and not (before and after):
        raise EngineError(
            f"{root.path} keeps {counted(len(found), 'generation')}, and a comparison needs two. A"
            " replay of changed inputs adds one, unless the var keep_generations is 0."
        )
    later = _named(found, after) if after else newest
    if before:
        return _named(found, before), later
    older = found[found.index(later) + 1 :]
    if not older:
        raise EngineError(
            f"{later.name} is the oldest generation that is kept, so there is none before it. Name"
            f" two of those that {root.command} generations lists."
        )
    return older[0], later


def _named(found: list[Path], name: str) -> Path:
    """Return the generation given by its directory's name or by the beginning of its digest.

    EngineError where there is none, or several that differ; of equal ones, the newest is returned.
    """
    wanted = name.rstrip("/").rpartition("/")[2]
    digest = wanted.removeprefix("sha256:")
    matching = [place for place in found if place.name == wanted] or [
        place
        for place in found
        if len(digest) >= MEANT and _digest(place).removeprefix("sha256:").startswith(digest)
    ]
    if len({*map(_digest, matching)}) == 1:
        return matching[0]
    which = f"{counted(len(matching), 'generation')} match" if matching else "No generation matches"
    names = "".join(f"\n  {place.name}  {_digest(place)}" for place in matching or found)
    raise EngineError(
        f"{which} {name}. Give the directory's name, or at least the first {MEANT} characters of"
        f" the digest, of one of these:{names}"
    )


def _changes(connection: duckdb.DuckDBPyConnection) -> str:
    """Return SQL that creates the table of the titles that differ."""
    columns = [
        {row[0] for row in connection.execute(f"describe {name}").fetchall()}
        for name in ("before", "after")
    ]
    members = ", ".join(map(_changed_member, sorted(columns[0] & columns[1] - {*KEYS})))
    return f"""
        create table changes as
        select
            coalesce(a.title_id, b.title_id) as title_id,
            case
                when b.title_id is null then 'came'
                when a.title_id is null then 'went'
                else 'changed'
            end as change,
            b.runtime_lane as lane_before,
            a.runtime_lane as lane_after,
            b.lane_rule_id as rule_before,
            a.lane_rule_id as rule_after,
            case
                when a.title_id is null or b.title_id is null then []
                else list_filter([{members}], lambda m: m is not null)
            end as members,
            {_without("a", "b")} as patches_added,
            {_without("b", "a")} as patches_removed
        from before as b full join after as a on b.title_id = a.title_id
        where
            lane_before is distinct from lane_after
            or len(members) > 0
            or len(patches_added) > 0
            or len(patches_removed) > 0
    """


def _changed_member(column: str) -> str:
    name = identifier(column)
    return (
        f"case when b.{name} is distinct from a.{name} then struct_pack("
        f"member := {literal(column)}, before := {json_of(f'b.{name}')},"
        f" after := {json_of(f'a.{name}')}) end"
    )


def _without(one: str, other: str) -> str:
    """Return SQL for the patches that are applied in one generation and not in the other."""
    return (
        f"list_filter(coalesce({one}.patches_applied, []), lambda p:"
        f" not list_contains(coalesce({other}.patches_applied, []), p))"
    )


def _digest(generation: Path) -> str:
    """Return a generation's digest, or its directory's name where it has none."""
    return REPLAY_PUBLICATION.digest_in(generation) or generation.name


def _lanes(generation: Path) -> list[str]:
    """Return the lanes that a generation's summary counts; none where it cannot be read."""
    try:
        return list(counts_of(read_summary(generation, STEM))["lane_counts"])
    except (OSError, ValueError, KeyError):
        return []


def _matrix(moves: list[tuple[str, str, int]], known: list[str]) -> str:
    """Return the moves as a table, from the lanes of the rows to those of the columns."""
    counts = {(before, after): number for before, after, number in moves}
    found = {lane for move in counts for lane in move} - {ABSENT, *known}
    lanes = [*known, *sorted(found), ABSENT]
    rows = [lane for lane in lanes if lane != ABSENT or any(b == ABSENT for b, _ in counts)]
    heads = [lane for lane in lanes if lane != ABSENT or any(a == ABSENT for _, a in counts)]
    return table(
        ["from \\ to", *heads],
        [[row, *(f"{counts.get((row, head), 0):,}" for head in heads)] for row in rows],
        numbers=range(1, len(heads) + 1),
    )


def _line(row: dict[str, Any]) -> str:
    """Describe how one title has changed."""
    lanes = " -> ".join(lane for lane in (row["lane_before"], row["lane_after"]) if lane)
    same = row["lane_before"] == row["lane_after"]
    told = [f"  {shown(row['title_id'])}: {row['change']}, {row['lane_after'] if same else lanes}"]
    told += [
        f"    {m['member']}: {_cut(m['before'])} -> {_cut(m['after'])}" for m in row["members"]
    ]
    for what in ("added", "removed"):
        if patches := row[f"patches_{what}"]:
            told.append(f"    patches {what}: {_cut(', '.join(patches))}")
    return "\n".join(told)


def _cut(text: str | None, length: int = 100) -> str:
    told = "null" if text is None else shown(text)
    return told if len(told) <= length else told[: length - 1] + "…"
