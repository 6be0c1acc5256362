"""The exports: a model's rows as JSON lines in the staging directory, and a record of them."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
from jsonschema import Draft202012Validator

from aina_data_engine.cells import guarded
from aina_data_engine.files import BLOCK, measure, write_atomically
from aina_data_engine.lines import reader, write_lines
from aina_data_engine.sql import identifier, literal

SCHEMA = """
create schema if not exists engine;
create table if not exists engine.exported_files (
    relation varchar, order_by varchar[],
    bytes bigint, sha256 varchar, line_count bigint, longest_line bigint, state varchar
);
create table if not exists engine.schema_violations (
    line_number bigint, place varchar, message varchar
);
"""
FORGET = """
drop table if exists engine.exported_files;
drop table if exists engine.schema_violations;
"""
"""Removes the record of a former run, or of another version."""


@dataclass(frozen=True)
class Part:
    """Rows of another model's file that form their own file: those with one value of its key."""

    relation: str
    value: str


@dataclass(frozen=True)
class Rows:
    """A relation's rows, to be written as lines; `part_key` is empty where they have no parts."""

    relation: str
    columns: list[tuple[str, str]]
    """Names and types."""
    order_by: list[str]
    part_key: str

    def sort_key(self, value_of: Callable[[str], str] = identifier) -> str:
        """Return SQL for the sort key of the rows; `value_of` gives a column's value by name."""
        keys = ", ".join(f"{value_of(name)}, 'asc nulls first'" for name in self.order_by)
        return f"create_sort_key({keys})"


def export_jsonl(
    cursor: duckdb.DuckDBPyConnection,
    relation: str,
    order_by: list[str],
    path: Path,
    *,
    part_key: str = "",
    part: Part | None = None,
    sort: Callable[[duckdb.DuckDBPyConnection, Rows, str], None] | None = None,
) -> int:
    """Write one JSON object per row to `path`, and note the file in `engine.exported_files`.

    Return an upper bound of the line lengths in bytes.

    Every key is present, in column order, nulls included; rows are in the order of `order_by`,
    which is total. Text sorts by code point, since DuckDB compares the bytes of UTF-8. The lines
    are those of `engine.<stem>_lines`, in its order, with which gates compare the file. Each line
    is made once: a file that is a `part` of another takes its lines, by the other's `part_key`.
    `sort` defaults to `sort_lines`.
    """
    lines = f"engine.{identifier(f'{path.stem}_lines')}"
    if part:
        whole = f"engine.{identifier(f'{part.relation}_lines')}"
        cursor.execute(
            f"create or replace view {lines} as from {whole} where part = {literal(part.value)}"
        )
    else:
        described = cursor.execute(f"describe {relation}").fetchall()
        rows = Rows(relation, [row[:2] for row in described], order_by, part_key)
        (sort or sort_lines)(cursor, rows, lines)
    write_lines(cursor, f"select line from {lines}", path)
    measured = measure(path)
    # A run of a part of the project exports it again.
    cursor.execute("delete from engine.exported_files where relation = ?", (path.stem,))
    cursor.execute(
        "insert into engine.exported_files values (?, ?, ?, ?, ?, ?, ?)",
        (path.stem, order_by, *measured),
    )
    return measured.longest_line


def show_gates(cursor: duckdb.DuckDBPyConnection, *places: Path) -> None:
    """Tell the gates where each exported file is: in the last of the places that has it."""
    files = (path for place in places for path in place.glob("*.jsonl"))
    found = {path.stem: str(path) for path in files if not path.is_symlink()}
    cursor.execute("set variable exported = map(?, ?)", ([*found], [*found.values()]))


def longest_noted(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return the longest line of the files that the build's database records as exported."""
    try:
        found = cursor.execute("select max(longest_line) from engine.exported_files").fetchall()
    except duckdb.CatalogException:
        return 0
    return found[0][0] or 0


def sort_lines(cursor: duckdb.DuckDBPyConnection, rows: Rows, lines: str) -> None:
    """Create the table `lines` of the rows' lines, sorted: sort key, part, line, its hash."""
    # Choosing a compression for text takes longer than compressing it.
    cursor.execute(
        f"create or replace table {lines}"
        " (sort_key blob using compression uncompressed, part varchar,"
        " line varchar using compression zstd, line_hash ubigint)"
    )
    part = identifier(rows.part_key) if rows.part_key else "null"
    cursor.execute(
        f"insert into {lines} select *, hash(line) from (select {rows.sort_key()} as sort_key,"
        f" {part} as part, {json_object(rows.columns)} as line from {rows.relation} order by 1)"
    )


def json_object(columns: list[tuple[str, str]], value_of: Callable[[str], str] = identifier) -> str:
    """Return SQL for a row as a line of JSON, from the names and types of its columns.

    `value_of` gives a column's value in SQL, by its name.

    JSON goes in as it is, since `to_json` would rewrite its numbers; adjacent columns of other
    types are written as one struct, which is faster than one by one.
    """
    groups = [(is_json, list(g)) for is_json, g in groupby(columns, lambda c: c[1] == "JSON")]
    parts: list[str] = []
    for is_json, group in groups:
        if is_json:
            for name, _ in group:
                begins = f"{',' if parts else '{'}{json.dumps(name, ensure_ascii=False)}:"
                parts.append(f"{literal(begins)}, coalesce({value_of(name)}, 'null')")
            continue
        members = ", ".join(f"{literal(name)}: {value_of(name)}" for name, _ in group)
        struct = f"to_json({{{members}}})::varchar"
        # Braces within the line are removed by regex; a slice would count the text's characters.
        if parts:
            struct = f"regexp_replace({struct}, '^\\{{', ',')"
        if group is not groups[-1][1]:
            struct = f"regexp_replace({struct}, '\\}}$', '')"
        parts.append(struct)
    return f"concat({', '.join(parts)}{', ' + literal('}') if groups[-1][0] else ''})"


SORTED_HASHES = "(select input, sha256 from inputs.lines order by sha256)"
"""The hashes of all lines of the inputs, sorted."""


def digest_lines(
    cursor: duckdb.DuckDBPyConnection,
    input_name: str,
    scratch: Path,
    sorted_hashes: str = SORTED_HASHES,
) -> dict[str, int | str]:
    """Return how many lines an input has, without blank ones, and a digest independent of order.

    It is SHA-256 over the hexadecimal SHA-256s of the lines, sorted and concatenated without a
    separator. They are sorted into a file and hashed from there, so that memory does not grow with
    their number.
    """
    lines = f"select sha256 from {sorted_hashes} where input = {literal(input_name)}"
    write_lines(cursor, lines, scratch)
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

    No cell is one that a spreadsheet would take for a formula; see `cells`.
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
    """Stage the JSON Schema and record in `engine.schema_violations` where the file breaks it.

    Lines that differ only in text that the schema leaves free are validated once, so that the work
    in Python does not grow with the file.
    """
    text = (Path(__file__).parent / schema).read_text(encoding="utf-8")
    write_atomically(path.parent / schema, text.encode())
    rules = json.loads(text)
    free = [name for name, rule in rules["properties"].items() if _is_free_text(rule)]
    asked = "select longest_line from engine.exported_files where relation = ?"
    ((longest_line,),) = cursor.execute(asked, (path.stem,)).fetchall()
    cursor.execute(
        "create or replace temp table shapes as select row_number() over () as line_number,"
        f" {_shape(free)} as shape from {reader(path, longest_line)}"
    )
    validator = Draft202012Validator(rules)
    found = [
        (shape, error.json_path, error.message)
        for (shape,) in cursor.execute("select distinct shape from shapes").fetchall()
        for error in validator.iter_errors(json.loads(shape))
    ]
    cursor.execute("delete from engine.schema_violations")
    if found:
        cursor.execute("create or replace temp table broken (shape text, place text, message text)")
        cursor.executemany("insert into broken values (?, ?, ?)", found)
        cursor.execute(
            "insert into engine.schema_violations"
            " select line_number, place, message from shapes join broken using (shape)"
        )
        cursor.execute("drop table broken")
    cursor.execute("drop table shapes")


def _is_free_text(rule: dict[str, Any]) -> bool:
    """Whether a property may be any text, or any that is not blank."""
    is_known = rule.keys() <= {"type", "minLength", "pattern"}
    takes_any = rule.get("minLength", 0) <= 1 and rule.get("pattern", r"\S") == r"\S"
    return is_known and takes_any and "string" in rule["type"]


def _shape(free: list[str]) -> str:
    """Return SQL for a line with one text in the place of every free text that is not blank."""
    replaced = (
        f"case when json_type(line, '/{name}') = 'VARCHAR'"
        f" and regexp_matches(line ->> '/{name}', '[\\pL\\pN]') then '\"{name}\":\"x\"' end"
        for name in free
    )
    return f"json_merge_patch(line, '{{' || concat_ws(',', {', '.join(replaced)}) || '}}')::varchar"
