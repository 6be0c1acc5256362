"""Commands about the patch log: replay it, propose patches for it, add to it, undo."""

from pathlib import Path
from typing import Any

import click

from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import PATH, PERSON, SAID, Subject, job_options, wait_option
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import ACCEPT, ACCURACY, PROPOSE, REPLAY, REVERT
from aina_data_engine.request import Request
from aina_data_engine.say import Told
from aina_data_engine.targets import TARGETS

SUBJECT = Subject("The patch log")


@SUBJECT.job(REPLAY)
@click.option("--force", is_flag=True, help="Build even if nothing has changed.")
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=TARGETS[0],
    help="Where the models run: in the engine's own DuckDB, or on Spark (see Beyond one machine).",
)
@job_options
def _replay(call: Call, force: bool, target: str, variables: str, wait: bool) -> Told:
    return call.run_job(REPLAY, Request(), variables, wait=wait, force=force, target=target)


@SUBJECT.job(PROPOSE)
@click.option("--name", type=SAID, metavar="NAME", help="The name of the file of proposals.")
@job_options
def _propose(call: Call, name: str | None, variables: str, wait: bool) -> Told:
    return call.run_job(PROPOSE, Request(name=name), variables, wait=wait)


@SUBJECT.job(ACCEPT)
@click.argument("offered", type=PATH, metavar="FILE")
@click.option("--partial", is_flag=True, help="Accept what applies, and list what does not.")
@job_options
def _accept(call: Call, offered: Path, partial: bool, variables: str, wait: bool) -> Told:
    request = Request(offered=offered, is_partial=partial)
    return call.run_job(ACCEPT, request, variables, wait=wait)


@SUBJECT.job(REVERT)
@click.option(
    "--file", multiple=True, metavar="FILE", help="Revert the patches of this file of the log."
)
@click.option("--rule", multiple=True, metavar="RULE", help="Revert the patches of this rule.")
@click.option("--id", multiple=True, metavar="ID", help="Revert the patch with this id.")
@click.option("--author", type=PERSON, metavar="NAME", help="The person who undoes them.")
@click.option("--reason", type=SAID, metavar="TEXT", help="Why they are undone.")
@job_options
def _revert(
    call: Call,
    author: str | None,
    reason: str | None,
    variables: str,
    wait: bool,
    **named: tuple[str, ...],
) -> Told:
    reverted = [(kind, value) for kind, values in named.items() for value in values]
    if not reverted:
        raise EngineError(f"{REVERT} needs at least one --file, --rule or --id.")
    words = (("author", author), ("reason", reason))
    reverted += [(word, text) for word, text in words if text]
    return call.run_job(REVERT, Request(reverted=reverted), variables, wait=wait)


@SUBJECT.command(
    "decline-patches",
    "Keep proposals from being made again.",
    """
    Records patches as declined under ROOT/inputs/declined_patches: those in FILE, with an id, or of
    a rule as far as they are proposed or in the log. A declined patch is not proposed again until
    the decline is taken back.
    """,
    "decline-patches --root DIR --rule near_only --reviewer NAME --note TEXT",
    "decline-patches --root DIR --rule near_only --reviewer NAME --take-back",
)
@click.argument("file", type=PATH, metavar="[FILE]", required=False)
@click.option("--id", "ids", multiple=True, metavar="ID", help="The patch with this id.")
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="The patches of this rule.")
@click.option(
    "--reviewer",
    type=PERSON,
    required=True,
    metavar="NAME",
    help="The person who declines, or takes it back.",
)
@click.option("--note", type=SAID, metavar="TEXT", help="Why they are declined.")
@click.option("--take-back", "is_taken_back", is_flag=True, help="Allow them to be proposed again.")
@wait_option
def _decline(call: Call, note: str | None, wait: bool, **asked: Any) -> Told:
    from aina_data_engine.declines import Decline, decline

    return Told(0, decline(call.root, Decline(**asked, note=note or ""), wait=wait))


@SUBJECT.job(ACCURACY)
@job_options
def _accuracy(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(ACCURACY, Request(), variables, wait=wait)
