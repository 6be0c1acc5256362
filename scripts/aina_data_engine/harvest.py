"""Extract and load the harvest sources: publishers' own files become the tables `harvest.*`.

Which sources there are, and which files each has, the seed `harvest_sources` says. Columns are
found by their names, so that a release with more of them, or in another order, is read as well.
"""

import csv
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import duckdb

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.files import size_and_hash
from aina_data_engine.root import PROJECT, InputFile, Root
from aina_data_engine.sql import identifier, literal

SOURCE_MAP = PROJECT / "seeds" / "harvest_sources.csv"

SCHEMA = """
create schema if not exists harvest;
create or replace table harvest.files (
    source_id varchar, file varchar, bytes bigint, sha256 varchar
);
create or replace table harvest.source_status (
    source_id varchar, status varchar, missing_files varchar[]
);
create or replace table harvest.onet_occupations (source_id varchar, code varchar, title varchar);
create or replace table harvest.onet_alternate_titles (
    source_id varchar, code varchar, title varchar
);
create or replace table harvest.onet_reported_titles (
    source_id varchar, code varchar, title varchar
);
create or replace table harvest.esco_occupations (
    source_id varchar, uri varchar, isco_group varchar, preferred_label varchar, alt_labels varchar
);
"""


@dataclass(frozen=True)
class Form:
    """A publisher's file: the table that takes it, and its columns in the table's order."""

    table: str
    columns: tuple[str, ...]
    dialect: str
    """Of `read_csv`."""


TAB_SEPARATED = "delim = '\t', quote = '', escape = ''"
QUOTED = "delim = ',', quote = '\"', escape = '\"'"

FORMS = {
    "Occupation Data.txt": Form("onet_occupations", ("O*NET-SOC Code", "Title"), TAB_SEPARATED),
    "Alternate Titles.txt": Form(
        "onet_alternate_titles", ("O*NET-SOC Code", "Alternate Title"), TAB_SEPARATED
    ),
    "Sample of Reported Titles.txt": Form(
        "onet_reported_titles", ("O*NET-SOC Code", "Reported Job Title"), TAB_SEPARATED
    ),
    "occupations_en.csv": Form(
        "esco_occupations", ("conceptUri", "iscoGroup", "preferredLabel", "altLabels"), QUOTED
    ),
}


@dataclass(frozen=True)
class Source:
    """One row of the source map."""

    source_id: str
    files: tuple[str, ...]
    """What it consists of; nothing where the project ships it."""


def load_harvest(
    cursor: duckdb.DuckDBPyConnection,
    root: Root,
    *,
    links_out: bool,
    source_map: Path = SOURCE_MAP,
) -> None:
    """Fill the tables `harvest.*`, in one transaction.

    A source whose files are not there is absent, one that lacks some is partial. EngineError for a
    file that cannot be read or lacks a column, a directory that the source map does not name, and,
    unless `links_out`, a symbolic link that leads out of the root.
    """
    cursor.execute("begin")
    cursor.execute(SCHEMA)
    sources = _source_map(cursor, source_map)
    _refuse_strangers(root, sources)
    for source in sources:
        found, missing = _files(root, source)
        if not links_out:
            root.refuse_links_out(found)
        cursor.execute(
            "insert into harvest.source_status values (?, ?, ?)",
            (source.source_id, _status(source, found, missing), missing),
        )
        for file in found:
            _load(cursor, source, file)
    cursor.execute("commit")


def _source_map(cursor: duckdb.DuckDBPyConnection, path: Path) -> list[Source]:
    rows = cursor.execute(
        "select source_id, files"
        f" from read_csv({literal(path)}, header = true, all_varchar = true)"
        " order by source_id"
    ).fetchall()
    return [Source(name, tuple(files.split(";")) if files else ()) for name, files in rows]


def _refuse_strangers(root: Root, sources: list[Source]) -> None:
    """EngineError for what lies beside the sources and is none."""
    directory = root.inputs / "harvest"
    if not directory.exists():
        return
    known = sorted(s.source_id for s in sources if s.files)
    for path in sorted(directory.iterdir()):
        if path.name not in known and not path.name.startswith("."):
            raise EngineError(
                f"{path}: the source map, seeds/harvest_sources.csv, names no source"
                f" {path.name} whose files lie there. It names {', '.join(known)}."
            )


def _status(source: Source, found: list[InputFile], missing: list[str]) -> str:
    if not source.files:
        return "shipped"
    if not found:
        return "absent"
    return "partial" if missing else "present"


def _files(root: Root, source: Source) -> tuple[list[InputFile], list[str]]:
    """Return the source's files that are there, plain or gzipped, and the names of the others."""
    directory = root.inputs / "harvest" / source.source_id
    found, missing = [], []
    for name in source.files:
        candidates = [directory / name, directory / f"{name}.gz"]
        there = [path for path in candidates if path.exists()]
        if len(there) > 1:
            raise EngineError(f"{there[0]} and {there[1].name} are both there; keep one of them.")
        if there and there[0].is_dir():
            raise EngineError(f"{there[0]} is a directory; a file belongs there.")
        found += there
        missing += [] if there else [name]
    name = f"harvest/{source.source_id}"
    return [InputFile("harvest", path, f"{name}/{path.name}") for path in found], missing


def _load(cursor: duckdb.DuckDBPyConnection, source: Source, file: InputFile) -> None:
    form = FORMS[file.path.name.removesuffix(".gz")]
    header = _header(file.path, form)
    missing = [column for column in form.columns if column not in header]
    if missing:
        raise EngineError(
            f"{file.path} has no column {', '.join(missing)}; it has {', '.join(header)}."
        )
    types = ", ".join(f"{literal(name)}: 'varchar'" for name in header)
    columns = ", ".join(identifier(name) for name in form.columns)
    try:
        cursor.execute(
            f"""
            insert into harvest.{form.table}
            select ?, {columns}
            from read_csv(
                {literal(file.path)}, columns = {{{types}}}, auto_detect = false, header = true,
                {form.dialect}, parallel = false, max_line_size = 16777216, buffer_size = 33554432
            )
            """,
            (source.source_id,),
        )
        size, digest = size_and_hash(file.path)
        record = (source.source_id, file.path.name, size, digest[7:])
        cursor.execute("insert into harvest.files values (?, ?, ?, ?)", record)
    except (duckdb.Error, OSError) as error:
        raise EngineError(f"{file.path} cannot be read: {told_by(error)}") from error


def _header(path: Path, form: Form) -> list[str]:
    """Return the names in the file's first line."""
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with cast(IO[str], opener(path, "rt", encoding="utf-8-sig", newline="")) as stream:
            if form.dialect == QUOTED:
                return next(csv.reader(stream), [])
            return stream.readline().rstrip("\r\n").split("\t")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise EngineError(f"{path} cannot be read: {error}.") from error
