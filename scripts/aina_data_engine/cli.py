"""The command line: `aina-data-engine [--root DIR] COMMAND`.

Exit status: 0 done, and published where the command publishes; 1 a gate failed, the build broke or
`verify` found something, nothing published; 2 wrong usage or input that cannot be read; 3 another
build is running on the root.
"""

import argparse
import sys
from pathlib import Path

from aina_data_engine import __version__, build
from aina_data_engine.errors import EngineError
from aina_data_engine.jobs import (
    ACCEPT,
    ACCURACY,
    FIXTURES,
    INTAKE,
    JOBS,
    MINING,
    PROPOSE,
    PUBLICATIONS,
    REPLAY,
    RERUN,
    REVERT,
    REVIEW,
)
from aina_data_engine.patch_log import Request
from aina_data_engine.root import PROJECT, Root

REPLAY_HELP = """\
Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs, sorts the
rows into lanes, and publishes them under ROOT/artifacts/validation when every gate has passed.
It is `dbt build` on the project, with the output of a person's tool."""

PROPOSE_HELP = """\
Harvests the sources under ROOT/inputs/harvest, matches every title against them, and writes what
the rules make of both, in the log's own format, under ROOT/artifacts/proposals. The log is not
touched: look at the file, edit it, then accept it. What the log has is not proposed again."""

ACCEPT_HELP = """\
Replays the log with FILE in memory and adds a copy of it to ROOT/inputs/semantic_patches, under a
name that no file has, when every patch of it applies."""

REVERT_HELP = """\
Appends to the log, for every title that the named patches have a part in, the patch that makes it
what it would be without them. Nothing is taken out of the log. The replay must be published and of
these inputs."""

ACCURACY_HELP = """\
Cleans the labelled titles that the project ships and says, by rule, how many come out exactly as a
person wants them. A rule that has become worse fails a gate."""

REVIEW_HELP = """\
Reads a review sheet of mine-holds that a person has filled in: decision is one of the choices'
source_refs, or none; reviewer is whose decision it is. Writes the patches under
ROOT/artifacts/proposals, to be accepted."""

RERUN_HELP = """\
Reads the published lane of titles with candidates only, verified, looks each candidate up in the
evidence, and publishes which one is best, the patch that attaches it, and the lane that follows.
The log is not touched without --accept."""

STAGES = {
    INTAKE: (
        "make intake packets of the packet hardening candidates",
        """Reads the published lane of packet hardening candidates, verified, and publishes one
packet per learner title and occupation, with its evidence and its checks, ready or blocked.""",
    ),
    FIXTURES: (
        "make runtime fixtures of the titles with a caveat",
        """Reads the published lane that is serviceable with a caveat, verified, and publishes one
runtime fixture a title, with what learners are told, and the JSON Schema of fixtures.""",
    ),
    MINING: (
        "look for evidence of the titles that are held",
        """Reads the published lane of holds, verified, looks in every source, and publishes what
was found: patches to accept, a review sheet for a person to fill in, a list of the others.""",
    ),
}

VERIFY_HELP = """\
Checks what is published under ROOT/artifacts: every file against the summary's bytes and
hash, rows against their lanes, counts, the database, one generation. It reads no input and needs no
build. Exit status 1 when something is wrong."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    root = Root(options.root.absolute())
    try:
        return int(options.run(root, options))
    except EngineError as error:
        print(f"aina-data-engine: {error}", file=sys.stderr)
        return error.exit_status


def _run_job(root: Root, options: argparse.Namespace) -> int:
    """Run a job; what the command line asks beyond the vars goes to it as it is."""
    asked = vars(options)
    reverted = [
        (kind, value)
        for kind in ("file", "rule", "id")
        for value in asked.get(f"revert_{kind}", ())
    ]
    if options.job == REVERT and not reverted:
        raise EngineError("revert-patches needs at least one --file, --rule or --id.")
    sheet = asked.get("sheet")
    if sheet and not (sheet.is_file() and sheet.suffix in (".jsonl", ".csv")):
        raise EngineError(f"{sheet} is not a .jsonl or .csv file.")
    request = Request(asked.get("name"), asked.get("offered"), sheet, reverted)
    return build.run(root, JOBS[options.job], options.vars, request, wait=options.wait)


def _rerun(root: Root, options: argparse.Namespace) -> int:
    """Run the job; with --accept take its patches into the log and replay."""
    status = _run_job(root, options)
    found = PUBLICATIONS[RERUN].link(root) / "source_ref_rerun_v1_proposals.jsonl"
    if status or not options.accept:
        return status
    if not found.stat().st_size:
        print("Nothing to accept.")
        return 0
    request = Request(offered=found.resolve())
    for job, asked in ((ACCEPT, request), (REPLAY, Request())):
        status = status or build.run(root, JOBS[job], options.vars, asked, wait=options.wait)
    return status


def _verify(root: Root, _: argparse.Namespace) -> int:
    from aina_data_engine.verify import verify

    published = [p for p in PUBLICATIONS.values() if p.link(root).exists()]
    damaged = 0
    for publication in published or [PUBLICATIONS[REPLAY]]:
        link = publication.link(root)
        generation, findings = verify(root, publication)
        if findings:
            damaged = 1
            print(f"{link} is not whole, generation {generation}:", file=sys.stderr)
            for finding in findings:
                print(f"  {finding}", file=sys.stderr)
        else:
            print(f"{link} is whole: generation {generation}")
    return damaged


def _status(root: Root, _: argparse.Namespace) -> int:
    from aina_data_engine.status import describe

    print(describe(root))
    return 0


def _failing_rows(root: Root, options: argparse.Namespace) -> int:
    from aina_data_engine.report import failing_rows

    for row in failing_rows(root, options.gate):
        print(row)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aina-data-engine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--root",
        type=Path,
        default=PROJECT,
        metavar="DIR",
        help="the directory with `inputs` (default: the project's own, with the shipped sample)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_job(commands, REPLAY, "replay the patches and publish the lanes", REPLAY_HELP)
    propose = _add_job(commands, PROPOSE, "propose patches by rule and harvest", PROPOSE_HELP)
    propose.add_argument("--name", metavar="NAME", help="what to call the file of proposals")
    accept = _add_job(
        commands, ACCEPT, "check a file of patches and add it to the log", ACCEPT_HELP
    )
    accept.add_argument("offered", type=Path, metavar="FILE", help="the patches, one a line")
    revert = _add_job(commands, REVERT, "append what undoes patches of the log", REVERT_HELP)
    for kind, what in (("file", "of a file of the log"), ("rule", "of a rule"), ("id", "of an id")):
        revert.add_argument(
            f"--{kind}",
            action="append",
            default=[],
            dest=f"revert_{kind}",
            metavar=kind.upper(),
            help=f"revert the patches {what}; may be given more than once",
        )
    _add_job(commands, ACCURACY, "say how good the title rules are", ACCURACY_HELP)
    for job, (what, description) in STAGES.items():
        _add_job(commands, job, what, description)
    review = _add_job(commands, REVIEW, "make patches of a review sheet", REVIEW_HELP)
    review.add_argument("sheet", type=Path, metavar="FILE", help="the sheet, .jsonl or .csv")
    review.add_argument("--name", metavar="NAME", help="what to call the file of patches")
    rerun = _add_job(commands, RERUN, "attach the best candidate of each title", RERUN_HELP)
    rerun.add_argument(
        "--accept", action="store_true", help="add the patches to the log, and publish the replay"
    )
    rerun.set_defaults(run=_rerun)
    verify = commands.add_parser("verify", help="check what is published", description=VERIFY_HELP)
    verify.set_defaults(run=_verify)
    status = commands.add_parser("status", help="say where the root stands and what comes next")
    status.set_defaults(run=_status)
    rows = commands.add_parser(
        "failing-rows", help="show the rows for which a gate failed in the last build"
    )
    rows.add_argument("gate", metavar="GATE", help="the gate's name, as the build said it")
    rows.set_defaults(run=_failing_rows)
    return parser


def _add_job(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    job: str,
    what: str,
    description: str,
) -> argparse.ArgumentParser:
    """Add the command of a job; return its parser."""
    parser = commands.add_parser(job, help=what, description=description)
    parser.add_argument(
        "--vars",
        default="{}",
        metavar="YAML",
        help="dbt vars, for one '{title_row_columns: {id: title_id, title: source_title}}'",
    )
    parser.add_argument(
        "--wait", action="store_true", help="wait for a build that is running on the root"
    )
    parser.set_defaults(run=_run_job, job=job)
    return parser


if __name__ == "__main__":
    sys.exit(main())
