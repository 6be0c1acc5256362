"""Whether a published generation is whole and consistent, checked without dbt.

Files are compared with the summary, the summary with its own digest, rows with their lanes, every
table of the database with its file. A generation may come from someone else: nothing in it is run,
no link is followed, and any damage to a file is a finding.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from aina_data_engine.answers import QUESTIONS, RULES
from aina_data_engine.databases import locked
from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.files import Measured, measure, open_regular, read_text_bounded, size_and_hash
from aina_data_engine.generations import kept, run_of
from aina_data_engine.job import INPUTS, Publication
from aina_data_engine.jobs import EFFECTS, PUBLICATIONS, REPLAY_PUBLICATION
from aina_data_engine.load import lines
from aina_data_engine.publish import digest_of, text_of
from aina_data_engine.receipt import receipt_path, was_never_in_force
from aina_data_engine.root import Root
from aina_data_engine.shapes import (
    OUTCOMES,
    SHOWN,
    Resource,
    Summary,
    counts_of,
    load_receipt,
    read_summary,
)
from aina_data_engine.sql import literal
from aina_data_engine.verify_database import UNREADABLE, Files, check_tables, prints_of, total

COUNTED = {
    "lane_counts": ("semantic_patch_replay_v1", "runtime_lane"),
    "patch_outcome_counts": ("semantic_patch_replay_v1_patch_outcomes", "outcome"),
    "quarantine_counts": ("semantic_patch_replay_v1_quarantine", "input"),
}
"""The counts of the replay's summary: by section, the file and the key of its lines."""

IN_NONE = "is in no lane's file"


class Checked(NamedTuple):
    """The result of checking a generation."""

    generation: str
    findings: list[str]
    unchecked: list[str]
    """What could not be checked, for lack of anything to compare it with."""


def verify(root: Root, publication: Publication, *, with_tables: bool = True) -> Checked:
    """Return a publication's generation in force and what is wrong with it.

    Without `with_tables`, for readers of the files only, the database's bytes are still checked.
    EngineError where nothing was ever published.
    """
    name = f"{publication.stem}.json"
    is_replay = publication is REPLAY_PUBLICATION
    try:
        # The link is read once, so that a publication in the meantime does not mix in.
        place = publication.in_force(root)
        if place:
            summary = read_summary(place, publication.stem, tuple(COUNTED) if is_replay else ())
    except FileNotFoundError:
        return Checked("unknown", [f"{name} is missing"], [])
    except OSError as error:
        return Checked("unknown", [f"{name} cannot be read: {error.strerror}"], [])
    except ValueError as error:
        return Checked("unknown", [f"{name} is not a summary: {error}"], [])
    except EngineError as error:
        return Checked("unknown", [str(error)], [])
    if not place:
        if not was_published(root, publication):
            raise publication.missing(root)
        gone = (
            f"the link is gone although something was published. Run {root.call(publication.job)}"
        )
        return Checked("unknown", [gone], [])
    return _check(root, publication, place, summary, with_tables=with_tables)


def was_published(root: Root, publication: Publication) -> bool:
    """Return whether it has ever been published, even if the link is gone."""
    places = PUBLICATIONS.values() if publication is REPLAY_PUBLICATION else [publication]
    # A first generation may have been left by a run that was stopped before it published.
    return any(os.path.lexists(place.link(root)) for place in places) or any(
        not was_never_in_force(root, publication, generation)
        for generation in kept(root, publication)
    )


def _check(
    root: Root, publication: Publication, place: Path, summary: Summary, *, with_tables: bool
) -> Checked:
    resources = {resource["path"]: resource for resource in summary["resources"]}
    findings = _check_summary(publication, place, summary, resources)
    measured, wrong = _check_files(publication.stem, place, resources)
    findings += wrong
    database = place / f"{publication.stem}.duckdb"
    receipt, wrong = _receipt(root, place)
    wrong += _check_told_file(database, receipt.get("database"))
    findings += wrong
    page = database.with_suffix(".html")
    # A generation from before there were pages has none.
    if "page" in receipt or os.path.lexists(page):
        findings += _check_told_file(page, receipt.get("page"))
    unchecked = [
        f"{path.name} byte by byte, since runs/{run_of(place)}.json does not say its hash"
        for what, path in (("database", database), ("page", page))
        if what not in receipt and path.is_file() and not wrong
    ]
    if not (receipt or os.path.lexists(page)):
        gone = f"runs/{run_of(place)}.json, which would say so, is gone"
        unchecked.append(f"{page.name}: whether there was one, since {gone}")
    try:
        with locked(place) as connection:
            files = _read(connection, publication, place, resources, measured)
            is_complete = _stems(publication) <= files.lines.keys()
            if (
                publication is REPLAY_PUBLICATION
                and is_complete
                and len(measured) == len(resources)
            ):
                findings += _check_lanes(connection, files)
                findings += _check_counts(summary, files)
            if with_tables and not wrong:
                wrong, strange = check_tables(connection, database, files)
                findings += wrong
                # A table without a file can only be checked by the database's bytes.
                known = {f"{database.name}: table {name}" for name in (EFFECTS, RULES, QUESTIONS)}
                unchecked += [o for o in strange if o not in known or "database" not in receipt]
    except UNREADABLE as error:
        findings.append(f"{place} cannot be read: {told_by(error)[:SHOWN]}")
    return Checked(summary["generation"], findings, unchecked)


def _check_summary(
    publication: Publication,
    place: Path,
    summary: Summary,
    resources: dict[str, Resource],
) -> list[str]:
    name = f"{publication.stem}.json"
    findings = []
    if _digest(summary) != summary["generation"]:
        findings.append(f"{name} has been changed: its generation is not its digest")
    elif read_text_bounded(place / name, follow=False) != text_of(summary):
        # For example a repeated member: its value then depends on the reader.
        findings.append(f"{name} has been changed: its text is not as it was written")
    if summary["name"] != publication.stem:
        findings.append(f"{name} is the summary of {summary['name']}")
    if len(resources) != len(summary["resources"]):
        findings.append(f"{name} names a file more than once")
    findings += [
        f"{name}: gate {gate['name']} has the result {gate['result']}"
        for gate in summary["gates"]
        if gate["result"] not in ("pass", "warn")
    ]
    expected = {f"{stem}.jsonl" for stem in _stems(publication)}
    return findings + [f"{name} does not name {path}" for path in sorted(expected - {*resources})]


def _digest(summary: Summary) -> str | None:
    """Return the summary's digest; None for a summary that no engine has written."""
    try:
        return digest_of(summary)
    except (RecursionError, ValueError):
        return None


def _stems(publication: Publication) -> set[str]:
    """Return the files that a publication always has; for the replay, those that it counts."""
    if publication is not REPLAY_PUBLICATION:
        return {publication.stem}
    return {stem for stem, _ in COUNTED.values()}


def _check_files(
    stem: str, place: Path, resources: dict[str, Resource]
) -> tuple[dict[str, Measured], list[str]]:
    """Compare every file with the bytes, hash and rows of its resource; return those that agree."""
    fitting, findings = {}, []
    for path, resource in resources.items():
        try:
            wrong, found = _check_file(place / path, resource, resources)
        except FileNotFoundError:
            wrong = f"{path} is missing"
        except OSError as error:
            wrong = f"{path} cannot be read: {error.strerror}"
        if wrong:
            findings.append(wrong)
        elif found:
            fitting[path] = found
    known = {*resources, *(f"{stem}.{kind}" for kind in ("json", "duckdb", "html"))}
    strangers = sorted(path.name for path in place.iterdir() if path.name not in known)
    return fitting, findings + [f"{name} does not belong to the generation" for name in strangers]


def _check_file(
    file: Path, resource: Resource, resources: dict[str, Resource]
) -> tuple[str, Measured | None]:
    """Return what is wrong with a file, and its measures."""
    size = file.lstat().st_size
    if size not in {r["bytes"] for r in resources.values()}:
        # It is none of the files, so however long it is, it need not be read.
        return f"{_strange(file, size)}, the summary has {resource['bytes']:,}", None
    found = measure(file, follow=False)
    digest = f"sha256:{found.sha256}"
    if digest == resource["hash"]:
        if (found.bytes, found.lines) == (resource["bytes"], resource.get("rows", found.lines)):
            return "", found
        return f"{file.name}: the summary is wrong about its bytes or rows", None
    owners = {r["hash"]: path for path, r in resources.items() if r["bytes"]}
    if digest in owners:
        return f"{file.name} has the content of {owners[digest]}", None
    strange = f"{_strange(file, size)} with {found.sha256}"
    return f"{strange}, the summary has {resource['bytes']:,} with {resource['hash'][7:]}", None


def _strange(file: Path, size: int) -> str:
    return f"{file.name} is not of this generation, or was changed: {size:,} bytes"


def _receipt(root: Root, place: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the receipt of the run that published, and what is wrong with it; it may be gone."""
    path = receipt_path(root, run_of(place))
    try:
        return load_receipt(path), []
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"runs/{path.name} is not a receipt: {error}"]


def _check_told_file(file: Path, told: dict[str, Any] | None) -> list[str]:
    """Compare a file's bytes with the receipt, since the summary does not list the file."""
    name = file.name
    beside = [p.name for p in file.parent.iterdir() if p.name.startswith(f"{name}.")]
    if beside:
        return [f"{name} is not read: {beside[0]} would change its content"]
    try:
        if told and told["bytes"] != file.lstat().st_size:
            return [f"{name} is not the one that was published: its receipt has another size"]
        if told and told["hash"] != size_and_hash(file, follow=False)[1]:
            return [f"{name} is not the one that was published: its receipt has another hash"]
        open_regular(file, follow=False).close()
    except FileNotFoundError:
        return [f"{name} is missing"]
    except OSError as error:
        return [f"{name} cannot be read: {error.strerror}"]
    return []


def _key_of(stem: str, publication: Publication) -> str:
    """Return SQL for the key by which a file's lines are counted."""
    keys = dict(COUNTED.values()) if publication is REPLAY_PUBLICATION else {}
    return f"try(line ->> '/{keys[stem]}')" if stem in keys else "''"


def _read(
    connection: duckdb.DuckDBPyConnection,
    publication: Publication,
    place: Path,
    resources: dict[str, Resource],
    measured: dict[str, Measured],
) -> Files:
    """Read the lines of every file that agrees with the summary, once."""
    found = {
        path.removesuffix(".jsonl"): lines(place / path, measure.longest_line)
        for path, measure in measured.items()
        if path.endswith(".jsonl")
    }
    return Files(
        publication.stem,
        found,
        {s: prints_of(connection, source, _key_of(s, publication)) for s, source in found.items()},
        {s: lane for s in found if (lane := resources[f"{s}.jsonl"].get("runtime_lane"))},
    )


def _check_lanes(connection: duckdb.DuckDBPyConnection, files: Files) -> list[str]:
    """Compare each lane's file with the rows of the lane."""
    stem, lanes, prints = files.stem, files.lanes, files.prints
    rest = {lane: found for lane, found in prints[stem].items() if lane not in lanes.values()}
    wrong = [
        n for n, lane in lanes.items() if total(prints[n]) != prints[stem].get(lane, (0, 0, 0))
    ]
    if not (wrong or rest):
        return []
    members = " union all ".join(
        f"select {literal(lane)} as lane, line from {files.lines[name]}"
        for name, lane in lanes.items()
    )
    found = connection.execute(
        f"""
        select lane, try(line ->> '/title_id')
        from ({members or "select null as lane, null as line where false"})
        full outer join (from {files.lines[stem]}) using (line)
        where lane is distinct from try(line ->> '/runtime_lane')
        order by 2
        limit 20
        """
    ).fetchall()
    return [
        f"title {title} {f'is in the file of lane {lane}' if lane else IN_NONE}, not its own"
        for lane, title in found
    ] or [f"{name}.jsonl does not have the rows of its lane" for name in wrong]


def _check_counts(summary: Summary, files: Files) -> list[str]:
    """Compare the summary's counts with the rows, zeros included."""
    zeros = {
        "lane_counts": files.lanes.values(),
        "patch_outcome_counts": OUTCOMES,
        "quarantine_counts": INPUTS,
    }
    return [
        f"{REPLAY_PUBLICATION.stem}.json: {section} are not those of {stem}.jsonl"
        for section, (stem, _) in COUNTED.items()
        if dict.fromkeys(zeros[section], 0)
        | {key: found[0] for key, found in files.prints[stem].items()}
        != counts_of(summary)[section]
    ]
