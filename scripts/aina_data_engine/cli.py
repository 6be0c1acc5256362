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
from aina_data_engine.jobs import JOBS, PUBLICATIONS, REPLAY
from aina_data_engine.root import PROJECT, Root

REPLAY_HELP = """\
Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs, sorts the
rows into lanes, and publishes them under ROOT/artifacts/validation when every gate has passed.
It is `dbt build` on the project, with the output of a person's tool."""

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
    return build.run(root, JOBS[options.job], options.vars, wait=options.wait)


def _verify(root: Root, _: argparse.Namespace) -> int:
    from aina_data_engine.verify import verify

    published = [p for p in PUBLICATIONS if p.link(root).exists()]
    damaged = 0
    for publication in published or PUBLICATIONS[:1]:
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
    replay.add_argument(
        "--wait", action="store_true", help="wait for a build that is running on the root"
    )
    replay.set_defaults(run=_run_job, job=REPLAY)
    verify = commands.add_parser("verify", help="check what is published", description=VERIFY_HELP)
    verify.set_defaults(run=_verify)
    rows = commands.add_parser(
        "failing-rows", help="show the rows for which a gate failed in the last build"
    )
    rows.add_argument("gate", metavar="GATE", help="the gate's name, as the build said it")
    rows.set_defaults(run=_failing_rows)
    return parser


if __name__ == "__main__":
    sys.exit(main())
