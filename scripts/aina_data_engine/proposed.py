"""The proposals for one title that are not in the log."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from aina_data_engine.declines import PATCH_ID, know_declined
from aina_data_engine.load import add_lines
from aina_data_engine.patch_log import proposal_files
from aina_data_engine.project_sql import make_functions
from aina_data_engine.root import InputFile, Root, as_text
from aina_data_engine.say import unfolded

OPS = """
list_transform(json_extract(spell_numbers(text), '$.sops[*]'), lambda op: unspell_numbers(op))
"""
"""A patch's operations as JSON, their numbers as they are written; see `make_ops_readable`."""
PROPOSED = f"""
with
named as (
    select *, {PATCH_ID} as patch_id
    from inputs.lines
    where {PATCH_ID} is not null and text ->> '/title_id' = ?
)

select
    patch_id, {OPS}, file, line_number, text ->> '/author', text ->> '/reason',
    declined_as(patch_id) in (select first_id from declined_ids)
from named
left join proposal_times using (file)
where
    input = 'proposed'
    and patch_id not in (select patch_id from named where input = 'semantic_patches')
qualify 1 = row_number() over (
    partition by patch_id order by changed_at desc, file desc, line_number desc
)
order by file, line_number
"""
"""The proposals for a title; where a patch was proposed again, the newest file's."""


@dataclass(frozen=True)
class Proposal:
    """A proposed patch."""

    patch_id: str
    ops: list[str]
    """As JSON."""
    file: str
    line_number: int
    author: str | None
    reason: str | None
    is_declined: bool

    def content(self) -> dict[str, Any]:
        """Return it for a program."""
        return asdict(self) | {"ops": [*map(unfolded, self.ops)]}


def make_ops_readable(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions that `OPS` calls."""
    make_functions(
        connection,
        *(f"json/{name}.sql" for name in ("json_tokens", "spell_numbers", "unspell_numbers")),
        of="json",
    )


def proposals_for(
    connection: duckdb.DuckDBPyConnection, root: Root, title_id: str, limit: int
) -> list[Proposal]:
    """Return the proposals for a title; the connection's `inputs.lines` has the log's lines."""
    make_ops_readable(connection)
    connection.execute(
        "create or replace temp table proposal_times (file varchar, changed_at bigint)"
    )
    for path in proposal_files(root):
        add_lines(connection, InputFile("proposed", path, as_text(path)), limit)
        changed = (as_text(path), path.stat().st_mtime_ns)
        connection.execute("insert into proposal_times values (?, ?)", changed)
    know_declined(connection, root, limit)
    return [Proposal(*told) for told in connection.execute(PROPOSED, [title_id]).fetchall()]
