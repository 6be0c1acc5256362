"""Commands about the patch log: replay it, propose for it, add to it, take back."""

from pathlib import Path
from typing import Any

import click

from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import PATH, Subject, job_options
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import ACCEPT, ACCURACY, PROPOSE, REPLAY, REVERT
from aina_data_engine.request import Request
from aina_data_engine.say import Told
from aina_data_engine.targets import TARGETS

SUBJECT = Subject("The patch log")


@SUBJECT.job(REPLAY)
@click.option("--force", is_flag=True, help="Build though nothing has changed.")
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=TARGETS[0],
    help="Where its models run: in the engine's own DuckDB, or on Spark (see Beyond one machine).",
)
@job_options
def _replay(call: Call, force: bool, target: str, variables: str, wait: bool) -> Told:
    return call.run_job(REPLAY, Request(), variables, wait=wait, force=force, target=target)


@SUBJECT.job(PROPOSE)
@click.option("--name", metavar="NAME", help="What to call the file of proposals.")
@job_options
def _propose(call: Call, name: str | None, variables: str, wait: bool) -> Told:
    return call.run_job(PROPOSE, Request(name=name), variables, wait=wait)


@SUBJECT.job(ACCEPT)
@click.argument("offered", type=PATH, metavar="FILE")
@click.option("--partial", is_flag=True, help="Take what applies, and name what does not.")
@job_options
def _accept(call: Call, offered: Path, partial: bool, variables: str, wait: bool) -> Told:
    request = Request(offered=offered, is_partial=partial)
    return call.run_job(ACCEPT, request, variables, wait=wait)


@SUBJECT.job(REVERT)
@click.option("--file", multiple=True, help="Revert the patches of a file of the log.")
@click.option("--rule", multiple=True, help="Revert the patches of a rule.")
@click.option("--id", multiple=True, help="Revert the patch of an id.")
@click.option("--author", metavar="NAME", help="Who undoes it.")
@click.option("--reason", metavar="TEXT", help="Why.")
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
    if (author or "").strip().startswith("rule:"):
        raise EngineError("--author: a rule undoes nothing; name a person.")
    words = (("author", author), ("reason", reason))
    reverted += [(word, text.strip()) for word, text in words if text and text.strip()]
    return call.run_job(REVERT, Request(reverted=reverted), variables, wait=wait)


@SUBJECT.command(
    "decline-patches",
    "Keep proposals from being made again.",
    """
    Keeps patches under ROOT/inputs/declined_patches: those of FILE, of an id, or of a rule as far
    as they are proposed or in the log. What is declined is not proposed again, until it is taken
    back.
    """,
    "decline-patches --root DIR --rule near_only --reviewer NAME --note TEXT",
    "decline-patches --root DIR --rule near_only --reviewer NAME --take-back",
)
@click.argument("file", type=PATH, metavar="[FILE]", required=False)
@click.option("--id", "ids", multiple=True, help="A patch.")
@click.option("--rule", "rules", multiple=True, help="The patches of a rule.")
@click.option("--reviewer", required=True, metavar="NAME", help="Who declines, or takes back.")
@click.option("--note", default="", metavar="TEXT", help="Why.")
@click.option("--take-back", "is_taken_back", is_flag=True, help="Let them be proposed again.")
def _decline(call: Call, **asked: Any) -> Told:
    from aina_data_engine.declines import Decline, decline

    return Told(0, decline(call.root, Decline(**asked)))


@SUBJECT.job(ACCURACY)
@job_options
def _accuracy(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(ACCURACY, Request(), variables, wait=wait)
