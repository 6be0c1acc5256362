"""Commands of the stages that lanes feed."""

from dataclasses import replace
from pathlib import Path

import click

from aina_data_engine import say
from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import NAME, PATH, SAID, Subject, job_options
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import (
    ACCEPT,
    FIXTURES,
    INTAKE,
    MINING,
    PUBLICATIONS,
    REPLAY,
    RERUN,
    REVIEW,
)
from aina_data_engine.request import Request
from aina_data_engine.root import SHEETS, refuse_no_file
from aina_data_engine.say import Told

SUBJECT = Subject("What the lanes feed")
SHOWN_TITLES = 20
"""How many of the titles that a workbook lacks are listed."""


@SUBJECT.job(INTAKE)
@job_options
def _intake(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(INTAKE, Request(), variables, wait=wait)


@SUBJECT.job(FIXTURES)
@job_options
def _fixtures(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(FIXTURES, Request(), variables, wait=wait)


@SUBJECT.job(RERUN)
@click.option("--accept", is_flag=True, help="Add the patches to the log, and publish the replay.")
@job_options
def _rerun(call: Call, accept: bool, variables: str, wait: bool) -> Told:
    from aina_data_engine.status import is_outdated

    told = Told(0)
    if accept and is_outdated(call.root):
        # A former run was stopped after it added its patches to the log: continue from there.
        told = call.run_job(REPLAY, Request(), variables, wait=wait)
    if not told.status:
        told = told.then(call.run_job(RERUN, Request(), variables, wait=wait))
    if told.status or not accept:
        return told
    found = PUBLICATIONS[RERUN].published(call.root) / "source_ref_rerun_v1_proposals.jsonl"
    if not found.stat().st_size:
        return replace(told, text=f"{told.text}\nNothing to accept.")
    for job, request in ((ACCEPT, Request(offered=found, is_replayed=True)), (REPLAY, Request())):
        if not told.status:
            told = told.then(call.run_job(job, request, variables, wait=wait))
    return told


@SUBJECT.job(MINING)
@click.option(
    "--xlsx",
    type=PATH,
    metavar="FILE",
    help="Also write the review sheet as a workbook.",
)
@job_options
def _mine(call: Call, xlsx: Path | None, variables: str, wait: bool) -> Told:
    from aina_data_engine.workbook import refuse_no_place, write_review

    if xlsx:
        refuse_no_place(xlsx)
    told = call.run_job(MINING, Request(), variables, wait=wait)
    if told.status or not xlsx:
        return told
    publication = PUBLICATIONS[MINING]
    sheet = publication.published(call.root) / "hold_mining_v1_review.jsonl"
    try:
        number, left_out = write_review(sheet, xlsx)
    except EngineError as error:
        what = (
            f"{error} The results are published in {say.shown(publication.link(call.root))}, with"
            " the sheet as CSV; only the workbook is missing."
        )
        content = told.content | {"error": what}
        complaint = f"{NAME}: {what}"
        return replace(told, status=error.exit_status, complaint=complaint, content=content)
    content = told.content | {
        "workbook": {"path": str(xlsx), "titles": number, "left_out": left_out}
    }
    text = f"{told.text}\n{_told_of_workbook(number, left_out, xlsx)}"
    return replace(told, text=text, content=content)


def _told_of_workbook(number: int, left_out: list[str], path: Path) -> str:
    """Return what is in a workbook, and which titles are only in the sheet as CSV."""
    from aina_data_engine.pages import short

    why = "left out, longer than a cell, and only in the sheet as CSV"
    lines = [f"{why}: {short(title_id)}" for title_id in left_out]
    what = f"{say.counted(number, 'title')} to review in {say.shown(path)}"
    return "\n  ".join([what, *say.first(lines, SHOWN_TITLES)])


@SUBJECT.job(REVIEW)
@click.argument("sheet", type=PATH, metavar="FILE")
@click.option("--name", type=SAID, metavar="NAME", help="The name of the file of patches.")
@job_options
def _review(call: Call, sheet: Path, name: str | None, variables: str, wait: bool) -> Told:
    refuse_no_file(sheet)
    if sheet.suffix.lower() not in SHEETS:
        raise EngineError(
            f"{say.shown(sheet)} is not a review sheet: its name must end in one of"
            f" {', '.join(SHEETS)}."
        )
    return call.run_job(REVIEW, Request(name=name, sheet=sheet), variables, wait=wait)
