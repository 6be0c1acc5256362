"""Write, audit, publish: the last step, taken when every gate has passed.

A generation is a directory of all published files. A symbolic link, `artifacts/validation` for the
replay, points to the one in force; replacing the link by a rename is the single step that
publishes.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import duckdb

from aina_data_engine import handoff
from aina_data_engine.errors import EngineError
from aina_data_engine.files import file_hash, flush, size_and_hash, state_of, write_atomically
from aina_data_engine.generations import prune
from aina_data_engine.job import Publication
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.published_database import Staged, write_database
from aina_data_engine.root import Root
from aina_data_engine.shapes import Field, Resource, Summary
from aina_data_engine.sql import identifier

FIELD_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
}
"""Table Schema's types for DuckDB's scalar ones."""
JSON_TYPES = {"OBJECT": "object", "ARRAY": "array"}
"""Table Schema's types for JSON, if all of a column's values are of one kind."""

PLAIN_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".schema.json": "application/schema+json",
}
"""Other published files: the end of the name, and the media type."""


def prepare(
    cursor: duckdb.DuckDBPyConnection,
    staging: Path,
    publication: Publication,
    staged: Staged,
) -> Summary:
    """Add the summary to the staged files; return it."""
    summary = _summary(cursor, staging, publication, staged)
    write_atomically(staging / f"{publication.stem}.json", text_of(summary).encode())
    return summary


def complete(
    cursor: duckdb.DuckDBPyConnection,
    staging: Path,
    publication: Publication,
    staged: Staged,
    summary: Summary,
    former: Path | None,
) -> dict[str, Any]:
    """Add database and page to the staged files; return name, bytes and hash of each.

    `former` is the directory of the generation in force; None where there is none.
    """
    database, page = (staging / f"{publication.stem}{kind}" for kind in (".duckdb", ".html"))
    write_database(cursor, database, staged, summary["generation"])
    change = handoff.change_since(former, staging) if publication is REPLAY_PUBLICATION else None
    content = handoff.content_of(cursor, publication, summary, staged.relations, change)
    write_atomically(page, handoff.as_page(content).encode())
    for path in [*staging.iterdir(), staging]:
        flush(path)
    return {"database": _told_of(database), "page": _told_of(page)}


def _told_of(path: Path) -> dict[str, Any]:
    size, digest = size_and_hash(path)
    return {"path": path.name, "bytes": size, "hash": digest}


def clear_the_way(root: Root, publication: Publication) -> None:
    """Make the directory of generations; EngineError where something is in the link's place."""
    publication.in_force(root)
    publication.generations(root).mkdir(parents=True, exist_ok=True)


def publish(root: Root, publication: Publication, name: str, keep: int) -> list[str]:
    """Publish the staged files as the generation directory `name`; `keep` former ones stay.

    If anything is raised, nothing was published. Problems after publishing are returned as
    warnings: the publication stands all the same.
    """
    generation = publication.generations(root) / name
    link = publication.link(root)
    warnings = []
    try:
        root.staging.rename(generation)
        _point(link, generation)
    except BaseException as error:
        # Only the link determines what is published, whatever the error may suggest.
        if publication.in_force(root) != generation:
            with suppress(OSError):
                generation.rename(root.staging)
            raise
        warnings.append(_told("The link may not be on the disk yet", error))
    return warnings + tidy(root, publication, generation, keep)


def tidy(root: Root, publication: Publication, current: Path, keep: int) -> list[str]:
    """Remove former generations except `keep`; return what went wrong, which does no harm."""
    try:
        prune(root, publication, current, keep)
    except (Exception, KeyboardInterrupt) as error:
        return [_told("Former generations were not removed", error)]
    return []


def _told(what: str, error: BaseException) -> str:
    return f"{what}: {error}" if str(error) else f"{what}: {type(error).__name__}"


def text_of(summary: Summary) -> str:
    """Return a summary as it is written."""
    return json.dumps(summary, ensure_ascii=False, indent=2) + "\n"


def digest_of(summary: Mapping[str, object]) -> str:
    """Return the digest over all of a summary except the digest itself."""
    content = {key: value for key, value in summary.items() if key != "generation"}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _summary(
    cursor: duckdb.DuckDBPyConnection,
    staging: Path,
    publication: Publication,
    staged: Staged,
) -> Summary:
    """Return the Data Package v2 descriptor of the staged files, `generation` last."""
    counts: dict[str, dict[str, int]] = {}
    for section, name, count in cursor.execute(
        f"select section, name, row_count from {publication.counts} order by section, position"
    ).fetchall():
        counts.setdefault(section, {})[name] = count
    resources = [
        _resource(cursor, staging, name, relation, staged)
        for name, relation in sorted(staged.relations.items())
    ]
    for path in sorted(p for kind in PLAIN_TYPES for p in staging.glob(f"*{kind}")):
        resources.append(_plain_resource(path))
    content = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": publication.stem,
        "title": publication.title,
        "resources": resources,
        **counts,
        "inputs": staged.inputs,
        "gates": staged.gates,
    }
    return cast(Summary, {**content, "generation": digest_of(content)})


def _resource(
    cursor: duckdb.DuckDBPyConnection, staging: Path, name: str, relation: str, staged: Staged
) -> Resource:
    """Return the resource of one exported file; one of 0 bytes is not a table, without schema."""
    size, digest, rows, state = cursor.execute(
        "select bytes, sha256, line_count, state from engine.exported_files where relation = ?",
        (name,),
    ).fetchall()[0]
    path = staging / f"{name}.jsonl"
    # A file whose state has not changed since it was read still has its hash.
    if state_of(path.lstat()) != state and file_hash(path) != f"sha256:{digest}":
        raise EngineError(f"{path} is not what was exported: it was changed. Run again.")
    resource: Resource = {
        "name": name,
        "type": "table" if rows else "file",
        "path": path.name,
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "rows": rows,
    }
    described = staged.described.get(name, {})
    if text := described.get(""):
        resource["description"] = text
    if lane := staged.lanes.get(name):
        resource |= {"title": lane["label"], "runtime_lane": lane["name"]}
    if rows:
        columns = cursor.execute(f"describe {relation}").fetchall()
        resource["schema"] = {
            "fields": [
                _field(name, _field_type(cursor, relation, name, kind), described.get(name))
                for name, kind, *_ in columns
            ]
        }
    return resource


def _field(name: str, kind: str, description: str | None) -> Field:
    field: Field = {"name": name, "type": kind}
    if description:
        field["description"] = description
    return field


def _field_type(cursor: duckdb.DuckDBPyConnection, relation: str, name: str, kind: str) -> str:
    """Return Table Schema's type of a column of type `kind`."""
    if kind.endswith("[]"):
        return "array"
    if kind.startswith("STRUCT"):
        return "object"
    if kind == "JSON":
        column = identifier(name)
        found = cursor.execute(
            f"select distinct json_type({column}) from {relation} where {column} is not null"
        ).fetchall()
        return JSON_TYPES.get(found[0][0], "any") if len(found) == 1 else "any"
    return FIELD_TYPES[kind]


def _plain_resource(path: Path) -> Resource:
    """Return the resource of a JSON Schema, or of a sheet or page for people."""
    return {
        "name": path.name,
        "type": "file",
        "path": path.name,
        "format": path.suffix[1:],
        "mediatype": PLAIN_TYPES["".join(path.suffixes)],
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": file_hash(path),
    }


def _point(link: Path, target: Path) -> None:
    """Make `link` point to `target`, in one atomic step."""
    fresh = link.with_name(f".{link.name}.next")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(link.parent))
    flush(target.parent)
    fresh.rename(link)
    flush(link.parent)
