"""Commands about what is published: its state, whether it is whole, what it contains."""

import click

from aina_data_engine import say
from aina_data_engine.commands.call import Call
from aina_data_engine.commands.engine import Subject
from aina_data_engine.jobs import PUBLICATIONS, REPLAY
from aina_data_engine.progress import Progress
from aina_data_engine.say import Told

SUBJECT = Subject("What is published")


@SUBJECT.command(
    "status",
    "Show the state of the root and what comes next.",
    "Shows what is published on the root, what waits in which stage, and which command comes next.",
    "status",
)
def _status(call: Call) -> Told:
    from aina_data_engine.status import describe

    return describe(call.root)


@SUBJECT.command(
    "verify",
    "Check what is published.",
    """
    Checks what is published under ROOT/artifacts: every file against its size and hash in the
    summary, rows against their lanes, the counts, the database, and that all belongs to one
    generation. It reads no input and needs no build. Exit status 1 if something is wrong.
    """,
    "verify --root DIR",
)
def _verify(call: Call) -> Told:
    from aina_data_engine.verify import verify, was_published

    root = call.root
    found = [p for p in PUBLICATIONS.values() if was_published(root, p)]
    whole, broken, checked = [], [], []
    for publication in found or [PUBLICATIONS[REPLAY]]:
        link = publication.link(root)
        with Progress(f"reading {link}"):
            generation, findings, unchecked = verify(root, publication)
        checked.append(
            {
                "place": str(link),
                "generation": generation,
                "findings": findings,
                "unchecked": unchecked,
            }
        )
        if findings:
            broken.append(f"{say.shown(link)} is not whole, generation {say.shown(generation)}:")
            broken += [f"  {say.shown(finding)}" for finding in findings]
        else:
            whole.append(f"{say.shown(link)} is whole: generation {generation}")
            whole += [f"  not checked: {say.shown(what)}" for what in unchecked]
    return Told(int(bool(broken)), "\n".join(whole), "\n".join(broken), {"checked": checked})


@SUBJECT.command(
    "generations",
    "List what has been published, the newest first.",
    """
    Lists the generations kept of each publication: when each was published, by which command, its
    counts and how they differ from the previous one, and its directory. An asterisk marks the one
    in force.
    """,
    "generations --root DIR",
)
def _generations(call: Call) -> Told:
    from aina_data_engine.history import describe

    return describe(call.root)


@SUBJECT.command(
    "failing-rows",
    "Show the rows for which a gate failed in the last build.",
    "Prints, as JSON lines, the rows for which GATE failed in the last build.",
    "failing-rows --root DIR strict_no_quarantined_lines",
)
@click.argument("gate", metavar="GATE")
def _failing_rows(call: Call, gate: str) -> Told:
    from aina_data_engine.report import failing_rows

    rows = failing_rows(call.root, gate)
    content = {"gate": gate, "rows": [*map(say.unfolded, rows)]}
    passed = f"{gate} passed in the last build: it has no failing rows."
    return Told(0, "\n".join(rows), "" if rows else passed, content)


@SUBJECT.command(
    "handoff",
    "Print the handoff of what is published, as Markdown.",
    """
    Prints a report to hand over to a colleague: the lanes, titles before and after, patches by rule
    and author, holds, quarantine, files, gates, and how to continue. The same report is beside the
    published files as an HTML page, a single file that loads nothing else.
    """,
    "handoff --root DIR",
    "handoff --root DIR --open",
)
@click.option("--of", "job", default=REPLAY, type=click.Choice([*PUBLICATIONS]), help="The job.")
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser as well.")
def _handoff(call: Call, job: str, opens: bool) -> Told:
    from aina_data_engine import handoff

    return handoff.hand_off(call.root, PUBLICATIONS[job], opens=opens)
