"""What the replay would give with the log up to a point, or with some patches undone.

It is tried on a separate root in a temporary directory, and the result is compared with what is
published. Nothing is published, and the root itself is only read.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine import build
from aina_data_engine.compare import Difference
from aina_data_engine.databases import opened
from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.explain import read_log
from aina_data_engine.jobs import JOBS, REPLAY, REPLAY_PUBLICATION, REVERT
from aina_data_engine.lines import LONGER, write_lines
from aina_data_engine.receipt import (
    hashes,
    line_limit,
    receipts,
    refuse_outdated,
    vars_of_replay,
)
from aina_data_engine.request import Request
from aina_data_engine.root import Root
from aina_data_engine.say import Told, counted, shown
from aina_data_engine.sql import literal
from aina_data_engine.stopping import temporary_directory
from aina_data_engine.undo import describe_undone, files_called
from aina_data_engine.variables import as_text, parse

PATCH_SEQ = re.compile("[0-9]{1,38}")
"""A number that fits into the database; no patch of the log has a larger one."""
ISO_8601 = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?P<time>[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][01][0-9](:?[0-5][0-9])?)?)?"
)
"""A date, which means the whole day, or a date and a time, in UTC unless a zone is given."""

QUARANTINED = """
create temp table quarantined as
select unnest(?::varchar[]) as file, unnest(?::bigint[]) as line_number
"""


@dataclass(frozen=True)
class Condition:
    """Which patches of the log stay: as SQL over a line's `text`, and in words."""

    keeps: str
    said: str


def up_to(point: str) -> Condition:
    """Keep the patches up to a patch_seq, date or time (ISO 8601). EngineError for all else."""
    if PATCH_SEQ.fullmatch(point):
        number = "try_cast(text ->> '/patch_seq' as hugeint)"
        return Condition(f"{number} <= {int(point)}", f"the log up to patch_seq {int(point)}")
    # The database accepts many more forms of a time, and reads some as another time than is meant.
    form = ISO_8601.fullmatch(point)
    end = f"{point} 23:59:59.999999" if form and not form["time"] else point
    if not (form and _is_time(end)):
        raise EngineError(f"{point} is neither a patch_seq nor a date such as 2026-01-31.")
    created = "try_cast(text ->> '/created_at' as timestamptz)"
    kept = "patches without created_at, or with an unreadable one, included"
    said = f"the log up to {point} ({kept})"
    return Condition(f"{created} <= {literal(end)}::timestamptz", said)


def _is_time(text: str) -> bool:
    """Return whether the day exists, and the time on it."""
    with duckdb.connect() as connection:
        query = "select try_cast(? as timestamptz) is not null"
        return bool(connection.execute(query, [text]).fetchall()[0][0])


def replay_with(root: Root, condition: Condition, variables: str) -> Told:
    """Replay the patches that stay, and compare the result with what is published.

    EngineError where nothing is published, where it was made from other inputs, since their
    difference would be attributed to the patches, and where the condition leaves nothing out.
    """
    root, variables = _as_replayed(root, variables)
    with _copy(root) as (published, other):
        left_out = _inputs_of(root, other, condition, line_limit(parse(variables)))
        if not left_out:
            raise EngineError(
                f"{root.path}: {condition.said} is the whole log, so there is nothing to compare."
            )
        told = _run(root, other, REPLAY, variables)
        if told.status:
            return told
        first = f"{counted(left_out, 'patch', 'patches')} left out."
        with Difference.of(REPLAY_PUBLICATION.published(other), published) as found:
            said = replace(found, before=condition.said)
            return _compared(said, first, {"left_out": left_out})


def undo_with(root: Root, asked: list[tuple[str, str]], variables: str) -> Told:
    """Undo the patches asked for on the copy, as `revert-patches` does, and compare likewise.

    What a replay without the patches would give is another question: where a newer decision has
    replaced a decision, nothing is left to undo, and a patch that was rejected because of one of
    the patches stays rejected.
    """
    root, variables = _as_replayed(root, variables)
    with _copy(root) as (published, other):
        files = root.input_files()
        named = [
            (kind, name)
            for kind, value in asked
            for name in (files_called(root, files, value) if kind == "file" else [value])
        ]
        (other.inputs / "semantic_patches").mkdir(parents=True)
        for file in files:
            link = other.inputs / file.path.relative_to(root.inputs)
            link.symlink_to(file.path.resolve())
        # The undo starts from what is published; this publishes the same on the copy.
        told = _run(root, other, REPLAY, variables)
        if told.status:
            return told
        if REPLAY_PUBLICATION.generation(other) != REPLAY_PUBLICATION.generation(root):
            raise EngineError(
                f"{shown(REPLAY_PUBLICATION.link(root))} was made with other vars or by another"
                f" version of the engine. Run {root.call(REPLAY)} first, or give its vars with"
                " --vars."
            )
        request = Request(reverted=named, is_replayed=True)
        told = _run(root, other, REVERT, variables, request)
        if told.status:
            return told
        undone = told.content["runs"][0].get("reverted")
        if undone and (replayed := _run(root, other, REPLAY, variables)).status:
            return replayed
        first = "\n".join(describe_undone(undone, is_trial=True)) if undone else told.text
        content = {"left_out": undone["patches"] if undone else 0, "reverted": undone}
        with Difference.of(published, REPLAY_PUBLICATION.published(other)) as found:
            return _compared(
                replace(found, after="the log with these patches undone"), first, content
            )


def _as_replayed(root: Root, variables: str) -> tuple[Root, str]:
    """Return the root, and the vars: those of the published replay, overridden by those given."""
    given = as_text(vars_of_replay(root, receipts(root)) | parse(variables))
    return replace(root, variables=given), given or "{}"


@contextmanager
def _copy(root: Root) -> Iterator[tuple[Path, Root]]:
    """Yield the generation in force, and an empty root to try the change on."""
    published = REPLAY_PUBLICATION.published(root)
    refuse_outdated(root, hashes(root.input_files()))
    with temporary_directory() as place:
        yield published, Root(place)


def _run(root: Root, other: Root, job: str, variables: str, request: Request | None = None) -> Told:
    """Do the job on the copy; errors in its inputs are reported as errors of the root's inputs."""
    try:
        told = build.run(
            other, JOBS[job], variables, request or Request(), wait=False, is_trial=True
        )
    except EngineError as error:
        raise EngineError(_of_root(str(error), root, other)) from error
    return replace(told, complaint=_of_root(told.complaint, root, other))


def _of_root(text: str, root: Root, other: Root) -> str:
    """Return a message about the copy as one about the root, without lines that name the copy."""
    lines = text.replace(str(other.inputs), shown(root.inputs)).split("\n")
    return "\n".join(line for line in lines if str(other.path) not in line)


def _compared(found: Difference, first: str, content: dict[str, Any]) -> Told:
    """Return how the copy's result differs from what is published."""
    return Told(0, f"{first}\n{found.text()}", content={**content, **found.content()})


def _inputs_of(root: Root, other: Root, condition: Condition, limit: int) -> int:
    """Give the other root the title rows and the patches that stay; return how many do not."""
    log = other.path / "inputs" / "semantic_patches"
    log.mkdir(parents=True)
    title_rows = root.input_files()[0].path
    (log.parent / title_rows.name).symlink_to(title_rows.resolve())
    # A line that is no patch stays, and goes to quarantine as before. Of a line that is too long
    # only the beginning is kept, which may be JSON by itself.
    is_patch = "flaw is null and json_valid(text) and (file, line_number) not in (from quarantined)"
    keeps = f"case when {is_patch} then coalesce({condition.keeps}, true) else true end"
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        read_log(connection, root, limit)
        connection.execute(QUARANTINED, _quarantined(root))
        text = f"select coalesce(flaw, text) from inputs.lines where {keeps}"
        write_lines(connection, f"{text} order by file, line_number", log / "log.jsonl")
        found = connection.execute(f"select count(*) from inputs.lines where not ({keeps})")
        return int(found.fetchall()[0][0])


def _quarantined(root: Root) -> list[list[Any]]:
    """Return files and line numbers of the lines of the log that the replay has in quarantine.

    Those that were too long are not among them: with other vars they may be patches.
    """
    table = f"{REPLAY_PUBLICATION.stem}_quarantine"
    database = REPLAY_PUBLICATION.published(root) / f"{REPLAY_PUBLICATION.stem}.duckdb"
    query = (
        f"select coalesce(list(file), []), coalesce(list(line_number), []) from {table}"
        " where input = 'semantic_patches' and not starts_with(reason, ?)"
    )
    try:
        with opened({table: (database, table)}) as connection:
            found = connection.execute(query, [LONGER.partition("{")[0]]).fetchall()
    except duckdb.Error as error:
        raise EngineError(f"{database} cannot be read: {told_by(error)}") from error
    return [*found[0]]
