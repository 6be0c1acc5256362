"""What the replay would be with less of the log: up to a point, or without some patches.

The log is replayed without these on a root of its own, in a temporary directory, and the result is
compared with what is published. Nothing is published, and the root itself is only read.
"""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from aina_data_engine import build
from aina_data_engine.compare import Difference
from aina_data_engine.errors import EngineError
from aina_data_engine.explain import read_log
from aina_data_engine.jobs import JOBS, REPLAY, REPLAY_PUBLICATION
from aina_data_engine.lines import write_lines
from aina_data_engine.receipt import hashes, refuse_outdated
from aina_data_engine.request import Request
from aina_data_engine.root import Root
from aina_data_engine.say import Told, counted
from aina_data_engine.sql import literal


@dataclass(frozen=True)
class Condition:
    """Which patches of the log stay, as SQL over a line's `text`, and how that is said."""

    keeps: str
    said: str


def up_to(point: str) -> Condition:
    """Keep the patches up to a patch_seq, or to a date or time (ISO 8601). EngineError for else."""
    if point.isdecimal():
        number = "try_cast(text ->> '/patch_seq' as hugeint)"
        return Condition(f"{number} <= {int(point)}", f"the log up to patch_seq {int(point)}")
    # A date alone means all of its day.
    end = f"{point} 23:59:59.999999" if len(point) == len("2026-01-31") else point
    try:
        with duckdb.connect() as connection:
            connection.execute("select ?::timestamptz", [end])
    except duckdb.Error as error:
        raise EngineError(f"{point} is neither a patch_seq nor a date, as 2026-01-31.") from error
    created = "try_cast(text ->> '/created_at' as timestamptz)"
    said = f"the log up to {point} (patches without created_at included)"
    return Condition(f"{created} <= {literal(end)}::timestamptz", said)


def without(ids: tuple[str, ...], rules: tuple[str, ...], authors: tuple[str, ...]) -> Condition:
    """Leave out the patches of these ids, rules and authors. EngineError where none is named."""
    by = [*authors, *(f"rule:{rule}" for rule in rules)]
    if not (ids or by):
        raise EngineError("Name at least one --id, --rule or --author.")
    keeps = [
        f"text ->> '/{member}' not in ({', '.join(map(literal, values))})"
        for member, values in (("patch_id", ids), ("author", by))
        if values
    ]
    return Condition(" and ".join(keeps), f"the log without {', '.join([*ids, *by])}")


def replay_with(root: Root, condition: Condition, variables: str) -> Told:
    """Replay what stays of the log, and compare it with what is published.

    EngineError where nothing is published, or of other inputs, whose difference would be taken for
    what the patches do, and where the condition leaves nothing out.
    """
    published = REPLAY_PUBLICATION.published(root)
    refuse_outdated(root, hashes(root.input_files()))
    with tempfile.TemporaryDirectory(prefix="aina-data-engine-") as name:
        other = Root(Path(name))
        left_out = _inputs_of(root, other, condition)
        if not left_out:
            raise EngineError(
                f"{root.path}: {condition.said} is the whole log: no patch of it is left out."
            )
        told = build.run(other, JOBS[REPLAY], variables, Request(), wait=False)
        place = REPLAY_PUBLICATION.in_force(other)
        if told.status or not place:
            return told
        with Difference.of(place, published) as found:
            difference = replace(found, before=condition.said)
            text = f"{counted(left_out, 'patch', 'patches')} left out.\n{difference.text()}"
            return Told(0, text, content={"left_out": left_out, **difference.content()})


def _inputs_of(root: Root, other: Root, condition: Condition) -> int:
    """Give the other root the title rows and what stays of the log; return what does not."""
    log = other.path / "inputs" / "semantic_patches"
    log.mkdir(parents=True)
    title_rows = root.input_files()[0].path
    (log.parent / title_rows.name).symlink_to(title_rows.resolve())
    # A line that is no JSON stays, and goes to quarantine as before.
    keeps = f"case when json_valid(text) then coalesce({condition.keeps}, true) else true end"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        read_log(connection, root)
        kept = f"select text from inputs.lines where {keeps} order by file, line_number"
        write_lines(connection, kept, log / "log.jsonl")
        found = connection.execute(f"select count(*) from inputs.lines where not ({keeps})")
        return int(found.fetchall()[0][0])
