"""The command line: `aina-data-engine [--root DIR] COMMAND`.

Exit status: 0 done and published; 1 a gate failed or the build broke, nothing published; 2 wrong
usage or input that cannot be read.
"""

import argparse
import os
import sys
from pathlib import Path

from aina_data_engine import __version__
from aina_data_engine.errors import EngineError
from aina_data_engine.root import PROJECT, Root

REPLAY_HELP = """\
Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs, sorts the
rows into lanes, and publishes them under ROOT/artifacts/validation when every gate has passed.
It is `dbt build` on the project, with the output of a person's tool."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    root = Root(options.root.absolute())
    try:
        root.prepare()
        root.input_files()
        return _build(root, options.vars)
    except EngineError as error:
        print(f"aina-data-engine: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aina-data-engine", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--root",
        type=Path,
        default=PROJECT,
        metavar="DIR",
        help="the directory with `inputs` (default: the project's own, with the shipped sample)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    replay = commands.add_parser(
        "semantic-patch-replay",
        help="replay the patches and publish the lanes",
        description=REPLAY_HELP,
    )
    replay.add_argument(
        "--vars",
        default="{}",
        metavar="YAML",
        help="dbt vars, for one '{title_row_columns: {id: title_id, title: source_title}}'",
    )
    return parser


def _build(root: Root, given_vars: str) -> int:
    """Run `dbt build` in this process and say what came of it."""
    # Slow to import, and a wrong command line should not wait for it.
    import yaml
    from dbt.cli.main import dbtRunner

    from aina_data_engine import dbt_plugin

    variables = _parse_vars(given_vars) | {"root": str(root.path)}
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    result = dbtRunner().invoke(
        [
            "--log-level=none",
            f"--log-path={root.artifacts / 'logs'}",
            "build",
            f"--project-dir={PROJECT}",
            f"--profiles-dir={PROJECT}",
            f"--target-path={root.artifacts / 'target'}",
            f"--vars={yaml.safe_dump(variables, default_flow_style=True, width=10**9)}",
        ]
    )
    outcome = dbt_plugin.last_outcome
    if outcome.input_error:
        raise EngineError(outcome.input_error)
    if outcome.published:
        print(outcome.text)
        return 0
    print(outcome.text or f"The build broke: {result.exception}", file=sys.stderr)
    print(f"dbt's own log: {root.artifacts / 'logs' / 'dbt.log'}", file=sys.stderr)
    return 1


def _parse_vars(text: str) -> dict[str, object]:
    """Return `--vars` as a mapping; EngineError for what is none."""
    from yaml import YAMLError, safe_load

    try:
        found = safe_load(text)
    except YAMLError as error:
        raise EngineError(f"--vars is not YAML: {error}") from error
    if not isinstance(found, dict):
        raise EngineError("--vars is a mapping, for one '{strict: true}'.")
    return found


if __name__ == "__main__":
    sys.exit(main())
