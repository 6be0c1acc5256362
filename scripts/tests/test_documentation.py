"""The documentation is correct: its commands run, its answers are the sample's."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from conftest import parsed_once, run_engine

from aina_data_engine import cli
from aina_data_engine.root import PROJECT

PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *(PROJECT / "models").glob("*.md")]
NAME = "aina-data-engine"


def commands_of(page: Path) -> list[str]:
    """Return a page's commands: lines of indented blocks, and text in backticks."""
    text = page.read_text(encoding="utf-8")
    block = re.findall(rf"^    (?:\.venv/bin/)?({NAME} .*)$", text, re.M)
    return block + re.findall(rf"`({NAME} [^`]*)`", text)


def run(words: list[str]) -> str:
    """Run a command that succeeds; return its output."""
    ended = run_engine(*words)
    assert ended.status == 0, (words, ended)
    return ended.out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_is_one(page: Path) -> None:
    for command in commands_of(page):
        words = shlex.split(command, comments=True)[1:]
        if words[-1:] == ["COMMAND"] or "COMMAND" in words:
            continue
        call = cli.Call()
        group = cli.engine.make_context(NAME, words, obj=call)
        name, found, rest = cli.engine.resolve_command(group, [*group._protected_args, *group.args])
        assert isinstance(found, click.Command), command
        found.make_context(name, rest, parent=group)


def test_the_reference_names_every_command() -> None:
    text = (PROJECT / "models" / "reference.md").read_text(encoding="utf-8")
    for name in cli.engine.commands:
        assert re.search(rf"^\| `{name}[ `]", text, re.M), name


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)


def test_every_example_of_the_help_is_a_command() -> None:
    for command in cli.engine.commands.values():
        examples = re.findall(rf"^  {NAME} (.*)$", command.epilog or "", re.M)
        assert examples, command.name
        for example in examples:
            words = shlex.split(example.partition(" > ")[0])
            assert words[0] == command.name
            group = click.Context(cli.engine, obj=cli.Call())
            command.make_context(words[0], words[1:], parent=group)


def test_the_how_to_works_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    text = (PROJECT / "models" / "how_to.md").read_text(encoding="utf-8")
    root = tmp_path / "my root"
    told = {}
    for line in re.findall(r"^    (\S.*)$", text, re.M):
        command = line.replace("DIR", shlex.quote(str(root)))
        if line.startswith(NAME):
            told[line] = run(shlex.split(command)[1:])
        else:
            subprocess.run(["bash", "-ec", command], check=True)
    assert len(told) > 10
    (explained,) = (text for line, text in told.items() if " explain " in line)
    assert "mine-1: applied" in explained
    (compared,) = (text for line, text in told.items() if " impact " in line)
    assert "Would revert 1 patch of 1 title" in compared


def test_the_site_of_dbt_tells_what_goes_out_and_what_each_column_is() -> None:
    manifest = json.loads((parsed_once() / "manifest.json").read_text(encoding="utf-8"))
    models = {k: node for k, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    exposures = manifest["exposures"].values()
    exposed = {node for exposure in exposures for node in exposure["depends_on"]["nodes"]}
    hooks = {key: json.dumps(node["config"]["post-hook"]) for key, node in models.items()}
    published = {key for key, hook in hooks.items() if re.search("export_|keep_", hook)}
    assert len(published) > 10
    assert published <= exposed
    for node in models.values():
        assert node["description"], node["name"]
        assert node["config"]["group"], node["name"]
        assert all(column["description"] for column in node["columns"].values()), node["name"]
