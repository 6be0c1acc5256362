"""The patch log as files: the patches that are proposed for it, and those that are added to it."""

import hashlib
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import duckdb

from aina_data_engine.artifacts import refuse_others
from aina_data_engine.errors import EngineError, unreadable, unwritable
from aina_data_engine.files import holds_other, open_regular, write_atomically
from aina_data_engine.job import Job, LastStep
from aina_data_engine.jobs import ACCEPT, PUBLICATIONS
from aina_data_engine.lines import write_lines
from aina_data_engine.receipt import Receipt
from aina_data_engine.request import Request
from aina_data_engine.root import LINES, InputFile, Root, extension, refuse_no_file
from aina_data_engine.say import counted, first, shown

# The table of a review's worksheets serves messages only.
SCHEMA = """
create schema if not exists engine;
create or replace table engine.offered (file varchar, is_partial boolean);
create or replace table engine.reverted (kind varchar, value varchar);
create or replace table engine.review_sheet (
    line_number bigint, flaw varchar, title_id varchar, title varchar, choices varchar,
    decision varchar, reviewer varchar, note varchar, other_title_id varchar, other_title varchar
);
create or replace table engine.worksheets (name varchar, rows_before bigint, problem varchar);
"""

LONGEST_STEM = 200
"""Bytes of a file name's stem: with its extension, a number and prefixes, a name may have 255."""
SHOWN_IDS = 10
GATE = "accepted_patches_apply"
"""The gate that judges an offered file."""
NEXT = "  The lanes change with the next semantic-patch-replay."


def note_request(cursor: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Make the request known to the models, as tables."""
    cursor.execute(SCHEMA)
    if request.offered:
        offered = (_as_offered(request.offered).name, request.is_partial)
        cursor.execute("insert into engine.offered values (?, ?)", offered)


def offered_file(request: Request) -> InputFile:
    """Return the file to accept as if it were in the log; EngineError where it cannot be."""
    path = request.offered
    if not path:
        raise EngineError("No file of patches is given. Run aina-data-engine accept-patches FILE.")
    refuse_no_file(path)
    if extension(path) not in LINES:
        raise EngineError(
            f"{path} is not a file of patches: its name must end in {' or '.join(LINES)}, each also"
            " with .gz."
        )
    return _as_offered(path)


def _as_offered(path: Path) -> InputFile:
    # No file of the log can have this name, and it sorts behind them: the log's copy comes first.
    return InputFile("offered", path, f"~offered/{path.name}")


def check_name(root: Root, name: str | None) -> None:
    """EngineError for a name that no file of proposals can have, or that one already has."""
    if name and not re.fullmatch(r"[\w-][\w.-]*", name):
        raise EngineError(
            f"--name {name} may contain only letters, digits, dots, hyphens and underscores, and"
            " may not begin with a dot."
        )
    if name and _cut(name) != name:
        raise EngineError(f"--name {name} has more than {LONGEST_STEM} bytes. Shorten it.")
    if name and _named(root, name).exists():
        raise _taken(_named(root, name))


def _cut(stem: str) -> str:
    return stem.encode()[:LONGEST_STEM].decode(errors="ignore")


def _named(root: Root, name: str) -> Path:
    return root.proposals / f"{name}.jsonl"


def _taken(path: Path) -> EngineError:
    return EngineError(
        f"{path} exists already. Accept or remove it, or choose another name with --name."
    )


def place_of_additions(root: Root, job: Job) -> Path | None:
    """Return the directory to which the job adds a file of patches; None if it adds none."""
    return {
        LastStep.ACCEPT: _log(root),
        LastStep.REVERT: _log(root),
        LastStep.PROPOSE: root.proposals,
        LastStep.IMPORT_REVIEW: root.proposals,
    }.get(job.last_step)


def _log(root: Root) -> Path:
    return root.inputs / "semantic_patches"


def write_proposals(
    root: Root, staged: Path, name: str | None, tell: Callable[[Path], None] = lambda _: None
) -> Path | None:
    """Put the staged patches under `artifacts/proposals`; return the path, None without patches.

    Without a name the file is named by its content. EngineError where a file of that name has
    other content: a person may have edited it. `tell` writes the pages about them beside the path.
    """
    content = staged.read_bytes()
    if not content:
        return None
    digest = hashlib.sha256(content).hexdigest()
    path = _named(root, name or f"{staged.stem}-{digest[:12]}")
    with adding_to(root.proposals):
        try:
            if holds_other(path, content):
                raise _taken(path)
        except OSError as error:
            raise unreadable(path, error) from error
        # First the pages: once the patches are there, they are not proposed again.
        tell(path)
        if not path.exists():
            _put(staged, path)
    return path


@contextmanager
def adding_to(directory: Path) -> Iterator[None]:
    """Make a directory to add a file to; EngineError where the system does not allow that."""
    before: set[str] = set()
    try:
        directory.mkdir(exist_ok=True)
        before = _names(directory)
        yield
    except OSError as error:
        # After the file is added it is flushed, and that can fail too.
        so = "" if _names(directory) - before else ": nothing was added there"
        raise unwritable(directory, error, so) from error


def _names(directory: Path) -> set[str]:
    with suppress(OSError):
        return {path.name for path in directory.iterdir()}
    return set()


def add_to_log(root: Root, path: Path, name: str | None = None) -> Path:
    """Add a copy of the file to the log, under its own name or `name`; return its path."""
    return add_file(_log(root), path, name or path.name)


def add_file(directory: Path, content: Path | bytes, name: str) -> Path:
    """Add a file of JSON lines, under a name not yet in use; return its path."""
    zipped = name[-3:] if name.lower().endswith(".gz") else ""
    plain = name.removesuffix(zipped)
    stem = _cut(plain.removesuffix(Path(plain).suffix).lstrip(".")) or "patches"
    with adding_to(directory):
        for number in count(1):
            target = directory / f"{stem}{'' if number == 1 else f'-{number}'}.jsonl"
            try:
                _put(content, target)
            except FileExistsError:
                continue
            return target
    raise AssertionError("there are more numbers than files")


def accept(
    cursor: duckdb.DuckDBPyConnection,
    root: Root,
    path: Path,
    receipt: Receipt,
    *,
    is_replayed: bool,
) -> str:
    """Add the accepted patches of the offered file to the log; return the message."""
    staged = root.staging / "offered_patch_outcomes.jsonl"
    taken = "select text from offered_patch_outcomes where is_taken order by line_number"
    write_lines(cursor, taken, staged)
    counts = dict(
        cursor.execute(
            "select outcome, count(*) from offered_patch_outcomes"
            " where is_taken or outcome = 'duplicate' group by 1"
        ).fetchall()
    )
    ((known, others),) = cursor.execute(
        "select count_if(outcome = 'duplicate'), count_if(outcome is distinct from 'duplicate')"
        " from offered_patch_outcomes"
    ).fetchall()
    kept = _kept_back(cursor)
    if not cursor.execute("select 1 from offered_patch_outcomes limit 1").fetchall():
        return f"{shown(path)} contains no patch."
    if not staged.stat().st_size:
        other = "other " if others else ""
        told = f"Nothing new: the log has every {other}patch of {shown(path)} already."
        if not known:
            told = f"Nothing is accepted of {shown(path)}."
        return "\n".join([told, *kept])
    target = add_to_log(root, staged, path.name)
    name = target.relative_to(root.inputs).as_posix()
    receipt.content["accepted"] = {"from": str(path.absolute()), "as": name}
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(counts.items()))
    lines = [f"Accepted {shown(path)}", f"  as {shown(target)}", f"  patches: {told}"]
    lines += _accepted_again(cursor)
    return "\n".join([*lines, *kept, *([] if is_replayed else [NEXT])])


def _accepted_again(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """List the accepted patches that had been undone, by their new ids."""
    rows = cursor.execute(
        "select patch_id, title_id from offered_patch_outcomes where is_taken and is_renewed"
        " order by line_number"
    ).fetchall()
    if not rows:
        return []
    are = "is" if len(rows) == 1 else "are"
    ids = [f"{shown(patch_id)} of {shown(title_id)}" for patch_id, title_id in rows]
    return [
        f"  {len(rows):,} of them had been undone and {are} accepted again, under a new id:",
        *(f"    {line}" for line in first(ids, SHOWN_IDS)),
    ]


def describe_part(
    cursor: duckdb.DuckDBPyConnection, root: Root, path: Path, receipt: Receipt
) -> str:
    """Return how to accept the part of a refused file that applies; note how much that is."""
    ((taken, others, new),) = cursor.execute(
        """
        select
            count_if(is_taken),
            count_if(not is_taken and outcome is distinct from 'duplicate'),
            count_if(is_taken and not is_renewed)
        from offered_patch_outcomes
        """
    ).fetchall()
    receipt.content["refused"] = {"applies": new}
    if not taken:
        return ""
    step = root.call(ACCEPT, path, "--partial")
    return f"\n  {taken:,} of {counted(taken + others, 'patch', 'patches')} can be accepted: {step}"


def _kept_back(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """List the first patches of the offered file that are not accepted, and why."""
    rows = cursor.execute(
        """
        select line_number, title_id, patch_id, coalesce(problem, case
            when outcome = 'declined'
                then 'it was declined; allow it with decline-patches --take-back'
            when is_superseded
                then 'a newer decision about the title has replaced it; import its sheet again'
            else 'it follows a patch of the title that is not accepted'
        end)
        from offered_patch_outcomes
        where not is_taken and (outcome is distinct from 'duplicate' or is_superseded)
        order by line_number
        """
    ).fetchall()
    told = [
        f"not accepted, {', '.join([f'line {n}', *(shown(name) for name in names if name)])}:"
        f" {shown(why)}"
        for n, *names, why in rows
    ]
    return [f"  {line}" for line in first(told, SHOWN_IDS)]


def proposal_files(root: Root) -> list[Path]:
    """Return the files of proposed patches, of every job, without empty ones.

    EngineError where a directory of them is not the engine's own; links in them are left out.
    """
    found = proposed_files(root)
    for publication in PUBLICATIONS.values():
        if publication.in_force(root):
            found += sorted(publication.link(root).glob("*_proposals.jsonl"))
    return [path for path in found if stat.S_ISREG((of := path.lstat()).st_mode) and of.st_size]


def proposed_files(root: Root) -> list[Path]:
    """Return what is among the files of `propose-patches` and `import-review`, by name.

    EngineError where their directory is not the engine's own.
    """
    refuse_others(root.proposals, stat.S_IFDIR)
    return sorted(root.proposals.glob("*.jsonl"))


def _put(source: Path | bytes, target: Path) -> None:
    """Write the file whole or not at all; FileExistsError if the target exists."""
    if isinstance(source, bytes):
        write_atomically(target, source, new=True)
        return
    with open_regular(source) as stream:
        write_atomically(target, stream, new=True)
