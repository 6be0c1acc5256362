"""Which proposals wait to be accepted, and which of them can no longer be."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from aina_data_engine.declines import DECLINED, load_declined
from aina_data_engine.errors import EngineError, told_by, unreadable
from aina_data_engine.files import file_hash, open_regular
from aina_data_engine.jobs import ACCEPT, REPLAY_PUBLICATION
from aina_data_engine.load import SCHEMA
from aina_data_engine.receipt import are_inputs, receipts
from aina_data_engine.root import Root
from aina_data_engine.say import shown
from aina_data_engine.sql import literal, path_literal


@dataclass(frozen=True)
class WaitingFile:
    """A file of proposals."""

    path: Path
    count: int
    """Its patches that the log has not, and that nobody has declined."""
    applying: int
    """How many of these test for what the published row of their title says by then."""


def refusal(root: Root, path: Path, inputs: dict[str, str]) -> dict[str, int] | None:
    """Return what was told when the log as it is refused the file; None where it has not."""
    offered = file_hash(path).removeprefix("sha256:")
    for run in receipts(root):
        if run.get("job") == ACCEPT and run.get("outcome") == "failed":
            read = run.get("inputs", [])
            log = {"inputs": [file for file in read if file["input"] != "offered"]}
            if are_inputs(log, inputs) and offered in {
                file["sha256"] for file in read if file["input"] == "offered"
            }:
                return run.get("refused") or {}
    return None


def waiting_files(root: Root, places: list[Path], log: list[Path]) -> list[WaitingFile]:
    """Return the files, of the root's proposals and of these publications, that wait."""
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
            count = _ask(
                connection,
                path,
                "insert into offered select * from (select json ->> '/patch_id' as patch_id, json"
                " from {}) anti join known using (patch_id)",
            )
            if count:
                waiting.append(WaitingFile(path, count, _applying(connection, root)))
    return waiting


def _applying(connection: duckdb.DuckDBPyConnection, root: Root) -> int:
    """Return of how many offered patches the row, and what is offered before them, says as tested.

    Of a member that is written in part nothing is known afterwards, and its tests are let pass.
    """
    rows = REPLAY_PUBLICATION.published(root) / f"{REPLAY_PUBLICATION.stem}.jsonl"
    applying = """
        with recursive
        patches as (
            select
                json ->> '/title_id' as title_id,
                row_number() over (
                    partition by json ->> '/title_id'
                    order by try_cast(json ->> '/patch_seq' as bigint), patch_id
                ) as position,
                list_transform(json_extract(json, '$.ops[*]'), lambda op: struct_pack(
                    op := (op ->> '/op'),
                    path := (op ->> '/path'),
                    member := split_part(regexp_extract(op ->> '/path', '^/.*'), '/', 2),
                    value := (op -> '/value')
                )) as ops
            from offered
        ),

        steps as (
            select
                title_id,
                position,
                -- Of what the patch itself has not written before.
                list_filter(ops, lambda one, place:
                    one.op = 'test'
                    and one.member <> ''
                    and len(list_filter(ops[:place - 1], lambda former:
                        former.op <> 'test' and former.member = one.member
                    )) = 0
                ) as tests,
                list_filter(ops, lambda one: one.op <> 'test' and one.member <> '') as writes
            from patches
        ),

        replayed as (
            select
                json ->> '/title_id' as title_id,
                0::bigint as position,
                json as document,
                true as applies
            from {}
            where (json ->> '/title_id') in (select title_id from patches)
            union all
            select
                title_id,
                position,
                coalesce(written, document) as document,
                written is not null as applies
            from (
                select
                    steps.title_id,
                    steps.position,
                    replayed.document,
                    case
                        when len(list_filter(steps.tests, lambda one:
                            json_exists(document, '/' || one.member)
                            and json_extract(document, one.path) is distinct from one.value
                        )) = 0
                            then list_reduce(
                                steps.writes,
                                lambda written, one: json_merge_patch(written, json_object(
                                    one.member,
                                    case when one.path = '/' || one.member then one.value end
                                )),
                                document
                            )
                    end as written
                from replayed
                inner join steps
                    on replayed.title_id = steps.title_id
                    and replayed.position + 1 = steps.position
            )
        )

        select count(*) from replayed where position > 0 and applies
    """
    return _ask(connection, rows, applying)


def _ask(connection: duckdb.DuckDBPyConnection, path: Path, question: str) -> int:
    """Ask of a file's records; EngineError, with the file, where it cannot be read."""
    # Of another name: the database takes none that is no UTF-8, which a file of the log may have.
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
    """Return SQL for the lines of a file as JSON; one that is none is left out."""
    compression = "gzip" if path.name.lower().endswith(".gz") else "none"
    return (
        f"read_json_objects([{path_literal(path)}],"
        f" format = 'newline_delimited', compression = {literal(compression)},"
        " hive_partitioning = false, filename = false, union_by_name = false,"
        " ignore_errors = true, maximum_object_size = 67108864)"
    )
