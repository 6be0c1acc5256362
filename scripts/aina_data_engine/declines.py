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
DECLINED = f"""
create view declined as
with
lines as (
    select {PATCH_ID} as patch_id, coalesce(text ->> '/taken_back' = 'true', false) as is_taken_back
    from inputs.lines
    where input = 'declined_patches'
)

select patch_id, count(*) filter (not is_taken_back) - count(*) filter (is_taken_back) as times
from lines
group by patch_id
having times > 0
"""
"""The patches that are declined now: declined more often than taken back."""


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


def decline(root: Root, asked: Decline) -> str:
    """Record what is declined, or taken back; return the message.

    EngineError for an unknown patch or rule, and for a file with a line without a patch_id.
    """
    if not (asked.file or asked.ids or asked.rules):
        raise EngineError("decline-patches needs a FILE, an --id or a --rule.")
    if asked.file:
        refuse_no_file(asked.file)
    root.refuse_what_is_none()
    root.prepare()
    take(root.lock)
    place = root.inputs / "declined_patches"
    leave_clearly(added_to(place))
    limit = line_limit(vars_of_replay(root, receipts(root)))
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        wrong = load_declined(connection, root, limit)
        connection.execute(DECLINED)
        _load_known(connection, root, asked, limit)
        _refuse_unknown(connection, asked)
        text = connection.execute(_lines(asked), _parameters(asked)).fetchall()[0][0]
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
            case
                when input = 'declined_patches'
                    then 'rule:' || regexp_replace({PATCH_ID}, '-[0-9a-f]{{16}}(~[0-9]+)?$', '')
                when flaw is null and json_valid(text) then text ->> '/author'
            end as author
        from inputs.lines
        """
    )


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, asked: Decline) -> None:
    """EngineError for a line without a patch_id, and for an unknown id or rule."""
    wrong = connection.execute(
        "select file, line_number from known where kind = 'asked' and patch_id is null limit 1"
    ).fetchall()
    for file, number in wrong:
        raise EngineError(f"{shown(file)}, line {number}, is not a patch: it has no patch_id.")
    for kind, values, column in (
        ("patch", asked.ids, "patch_id"),
        ("rule", [f"rule:{rule.removeprefix('rule:')}" for rule in asked.rules], "author"),
    ):
        for value in values:
            names = [
                row[0]
                for row in connection.execute(
                    f"select {column} from known where {column} is not null group by 1"
                    f" order by jaro_winkler_similarity({column}, ?) desc, 1 limit 10",
                    (value,),
                ).fetchall()
            ]
            if value not in names:
                nearest = get_close_matches(value, names, 3, 0.6)
                hint = f" Did you mean {shown(', '.join(nearest))}?" if nearest else ""
                raise EngineError(
                    f"No {kind} {shown(value)} is proposed or in the log.{hint}".replace(
                        "rule:", ""
                    )
                )


def _lines(asked: Decline) -> str:
    """Return SQL for the lines to add, as one text; a decline in effect is not repeated."""
    times = "coalesce(declined.times, 0)"
    member = "'reviewer', $reviewer, 'note', $note"
    if asked.is_taken_back:
        member += ", 'taken_back', true"
        lines = f"range({times})"
    else:
        lines = f"range(case when {times} > 0 then 0 else 1 end)"
    return f"""
    with
    chosen as (
        select distinct patch_id from known
        where patch_id is not null and (
            kind = 'asked' or list_contains($ids, patch_id) or list_contains($rules, author)
        )
    ),
    lines as (
        select chosen.patch_id, unnest({lines}) as nth
        from chosen left join declined on chosen.patch_id = declined.patch_id
    )
    select string_agg(
        json_object('patch_id', patch_id, {member})::varchar || chr(10), '' order by patch_id
    )
    from lines
    """


def _parameters(asked: Decline) -> dict[str, object]:
    return {
        "ids": list(asked.ids),
        "rules": [f"rule:{rule.removeprefix('rule:')}" for rule in asked.rules],
        "reviewer": asked.reviewer,
        "note": asked.note,
    }
