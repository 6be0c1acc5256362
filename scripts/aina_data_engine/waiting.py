"""Which proposals wait to be accepted, and which of them can no longer be accepted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.declines import PATCH_ID, know_declined
from aina_data_engine.errors import EngineError, told_by, unreadable
from aina_data_engine.files import file_hash, is_utf8, open_regular
from aina_data_engine.jobs import ACCEPT, REPLAY_PUBLICATION
from aina_data_engine.load import SCHEMA, add_lines, lines
from aina_data_engine.patch_log import proposed_files
from aina_data_engine.receipt import are_inputs
from aina_data_engine.root import InputFile, Root, as_text
from aina_data_engine.say import shown


@dataclass(frozen=True)
class WaitingFile:
    """A file of proposals."""

    path: Path
    count: int
    """The number of its patches that are not in the log and not declined."""
    applying: int
    """How many of these are for titles whose first patch has its tests pass."""
    problem: str = ""
    """What in it cannot be read, and why."""


def refusal(
    runs: list[dict[str, Any]], path: Path, inputs: dict[str, str]
) -> dict[str, int] | None:
    """Return what was noted when the file was refused with the current log; None if it was not."""
    offered = file_hash(path).removeprefix("sha256:")
    for run in runs:
        if run.get("job") == ACCEPT and run.get("outcome") == "failed":
            read = run.get("inputs", [])
            if are_inputs(run, inputs) and offered in {
                file["sha256"] for file in read if file.get("input") == "offered"
            }:
                return run.get("refused") or {}
    return None


NO_NAME = "{} cannot be accepted: its name has bytes that are not UTF-8. Rename it."
KNOWN = f"""
create table known as
select {PATCH_ID} as patch_id from inputs.lines where input = 'semantic_patches'
"""
OFFERED = f"""
create or replace table offered as
select *
from (
    select {PATCH_ID} as patch_id, try_cast(text as json) as json
    from inputs.lines
    where input = 'proposed' and {PATCH_ID} is not null
)
anti join known using (patch_id)
anti join declined_ids on declined_as(patch_id) = first_id
"""


def waiting_files(
    root: Root, places: list[Path], log: list[InputFile], limit: int
) -> list[WaitingFile]:
    """Return the waiting files, of the root's proposals and of these publications.

    Unreadable ones are among them; EngineError for an unreadable file of the log.
    """
    found = proposed_files(root)
    found += [path for place in places for path in place.glob("*_proposals.jsonl")]
    waiting = []
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        for file in log:
            add_lines(connection, file, limit)
        know_declined(connection, root, limit)
        connection.execute(KNOWN)
        for path in found:
            if not is_utf8(path):
                waiting.append(WaitingFile(path, 0, 0, NO_NAME.format(path)))
                continue
            connection.execute("truncate inputs.lines")
            try:
                open_regular(path, follow=False).close()
                add_lines(connection, InputFile("proposed", path, as_text(path)), limit)
            except (EngineError, OSError) as error:
                told = unreadable(path, error) if isinstance(error, OSError) else error
                waiting.append(WaitingFile(path, 0, 0, str(told)))
                continue
            connection.execute(OFFERED)
            problem = _no_patches(connection, path)
            ((count,),) = connection.execute("select count(*) from offered").fetchall()
            if count or problem:
                applying = _applying(connection, root) if count else 0
                waiting.append(WaitingFile(path, count, applying, problem))
    return waiting


def _no_patches(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Return how many lines are not patches, and why the first is not; empty if all are."""
    ((count, line, flaw),) = connection.execute(
        f"""
        select
            count(*),
            min(line_number),
            arg_min(coalesce(flaw, 'it has no patch_id'), line_number)
        from inputs.lines
        where input = 'proposed' and {PATCH_ID} is null
        """
    ).fetchall()
    if not count:
        return ""
    what = "line is not a patch" if count == 1 else "lines are not patches"
    return f"{path}: {count:,} {what} (line {line}: {flaw})"


def _applying(connection: duckdb.DuckDBPyConnection, root: Root) -> int:
    """Return how many offered patches are for titles whose row passes the first patch's tests.

    Only a replay can tell about the patches after the first.
    """
    rows = REPLAY_PUBLICATION.published(root) / f"{REPLAY_PUBLICATION.stem}.jsonl"
    applying = """
        with
        firsts as (
            select
                json ->> '/title_id' as title_id,
                arg_min(
                    json_extract(json, '$.ops[*]'),
                    (try_cast(json ->> '/patch_seq' as bigint), patch_id)
                ) as ops
            from offered
            group by 1
        ),

        operations as (
            select title_id, unnest(ops) as operation, generate_subscripts(ops, 1) as place
            from firsts
        ),

        -- Only tests of members that the patch itself has not written before.
        tests as (
            select title_id, operation ->> '/path' as path, operation -> '/value' as value
            from operations
            qualify bool_and(operation ->> '/op' = 'test') over (
                partition by title_id, split_part(path, '/', 2) order by place
            )
        ),

        failing as (
            select distinct title_id
            from tests
            inner join (
                select line ->> '/title_id' as title_id, line::json as json from {}
            ) as rows using (title_id)
            where starts_with(path, '/') and json_extract(rows.json, path) is distinct from value
        )

        select count(*)
        from offered
        anti join failing on json ->> '/title_id' = failing.title_id
    """
    try:
        found = connection.execute(applying.format(lines(rows))).fetchall()
    except OSError as error:
        raise unreadable(shown(rows), error) from error
    except duckdb.Error as error:
        raise EngineError(f"{shown(rows)} cannot be read: {told_by(error)}") from error
    return int(found[0][0])
