"""The command line: `aina-data-engine [--root DIR] COMMAND`.

Exit status: 0 done, and published where the command publishes; 1 a gate failed, the build broke or
`verify` found something, nothing published; 2 wrong usage or input that cannot be read; 3 another
build is running on the root.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from aina_data_engine import __version__, say
from aina_data_engine.errors import EngineError, note_traceback, told_by
from aina_data_engine.installed import default_root, project_dir
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
from aina_data_engine.patch_log import Request, check_name
from aina_data_engine.root import PROJECT, SHEETS, Root
from aina_data_engine.say import Told
from aina_data_engine.variables import describe as describe_vars

NAME = "aina-data-engine"

ENGINE_HELP = """\
Replays semantic patches over job titles, sorts the rows into lanes, and publishes them when every
gate has passed.

Exit status: 0 done, and published where the command publishes; 1 a gate failed, the build broke or
verify found something, nothing published; 2 wrong usage or input that cannot be read; 3 another
build is running on the root."""

VARS_HELP = f"The vars:\n{describe_vars()}"

REPLAY_HELP = """\
Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs, sorts the
rows into lanes, and publishes them under ROOT/artifacts/validation when every gate has passed.
It is `dbt build` on the project, with the output of a person's tool."""

PROPOSE_HELP = """\
Harvests the sources under ROOT/inputs/harvest, matches every title against them, and writes what
the rules make of both, in the log's own format, under ROOT/artifacts/proposals. The log is not
touched: look at the file, edit it, then accept it. What the log has is not proposed again."""

ACCEPT_HELP = """\
Replays the log with FILE in memory and adds what is new of it to ROOT/inputs/semantic_patches,
under a name that no file has, when every patch of it applies; with --partial, what applies. A patch
that was undone comes in again, under a new id."""

REVERT_HELP = """\
Appends to the log, for every title that the named patches have a part in, the patch that makes it
what it would be without them. Nothing is taken out of the log, and an undo can be undone. FILE is a
file of the log by its name or path, or what was accepted as it. The replay must be published and
of these inputs."""

DECLINE_HELP = """\
Keeps patches under ROOT/inputs/declined_patches: those of FILE, of an id, or of a rule as far as
they are proposed or in the log. What is declined is not proposed again, until it is taken back."""

ACCURACY_HELP = """\
Cleans the labelled titles that the project ships and says, by rule, how many come out exactly as a
person wants them. A rule that has become worse fails a gate."""

REVIEW_HELP = """\
Reads a review sheet of mine-holds that a person has filled in, as CSV, workbook or JSON lines:
decision is a source_ref of the evidence, or none; reviewer is whose decision it is. Writes the
patches under ROOT/artifacts/proposals, to be accepted: the newest decision about a title replaces
the former ones. A row that cannot be taken is named with its line, the others count."""

RERUN_HELP = """\
Reads the published lane of titles with candidates only, verified, looks each candidate up in the
evidence, and publishes which one is best, the patch that attaches it, and the lane that follows.
The log is not touched without --accept. A run with --accept that was stopped goes on when it is run
again."""

INTAKE_HELP = """\
Reads the published lane of packet hardening candidates, verified, and publishes one packet per
learner title and occupation, with its evidence and its checks, ready or blocked."""

FIXTURES_HELP = """\
Reads the published lane that is serviceable with a caveat, verified, and publishes one runtime
fixture a title, with what learners are told, and the JSON Schema of fixtures."""

MINING_HELP = """\
Reads the published lane of holds, verified, looks in every source, and publishes what was found:
patches to accept, a review sheet for a person to fill in, a list of the others."""

VERIFY_HELP = """\
Checks what is published under ROOT/artifacts: every file against the summary's bytes and hash, rows
against their lanes, counts, the database, one generation. It reads no input and needs no build.
Exit status 1 when something is wrong."""

STATUS_HELP = """\
Says what is published on the root, what waits in which stage, and which command comes next."""

GENERATIONS_HELP = """\
Lists the generations that are kept of each publication: when it was published, by which command,
its counts and how they differ from the one before, and its directory. An asterisk marks the one in
force."""

FAILING_ROWS_HELP = """\
Shows, as JSON lines, the rows for which GATE failed in the last build. The build names the gate."""

EXPLAIN_HELP = """\
Shows a title of what is published, named by its title_id or its source title: the row, every patch
in replay order with its outcome and what it asks for, the rules of the lanes that hold, and what
would have to change for a better lane."""

DIFF_HELP = """\
Compares generation A with B, each named by its directory under ROOT/artifacts/generations or by the
beginning of its digest. Without B it is the one in force, without A the one before that. Says how
many titles went from which lane to which, which came and went, and which members changed by which
patches."""

AS_OF_HELP = """\
Replays the patches up to a patch_seq, or up to a date or time by their created_at, and compares the
result with what is published. Nothing is published."""

IMPACT_HELP = """\
Replays the log without the named patches, and compares the result with what is published: the rows
that they touch, and where these would be without them. Nothing is published or undone."""

HANDOFF_HELP = """\
Prints what one would send to a colleague: the lanes, titles before and after, patches by rule and
author, holds, quarantine, files, gates, and how to go on. The same lies beside what is published as
a page, one file that loads nothing."""

INIT_HELP = """\
Makes a root of DIR: two title rows, one patch, and a page that says where everything goes. What is
there stays as it is; where there are inputs already, nothing is written."""

PROJECT_DIR_HELP = """\
Prints the directory of the dbt project, for dbt's own command line. Of an installed package it is a
copy that dbt may write beside, in the user's cache directory."""

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass
class Call:
    """What holds for every command, said before or after its name."""

    directory: Path | None = None
    as_json: bool = False
    command: str = ""

    @property
    def root(self) -> Root:
        """Return the root. EngineError where it is no directory."""
        directory = default_root() if self.directory is None else self.directory
        if not directory.is_dir():
            raise EngineError(f"The root {directory} is not a directory. Name one with --root DIR.")
        return Root(_tidy(directory))

    def run_job(self, job: str, request: Request, variables: str, *, wait: bool) -> Told:
        """Run a job; what the command line asks beyond the vars goes to it as it is."""
        from aina_data_engine import build

        return build.run(self.root, JOBS[job], variables, request, wait=wait)


def _tidy(path: Path) -> Path:
    """Return the path as a person would write it in full: no `..` where it means the same."""
    written, short = path.absolute(), Path(os.path.normpath(path.absolute()))
    return short if short.exists() and short.samefile(written) else written


class _Command(click.Command):
    """A command that prints its help as everything is printed, an example or more at its end."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.callback = _show_help
        return option


class _Commands(_Command, click.Group):
    """All of the commands, in the order in which they stand here."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def _show_help(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:
        say.out(context.get_help())
        context.exit()


def _show_version(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:
        say.out(f"{NAME} {__version__}")
        context.exit()


def _note_root(context: click.Context, _: click.Parameter, directory: Path | None) -> None:
    if directory is not None:
        context.obj.directory = directory


def _note_json(context: click.Context, _: click.Parameter, as_json: bool) -> None:
    context.obj.as_json = context.obj.as_json or as_json


def _common(function: Function) -> Function:
    """Add the options that may stand before or after the command's name."""
    function = click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_note_json,
        help="Print one JSON object, for programs.",
    )(function)
    return click.option(
        "--root",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_note_root,
        metavar="DIR",
        help="The directory with `inputs` (default: a checkout's own, with the shipped sample;"
        " where the engine is installed as a package, the one you are in).",
    )(function)


@click.group(
    NAME,
    cls=_Commands,
    help=ENGINE_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Print the version.",
)
@_common
@click.pass_context
def _engine(context: click.Context) -> None:
    context.obj.command = context.invoked_subcommand


def _command(
    name: str, what: str, description: str, *examples: str
) -> Callable[[Callable[..., Told]], click.Command]:
    """Make a command of a function that takes a `Call` and the options."""
    told = "\n".join(f"  {NAME} {example}" for example in examples)

    def decorate(function: Callable[..., Told]) -> click.Command:
        options = getattr(function, "__click_params__", [])
        takes_vars = any(option.name == "variables" for option in options)
        epilog = f"\b\nFor example:\n{told}" + (f"\n\n\b\n{VARS_HELP}" if takes_vars else "")
        return _engine.command(name, short_help=what, help=description, epilog=epilog)(
            _common(click.pass_obj(function))
        )

    return decorate


def _job_options(function: Function) -> Function:
    """Add the options of every job."""
    return _variables_option(
        click.option("--wait", is_flag=True, help="Wait for a build that is running on the root.")(
            function
        )
    )


def _variables_option(function: Function) -> Function:
    return click.option(
        "--vars",
        "variables",
        default="{}",
        metavar="YAML",
        help="dbt vars, for one '{title_row_columns: {id: title_id, title: source_title}}'."
        " All of them stand below.",
    )(function)


@_command(
    REPLAY,
    "Replay the patches and publish the lanes.",
    REPLAY_HELP,
    REPLAY,
    f"{REPLAY} --root DIR --vars '{{strict: true}}'",
)
@_job_options
def _replay(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(REPLAY, Request(), variables, wait=wait)


@_command(
    PROPOSE,
    "Propose patches by rule and harvest.",
    PROPOSE_HELP,
    f"{PROPOSE} --root DIR --name first",
)
@click.option("--name", metavar="NAME", help="What to call the file of proposals.")
@_job_options
def _propose(call: Call, name: str | None, variables: str, wait: bool) -> Told:
    check_name(call.root, name)
    return call.run_job(PROPOSE, Request(name=name), variables, wait=wait)


@_command(
    ACCEPT,
    "Check a file of patches and add it to the log.",
    ACCEPT_HELP,
    f"{ACCEPT} --root DIR DIR/artifacts/proposals/first.jsonl",
)
@click.argument("offered", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--partial", is_flag=True, help="Take what applies, and name what does not.")
@_job_options
def _accept(call: Call, offered: Path, partial: bool, variables: str, wait: bool) -> Told:
    request = Request(offered=offered, is_partial=partial)
    return call.run_job(ACCEPT, request, variables, wait=wait)


@_command(
    REVERT,
    "Append what undoes patches of the log.",
    REVERT_HELP,
    f"{REVERT} --root DIR --rule company_suffix",
    f"{REVERT} --root DIR --file first.jsonl --id p17",
)
@click.option("--file", multiple=True, help="Revert the patches of a file of the log.")
@click.option("--rule", multiple=True, help="Revert the patches of a rule.")
@click.option("--id", multiple=True, help="Revert the patch of an id.")
@click.option("--author", metavar="NAME", help="Who undoes it.")
@click.option("--reason", metavar="TEXT", help="Why.")
@_job_options
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


@_command(
    "decline-patches",
    "Keep proposals from being made again.",
    DECLINE_HELP,
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


@_command(ACCURACY, "Say how good the title rules are.", ACCURACY_HELP, ACCURACY)
@_job_options
def _accuracy(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(ACCURACY, Request(), variables, wait=wait)


@_command(
    INTAKE,
    "Make intake packets of the packet hardening candidates.",
    INTAKE_HELP,
    f"{INTAKE} --root DIR",
)
@_job_options
def _intake(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(INTAKE, Request(), variables, wait=wait)


@_command(
    FIXTURES,
    "Make runtime fixtures of the titles with a caveat.",
    FIXTURES_HELP,
    f"{FIXTURES} --root DIR",
)
@_job_options
def _fixtures(call: Call, variables: str, wait: bool) -> Told:
    return call.run_job(FIXTURES, Request(), variables, wait=wait)


@_command(
    RERUN,
    "Attach the best candidate of each title.",
    RERUN_HELP,
    f"{RERUN} --root DIR",
    f"{RERUN} --root DIR --accept",
)
@click.option("--accept", is_flag=True, help="Add the patches to the log, and publish the replay.")
@_job_options
def _rerun(call: Call, accept: bool, variables: str, wait: bool) -> Told:
    from aina_data_engine.status import is_outdated

    told = Told(0)
    if accept and is_outdated(call.root):
        # A run that was stopped after its patches came into the log: it goes on from there.
        told = call.run_job(REPLAY, Request(), variables, wait=wait)
    if not told.status:
        told = told.then(call.run_job(RERUN, Request(), variables, wait=wait))
    if told.status or not accept:
        return told
    found = PUBLICATIONS[RERUN].file(call.root, "source_ref_rerun_v1_proposals.jsonl")
    if not found.stat().st_size:
        return replace(told, text=f"{told.text}\nNothing to accept.")
    for job, request in ((ACCEPT, Request(offered=found)), (REPLAY, Request())):
        if not told.status:
            told = told.then(call.run_job(job, request, variables, wait=wait))
    return told


@_command(
    MINING,
    "Look for evidence of the titles that are held.",
    MINING_HELP,
    f"{MINING} --root DIR",
    f"{MINING} --root DIR --xlsx review.xlsx",
)
@click.option(
    "--xlsx",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the review sheet as a workbook too.",
)
@_job_options
def _mine(call: Call, xlsx: Path | None, variables: str, wait: bool) -> Told:
    told = call.run_job(MINING, Request(), variables, wait=wait)
    if told.status or not xlsx:
        return told
    from aina_data_engine.workbook import write_review

    number = write_review(PUBLICATIONS[MINING].file(call.root, "hold_mining_v1_review.jsonl"), xlsx)
    what = f"{say.counted(number, 'title')} to review in {say.shown(xlsx)}"
    return replace(told, text=f"{told.text}\n{what}")


@_command(
    REVIEW,
    "Make patches of a review sheet.",
    REVIEW_HELP,
    f"{REVIEW} --root DIR filled-in.csv --name reviewed",
)
@click.argument("sheet", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--name", metavar="NAME", help="What to call the file of patches.")
@_job_options
def _review(call: Call, sheet: Path, name: str | None, variables: str, wait: bool) -> Told:
    if not (sheet.is_file() and sheet.suffix.lower() in SHEETS):
        raise EngineError(
            f"{say.shown(sheet)} is no file that is read as a sheet: {', '.join(SHEETS)}."
        )
    check_name(call.root, name)
    return call.run_job(REVIEW, Request(name=name, sheet=sheet), variables, wait=wait)


@_command("verify", "Check what is published.", VERIFY_HELP, "verify --root DIR")
def _verify(call: Call) -> Told:
    from aina_data_engine.verify import verify

    root = call.root
    found = [p for p in PUBLICATIONS.values() if os.path.lexists(p.link(root))]
    whole, broken, checked = [], [], []
    for publication in found or [PUBLICATIONS[REPLAY]]:
        link = publication.link(root)
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


@_command(
    "generations",
    "List what has been published, the newest first.",
    GENERATIONS_HELP,
    "generations --root DIR",
)
def _generations(call: Call) -> Told:
    from aina_data_engine.history import describe

    return describe(call.root)


@_command("status", "Say where the root stands and what comes next.", STATUS_HELP, "status")
def _status(call: Call) -> Told:
    from aina_data_engine.status import describe

    return describe(call.root)


@_command(
    "failing-rows",
    "Show the rows for which a gate failed in the last build.",
    FAILING_ROWS_HELP,
    "failing-rows --root DIR strict_no_quarantined_lines",
)
@click.argument("gate", metavar="GATE")
def _failing_rows(call: Call, gate: str) -> Told:
    from aina_data_engine.report import failing_rows

    rows = failing_rows(call.root, gate)
    content = {"gate": gate, "rows": [json.loads(row) for row in rows]}
    passed = f"{gate} passed in the last build: it has no failing rows."
    return Told(0, "\n".join(rows), "" if rows else passed, content)


@_command(
    "explain",
    "Say why a title is where it is.",
    EXPLAIN_HELP,
    "explain --root DIR t1",
    "explain --root DIR 'Support Associate - Soma'",
)
@click.argument("title", metavar="TITLE")
def _explain(call: Call, title: str) -> Told:
    from aina_data_engine.explain import explain

    found = explain(call.root, title)
    return Told(0, found.text(), content=found.content())


@_command(
    "diff",
    "Say what differs between two generations.",
    DIFF_HELP,
    "diff --root DIR",
    "diff --root DIR --lines > changes.jsonl",
)
@click.argument("before", required=False, metavar="[A]")
@click.argument("after", required=False, metavar="[B]")
@click.option("--lines", is_flag=True, help="Print each title that differs as a JSON line.")
def _diff(call: Call, before: str | None, after: str | None, lines: bool) -> Told:
    from aina_data_engine.compare import Difference, chosen

    found = Difference.of(*chosen(call.root, before, after))
    if not lines:
        return Told(0, found.text(), content=found.content())
    for row in found.rows():
        say.out(row)
    return Told(0)


@_command(
    "as-of",
    "Replay the log up to a point, and say what has come since.",
    AS_OF_HELP,
    "as-of --root DIR 1200",
    "as-of --root DIR 2026-01-31",
)
@click.argument("point", metavar="PATCH_SEQ|DATE")
@_variables_option
def _as_of(call: Call, point: str, variables: str) -> Told:
    from aina_data_engine.what_if import replay_with, up_to

    return replay_with(call.root, up_to(point), variables)


@_command(
    "impact",
    "Say which titles patches touch, and where these would be without them.",
    IMPACT_HELP,
    "impact --root DIR --rule company_suffix",
    "impact --root DIR --id p17 --author curator",
)
@click.option("--id", "ids", multiple=True, help="The patch of an id.")
@click.option("--rule", "rules", multiple=True, help="The patches of a rule.")
@click.option("--author", "authors", multiple=True, help="The patches of an author.")
@_variables_option
def _impact(
    call: Call,
    ids: tuple[str, ...],
    rules: tuple[str, ...],
    authors: tuple[str, ...],
    variables: str,
) -> Told:
    from aina_data_engine.what_if import replay_with, without

    return replay_with(call.root, without(ids, rules, authors), variables)


@_command(
    "handoff",
    "Print the handoff of what is published, as Markdown.",
    HANDOFF_HELP,
    "handoff --root DIR",
    "handoff --root DIR --open",
)
@click.option("--of", "job", default=REPLAY, type=click.Choice([*PUBLICATIONS]), help="Whose.")
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser as well.")
def _handoff(call: Call, job: str, opens: bool) -> Told:
    from aina_data_engine import handoff

    return handoff.hand_off(call.root, PUBLICATIONS[job], opens=opens)


@_command(
    "init",
    "Make a root: two title rows, one patch, where everything goes.",
    INIT_HELP,
    "init DIR",
    "init DIR --sample",
)
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--sample", is_flag=True, help="Put the shipped sample there, 1,000 titles.")
def _init(_: Call, directory: Path, sample: bool) -> Told:
    from aina_data_engine.new_root import make_root

    root = make_root(_tidy(directory), sample=sample)
    step = f"{root.command} {REPLAY}"
    content = {"root": str(root.path), "next": step}
    return Told(0, f"Made {say.shown(root.path)}\nNext: {step}", content=content)


@_command(
    "project-dir",
    "Print the dbt project's directory.",
    PROJECT_DIR_HELP,
    "project-dir",
)
def _project_dir(_: Call) -> Told:
    place = str(project_dir())
    return Told(0, place, content={"project_dir": place})


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    say.open_streams()
    call = Call()
    try:
        told = _engine.main(arguments, prog_name=NAME, standalone_mode=False, obj=call)
    except EngineError as error:
        told = _refused(error.exit_status, str(error))
    except click.UsageError as error:
        told = _refused(2, _usage(error))
    except click.Abort:
        told = _refused(130, "stopped.")
    except Exception as error:
        # The last net: nobody has foreseen it, so whoever mends it needs the traceback.
        log = note_traceback((call.directory or PROJECT) / "artifacts" / "logs")
        what = f"{type(error).__name__}: {told_by(error)}"
        told = _refused(1, say.shown(f"{what}. The traceback is in {log}."))
    return _tell(call, told) if isinstance(told, Told) else int(told)


def _refused(status: int, message: str) -> Told:
    return Told(status, complaint=f"{NAME}: {message}", content={"error": message})


def _usage(error: click.UsageError) -> str:
    """Return what is wrong with the command line, and where its help is."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    context = error.ctx or click.Context(_engine, info_name=NAME)
    help_is = f"Help: {context.command_path} --help"
    return f"{error.format_message()}\n{context.get_usage()}\n{help_is}"


def _tell(call: Call, told: Told) -> int:
    """Print what a command came to, its words or one JSON object; return its exit status."""
    if call.as_json:
        content = {"command": call.command, "exit_status": told.status, **told.content}
        say.out(json.dumps(content, ensure_ascii=False))
    elif told.text:
        say.out(told.text)
    if told.complaint:
        say.err(told.complaint)
    return told.status


if __name__ == "__main__":
    sys.exit(main())
