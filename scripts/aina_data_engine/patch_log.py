"""The patch log as files: what is proposed for it, and what is added to it."""

import hashlib
import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import duckdb

from aina_data_engine.errors import EngineError
from aina_data_engine.files import file_hash, open_regular, write_atomically
from aina_data_engine.root import LINES, InputFile, Root, extension
from aina_data_engine.say import counted, shown


@dataclass
class Request:
    """What the command line asks of a run, beyond the vars."""

    name: str | None = None
    """How to call the file of proposals."""
    offered: Path | None = None
    """The file to accept."""
    sheet: Path | None = None
    """The review sheet to import."""
    reverted: list[tuple[str, str]] = field(default_factory=list)
    """What to revert: a kind (file, rule or id) and its value, each."""

    def as_var(self) -> dict[str, Any]:
        """Return it as the dbt var `request`."""
        return {k: str(v) if isinstance(v, Path) else v for k, v in vars(self).items()}

    @classmethod
    def of_var(cls, asked: dict[str, Any]) -> Self:
        """Return what the dbt var `request` asks."""
        paths = {k: Path(asked[k]) for k in ("offered", "sheet") if asked.get(k)}
        return cls(**asked | paths)


SCHEMA = """
create schema if not exists engine;
create or replace table engine.offered (file varchar);
create or replace table engine.reverted (kind varchar, value varchar);
create or replace table engine.review_sheet (
    line_number bigint, title_id varchar, decision varchar, reviewer varchar, note varchar
);
"""

NEXT = "  The lanes change with the next semantic-patch-replay."


def note_request(cursor: duckdb.DuckDBPyConnection, request: Request) -> None:
    """Let the models know what is asked for."""
    cursor.execute(SCHEMA)
    if request.offered:
        offered = _as_offered(request.offered).name
        cursor.execute("insert into engine.offered values (?)", (offered,))
    if request.reverted:
        cursor.executemany("insert into engine.reverted values (?, ?)", request.reverted)


def offered_file(request: Request) -> InputFile:
    """Return the file to accept as one more of the log's; EngineError where it is none."""
    path = request.offered
    if not path or not path.is_file():
        raise EngineError(f"{path} is not a file.")
    if extension(path) not in LINES:
        raise EngineError(f"{path}: a patch log is {' or '.join(LINES)}, each also .gz.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}.") from error
    return _as_offered(path)


def _as_offered(path: Path) -> InputFile:
    # No file of the log can have this name, and of identical patches the log's comes first.
    return InputFile("semantic_patches", path, f"~offered/{path.name}")


def check_name(root: Root, name: str | None) -> None:
    """EngineError for a name that no file of proposals can have, or that one has already."""
    if name and not re.fullmatch(r"[\w-][\w.-]*", name):
        raise EngineError(f"--name {name}: letters, digits, points, hyphens and underscores only.")
    if name and _named(root, name).exists():
        raise _taken(_named(root, name))


def _named(root: Root, name: str) -> Path:
    return root.proposals / f"{name}.jsonl"


def _taken(path: Path) -> EngineError:
    return EngineError(
        f"{path} is there already. Accept or remove it, or choose another name with --name."
    )


def write_proposals(root: Root, staged: Path, name: str | None) -> Path | None:
    """Put the staged patches under `artifacts/proposals`; return where, None where there are none.

    Without a name they are called by their content. EngineError where a file of the name holds
    something else: a person may have edited it.
    """
    content = staged.read_bytes()
    if not content:
        return None
    digest = hashlib.sha256(content).hexdigest()
    path = _named(root, name or f"{staged.stem}-{digest[:12]}")
    root.proposals.mkdir(exist_ok=True)
    if path.exists():
        if path.read_bytes() != content:
            raise _taken(path)
    else:
        _put(staged, path)
    return path


def add_to_log(root: Root, path: Path) -> Path:
    """Add a copy of the file to the log, under a name that no file has; return where."""
    directory = root.inputs / "semantic_patches"
    directory.mkdir(exist_ok=True)
    zipped = path.suffix if path.suffix.lower() == ".gz" else ""
    ending = Path(path.name.removesuffix(zipped)).suffix + zipped
    stem = path.name.removesuffix(ending).lstrip(".") or "patches"
    for number in count(1):
        target = directory / f"{stem}{'' if number == 1 else f'-{number}'}{ending}"
        try:
            _put(path, target)
        except FileExistsError:
            continue
        return target
    raise AssertionError("there are more numbers than files")


def accept(cursor: duckdb.DuckDBPyConnection, root: Root, path: Path) -> str:
    """Add the offered file, which the gates have passed, to the log; return what to say of it."""
    outcomes = dict(
        cursor.execute("select outcome, count(*) from accepted_patches group by 1").fetchall()
    )
    fresh = sum(number for outcome, number in outcomes.items() if outcome != "duplicate")
    if not fresh:
        return f"Nothing new: the log has every patch of {shown(path)} already."
    offered = cursor.execute(
        "select sha256 from inputs.files where file in (from engine.offered)"
    ).fetchall()[0][0]
    target = add_to_log(root, path)
    if file_hash(target) != f"sha256:{offered}":
        target.unlink()
        raise EngineError(f"{path} was changed while it was checked. Run again.")
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))
    return f"Accepted {shown(path)}\n  as {shown(target)}\n  patches: {told}\n{NEXT}"


def revert(cursor: duckdb.DuckDBPyConnection, root: Root) -> str:
    """Add the staged reversals to the log; return what to say of it."""
    path = write_proposals(root, root.staging / "patch_reversals.jsonl", None)
    if not path:
        return "Nothing to revert: no title would be another one without these patches."
    titles = cursor.execute("select count(*) from patch_reversals").fetchall()[0][0]
    what = counted(titles, "title")
    return f"Reverted for {what}\n  as {shown(add_to_log(root, path))}\n{NEXT}"


def _put(source: Path, target: Path) -> None:
    """Copy, whole or not at all; FileExistsError where the target is there already."""
    with open_regular(source) as stream:
        write_atomically(target, stream, new=True)
