"""Spark's workers load what the engine loads: every line, with its file, number and hash."""

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from conftest import row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_json_lines import PLAIN_PIECES

from aina_data_engine.errors import EngineError
from aina_data_engine.load import SCHEMA, Reading, load_file
from aina_data_engine.root import InputFile
from aina_data_engine.spark import loading

MEMBERS: list[Any] = [
    {"name": "title_id", "kind": "string", "required": True},
    {"name": "source_title", "kind": "string", "required": True},
    {"name": "caveats", "kind": "list", "required": False},
]
READING = Reading({}, MEMBERS, None, 1000)
ROWS = [row(f"t{number}", caveats=["é", "\n"], note="x" * number) for number in range(30)]


def by_the_engine(file: InputFile) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        load_file(connection, file, READING)
        files = connection.execute("from inputs.files").fetchall()
        return files + connection.execute("from inputs.lines order by line_number").fetchall()


def by_workers(file: InputFile, most: int, into: Path) -> tuple[list[tuple], int]:
    """Return what they load, and in how many pieces."""
    measured = loading.measured(file, most)
    into.mkdir()
    for number, piece in enumerate(measured.pieces):
        loading.load_piece(piece, READING, into / f"{number}.parquet")
    assert len(list(into.iterdir())) == len(measured.pieces)
    lines = duckdb.sql(f"from read_parquet('{into}/*.parquet') order by line_number").fetchall()
    return [measured.row, *lines], len(measured.pieces)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pieces=st.lists(PLAIN_PIECES, max_size=60),
    block=st.integers(4, 30),
    most=st.integers(1, 30),
)
def test_a_file_is_cut_without_a_line_that_is_lost_or_numbered_otherwise(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], block: int, most: int
) -> None:
    """Whatever it contains: blank lines, carriage returns, byte order marks, invalid UTF-8."""
    place = tmp_path_factory.mktemp("cut")
    path = place / "title_rows.jsonl"
    path.write_bytes(b"".join(pieces))
    file = InputFile("title_rows", path, path.name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "BLOCK", block)
        found, _ = by_workers(file, most, place / "lines")
    assert found == by_the_engine(file)


def test_an_array_with_an_element_that_is_no_json_is_cut_by_a_worker_too(tmp_path: Path) -> None:
    path = tmp_path / "title_rows.json"
    path.write_bytes(b'[{"a": 1}, {"a": "\t"}, {"a": 2}]')
    (_, *lines), _ = by_workers(InputFile("title_rows", path, path.name), 1000, tmp_path / "lines")
    assert [line[3] for line in lines] == ['{"a": 1}', '{"a": "\t"}', '{"a": 2}']


def written(path: Path) -> InputFile:
    """Write the rows in the format that the path's name says."""
    lines = "".join(f"{json.dumps(one)}\n" for one in ROWS)
    fields = "".join(
        f'{one["title_id"]},"{one["source_title"]}","[""é"", ""\\n""]"\n' for one in ROWS
    )
    texts = {
        ".jsonl": lines,
        ".json": json.dumps(ROWS),
        ".csv": f"title_id,source_title,caveats\n{fields}",
    }
    match path.suffix, path.with_suffix("").suffix:
        case ".parquet", _:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
        case ".gz", kind:
            path.write_bytes(gzip.compress(texts[kind].encode()))
        case kind, _:
            path.write_text(texts[kind], encoding="utf-8")
    return InputFile("title_rows", path, path.name)


@pytest.mark.parametrize(
    "form", ["jsonl", "jsonl.gz", "json", "json.gz", "csv", "csv.gz", "parquet"]
)
def test_every_form_is_loaded_alike_and_plain_lines_in_pieces(tmp_path: Path, form: str) -> None:
    file = written(tmp_path / f"title_rows.{form}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "BLOCK", 400)
        found, count = by_workers(file, 1000, tmp_path / "lines")
    assert found == by_the_engine(file)
    assert len(found) == 1 + len(ROWS)
    assert (count > 3) == (form == "jsonl")


def test_what_cannot_be_read_is_told_as_by_the_engine(tmp_path: Path) -> None:
    path = tmp_path / "title_rows.csv"
    path.write_text("id,title\n1,Cook\n", encoding="utf-8")
    file = InputFile("title_rows", path, path.name)
    told = []
    for way in (by_the_engine, lambda one: by_workers(one, 10, tmp_path / "lines")):
        with pytest.raises(EngineError) as raised:
            way(file)
        told.append(str(raised.value))
    assert told[0] == told[1]
    assert list((tmp_path / "lines").iterdir()) == []


def test_a_file_that_a_worker_does_not_see_is_named(tmp_path: Path) -> None:
    file = InputFile("title_rows", tmp_path / "title_rows.jsonl", "title_rows.jsonl")
    with pytest.raises(EngineError, match=r"title_rows\.jsonl cannot be read.*under this path"):
        loading.measured(file, 10)
