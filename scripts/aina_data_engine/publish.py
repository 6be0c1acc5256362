"""Write, audit, publish: the last step, taken when every gate has passed.

A generation is a directory of all published files. A symbolic link, `artifacts/validation` for the
replay, points to the one in force; replacing the link by a rename is the one step that publishes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb

from aina_data_engine import answers, handoff
from aina_data_engine.errors import EngineError
from aina_data_engine.files import file_hash, flush, size_and_hash, state_of, write_atomically
from aina_data_engine.generations import prune
from aina_data_engine.job import Publication
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.messages import Gate, Lane
from aina_data_engine.root import Root
from aina_data_engine.shapes import Field, Resource, Summary
from aina_data_engine.sql import identifier, literal

FIELD_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
}
"""Table Schema's types for DuckDB's scalar ones."""
VARIED_TEXTS = {
    "title_id",
    "patch_id",
    "source_title",
    "learner_title",
    "source_row_sha256",
    "attributes",
    "before",
    "after",
}
"""Columns of texts that differ from row to row: how the database stores them is said, for to find
it out takes longer than to store them."""
JSON_TYPES = {"OBJECT": "object", "ARRAY": "array"}
"""Table Schema's types for JSON, where all of a column's values are of one kind."""

PLAIN_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".schema.json": "application/schema+json",
}
"""What is published beside the rows, by the end of its name, and its media type."""


@dataclass(frozen=True)
class Staged:
    """What a run has staged, and what its summary says of it."""

    relations: dict[str, str]
    """The table of each exported file, by the file's stem."""
    kept: dict[str, str]
    """The tables that go into the database only, by their names."""
    described: dict[str, dict[str, str]]
    """What each of these is (of no name) and what its columns are, in the models' own words."""
    lanes: dict[str, Lane]
    """The lane of a lane's file, by the file's stem; the best first."""
    gates: list[Gate]
    inputs: dict[str, Any]
    """What was read, told in a way that no order of lines or files changes."""


def prepare(
    cursor: duckdb.DuckDBPyConnection,
    staging: Path,
    publication: Publication,
    staged: Staged,
) -> Summary:
    """Complete what is staged with the summary; return it."""
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
    """Complete what is staged with database and page; return name, bytes and hash of each.

    `former` is the directory of the generation in force; None where there is none.
    """
    database, page = (staging / f"{publication.stem}{kind}" for kind in (".duckdb", ".html"))
    _write_database(cursor, database, staged, summary["generation"])
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
    """Make the directory of generations; EngineError where something lies in the link's place."""
    publication.in_force(root)
    publication.generations(root).mkdir(parents=True, exist_ok=True)


def publish(root: Root, publication: Publication, name: str, keep: int) -> list[str]:
    """Publish what is staged as the generation directory `name`; `keep` former ones stay.

    Whatever is raised, nothing was published. What went wrong after that is returned in words:
    what was published stands all the same.
    """
    generation = publication.generations(root) / name
    link = publication.link(root)
    warnings = []
    try:
        root.staging.rename(generation)
        _point(link, generation)
    except BaseException as error:
        # The link alone says what is published, whatever the error may suggest.
        if publication.in_force(root) != generation:
            with suppress(OSError):
                generation.rename(root.staging)
            raise
        warnings.append(_told("The disk may not hold the link yet", error))
    return warnings + tidy(root, publication, generation, keep)


def tidy(root: Root, publication: Publication, current: Path, keep: int) -> list[str]:
    """Remove former generations but for `keep`; return what went wrong, which does no harm."""
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
    """Return the digest over all of a summary but the digest itself."""
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
    """Return the resource of one exported file; one of 0 bytes is no table and has no schema."""
    size, digest, rows, state = cursor.execute(
        "select bytes, sha256, line_count, state from engine.exported_files where relation = ?",
        (name,),
    ).fetchall()[0]
    path = staging / f"{name}.jsonl"
    # What nobody has touched since it was read has the hash that it had.
    if state_of(path.lstat()) != state and file_hash(path) != f"sha256:{digest}":
        raise EngineError(f"{path} is not what was exported; run again.")
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
    """Return the resource of a JSON Schema, or of a sheet or a page for people."""
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


def _write_database(
    cursor: duckdb.DuckDBPyConnection, path: Path, staged: Staged, generation: str
) -> None:
    """Write the exported tables to a database of their own, which clients from 1.1.0 on open.

    No older format can be written; clients of 1.0 cannot read a column of empty lists in it. A
    lane is a view of the replayed rows, which stand there once. The comment of each table and view
    says what it is, and the generation that it belongs to; that of a table's column what it is.
    """
    cursor.execute(f"attach {literal(path)} as fresh_generation (storage_version 'v1.0.0')")
    with used(cursor, "fresh_generation"), _at_once(cursor):
        _fill_database(cursor, path.stem, staged, generation)
    cursor.execute("detach fresh_generation")


@contextmanager
def used(cursor: duckdb.DuckDBPyConnection, database: str) -> Iterator[None]:
    """Use a database, and after it, whatever is raised, the one before.

    A view's text may name no database: whoever opens the file gives it a name of their own.
    """
    ((home,),) = cursor.execute("select current_database()").fetchall()
    cursor.execute(f"use {database}")
    try:
        yield
    finally:
        cursor.execute(f"use {identifier(home)}")


@contextmanager
def _at_once(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Do it in one transaction: each comment by itself would be written, and waited for."""
    cursor.begin()
    try:
        yield
    except BaseException:
        # Whatever became of the transaction, what was raised says why.
        with suppress(duckdb.Error):
            cursor.rollback()
        raise
    cursor.commit()


def _fill_database(
    cursor: duckdb.DuckDBPyConnection, stem: str, staged: Staged, generation: str
) -> None:
    for name, relation in sorted({**staged.relations, **staged.kept}.items()):
        kind = "table"
        if lane := staged.lanes.get(name):
            kind = "view"
            cursor.execute(lane_view(stem, name, lane["name"]))
        else:
            _copy(cursor, relation, name)
        described = staged.described.get(name, {})
        comment = f"{described.get('', '')}\n{generation}".strip()
        cursor.execute(f"comment on {kind} {identifier(name)} is {literal(comment)}")
        for column, text in described.items() if kind == "table" else ():
            if column and text:
                place = f"{identifier(name)}.{identifier(column)}"
                cursor.execute(f"comment on column {place} is {literal(text)}")
    if stem == REPLAY_PUBLICATION.stem:
        answers.add_answers(cursor, reversed(staged.lanes.values()), generation)


def _copy(cursor: duckdb.DuckDBPyConnection, relation: str, name: str) -> None:
    """Make a table of a relation's rows."""
    columns = ", ".join(
        f"{identifier(column)} {kind}{' using compression fsst' if column in VARIED_TEXTS else ''}"
        for column, kind, *_ in cursor.execute(f"describe {relation}").fetchall()
    )
    cursor.execute(f"create table {identifier(name)} ({columns})")
    cursor.execute(f"insert into {identifier(name)} from {relation}")


def lane_view(rows: str, name: str, lane: str) -> str:
    """Return SQL that makes the view of a lane in the published database."""
    return (
        f"create view {identifier(name)} as"
        f" from {identifier(rows)} where runtime_lane = {literal(lane)}"
    )


def _point(link: Path, target: Path) -> None:
    """Make `link` point to `target`, in one atomic step."""
    fresh = link.with_name(f".{link.name}.next")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(link.parent))
    flush(target.parent)
    fresh.rename(link)
    flush(link.parent)
