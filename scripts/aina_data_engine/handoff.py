"""The handoff: a generation as a page to send to a colleague, and as Markdown.

Both have the same content, queried from the generation's tables and, for what has changed, from
those of the previous one. It depends only on the inputs of both, and so do the page's bytes. The
page is a single file without scripts that loads nothing else.
"""

import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine import pages
from aina_data_engine.compare import Difference
from aina_data_engine.databases import opened
from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.generations import kept
from aina_data_engine.job import Publication
from aina_data_engine.jobs import PROPOSE, REPLAY, REPLAY_PUBLICATION, STAGES
from aina_data_engine.pages import SHOWN_CHARACTERS, Rows, rows
from aina_data_engine.receipt import receipt_of
from aina_data_engine.root import Root
from aina_data_engine.say import Told
from aina_data_engine.shapes import OUTCOMES, Summary, counts_of, read_summary
from aina_data_engine.sql import identifier, literal

SHOWN_TITLES = 5
"""How many titles of each lane are shown."""
SHOWN_GROUPS = 20
"""How many groups of patches, holds or quarantined lines are shown, the largest first."""
FAILED_CHECKS = """
array_to_string(
    list_transform(
        list_filter(checks, lambda one: not one.passed), lambda one: one.name || ': ' || one.detail
    ),
    '; '
)
"""
"""SQL for the checks that a packet failed, each with what it found."""
NONE_BEFORE = "No generation was published before this one."
NOT_KEPT = "The generation before this one is no longer kept."
UNREADABLE = "The generation before this one can no longer be read."

Change = dict[str, Any] | str
"""What has changed since the former generation, or a sentence that says why that is not told."""


def content_of(
    cursor: duckdb.DuckDBPyConnection,
    publication: Publication,
    summary: Summary,
    tables: Mapping[str, str],
    change: Change | None,
) -> dict[str, Any]:
    """Return the content of a generation's handoff; `tables` has its tables, by file stem.

    `change` is the result of `change_since` for the former generation; a stage has none.
    """
    content = {
        "publication": publication,
        "summary": summary,
        "counts": {
            key.removesuffix("_counts").replace("_", " "): counts
            for key, counts in counts_of(summary).items()
            if key != "lane_counts"
        },
        "gates": [gate for gate in summary["gates"] if gate["result"] != "pass"],
    }
    if publication is REPLAY_PUBLICATION:
        content |= _content_of_replay(cursor, summary, tables)
        content["change"] = change
    else:
        content["samples"] = _samples(cursor, summary, tables)
    return content


def change_since(former: Path | None, place: Path) -> Change:
    """Return what a generation of the replay changes.

    That the former one cannot be read must not prevent publishing.
    """
    if not former:
        return NONE_BEFORE
    try:
        with Difference.of(former, place) as found:
            return found.content()
    except EngineError:
        return UNREADABLE


def _content_of_replay(
    cursor: duckdb.DuckDBPyConnection, summary: Summary, tables: Mapping[str, str]
) -> dict[str, Any]:
    stem = REPLAY_PUBLICATION.stem
    titles = tables[stem]
    outcomes, quarantine = tables[f"{stem}_patch_outcomes"], tables[f"{stem}_quarantine"]
    counts = counts_of(summary)["lane_counts"]
    labels = {
        resource["runtime_lane"]: resource.get("title", resource["runtime_lane"])
        for resource in summary["resources"]
        if "runtime_lane" in resource
    }
    return {
        "lanes": [
            {
                "name": lane,
                "label": labels[lane],
                "count": count,
                "share": count / max(sum(counts.values()), 1),
                "job": STAGES.get(lane),
                "rules": rows(
                    cursor,
                    f"select lane_rule_id as rule, count(*) as count from {titles}"
                    f" where runtime_lane = {literal(lane)} group by all order by count desc, rule",
                ),
                "titles": _titles(cursor, titles, lane),
            }
            for lane, count in counts.items()
        ],
        "authors": _largest(
            cursor,
            f"select {_short('author')} as author, count(*) as patches,"
            + ", ".join(f" count(*) filter (outcome = '{name}') as {name}" for name in OUTCOMES)
            + f" from {outcomes} group by all",
            "patches desc, author",
        ),
        "rejections": rows(
            cursor,
            f"select code, count(*) as count, {_short('min(patch_id)')} as example"
            f" from {outcomes} where outcome = 'rejected' group by code order by count desc, code",
        ),
        "holds": _largest(
            cursor,
            f"select lane_rule_id as rule, {_short('hold_reason')} as reason, count(*) as count"
            f" from {titles} where runtime_lane = 'hold' group by all",
            "count desc, rule, reason",
        ),
        "quarantine": _largest(
            cursor,
            f"select input, {_short('reason')} as reason, count(*) as count from {quarantine}"
            " group by all",
            "count desc, input, reason",
        ),
    }


def _largest(cursor: duckdb.DuckDBPyConnection, groups: str, order: str) -> Rows:
    """Return the first of some groups, each with the total number of groups."""
    return rows(
        cursor,
        f"select *, count(*) over () as group_count from ({groups})"
        f" order by {order} limit {SHOWN_GROUPS}",
    )


def _samples(
    cursor: duckdb.DuckDBPyConnection, summary: Summary, tables: Mapping[str, str]
) -> Rows:
    """Return some rows of each file that has any, without the columns that do not fit in a line."""
    samples = []
    for resource in summary["resources"]:
        if not resource.get("rows"):
            continue
        table = tables[resource["name"]]
        kinds = {name: kind for name, kind, *_ in cursor.execute(f"describe {table}").fetchall()}
        shown = {
            name: f"{identifier(name)}::varchar"
            for name, kind in kinds.items()
            if "STRUCT" not in kind and "MAP" not in kind
        }
        if "checks" in kinds:
            shown["failed_checks"] = FAILED_CHECKS
        columns = [*shown]
        told = ", ".join(f"{_short(text)} as {identifier(name)}" for name, text in shown.items())
        query = f"select {told} from {table} order by all limit {SHOWN_TITLES}"
        found = [["" if v is None else v for v in row.values()] for row in rows(cursor, query)]
        samples.append({"resource": resource, "heads": columns, "found": found})
    return samples


def _titles(cursor: duckdb.DuckDBPyConnection, table: str, lane: str) -> Rows:
    """Return some titles of a lane, before and after; those that a patch has changed first."""
    return rows(
        cursor,
        f"""
        select
            {_short("title_id")} as title_id,
            {_short("source_title")} as source_title,
            {_short("learner_title")} as learner_title,
            lane_rule_id as rule,
            len(patches_applied) as patches,
            {_short("array_to_string(caveats, ', ')")} as caveats
        from (
            from {table} where runtime_lane = {literal(lane)}
            order by learner_title is not distinct from source_title, title_id limit {SHOWN_TITLES}
        )
        order by learner_title is not distinct from source_title, title_id
        """,
    )


def _short(expression: str) -> str:
    """Return SQL for the beginning of a text."""
    return (
        f"case when length({expression}) > {SHOWN_CHARACTERS}"
        f" then left({expression}, {SHOWN_CHARACTERS}) || '…' else {expression} end"
    )


def hand_off(root: Root, publication: Publication, *, opens: bool) -> Told:
    """Return the handoff of what is published, and `opens` its page. EngineError without one."""
    place = publication.published(root)
    content = read_content(root, place, publication)
    page = place / f"{publication.stem}.html"
    if opens:
        if not page.is_file():
            raise EngineError(f"{page} is missing. Run {root.call(publication.job)} again.")
        webbrowser.open(page.resolve().as_uri())
    told = {"page": str(page), "generation": content["summary"]["generation"]}
    return Told(0, as_markdown(content, root.command).rstrip("\n"), content=told)


def read_content(root: Root, place: Path, publication: Publication) -> dict[str, Any]:
    """Return the content of a published generation's handoff. EngineError where it is not whole."""
    try:
        summary = read_summary(place, publication.stem)
        database = place / f"{publication.stem}.duckdb"
        # A lane is a view of the rows.
        stems = [
            Path(resource["path"]).stem
            for resource in summary["resources"]
            if resource["format"] == "jsonl" and "runtime_lane" not in resource
        ]
        change = None
        if publication is REPLAY_PUBLICATION:
            change = _change_of(root, place)
        with opened({stem: (database, stem) for stem in stems}) as connection:
            tables = {stem: identifier(stem) for stem in stems}
            return content_of(connection, publication, summary, tables, change)
    except (duckdb.Error, OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{place} is not whole: {told_by(error)}. Run verify.") from error


def _change_of(root: Root, place: Path) -> Change:
    """Return what the generation in force has changed, if that can still be told.

    The receipt says what was in force before it, by digest, or by name where it was unreadable.
    """
    found = [*kept(root, REPLAY_PUBLICATION), None]
    former = found[found.index(place) + 1]
    noted = receipt_of(root, place).get("generation", {})
    if "before" not in noted:
        return change_since(former, place)
    if not noted["before"]:
        return NONE_BEFORE
    if former and REPLAY_PUBLICATION.digest_in(former) in (noted["before"], None):
        return change_since(former, place)
    return NOT_KEPT


def as_page(content: Mapping[str, Any]) -> str:
    """Return the page. Its commands are to be run in the root's directory."""
    return _render("handoff.html.jinja", content, pages.COMMAND)


def as_markdown(content: Mapping[str, Any], command: str) -> str:
    """Return the same as Markdown; `command` is the command line for the root."""
    return _render("handoff.md.jinja", content, command)


def _render(template: str, content: Mapping[str, Any], command: str) -> str:
    return pages.render(
        template, **content, command=command, replay=REPLAY, propose=PROPOSE, outcomes=OUTCOMES
    )
