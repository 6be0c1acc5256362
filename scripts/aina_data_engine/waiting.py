"""Which proposals wait to be accepted, and which of them can no longer be accepted."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.declines import DECLINED, load_declined
from aina_data_engine.errors import EngineError, told_by, unreadable
from aina_data_engine.files import file_hash, open_regular
from aina_data_engine.jobs import ACCEPT, REPLAY_PUBLICATION
from aina_data_engine.load import SCHEMA
from aina_data_engine.receipt import are_inputs
from aina_data_engine.root import Root
from aina_data_engine.say import shown
from aina_data_engine.sql import literal, path_literal


@dataclass(frozen=True)
class WaitingFile:
    """A file of proposals."""

    path: Path
    count: int
    """The number of its patches that are not in the log and not declined."""
    applying: int
    """How many of these are for titles whose first patch has its tests pass."""
    problem: str = ""
    """Why it cannot be read, if it cannot: then nothing else is known about it."""


def refusal(
    runs: list[dict[str, Any]], path: Path, inputs: dict[str, str]
) -> dict[str, int] | None:
    """Return what was noted when the file was refused with the current log; None if it was not."""
    offered = file_hash(path).removeprefix("sha256:")
    for run in runs:
        if run.get("job") == ACCEPT and run.get("outcome") == "failed":
            read = run.get("inputs", [])
            if are_inputs(run, inputs) and offered in {
                file["sha256"] for file in read if file["input"] == "offered"
            }:
                return run.get("refused") or {}
    return None


def waiting_files(root: Root, places: list[Path], log: list[Path]) -> list[WaitingFile]:
    """Return the waiting files, of the root's proposals and of these publications.

    Unreadable ones are among them; EngineError for an unreadable file of the log.
    """
    found = sorted(root.proposals.glob("*.jsonl")) if root.proposals.is_dir() else []
    found += [path for place in places for path in place.glob("*_proposals.jsonl")]
    waiting = []
    with duckdb.connect() as connection:
        connection.execute("create table known (patch_id varchar)")
        for path in log:
            _ask(connection, path, "insert into known select json ->> '/patch_id' from {}")
        connection.execute(SCHEMA)
        load_declined(connection, root)
        connection.execute(DECLINED)
        connection.execute("insert into known select patch_id from declined")
        for path in found:
            connection.execute("create or replace table offered (patch_id varchar, json json)")
            try:
                count = _ask(
                    connection,
                    path,
                    "insert into offered select * from (select json ->> '/patch_id' as patch_id,"
                    " json from {}) anti join known using (patch_id)",
                )
            except EngineError as error:
                waiting.append(WaitingFile(path, 0, 0, str(error)))
                continue
            if count:
                waiting.append(WaitingFile(path, count, _applying(connection, root)))
    return waiting


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
                select json ->> '/title_id' as title_id, json from {}
            ) as rows using (title_id)
            where starts_with(path, '/') and json_extract(rows.json, path) is distinct from value
        )

        select count(*)
        from offered
        anti join failing on json ->> '/title_id' = failing.title_id
    """
    return _ask(connection, rows, applying)


def _ask(connection: duckdb.DuckDBPyConnection, path: Path, question: str) -> int:
    """Run a query over a file's records; EngineError, with the file, where it cannot be read."""
    # Under another name: the database accepts only names in UTF-8, which a file's may not be.
    with tempfile.TemporaryDirectory(prefix="aina-data-engine-") as scratch:
        link = Path(scratch) / f"patches{'.gz' if path.name.lower().endswith('.gz') else '.jsonl'}"
        link.symlink_to(path.absolute())
        try:
            with open_regular(path) as stream:
                if not stream.peek(1):
                    return 0
            return int(connection.execute(question.format(_records(link))).fetchall()[0][0])
        except OSError as error:
            raise unreadable(shown(path), error) from error
        except (duckdb.Error, UnicodeError) as error:
            what = told_by(error).replace(str(link), shown(path))
            raise EngineError(f"{shown(path)} cannot be read: {what}") from error


def _records(path: Path) -> str:
    """Return SQL for the lines of a file as JSON; a line that is not JSON is left out."""
    compression = "gzip" if path.name.lower().endswith(".gz") else "none"
    return (
        f"read_json_objects([{path_literal(path)}],"
        f" format = 'newline_delimited', compression = {literal(compression)},"
        " hive_partitioning = false, filename = false, union_by_name = false,"
        " ignore_errors = true, maximum_object_size = 67108864)"
    )
