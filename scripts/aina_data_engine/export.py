"""The exports: a model's rows as JSON lines in the staging place, and what was written."""

import hashlib
import json
from itertools import groupby
from pathlib import Path

import duckdb
from jsonschema import Draft202012Validator

from aina_data_engine.cells import guarded
from aina_data_engine.files import BLOCK, measure
from aina_data_engine.sql import identifier, literal

SCHEMA = """
create schema if not exists engine;
create or replace table engine.exported_files (
    relation varchar, bytes bigint, sha256 varchar, line_count bigint, longest_line bigint
);
create or replace table engine.schema_violations (
    line_number bigint, place varchar, message varchar
);
"""


def export_jsonl(
    cursor: duckdb.DuckDBPyConnection, relation: str, order_by: list[str], path: Path
) -> int:
    """Write one JSON object a row to `path`, and what was written to `engine.exported_files`.

    Return the bytes of the longest line.

    Every key is there, in column order, nulls written; rows are in the order of `order_by`, which
    is total. Text sorts by code point, for DuckDB compares the bytes of UTF-8. The lines are those
    of the view `engine.<stem>_lines`, of which the gates ask the same.
    """
    described = cursor.execute(f"describe {relation}").fetchall()
    view = f"engine.{identifier(f'{path.stem}_lines')}"
    cursor.execute(
        f"create or replace view {view} as"
        f" select *, {json_object([row[:2] for row in described])} as json_line from {relation}"
    )
    keys = ", ".join(f"{identifier(name)} nulls first" for name in order_by)
    cursor.execute(
        f"copy (select json_line from {view} order by {keys}) to {literal(path)}"
        " (format csv, header false, delimiter '', quote '', escape '')"
    )
    measured = measure(path)
    cursor.execute(
        "insert into engine.exported_files values (?, ?, ?, ?, ?)", (path.stem, *measured)
    )
    return measured.longest_line


def json_object(columns: list[tuple[str, str]]) -> str:
    """Return SQL for a row as a line of JSON, from the names and types of its columns.

    JSON goes in as it stands, for `to_json` would write its numbers anew; columns of other types
    that stand side by side are written as one struct, which is quicker than one by one.
    """
    parts = []
    for is_json, group in groupby(columns, key=lambda column: column[1] == "JSON"):
        names = [name for name, _ in group]
        if is_json:
            parts += [
                f"{literal(chr(34) + name + chr(34) + ':')}, coalesce({identifier(name)}, 'null')"
                for name in names
            ]
        else:
            members = ", ".join(f"{literal(name)}: {identifier(name)}" for name in names)
            # A slice would count the text's characters.
            whole = f"to_json({{{members}}})::varchar"
            parts.append(f"regexp_replace(regexp_replace({whole}, '^\\{{', ''), '\\}}$', '')")
    return "concat('{', " + ", ',', ".join(parts) + ", '}')"


def digest_lines(
    cursor: duckdb.DuckDBPyConnection, input_name: str, scratch: Path
) -> dict[str, int | str]:
    """Return how many lines an input has, blank ones aside, and a digest that no order changes.

    It is SHA-256 over the hexadecimal SHA-256s of the lines, sorted and put together without
    anything between. They are sorted into a file and hashed from there, so that memory does not
    grow with their number.
    """
    cursor.execute(
        f"copy (select sha256 from inputs.lines where input = {literal(input_name)} order by all)"
        f" to {literal(scratch)} (format csv, header false, delimiter '', quote '', escape '')"
    )
    digest, size = hashlib.sha256(), 0
    with scratch.open("rb") as stream:
        while block := stream.read(BLOCK):
            hashes = block.replace(b"\n", b"")
            digest.update(hashes)
            size += len(hashes)
    scratch.unlink()
    return {"lines": size // (2 * digest.digest_size), "hash": f"sha256:{digest.hexdigest()}"}


def export_csv(
    cursor: duckdb.DuckDBPyConnection, relation: str, order_by: list[str], path: Path
) -> None:
    """Write the rows with a header, in the order of `order_by`; lists as JSON text.

    No cell is one that a spreadsheet takes for a formula; see `cells`.
    """
    keys = ", ".join(identifier(name) for name in order_by)
    columns = cursor.execute(f"describe {relation}").fetchall()
    texts = [
        f"to_json({identifier(name)})::varchar"
        if kind.endswith("[]")
        else f"{identifier(name)}::varchar"
        for name, kind, *_ in columns
    ]
    cells = ", ".join(
        f"{guarded(text)} as {identifier(column[0])}"
        for text, column in zip(texts, columns, strict=True)
    )
    cursor.execute(
        f"copy (select {cells} from {relation} order by {keys}) to {literal(path)}"
        " (format csv, header true)"
    )


def validate(cursor: duckdb.DuckDBPyConnection, path: Path, schema: str) -> None:
    """Stage the JSON Schema and note in `engine.schema_violations` where the file breaks it."""
    text = (Path(__file__).parent / schema).read_text(encoding="utf-8")
    (path.parent / schema).write_text(text, encoding="utf-8")
    records = json.loads("[" + path.read_text(encoding="utf-8").rstrip().replace("\n", ",") + "]")
    whole = Draft202012Validator({"type": "array", "items": json.loads(text)})
    found = [
        (int(error.absolute_path[0]) + 1, error.json_path, error.message)
        for error in whole.iter_errors(records)
    ]
    if found:
        cursor.executemany("insert into engine.schema_violations values (?, ?, ?)", found)
