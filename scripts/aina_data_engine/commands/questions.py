"""Commands that ask why a title is in its lane, and what other patches would change."""

import json
from contextlib import ExitStack

import click

from aina_data_engine import say
from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import Subject, variables_option
from aina_data_engine.errors import EngineError
from aina_data_engine.progress import Progress
from aina_data_engine.say import Told

SUBJECT = Subject("Why, and what if")


@SUBJECT.command(
    "explain",
    "Explain why a title is in its lane.",
    """
    Shows a published title, given by its title_id or its source title: the row, every patch in
    replay order with its operations and its outcome, the lane rules that apply, what would have to
    change for a better lane, and the proposals that are not in the log.
    """,
    "explain --root DIR t1",
    "explain --root DIR 'Support Associate - Soma'",
)
@click.argument("title", metavar="TITLE")
def _explain(call: Call, title: str) -> Told:
    from aina_data_engine.explain import explain

    with Progress("reading what is published, and the log"):
        found = explain(call.root, title)
    return Told(0, found.text(), content=found.content())


@SUBJECT.command(
    "diff",
    "Show what differs between two generations.",
    """
    Compares generation A with generation B, each named by its directory under
    ROOT/artifacts/generations or by at least the first 6 characters of its digest. B defaults to
    the generation in force, A to the one before B. Shows how many titles moved from which lane to
    which, which titles came and went, and which members changed by which patches.
    """,
    "diff --root DIR",
    "diff --root DIR --lines > changes.jsonl",
)
@click.argument("before", required=False, metavar="[A]")
@click.argument("after", required=False, metavar="[B]")
@click.option("--lines", is_flag=True, help="Print each title that differs as a JSON line.")
def _diff(call: Call, before: str | None, after: str | None, lines: bool) -> Told:
    from aina_data_engine.compare import Difference, chosen

    places = chosen(call.root, before, after)
    with ExitStack() as stack:
        with Progress("comparing the two generations"):
            found = stack.enter_context(Difference.of(*places))
        if call.as_json:
            titles = {"titles": [json.loads(row) for row in found.rows()]} if lines else {}
            return Told(0, content=found.content() | titles)
        if not lines:
            return Told(0, found.text(how_to_see_all=": --lines prints all of them"))
        for row in found.rows():
            say.out(row)
    return Told(0)


@SUBJECT.command(
    "as-of",
    "Replay the log up to a point, and show what has changed since.",
    """
    Replays the patches up to a patch_seq, or by their created_at up to the end of a date or up to a
    time (ISO 8601, in UTC unless a zone is given), and compares the result with what is published.
    Nothing is published.
    """,
    "as-of --root DIR 1200",
    "as-of --root DIR 2026-01-31",
    "as-of --root DIR 2026-01-31T12:00+01:00",
)
@click.argument("point", metavar="PATCH_SEQ|DATE")
@variables_option
def _as_of(call: Call, point: str, variables: str) -> Told:
    from aina_data_engine.what_if import replay_with, up_to

    return replay_with(call.root, up_to(point), variables)


@SUBJECT.command(
    "impact",
    "Show what undoing patches would change.",
    """
    Undoes the named patches on a copy, as revert-patches does, replays the copy, and compares the
    result with what is published: the rows affected, and which lane each would be in. Nothing is
    published or undone.
    """,
    "impact --root DIR --rule company_suffix",
    "impact --root DIR --id p17 --author curator",
)
@click.option(
    "--file", "file", multiple=True, metavar="FILE", help="The patches of this file of the log."
)
@click.option("--rule", "rule", multiple=True, metavar="RULE", help="The patches of this rule.")
@click.option("--id", "id", multiple=True, metavar="ID", help="The patch with this id.")
@click.option(
    "--author", "written_by", multiple=True, metavar="NAME", help="The patches of this author."
)
@variables_option
def _impact(call: Call, variables: str, **named: tuple[str, ...]) -> Told:
    from aina_data_engine.what_if import undo_with

    asked = [(kind, value) for kind, values in named.items() for value in values]
    if not asked:
        raise EngineError("impact needs at least one --file, --rule, --id or --author.")
    return undo_with(call.root, asked, variables)
