"""The patches that a person has declined: proposals that are not made again."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import duckdb

from aina_data_engine.errors import EngineError
from aina_data_engine.load import SCHEMA, add_lines
from aina_data_engine.lock import take
from aina_data_engine.patch_log import add_file, proposal_files
from aina_data_engine.project_sql import make_functions, model
from aina_data_engine.receipt import line_limit, receipts, vars_of_replay
from aina_data_engine.root import InputFile, Root, as_text, refuse_no_file
from aina_data_engine.say import counted, shown
from aina_data_engine.stopping import added_to, leave_clearly

PATCH_ID = (
    "case when flaw is null and json_valid(text) and json_type(text, '/patch_id') = 'VARCHAR'"
    " then text ->> '/patch_id' end"
)
NO_DECLINE = (
    'left out; a declined patch must be {"patch_id": "...", "reviewer": "...", "note": "..."}'
)
ID_FUNCTIONS = [f"patch_log/{name}.sql" for name in ("again_base", "rule_of_id", "declined_as")]


@dataclass(frozen=True)
class Decline:
    """A request to decline patches, by file, id or rule, or to take a decline back."""

    file: Path | None
    ids: Sequence[str]
    rules: Sequence[str]
    reviewer: str
    note: str
    is_taken_back: bool


def load_declined(cursor: duckdb.DuckDBPyConnection, root: Root, limit: int) -> list[str]:
    """Add the declines' lines to `inputs.lines`; return a message for each invalid line."""
    for file in root.declined_files():
        add_lines(cursor, file, limit)
    wrong = cursor.execute(
        "delete from inputs.lines"
        f" where input = 'declined_patches' and {PATCH_ID} is null returning file, line_number"
    ).fetchall()
    return [f"{shown(name)}, line {number}: {NO_DECLINE}" for name, number in sorted(wrong)]


def know_declined(connection: duckdb.DuckDBPyConnection, root: Root, limit: int) -> list[str]:
    """Make the table `declined_ids` of what is declined now, and the functions for looking it up.

    A patch is declined if `declined_as(patch_id)` is a `first_id` of the table. Returns what
    `load_declined` returns.
    """
    wrong = load_declined(connection, root, limit)
    make_functions(connection, *ID_FUNCTIONS, of="patch_id")
    query = model("patch_log/log/declined_ids.sql")
    connection.execute(f"create table declined_ids as {query}")
    return wrong


def decline(root: Root, asked: Decline, *, wait: bool = False) -> str:
    """Record what is declined, or taken back; return the message.

    EngineError for an unknown patch or rule, and for a file with a line without a patch_id.
    """
    if not (asked.file or asked.ids or asked.rules):
        raise EngineError("decline-patches needs a FILE, an --id or a --rule.")
    if asked.file:
        refuse_no_file(asked.file)
    root.refuse_what_is_none()
    root.prepare()
    take(root.lock, wait=wait)
    place = root.inputs / "declined_patches"
    leave_clearly(added_to(place))
    limit = line_limit(vars_of_replay(root, receipts(root)))
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        wrong = know_declined(connection, root, limit)
        _load_known(connection, root, asked, limit)
        authors = _refuse_unknown(connection, asked)
        text = connection.execute(_lines(asked), _parameters(asked, authors)).fetchall()[0][0]
        if not text:
            return "\n".join([_nothing_new(connection, asked), *(f"  {line}" for line in wrong)])
    path = add_file(place, text.encode(), "declined.jsonl")
    number = counted(text.count("\n"), "patch", "patches")
    what = "Took back the decline of" if asked.is_taken_back else "Declined"
    then = "Can be proposed again" if asked.is_taken_back else "Not proposed again"
    told = [f"{what} {number}", f"  as {shown(path)}", f"  {then} from now on."]
    return "\n".join([*told, *(f"  {line}" for line in wrong)])


def _nothing_new(connection: duckdb.DuckDBPyConnection, asked: Decline) -> str:
    """Return why there is nothing to record."""
    is_named = asked.ids or asked.rules
    if not is_named and not connection.execute("from known where kind = 'asked'").fetchall():
        return f"{shown(asked.file)} contains no patch."
    return (
        "Nothing new: these patches are"
        f" {'not declined' if asked.is_taken_back else 'declined already'}."
    )


def _load_known(
    connection: duckdb.DuckDBPyConnection, root: Root, asked: Decline, limit: int
) -> None:
    """Make the table `known` of every patch that is proposed, in the log, or declined."""
    found = [("asked", asked.file)] if asked.file else []
    found += [("proposed", path) for path in proposal_files(root)]
    found += [(f.input, f.path) for f in root.input_files() if f.input == "semantic_patches"]
    for kind, path in found:
        add_lines(connection, InputFile(kind, path, as_text(path)), limit)
    connection.execute(
        f"""
        create table known as
        select
            input as kind,
            file,
            line_number,
            {PATCH_ID} as patch_id,
            case when {PATCH_ID} is not null then text ->> '/title_id' end as title_id,
            case when {PATCH_ID} is not null then hash(text -> '/ops') end as ops,
            case
                when input = 'declined_patches' then 'rule:' || rule_of_id({PATCH_ID})
                when flaw is null and json_valid(text) then text ->> '/author'
            end as author
        from inputs.lines
        """
    )


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, asked: Decline) -> list[str]:
    """Return the authors that the named rules are.

    EngineError for a line without a patch_id, and for an unknown id or rule.
    """
    wrong = connection.execute(
        "select file, line_number from known where kind = 'asked' and patch_id is null limit 1"
    ).fetchall()
    for file, number in wrong:
        raise EngineError(f"{shown(file)}, line {number}, is not a patch: it has no patch_id.")
    for patch_id in asked.ids:
        if patch_id not in (names := _nearest(connection, "patch_id", patch_id)):
            raise _unknown("patch", patch_id, names)
    authors = []
    for rule in asked.rules:
        # The rule's name, or the author as written in a patch.
        ways = [f"rule:{rule}", *([rule] if rule.startswith("rule:") else [])]
        found = {way: _nearest(connection, "author", way) for way in ways}
        meant = [way for way, names in found.items() if way in names]
        if not meant:
            names = [name.removeprefix("rule:") for name in found[ways[-1]]]
            raise _unknown("rule", ways[-1].removeprefix("rule:"), names)
        authors += meant[:1]
    return authors


def _nearest(connection: duckdb.DuckDBPyConnection, column: str, name: str) -> list[str]:
    """Return the names most similar to one, beginning with the name itself if it is known."""
    found = connection.execute(
        f"select {column} from known where {column} is not null group by 1"
        f" order by {column} = $1 desc, jaro_winkler_similarity({column}, $1) desc, 1 limit 10",
        (name,),
    )
    return [row[0] for row in found.fetchall()]


def _unknown(kind: str, name: str, names: list[str]) -> EngineError:
    nearest = get_close_matches(name, names, 3, 0.6)
    hint = f" Did you mean {shown(', '.join(nearest))}?" if nearest else ""
    return EngineError(f"No {kind} {shown(name)} is proposed or in the log.{hint}")


def _lines(asked: Decline) -> str:
    """Return SQL for the lines to add, as one text; a decline in effect is not repeated."""
    times = "coalesce(declined_ids.times, 0)"
    member = "'reviewer', $reviewer, 'note', $note"
    if asked.is_taken_back:
        member += ", 'taken_back', true"
        lines = f"range({times})"
    else:
        lines = f"range(case when {times} > 0 then 0 else 1 end)"
    return f"""
    with
    named as (
        select distinct patch_id, coalesce(again_base(patch_id), patch_id) as base_id, title_id, ops
        from known
        where patch_id is not null and (
            kind = 'asked' or list_contains($ids, patch_id) or list_contains($authors, author)
        )
    ),
    -- What the log has of it under another number is meant as well.
    chosen as (
        select patch_id from named
        union
        select log.patch_id
        from known as log
        inner join named
            on
                log.kind = 'semantic_patches'
                and log.title_id = named.title_id
                and log.ops = named.ops
                and coalesce(again_base(log.patch_id), log.patch_id) = named.base_id
    ),
    counted as (
        select declined_as(patch_id) as first_id, min(patch_id) as patch_id from chosen group by 1
    ),
    lines as (
        select counted.patch_id, unnest({lines}) as nth
        from counted left join declined_ids on counted.first_id = declined_ids.first_id
    )
    select string_agg(
        json_object('patch_id', patch_id, {member})::varchar || chr(10), '' order by patch_id
    )
    from lines
    """


def _parameters(asked: Decline, authors: list[str]) -> dict[str, object]:
    return {
        "ids": list(asked.ids),
        "authors": authors,
        "reviewer": asked.reviewer,
        "note": asked.note,
    }
