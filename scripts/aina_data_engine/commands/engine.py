"""What all commands share: their group, its options, and how a command is made."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from aina_data_engine import __version__, say
from aina_data_engine.jobs import JOBS
from aina_data_engine.say import Told
from aina_data_engine.variables import describe as describe_vars

NAME = "aina-data-engine"
NARROW = 52
"""Terminal width in columns below which click would still write lines of 50."""

HELP = """
Replays semantic patches over job titles, sorts the rows into lanes, and publishes them when every
gate has passed. To begin, create a root with init, or, in a checkout, replay the shipped sample.

Exit status: 0 done, and published if the command publishes; 1 a gate failed, the build broke or
verify found something wrong, and nothing was published; 2 wrong usage or unreadable input; 3
another build is running on the root.
"""

UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Characters without width, as `same_words` leaves them out."""
VARS_HELP = f"The vars:\n{describe_vars()}"

Function = TypeVar("Function", bound=Callable[..., Any])


class _Path(click.Path):
    """A path. An empty one, as from an unset shell variable, would mean the current directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the path is empty.", param, ctx)
        return super().convert(value, param, ctx)


PATH = _Path(path_type=Path)


class _Said(click.ParamType[str]):
    """A word from a person, without blanks around it. A blank one would be recorded unnoticed."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not UNSEEN.sub("", value).strip():
            self.fail("the text is blank.", param, ctx)
        return value.strip()


class _Person(_Said):
    """The name of a person. The log tells a rule's patches by the beginning of their author."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        said = super().convert(value, param, ctx)
        if UNSEEN.sub("", said).strip().casefold().startswith("rule:"):
            self.fail("a person is wanted, not a rule.", param, ctx)
        return said


SAID = _Said()
PERSON = _Person()


class _Command(click.Command):
    """A command that prints its help like all other output, with examples at its end."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.callback = _show_help
        return option


class _Commands(_Command, click.Group):
    """All commands by subject, in the order in which they were added."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subjects: list[Subject] = []

    def add_subject(self, subject: "Subject") -> None:
        self.subjects.append(subject)
        for command in subject.commands:
            self.add_command(command)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        columns = say.columns_of_output()
        if columns and columns < NARROW:
            extra["terminal_width"] = columns
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.commands))
        for subject in self.subjects:
            with formatter.section(subject.name):
                formatter.write_dl(
                    [(str(c.name).ljust(width), c.short_help or "") for c in subject.commands],
                    col_max=width,
                )


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
    """Add the options that may come before or after the command's name."""
    function = click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_note_json,
        help="Print one JSON object, for programs.",
    )(function)
    return click.option(
        "--root",
        type=PATH,
        expose_value=False,
        callback=_note_root,
        metavar="DIR",
        help="The directory that contains `inputs` (default: in a checkout, the project with its"
        " sample; when installed, the current directory).",
    )(function)


@click.group(
    NAME,
    cls=_Commands,
    help=HELP,
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
def engine(context: click.Context) -> None:
    """Note which command is called."""
    context.obj.command = context.invoked_subcommand


@dataclass(frozen=True)
class Subject:
    """A subject, and the commands about it."""

    name: str
    commands: list[click.Command] = field(default_factory=list)

    def command(
        self, name: str, what: str, description: str, *examples: str
    ) -> Callable[[Callable[..., Told]], click.Command]:
        """Make a command from a function that takes a `Call` and the options."""
        told = "\n".join(f"  {NAME} {example}" for example in examples)

        def decorate(function: Callable[..., Told]) -> click.Command:
            make = click.command(name, cls=_Command, short_help=what, help=description)
            made = make(_common(click.pass_obj(function)))
            made.epilog = f"\b\nFor example:\n{told}"
            if any(option.name == "variables" for option in made.params):
                made.epilog += f"\n\n\b\n{VARS_HELP}"
            self.commands.append(made)
            return made

        return decorate

    def job(self, name: str) -> Callable[[Callable[..., Told]], click.Command]:
        """Make a command that does a job, from a function that takes a `Call` and the options."""
        job = JOBS[name]
        examples = (f"{name} {example}".rstrip() for example in job.examples)
        return self.command(name, job.what, job.help, *examples)


def job_options(function: Function) -> Function:
    """Add the options of every job."""
    return variables_option(wait_option(function))


def wait_option(function: Function) -> Function:
    """Add `--wait`, of every command that takes the root's lock."""
    return click.option(
        "--wait", is_flag=True, help="Wait for a build that is running on the root."
    )(function)


def variables_option(function: Function) -> Function:
    """Add `--vars`, which also adds the list of vars to the help."""
    return click.option(
        "--vars",
        "variables",
        default="{}",
        metavar="YAML",
        help="Settings (dbt vars), for example '{title_row_columns: {id: title_id, title:"
        " source_title}}'. All of them are listed below.",
    )(function)
