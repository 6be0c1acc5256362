"""Why a title is in its lane: its row, its patches and their operations, rules, a better lane."""

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from aina_data_engine.answers import RULES, views
from aina_data_engine.databases import opened
from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.jobs import EFFECTS, REPLAY_PUBLICATION, STAGES
from aina_data_engine.load import SCHEMA, add_lines
from aina_data_engine.pages import rows
from aina_data_engine.proposed import OPS, Proposal, make_ops_readable, proposals_for
from aina_data_engine.receipt import line_limit, receipts, vars_of_replay
from aina_data_engine.root import Root
from aina_data_engine.say import counted, first, shown, unfolded
from aina_data_engine.sql import identifier, json_of

STEM = REPLAY_PUBLICATION.stem
OUTCOMES = f"{STEM}_patch_outcomes"
SHOWN_TITLES = 10


@dataclass(frozen=True)
class Explanation:
    """One title of the generation in force."""

    row: dict[str, Any]
    patches: list[dict[str, Any]]
    """Its patches in replay order, with outcomes; if the log has them, with place and operations as
    JSON."""
    ends: list[dict[str, Any]]
    """The rules that keep it out of a better lane, each with `member`, `value` and `remedy`."""
    proposals: list[Proposal]
    """The proposals for it that are not in the log."""

    def content(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "row": self.row,
            "patches": [
                patch | ({"ops": [*map(unfolded, patch["ops"])]} if "ops" in patch else {})
                for patch in self.patches
            ],
            "what_ends_the_lane": self.ends,
            "proposals": [proposal.content() for proposal in self.proposals],
        }

    def text(self) -> str:
        """Return it for a person."""
        row = self.row
        lines = [
            f"{shown(row['title_id'])}: {shown(row['source_title'])}",
            f"  for learners     {shown(row['learner_title'])}",
        ]
        for name in ("occupation_code", "source_refs", "candidate_source_refs", "caveats"):
            if row[name]:
                lines.append(f"  {name:<16} {_told(row[name])}")
        lines += ["", f"Patches, {len(self.patches):,}, in replay order:"]
        for patch in self.patches:
            lines += _describe_patch(patch)
        reasons = ", ".join(row["lane_reasons"])
        lines += ["", f"Lane {row['runtime_lane']}, by the rule {row['lane_rule_id']}"]
        lines += [f"  rules that apply {reasons}"]
        if self.ends:
            lines.append("For a better lane:")
        for end in self.ends:
            lines.append(f"  {end['remedy']}")
            lines.append(f"    {end['rule']}: {end['member']} is {_told(end['value'])}")
        if not self.ends:
            stage = STAGES.get(row["runtime_lane"], "nothing yet")
            lines.append(f"  There is no better lane; this one feeds {stage}.")
        return "\n".join([*lines, *self._proposed()])

    def _proposed(self) -> list[str]:
        if not self.proposals:
            return []
        lines = ["", f"Proposed but not in the log, {len(self.proposals):,}:"]
        return lines + [line for one in self.proposals for line in _describe_proposal(one)]


def _describe_patch(patch: dict[str, Any]) -> list[str]:
    outcome = patch["outcome"]
    if patch["code"]:
        at = "" if patch["op_index"] is None else f" at operation {patch['op_index']}"
        outcome += f", {patch['code']}{at}"
    lines = [f"  {patch['patch_seq']}  {shown(patch['patch_id'])}: {outcome}"]
    lines.append(f"      {shown(patch['author'])}: {shown(patch['reason'])}")
    if "file" in patch:
        lines.append(f"      {shown(patch['file'])}, line {patch['line_number']:,}")
        lines += [f"      {_told(op)}" for op in patch["ops"]]
    return lines


def _describe_proposal(proposal: Proposal) -> list[str]:
    lines = [f"  {shown(proposal.patch_id)}{', declined' if proposal.is_declined else ''}"]
    author, reason = proposal.author or "no author", proposal.reason or "no reason"
    lines.append(f"      {shown(author)}: {shown(reason)}")
    lines.append(f"      {shown(proposal.file)}, line {proposal.line_number:,}")
    return lines + [f"      {_told(op)}" for op in proposal.ops]


def _told(value: Any, length: int = 160) -> str:
    told = shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return told if len(told) <= length else told[: length - 1] + "…"


def explain(root: Root, title: str) -> Explanation:
    """Explain a title, by its title_id or source title. EngineError unless exactly one matches."""
    database = REPLAY_PUBLICATION.published(root) / f"{STEM}.duckdb"
    try:
        names = (STEM, OUTCOMES, EFFECTS, RULES)
        with opened({name: (database, name) for name in names}) as connection:
            connection.execute(f"create view explain_titles as {views()['explain_titles'].query}")
            row = _row(connection, root, title)
            ends = _records(
                connection,
                "select unnest(what_ends_the_lane, recursive := true)"
                " from explain_titles where title_id = ?",
                row["title_id"],
            )
            patches = _records(
                connection,
                f"select * exclude (title_id) from {OUTCOMES}"
                " where title_id = ? order by patch_seq, patch_id",
                row["title_id"],
            )
            places = connection.execute(
                f"select distinct file, line_number, patch_seq, outcome from {EFFECTS}"
                " where title_id = ? order by file, line_number",
                [row["title_id"]],
            ).fetchall()
    except duckdb.Error as error:
        raise EngineError(f"{database} cannot be read: {told_by(error)}") from error
    ends = [end | {"value": unfolded(end["value"])} for end in ends]
    title_id = row["title_id"]
    limit = line_limit(vars_of_replay(root, receipts(root)))
    with duckdb.connect() as connection:
        read_log(connection, root, limit)
        patches = _with_ops(connection, title_id, patches, places)
        proposals = proposals_for(connection, root, title_id, limit)
        return Explanation(row, patches, ends, proposals)


def _row(connection: duckdb.DuckDBPyConnection, root: Root, title: str) -> dict[str, Any]:
    table = identifier(STEM)
    found = _records(connection, f"select * from {table} where title_id = ?", title)
    found = found or _records(
        connection, f"select * from {table} where source_title = ? order by title_id", title
    )
    if len(found) > 1:
        told = f"{counted(len(found), 'title')} have the source title {title}. Give an id:"
        ids = first([shown(row["title_id"]) for row in found], SHOWN_TITLES)
        raise EngineError("\n  ".join([told, *ids]))
    if found:
        return found[0]
    near = connection.execute(
        f"select title_id, source_title from {table}"
        " order by greatest(jaro_winkler_similarity(title_id, $1),"
        " jaro_winkler_similarity(lower(source_title), lower($1))) desc, title_id limit 3",
        [title],
    ).fetchall()
    names = "".join(f"\n  {shown(one)}: {shown(other)}" for one, other in near)
    raise EngineError(f"{root.path} has no title {title}. The nearest are:{names}")


def _records(
    connection: duckdb.DuckDBPyConnection, query: str, *values: object
) -> list[dict[str, Any]]:
    """Return a query's rows as objects."""
    members = f"select {json_of('columns(*)')} from ({query})"
    return [
        {name: unfolded(text) for name, text in row.items()}
        for row in rows(connection, members, *values)
    ]


def _with_ops(
    connection: duckdb.DuckDBPyConnection,
    title_id: str,
    patches: list[dict[str, Any]],
    places: list[tuple[str, int, int, str]],
) -> list[dict[str, Any]]:
    """Add to each patch its place in the log and its operations, if the log still has it there.

    `places` are those of the replayed lines, each with its patch's number and outcome.
    """
    make_ops_readable(connection)
    lines = connection.execute(
        f"""
        select
            file, line_number, text ->> '/patch_id', text ->> '/author', text ->> '/reason',
            {OPS}
        from inputs.lines
        where case when flaw is null and json_valid(text) then text ->> '/title_id' end = ?
        """,
        [title_id],
    ).fetchall()
    there = {(file, number): (names, ops) for file, number, *names, ops in lines}
    # Several lines can have one patch_id, even one patch_seq.
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for file, number, patch_seq, outcome in places:
        if (file, number) in there:
            names, ops = there[file, number]
            place = {"file": file, "line_number": number, "ops": ops}
            found.setdefault((patch_seq, outcome, *names), []).append(place)
    told = []
    for patch in patches:
        members = ("patch_seq", "outcome", "patch_id", "author", "reason")
        here = found.get(tuple(patch[name] for name in members))
        told.append(patch | (here.pop(0) if here else {}))
    return told


def read_log(connection: duckdb.DuckDBPyConnection, root: Root, limit: int) -> None:
    """Fill `inputs.lines` with the lines of the patch log."""
    connection.execute(SCHEMA)
    if root.inputs.is_dir():
        for file in root.input_files():
            if file.input == "semantic_patches":
                add_lines(connection, file, limit)
