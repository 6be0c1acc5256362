"""Extract and load the harvest sources: publishers' own files become the tables `harvest.*`.

The seed `harvest_sources` lists the sources and the files of each. Columns are found by their
names, so that a release with more columns, or in another order, is read as well. A record that
cannot be used is set aside and reported: a source's own flaws stop nothing.
"""

import csv
import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.csv_records import QUOTED_HEADER, SHOWN_HEADER
from aina_data_engine.errors import EngineError, unreadable
from aina_data_engine.files import entry_of, open_regular, size_and_hash
from aina_data_engine.lines import refuse_carriage_returns, refuse_other_forms
from aina_data_engine.root import PROJECT, InputFile, Root, as_text, is_directory, name_in
from aina_data_engine.sql import literal

SOURCE_MAP = PROJECT / "seeds" / "harvest_sources.csv"

SCHEMA = """
create schema if not exists harvest;
create or replace table harvest.files (
    source_id varchar, file varchar, bytes bigint, sha256 varchar
);
create or replace table harvest.source_status (
    source_id varchar, status varchar, missing_files varchar[]
);
create or replace table harvest.set_aside (
    source_id varchar, file varchar, line_number bigint, reason varchar, text varchar
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
    """A publisher's file format: its columns, and the SQL that loads its records."""

    columns: tuple[tuple[str, ...], ...]
    """The names that each column has had in one release or another, the record's key first."""
    take: str
    """SQL that loads the valid records of `harvest_records`; `found` has a record's values."""
    optional: str = ""
    """A further column that not every release has."""
    key_stands_once: bool = False
    """Whether only one record per key counts: the newest by the optional column, then the first."""
    is_quoted: bool = False
    """Whether it is comma-separated with quotes; otherwise tab-separated without quotes."""


TAKE_TITLES = """
insert into harvest.{table}
select {source_id}, found[1], found[2]
from harvest_records where reason is null order by line_number
"""

TAKE_SHORT_TITLES_TOO = """
insert into harvest.onet_alternate_titles
select
    {source_id},
    found[1],
    unnest(list_filter([found[2], found[3]], lambda title: title not in ('', 'n/a')))
from harvest_records where reason is null order by line_number
"""

# The names of an existing concept in another language become further titles of it.
TAKE_CONCEPTS = """
update harvest.esco_occupations as known
set alt_labels = concat_ws(chr(10), known.alt_labels, found[3], found[4])
from harvest_records
where reason is null and known.source_id = {source_id} and known.uri = found[1];
insert into harvest.esco_occupations
select {source_id}, found[1], found[2], found[3], found[4]
from harvest_records
where
    reason is null
    and found[1] not in (select uri from harvest.esco_occupations where source_id = {source_id})
order by line_number
"""

CODE = ("O*NET-SOC Code",)
FORMS = {
    "Occupation Data.txt": Form(
        (CODE, ("Title",)), TAKE_TITLES.replace("{table}", "onet_occupations"), key_stands_once=True
    ),
    "Alternate Titles.txt": Form(
        (CODE, ("Alternate Title", "Job Title")), TAKE_SHORT_TITLES_TOO, optional="Short Title"
    ),
    # The name of the file from release 30.3 on.
    "Job Titles.txt": Form(
        (CODE, ("Job Title", "Alternate Title")), TAKE_SHORT_TITLES_TOO, optional="Short Title"
    ),
    "Sample of Reported Titles.txt": Form(
        (CODE, ("Reported Job Title",)), TAKE_TITLES.replace("{table}", "onet_reported_titles")
    ),
    "occupations_*.csv": Form(
        (("conceptUri",), ("iscoGroup",), ("preferredLabel",), ("altLabels",)),
        TAKE_CONCEPTS,
        optional="modifiedDate",
        key_stands_once=True,
        is_quoted=True,
    ),
}

# How a file is split into records and a record into fields, and a field's value, by whether the
# form is quoted; the header is a record like the others. A quote that is never closed is an
# ordinary character: it spoils only its record.
QUOTED_FIELD = r"""(?:"(?:[^"]|"")*"|[^,\n]*)"""
RECORD = {True: rf"(?:{QUOTED_FIELD},)*{QUOTED_FIELD}\r?\n", False: r"[^\n]*\n"}
SEPARATOR = {True: ",", False: "\t"}
FIELD = {True: r""",(?:"(?:[^"]|"")*"|[^",][^,]*|)""", False: r"\t[^\t]*"}
VALUE = {
    True: r"""replace(regexp_replace(f[2:], '^"(.*)"$', '\1', 's'), '""', '"')""",
    False: "f[2:]",
}

# The names in a file's header, and whether they are all of it.
HEADER = r"""
with
header as (select regexp_replace(regexp_extract($text, $record), '\r?\n$', '') as text),
cut as (select text, regexp_extract_all($separator || text, $field) as fields from header)
select
    list_transform(fields, lambda f: trim({value}, $blanks)),
    length(array_to_string(fields, '')) = length(text) + 1
from cut
"""

# A file's records after its header, with the values of the wanted columns and the reason why a
# record cannot be used.
READ = r"""
create or replace temp table harvest_records as
with
pieces as (
    select
        regexp_extract_all($text, $record) as pieces,
        regexp_extract_all($clean, $record) as clean
),
records as (
    select
        generate_subscripts(pieces, 1) as nth,
        unnest(pieces) as record,
        unnest(coalesce(clean, pieces)) as clean
    from pieces
),
placed as (
    select
        nth,
        1 + coalesce(sum(length(record) - length(replace(record, chr(10), ''))) over (
            order by nth rows between unbounded preceding and 1 preceding
        ), 0) as line_number,
        regexp_replace(record, '\r?\n$', '') as text,
        case when clean <> record then regexp_replace(clean, '\r?\n$', '') end as clean
    from records
),
cut as (
    select
        line_number,
        text,
        regexp_extract_all($separator || text, $field) as fields,
        list_transform($places, lambda place: fields[place]) as wanted,
        regexp_extract_all($separator || clean, $field) as clean_fields,
        case
            when clean is not null
                then list_transform($places, lambda place: clean_fields[place])
        end as clean_wanted
    from placed
    where nth > 1 and trim(text, $blanks) <> ''
),
judged as (
    select
        line_number,
        text,
        list_transform(wanted, lambda f: trim({value}, $blanks)) as found,
        case
            when length(array_to_string(fields, '')) <> length(text) + 1
                then 'a quote where none belongs'
            when len(fields) <> $width
                then len(fields) || ' fields, where the header has ' || $width
            when wanted <> clean_wanted then 'bytes that are no UTF-8'
            when coalesce(found[1], '') = '' then 'no ' || $key
        end as reason
    from cut
)
select
    * replace (
        case
            when reason is null and $key_stands_once and row_number() over (
                partition by reason is null, found[1]
                order by found[len($places)] desc nulls last, line_number
            ) > 1 then 'another record of ' || found[1] || ' is as new or newer'
            else reason
        end as reason
    )
from judged
"""

SET_ASIDE = """
insert into harvest.set_aside
select ?, ?, line_number, reason, text from harvest_records where reason is not null
order by line_number
"""


@dataclass(frozen=True)
class Source:
    """One row of the source map."""

    source_id: str
    files: tuple[str, ...]
    """Its files, as patterns, with `|` between alternatives; empty where the source is shipped.

    Files of the first alternative, for example the English ones, are loaded first.
    """


def load_harvest(
    cursor: duckdb.DuckDBPyConnection,
    root: Root,
    *,
    source_map: Path = SOURCE_MAP,
) -> None:
    """Fill the tables `harvest.*`, in one transaction.

    A source without any of its files is absent, one that lacks some is partial. EngineError for a
    file that cannot be read or lacks a column, and for a directory that belongs to no source.
    """
    cursor.execute("begin")
    cursor.execute(SCHEMA)
    sources = read_source_map(source_map)
    _refuse_strangers(root, sources)
    for source in sources:
        found, missing = _files(root, source)
        cursor.execute(
            "insert into harvest.source_status values (?, ?, ?)",
            (source.source_id, _status(source, found, missing), missing),
        )
        for file in found:
            _load(cursor, source, file)
    cursor.execute("commit")


def noted_files(root: Root, source_map: Path = SOURCE_MAP) -> list[dict[str, Any]] | None:
    """Return the sources' files as a run would note them; None where they cannot be read."""
    try:
        _refuse_strangers(root, sources := read_source_map(source_map))
        found = [
            (s.source_id, as_text(file.path.name), file.path)
            for s in sources
            for file in _files(root, s)[0]
        ]
        return [
            {
                "source_id": source_id,
                "file": name,
                "bytes": size,
                "sha256": digest.removeprefix("sha256:"),
            }
            for source_id, name, path in sorted(found)
            for size, digest in [size_and_hash(path)]
        ]
    except (EngineError, OSError):
        return None


def unread(root: Root, source_map: Path = SOURCE_MAP) -> list[str]:
    """Return the files under `inputs/harvest` that no run reads, relative to the inputs."""
    directory = root.inputs / "harvest"
    if not is_directory(directory, "harvest sources"):
        return []
    files = (f for source in read_source_map(source_map) for f in _files(root, source)[0])
    read = {entry_of(file.path) for file in files}
    return [
        name_in(path, root.inputs) for path in _visible(directory) if entry_of(path) not in read
    ]


def read_source_map(path: Path = SOURCE_MAP) -> list[Source]:
    """Return the sources in the seed, by name."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [(row["source_id"], row["files"]) for row in csv.DictReader(stream)]
    return [Source(name, tuple(files.split(";")) if files else ()) for name, files in sorted(rows)]


def _refuse_strangers(root: Root, sources: list[Source]) -> None:
    """EngineError for anything beside the sources that is not one of them."""
    directory = root.inputs / "harvest"
    if not is_directory(directory, "harvest sources"):
        return
    known = sorted(s.source_id for s in sources if s.files)
    for path in sorted(directory.iterdir()):
        if path.name not in known and not path.name.startswith("."):
            raise EngineError(
                f"{path} belongs to no harvest source with files of its own. Those in the source"
                f" map, seeds/harvest_sources.csv, are {', '.join(known)}. Rename or remove it."
            )


def _status(source: Source, found: list[InputFile], missing: list[str]) -> str:
    if not source.files:
        return "shipped"
    if not found:
        return "absent"
    return "partial" if missing else "present"


def _files(root: Root, source: Source) -> tuple[list[InputFile], list[str]]:
    """Return the source's existing files, plain or gzipped, and the names of the missing ones."""
    lying: dict[str, Path] = {}
    directory = root.inputs / "harvest" / source.source_id
    found = _visible(directory) if is_directory(directory, "the source's files") else []
    for path in found:
        name = _plain(path.name)
        if any(_is_called(name, wanted) for wanted in source.files):
            if name in lying:
                raise EngineError(f"{lying[name]} and {path} are two copies of one file. Keep one.")
            lying[name] = path
    missing = [
        wanted.replace("|", " or ")
        for wanted in source.files
        if not any(_is_called(name, wanted) for name in lying)
    ]
    patterns = "|".join(source.files).lower().split("|")
    # By name alone: the directories that lead to a file decide nothing.
    order = sorted(
        lying, key=lambda name: (next(n for n, p in enumerate(patterns) if fnmatch(name, p)), name)
    )
    return [
        InputFile("harvest", lying[name], name_in(lying[name], root.inputs)) for name in order
    ], missing


def _visible(directory: Path) -> list[Path]:
    """Return the files in a directory and below it, without hidden ones.

    Links are followed; a directory to which several ways lead is read once. EngineError where a
    directory cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise unreadable(error.filename, error) from error

    found: list[Path] = []
    seen = {os.path.realpath(directory)}
    for place, directories, names in os.walk(directory, onerror=refuse, followlinks=True):
        shown = sorted(name for name in directories if not name.startswith("."))
        real = {name: os.path.realpath(Path(place, name)) for name in shown}
        # Several links beside each other may lead to one directory.
        fresh = {path: name for name, path in reversed(real.items()) if path not in seen}
        seen |= fresh.keys()
        directories[:] = sorted(fresh.values())
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(found)


def _plain(name: str) -> str:
    """Return a file's name in lower case, without .gz."""
    return name.lower().removesuffix(".gz")


def _is_called(name: str, wanted: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in wanted.lower().split("|"))


def _load(cursor: duckdb.DuckDBPyConnection, source: Source, file: InputFile) -> None:
    name = _plain(file.path.name)
    form = next(form for called, form in FORMS.items() if _is_called(name, called))
    content = _content(file.path)
    _read(cursor, file, form, *_text(file.path, content))
    record = (source.source_id, as_text(file.path.name))
    cursor.execute(SET_ASIDE, record)
    cursor.execute(form.take.format(source_id=literal(source.source_id)))
    digest = hashlib.sha256(content).hexdigest()
    cursor.execute("insert into harvest.files values (?, ?, ?, ?)", (*record, len(content), digest))


def _read(
    cursor: duckdb.DuckDBPyConnection, file: InputFile, form: Form, text: str, clean: str | None
) -> None:
    """Fill `harvest_records`; EngineError where there are records and none of them is valid."""
    refuse_carriage_returns(file.path, text[: text.index("\n")])
    split = {"record": RECORD[form.is_quoted], "field": FIELD[form.is_quoted]}
    split |= {"separator": SEPARATOR[form.is_quoted], "blanks": " \t\r\n", "text": text}
    value = VALUE[form.is_quoted]
    header, is_whole = cursor.execute(HEADER.format(value=value), split).fetchall()[0]
    if not is_whole:
        raise EngineError(f"{file.path}, line 1: {QUOTED_HEADER}")
    places = [*_places(file, form, header), _place(header, (form.optional,))]
    given = {"places": places, "width": len(header), "key": form.columns[0][0]}
    given |= {"key_stands_once": form.key_stands_once, "clean": clean}
    cursor.execute(READ.format(value=value), split | given)
    count, fitting, line, reason = cursor.execute(
        "select count(*), count_if(reason is null), min(line_number), arg_min(reason, line_number)"
        " from harvest_records"
    ).fetchall()[0]
    if count and not fitting:
        raise EngineError(
            f"{file.path} cannot be read: none of its records is valid. Line {line}: {reason}."
        )


def _content(path: Path) -> bytes:
    try:
        with open_regular(path) as stream:
            return stream.read()
    except OSError as error:
        raise unreadable(path, error) from error


def _text(path: Path, content: bytes) -> tuple[str, str | None]:
    """Return the file's text, ending in a line end, and a second one if it is not all UTF-8.

    Invalid bytes are escapes in the first and replacement characters in the second, so that they
    are where the two differ, whatever the text has of its own.
    """
    try:
        plain = gzip.decompress(content) if path.name.lower().endswith(".gz") else content
    except (OSError, EOFError, zlib.error) as error:
        raise EngineError(f"{path} cannot be read: {error}.") from error
    refuse_other_forms(path, plain[:4])
    text = plain.decode("utf-8-sig", "backslashreplace").removesuffix("\n") + "\n"
    clean = plain.decode("utf-8-sig", "replace").removesuffix("\n") + "\n"
    return text, None if clean == text else clean


def _places(file: InputFile, form: Form, header: list[str]) -> list[int | None]:
    """Return the positions of the form's columns, from 1; EngineError where one is missing."""
    missing = [names[0] for names in form.columns if not _place(header, names)]
    if missing:
        raise EngineError(
            f"{file.path} has no column {', '.join(missing)}; its columns are"
            f" {', '.join(header)[:SHOWN_HEADER]}."
        )
    return [_place(header, names) for names in form.columns]


def _place(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) + 1 for name in names if name in header), None)
