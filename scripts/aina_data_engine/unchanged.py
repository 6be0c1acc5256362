"""Whether a job's result is published already, judged by hashes alone, before dbt starts."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aina_data_engine import harvest
from aina_data_engine.errors import EngineError
from aina_data_engine.files import size_and_hash
from aina_data_engine.job import Job, Publication
from aina_data_engine.parsed import hash_of_files
from aina_data_engine.publish import digest_of
from aina_data_engine.receipt import (
    Receipt,
    are_inputs,
    current_versions,
    hashes,
    receipt_of,
    runs_of,
    warning,
)
from aina_data_engine.root import PROJECT, Root
from aina_data_engine.say import Told, shown
from aina_data_engine.shapes import read_summary
from aina_data_engine.variables import VARS

DONE = ("published", "unchanged")
KEPT = (
    *("inputs", "unread_inputs", "gates", "kept_in", "quarantine_reasons"),
    *("made_by", "code", "vars"),
)
"""What the receipt of a run that is the same again takes from the former one."""


def settings(given: Mapping[str, object], project: Path = PROJECT) -> str | None:
    """Return a digest of all that decides a result except its inputs: vars, project and code.

    None where dbt runs another project than the one that this code belongs to.
    """
    if project != PROJECT:
        return None
    values = {name: given.get(name, var.default) for name, var in VARS.items()}
    told = json.dumps([values, code_of(project)], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def code_of(project: Path = PROJECT) -> str:
    """Return a digest of the project that dbt runs, and of this package."""
    told = "\n".join([hash_of_files(project), *_code()])
    return hashlib.sha256(told.encode()).hexdigest()


def _code() -> Iterator[str]:
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield f"{path.name} {size_and_hash(path)[1]}"


def say_unchanged(root: Root, job: Job, variables: Mapping[str, object]) -> Told | None:
    """Return that nothing has changed since the result in force, and note the run; None if it has.

    The result is compared with its summary, by the hash of every file.
    """
    publication = job.publishes
    place = publication.in_force(root) if publication else None
    # Other jobs read more than the inputs.
    if not publication or not place or job.reads != ("inputs",):
        return None
    files = root.input_files()
    wanted = {
        "made_by": settings(variables),
        "versions": current_versions(),
        "unread_inputs": [*root.unread_files(files), *harvest.unread(root)],
    }
    former = [
        run
        for run in runs_of(root, place)
        if run.get("outcome") in DONE
        and "message" in run  # a run that was killed after it published has none
        and {key: run.get(key) for key in wanted} == wanted
    ]
    # Hashed last, and only once, however many runs have confirmed the result.
    inputs = hashes(files) if former else {}
    same = [run for run in former if are_inputs(run, inputs)]
    if not same or not _is_whole(root, publication, place):
        return None
    first = f"Unchanged {shown(publication.link(root))}: no input, var or engine file has changed"
    _, _, told = str(same[-1].get("message", "")).partition("\n")
    # Its warnings concern that run alone.
    for text in same[-1].get("warnings", []):
        told = told.replace(warning(text), "")
    receipt = Receipt(root, str(uuid.uuid4()))
    receipt.begin(job)
    receipt.content |= {key: same[-1][key] for key in KEPT if key in same[-1]}
    receipt.content |= {"directory": place.name, "warnings": []}
    keep = variables.get("keep_receipts", VARS["keep_receipts"].default)
    text = receipt.close("unchanged", f"{first}\n{told}", int(str(keep)))
    return Told(0, text, content={"runs": [receipt.content]})


def _is_whole(root: Root, publication: Publication, place: Path) -> bool:
    """Return whether every file of a generation is as it was published."""
    try:
        summary = read_summary(place, publication.stem)
        receipt = receipt_of(root, place)
        told = {r["path"]: (r["bytes"], r["hash"]) for r in summary["resources"]}
        for kind, suffix in (("database", "duckdb"), ("page", "html")):
            file = receipt[kind]
            told[f"{publication.stem}.{suffix}"] = (file["bytes"], file["hash"])
        names = sorted(told)
        there = {path.name for path in place.iterdir()} - {f"{publication.stem}.json"}
        return (
            digest_of(summary) == summary["generation"]
            and there == {*names}
            and [told[n] for n in names] == _measure([place / name for name in names])
        )
    except (OSError, ValueError, KeyError, EngineError):
        return False


def _measure(paths: list[Path]) -> list[tuple[int, str]]:
    """Return bytes and hash of each file. OSError for one that cannot be read."""
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda path: size_and_hash(path, follow=False), paths))
