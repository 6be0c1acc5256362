"""Write, audit, publish: the last step, taken when every gate has passed.

A generation is a directory of all published files. `artifacts/validation` is a symbolic link to the
one in force; replacing the link by a rename is the one step that publishes.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.errors import EngineError
from aina_data_engine.root import Root
from aina_data_engine.sql import identifier, literal

SUMMARY = "semantic_patch_replay_v1"
"""The stem of the summary and of the published database."""

FIELD_TYPES = {"VARCHAR": "string", "BIGINT": "integer", "INTEGER": "integer", "JSON": "object"}
"""Table Schema's types for DuckDB's; lists of any kind are arrays."""


def publish(
    cursor: duckdb.DuckDBPyConnection,
    root: Root,
    run_id: str,
    relations: dict[str, str],
    gates: list[dict[str, str]],
    keep: int,
) -> dict[str, Any]:
    """Publish what is staged as generation directory `run_id`; return the summary.

    `relations` maps each exported file's stem to its table. `keep` former generations stay.
    """
    summary = _summary(cursor, root.staging, relations, gates)
    text = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
    (root.staging / f"{SUMMARY}.json").write_text(text, encoding="utf-8")
    _write_database(cursor, root.staging / f"{SUMMARY}.duckdb", relations)
    for path in [*root.staging.iterdir(), root.staging]:
        _flush(path)
    generation = root.generations / run_id
    root.staging.rename(generation)
    _point(root.validation, generation)
    _prune(root, keep)
    return summary


def _summary(
    cursor: duckdb.DuckDBPyConnection,
    staging: Path,
    relations: dict[str, str],
    gates: list[dict[str, str]],
) -> dict[str, Any]:
    """Return the Data Package v2 descriptor of the staged files, `generation` last."""
    counts: dict[str, dict[str, int]] = {}
    for section, name, count in cursor.execute(
        "select section, name, row_count from summary_counts order by section, position"
    ).fetchall():
        counts.setdefault(section, {})[name] = count
    digests = cursor.execute("select input, line_count, sha256 from input_digests order by input")
    inputs = {i: {"lines": n, "hash": f"sha256:{h}"} for i, n, h in digests.fetchall()}
    summary: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": SUMMARY,
        "title": "Semantic patch replay",
        "resources": [_resource(cursor, staging, *item) for item in sorted(relations.items())],
        **{
            section: counts[section]
            for section in ("lane_counts", "patch_outcome_counts", "quarantine_counts")
        },
        "inputs": {name: inputs[name] for name in ("title_rows", "semantic_patches")},
        "gates": gates,
    }
    canonical = json.dumps(summary, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    summary["generation"] = "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
    return summary


def _resource(
    cursor: duckdb.DuckDBPyConnection, staging: Path, name: str, relation: str
) -> dict[str, Any]:
    """Return the resource of one exported file; a file of 0 bytes has no table schema."""
    size, digest, rows = cursor.execute(
        "select bytes, sha256, line_count from engine.exported_files where relation = ?", (name,)
    ).fetchall()[0]
    path = staging / f"{name}.jsonl"
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
            raise EngineError(f"{path} is not what was exported; run again.")
    resource = {
        "name": name,
        "path": path.name,
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "rows": rows,
    }
    if rows:
        columns = cursor.execute(f"describe {relation}").fetchall()
        fields = [{"name": c[0], "type": FIELD_TYPES.get(c[1], "array")} for c in columns]
        resource["schema"] = {"fields": fields}
    return resource


def _write_database(
    cursor: duckdb.DuckDBPyConnection, path: Path, relations: dict[str, str]
) -> None:
    """Write the exported tables to a database of their own, in a format that 1.5 clients open."""
    cursor.execute(f"attach {literal(path)} as published (storage_version 'v1.5.0')")
    for name, relation in sorted(relations.items()):
        cursor.execute(f"create table published.{identifier(name)} as from {relation}")
    cursor.execute("detach published")


def _flush(path: Path) -> None:
    """Have the disk hold it before anything points to it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _point(link: Path, target: Path) -> None:
    """Make `link` point to `target`, in one atomic step."""
    fresh = link.with_name(".validation.next")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(link.parent))
    fresh.rename(link)
    _flush(link.parent)


def _prune(root: Root, keep: int) -> None:
    """Remove former generations but for the `keep` latest."""
    current = root.validation.resolve()
    former = [p for p in root.generations.iterdir() if p.resolve() != current]
    former.sort(key=lambda p: p.stat().st_mtime_ns, reverse=True)
    for path in former[keep:]:
        shutil.rmtree(path)
