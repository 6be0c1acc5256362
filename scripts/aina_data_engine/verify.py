"""Whether a published generation is whole and of one piece, found out without dbt.

Files are held against the summary, the summary against its own digest, rows against their lanes,
the database against the files.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.files import file_hash, measure
from aina_data_engine.jobs import REPLAY_PUBLICATION, Publication
from aina_data_engine.load import lines
from aina_data_engine.publish import digest_of
from aina_data_engine.receipt import receipt_of
from aina_data_engine.root import Root
from aina_data_engine.sql import literal

COUNTED = {
    "lane_counts": ("semantic_patch_replay_v1", "runtime_lane"),
    "patch_outcome_counts": ("semantic_patch_replay_v1_patch_outcomes", "outcome"),
    "quarantine_counts": ("semantic_patch_replay_v1_quarantine", "input"),
}
"""What the replay's summary counts: by section, the file and the key of its lines."""


def verify(root: Root, publication: Publication) -> tuple[str, list[str]]:
    """Return a publication's generation in force and what is wrong with it, one finding each.

    EngineError where nothing is published.
    """
    stem = publication.stem
    # The link is read once: what is published meanwhile does not mix in.
    try:
        place = publication.in_force(root)
    except EngineError as error:
        return "unknown", [str(error)]
    if not place:
        raise EngineError(f"Nothing is published at {publication.link(root)}.")
    try:
        summary = json.loads((place / f"{stem}.json").read_text(encoding="utf-8"))
        resources = {r["path"]: r for r in summary["resources"]}
        generation = str(summary["generation"])
        counts = {k: summary[k] for k in COUNTED} if publication is REPLAY_PUBLICATION else {}
    except FileNotFoundError:
        return "unknown", [f"{stem}.json is missing"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return "unknown", [f"{stem}.json is not a summary: {error!r}"]
    findings = [*_check_summary(stem, summary), *_check_files(stem, place, resources)]
    if not findings and counts:
        findings += _check_rows(place, resources, counts)
    findings += _check_database(root, place, stem, resources, generation)
    return generation, findings


def _check_summary(stem: str, summary: dict[str, Any]) -> list[str]:
    findings = []
    if digest_of(summary) != summary["generation"]:
        findings.append(f"{stem}.json has been changed: its generation is not its digest")
    findings += [
        f"{stem}.json: gate {gate['name']} has the result {gate['result']}"
        for gate in summary.get("gates", [])
        if gate["result"] != "pass"
    ]
    return findings


def _check_files(stem: str, place: Path, resources: dict[str, dict[str, Any]]) -> list[str]:
    """Hold every file against bytes, hash and rows of its resource."""
    findings = []
    owners = {r["hash"]: path for path, r in resources.items() if r["bytes"]}
    for path, resource in resources.items():
        if not (place / path).is_file():
            findings.append(f"{path} is missing")
            continue
        size, digest, rows, _ = measure(place / path)
        if f"sha256:{digest}" == resource["hash"]:
            if (size, rows) != (resource["bytes"], resource.get("rows", rows)):
                findings.append(f"{path}: the summary is wrong about its bytes or rows")
        elif f"sha256:{digest}" in owners:
            findings.append(f"{path} holds what belongs in {owners[f'sha256:{digest}']}")
        else:
            findings.append(
                f"{path} is not of this generation, or was changed: {size:,} bytes with {digest},"
                f" the summary has {resource['bytes']:,} with {resource['hash'][7:]}"
            )
    known = {*resources, f"{stem}.json", f"{stem}.duckdb"}
    strangers = sorted(p.name for p in place.iterdir() if p.name not in known)
    return findings + [f"{name} does not belong to the generation" for name in strangers]


def _check_rows(
    place: Path, resources: dict[str, dict[str, Any]], counts: dict[str, dict[str, int]]
) -> list[str]:
    """Hold the rows against their lanes, and the counts against the rows."""
    findings = []
    stem = REPLAY_PUBLICATION.stem
    with duckdb.connect() as connection:
        for path, resource in resources.items():
            if lane := resource.get("runtime_lane"):
                connection.execute(
                    "create table if not exists members (lane varchar, line varchar)"
                )
                connection.execute(
                    f"insert into members select {literal(lane)}, line from {lines(place / path)}"
                )
            else:
                name = literal(path.removesuffix(".jsonl"))[1:-1]
                connection.execute(
                    f'create view "{name}" as select line from {lines(place / path)}'
                )
        found = connection.execute(
            f"""
            select lane, line ->> '/title_id'
            from members
            full outer join {stem} using (line)
            where lane is distinct from line ->> '/runtime_lane'
            order by 2
            """
        ).fetchall()
        for lane, title in found[:20]:
            where = f"is in the file of lane {lane}" if lane else "is in no lane's file"
            findings.append(f"title {title} {where}, which is not its own")
        for section, (table, key) in COUNTED.items():
            rows = connection.execute(f"select line ->> '/{key}', count(*) from {table} group by 1")
            if dict(rows.fetchall()) != {k: n for k, n in counts[section].items() if n}:
                findings.append(f"{stem}.json: {section} are not those of {table}.jsonl")
    return findings


def _check_database(
    root: Root, place: Path, stem: str, resources: dict[str, dict[str, Any]], generation: str
) -> list[str]:
    """Hold the database against its receipt, the generation and the files' row counts."""
    path = place / f"{stem}.duckdb"
    if not path.is_file():
        return [f"{path.name} is missing"]
    expected = receipt_of(root, place).get("database", {}).get("hash")
    if expected and file_hash(path) != expected:
        return [f"{path.name} is not the one that was published: its receipt has another hash"]
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute(
                "select table_name, comment from duckdb_tables()"
                " union all select view_name, comment from duckdb_views() where not internal"
            ).fetchall()
            tables = dict(found)
            findings = [
                f"{path.name}: table {name} is of generation {comment}"
                for name, comment in found
                if comment != generation
            ]
            tabular = {f: r for f, r in resources.items() if f.endswith(".jsonl")}
            for file, resource in tabular.items():
                name = file.removesuffix(".jsonl")
                if name not in tables:
                    findings.append(f"{path.name}: table {name} is missing")
                    continue
                rows = connection.execute(f'select count(*) from "{name}"').fetchall()[0][0]
                if rows != resource["rows"]:
                    findings.append(f"{path.name}: table {name} has {rows:,} rows")
            return findings
    except duckdb.Error as error:
        return [f"{path.name} cannot be read: {told_by(error)}"]
