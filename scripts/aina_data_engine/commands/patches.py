"""Commands about the patch log: replay it, propose for it, add to it, take back."""

from pathlib import Path
from typing import Any

import click

from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import Subject, job_options
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import ACCEPT, ACCURACY, PROPOSE, REPLAY, REVERT
from aina_data_engine.patch_log import Request, check_name
from aina_data_engine.say import Told

SUBJECT = Subject("The patch log")


@SUBJECT.command(
    REPLAY,
    "Replay the patches and publish the lanes.",
    """
    Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs, sorts
    the rows into lanes, and publishes them under ROOT/artifacts/validation when every gate has
    passed. It is `dbt build` on the project, with the output of a person's tool.
    """,
    REPLAY,
    f"{REPLAY} --root DIR --vars '{{strict: true}}'",
)
@job_options
def _replay(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(REPLAY, Request(), variables, wait=wait)


@SUBJECT.command(
    PROPOSE,
    "Propose patches by rule and harvest.",
    """
    Harvests the sources under ROOT/inputs/harvest, matches every title against them, and writes
    what the rules make of both, in the log's own format, under ROOT/artifacts/proposals. The log is
    not touched: look at the file, edit it, then accept it. What the log has is not proposed again.
    """,
    f"{PROPOSE} --root DIR --name first",
)
@click.option("--name", metavar="NAME", help="What to call the file of proposals.")
@job_options
def _propose(call: Call, name: str | None, variables: str, wait: bool) -> Told:
    check_name(call.root, name)
    return call.run_job(PROPOSE, Request(name=name), variables, wait=wait)


@SUBJECT.command(
    ACCEPT,
    "Check a file of patches and add it to the log.",
    """
    Replays the log with FILE in memory and adds what is new of it to ROOT/inputs/semantic_patches,
    under a name that no file has, when every patch of it applies; with --partial, what applies. A
    patch that was undone comes in again, under a new id.
    """,
    f"{ACCEPT} --root DIR DIR/artifacts/proposals/first.jsonl",
)
@click.argument("offered", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--partial", is_flag=True, help="Take what applies, and name what does not.")
@job_options
def _accept(call: Call, offered: Path, partial: bool, variables: str, wait: bool) -> Told:
    request = Request(offered=offered, is_partial=partial)
    return call.run_job(ACCEPT, request, variables, wait=wait)


@SUBJECT.command(
    REVERT,
    "Append what undoes patches of the log.",
    """
    Appends to the log, for every title that the named patches have a part in, the patch that makes
    it what it would be without them. Nothing is taken out of the log, and an undo can be undone.
    FILE is a file of the log by its name or path, or what was accepted as it. The replay must be
    published and of these inputs.
    """,
    f"{REVERT} --root DIR --rule company_suffix",
    f"{REVERT} --root DIR --file first.jsonl --id p17",
)
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
@click.argument("file", type=click.Path(path_type=Path), metavar="[FILE]", required=False)
@click.option("--id", "ids", multiple=True, help="A patch.")
@click.option("--rule", "rules", multiple=True, help="The patches of a rule.")
@click.option("--reviewer", required=True, metavar="NAME", help="Who declines, or takes back.")
@click.option("--note", default="", metavar="TEXT", help="Why.")
@click.option("--take-back", "is_taken_back", is_flag=True, help="Let them be proposed again.")
def _decline(call: Call, **asked: Any) -> Told:
    from aina_data_engine.declines import Decline, decline

    return Told(0, decline(call.root, Decline(**asked)))


@SUBJECT.command(
    ACCURACY,
    "Say how good the title rules are.",
    """
    Cleans the labelled titles that the project ships and says, by rule, how many come out exactly
    as a person wants them. A rule that has become worse fails a gate.
    """,
    ACCURACY,
)
@job_options
def _accuracy(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(ACCURACY, Request(), variables, wait=wait)
