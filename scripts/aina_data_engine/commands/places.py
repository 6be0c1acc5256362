"""Commands to begin with: make a root, and print where the dbt project is."""

from pathlib import Path

import click

from aina_data_engine import say
from aina_data_engine.commands.call import Call, tidy
from aina_data_engine.commands.engine import PATH, Subject
from aina_data_engine.installed import project_dir
from aina_data_engine.jobs import REPLAY
from aina_data_engine.say import Told

SUBJECT = Subject("To begin")


@SUBJECT.command(
    "init",
    "Make a root, a directory to work on: two title rows, one patch.",
    """
    Makes DIR a root: a directory with `inputs`, which the engine reads, and `artifacts`, which it
    writes. It gets two title rows, one patch, and a page that says where everything goes. Existing
    files stay as they are; if there are inputs already, nothing is written.
    """,
    "init DIR",
    "init DIR --sample",
)
@click.argument("directory", type=PATH, metavar="DIR")
@click.option("--sample", is_flag=True, help="Put the shipped sample of 1,000 titles there.")
def _init(_: Call, directory: Path, sample: bool) -> Told:
    from aina_data_engine.new_root import make_root

    root = make_root(tidy(directory), sample=sample)
    step = root.call(REPLAY)
    content = {"root": str(root.path), "next": step}
    return Told(0, f"Made {say.shown(root.path)}\nNext: {step}", content=content)


@SUBJECT.command(
    "project-dir",
    "Print the dbt project's directory.",
    """
    Prints the directory of the dbt project, for dbt's own command line. When the engine is
    installed, it is a copy in the user's cache directory, where dbt may write.
    """,
    "project-dir",
)
def _project_dir(_: Call) -> Told:
    place = str(project_dir())
    return Told(0, place, content={"project_dir": place})
