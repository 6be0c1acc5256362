"""JSON lines against an independent parser: which are accepted, and that every digit is kept."""

import hashlib
import json
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from compiled import CompiledReplay
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aina_data_engine import lines
from aina_data_engine.load import SCHEMA

MEMBERS = {
    "title_id": "id",
    "source_title": "text",
    "learner_title": "text",
    "occupation_code": "text",
    "source_refs": "list",
    "candidate_source_refs": "list",
    "caveats": "list",
    "hold_reason": "text",
}
NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,4})?", fullmatch=True),
    st.sampled_from(
        ["0", "-0", "4000111001", "17.50", "1E400", "1e-400", "0.10000000000000000001"]
    ),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["\x01", "\x02", "n1.5", "s", '"n1.5"', "<sha256>", "a-0", "NaN", ",]", "\\", "\u2028", "é"]
)
STRINGS = TEXTS.map(json.dumps) | TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False))


def values(*words: str) -> st.SearchStrategy[str]:
    return st.recursive(
        NUMBERS | STRINGS | st.sampled_from(words),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda items: "[ " + " ,".join(items) + "]"),
            st.lists(st.tuples(STRINGS, inner), max_size=3).map(
                lambda pairs: "{" + ",\t".join(f"{key} : {value}" for key, value in pairs) + " }"
            ),
        ),
        max_leaves=6,
    )


VALUES = values("null", "true", "false", "NaN", "-Infinity", "nul")
KEYS = st.sampled_from([json.dumps(name) for name in MEMBERS]) | STRINGS
ROWS = st.lists(st.tuples(KEYS, VALUES), max_size=6, unique_by=lambda pair: pair[0]).map(
    lambda pairs: (
        ['"title_id": "a"', '"source_title": "b"'][: len(pairs) % 3]
        + [f"{key}: {value}" for key, value in pairs]
    )
)
# Rows that are accepted, with one or two fields to pass through.
GOOD_ROWS = st.tuples(STRINGS, values("null", "true"), NUMBERS).map(
    lambda drawn: (
        f'{{"x": {drawn[2]}, "title_id": "a", "y" :{drawn[1]}, "source_title": {drawn[0]}}}'
    )
)
LINES = st.one_of(
    GOOD_ROWS,
    GOOD_ROWS,
    ROWS.map(lambda members: "{" + ", ".join(members) + "}"),
    VALUES,
    # One character too many or too few, or a raw one that JSON does not allow.
    st.tuples(ROWS, st.integers(0, 60), st.sampled_from(["", ",", "\x01", "\x02", "0", '"'])).map(
        lambda drawn: _spoil("{" + ",".join(drawn[0]) + "}", drawn[1], drawn[2])
    ),
).filter(lambda line: line.strip(" \t\r") and "\n" not in line and not line.endswith("\r"))


def _spoil(line: str, place: int, mark: str) -> str:
    return line[:place] + mark + line[place + (not mark) :]


class Number(str):
    """A number in its written form."""


class Pairs(list):
    """An object: its members in order, with repeated ones."""


def parsed(line: str) -> Any:
    """Return what Python's parser reads; ValueError for what is not JSON, or not UTF-8."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    found = json.loads(
        line, parse_float=Number, parse_int=Number, parse_constant=refuse, object_pairs_hook=Pairs
    )
    json.dumps(found, ensure_ascii=False).encode()
    return found


def expected(line: str) -> tuple[str, Pairs] | None:
    """Return the title_id and what is passed through; None for a line that is quarantined."""
    try:
        found = parsed(line)
    except ValueError:
        return None
    if not isinstance(found, Pairs) or len({key for key, _ in found}) != len(found):
        return None
    given_members = dict(found)
    if any(given_members.get(name) is None for name in ("title_id", "source_title")):
        return None
    if not all(_fits(given_members.get(name), kind) for name, kind in MEMBERS.items()):
        return None
    if re.fullmatch(r"[\s\x1c-\x1f\x85\u200b]*", given_members["title_id"]):
        return None
    rest = Pairs((key, value) for key, value in found if key not in MEMBERS)
    return str(given_members["title_id"]), rest


def _fits(value: object, kind: str) -> bool:
    if value is None:
        return True
    if kind == "id" and isinstance(value, Number):
        return bool(re.fullmatch("0|[1-9][0-9]*", value))
    if kind == "list":
        return isinstance(value, list) and all(_is_text(v) for v in value) and _is_plain(value)
    return _is_text(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _is_plain(value: object) -> bool:
    return not isinstance(value, Pairs)


@pytest.fixture(scope="module")
def connection(compiled: CompiledReplay) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with every function, for all examples: opening one is slow, emptying it is not."""
    with compiled.connect() as connection:
        yield connection


def staged(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledReplay, texts: list[str]
) -> list[tuple[Any, ...]]:
    connection.execute(SCHEMA)
    connection.execute(
        "insert into inputs.lines select 'title_rows', 'f', row_number() over (), text, null,"
        " null, sha256(text) from (select unnest(?) as text)",
        (texts,),
    )
    return connection.execute(
        "select quarantine_reason, title_id, attributes::varchar"
        f" from ({compiled.code['base_title_rows']}) order by line_number"
    ).fetchall()


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(LINES, min_size=40, max_size=90))
def test_a_line_is_judged_as_by_an_independent_parser_and_passed_through_to_the_digit(
    connection: duckdb.DuckDBPyConnection, compiled: CompiledReplay, texts: list[str]
) -> None:
    judged = staged(connection, compiled, texts)
    for text, (reason, title_id, attributes) in zip(texts, judged, strict=True):
        wanted = expected(text)
        if wanted is None:
            assert reason is not None, text
        else:
            assert reason is None, (text, reason)
            assert (title_id, parsed(attributes)) == wanted, text


CONTENTS = [
    ('{"a": 1.50, "b": 2}', '{"b": 2, "a": 15e-1}', True),
    ('{"a": 0.1}', '{"a": 0.10000000000000000001}', False),
    ('{"a": 0}', '{"a": 0.0}', False),
    ('{"a": 1e400}', '{"a": 2e400}', False),
    ('{"a": -1.0}', '{"a": 1.0}', False),
    ('{"a": 100.0}', '{"a": 1E+2}', True),
    ('{"a": 0.00120}', '{"a": 1.2e-3}', True),
    ('{"a": "1.0"}', '{"a": 1.0}', False),
    ('{"a": 12345678901234567890}', '{"a": 12345678901234567891}', False),
    ('{"a": "x"}', '{"a": "x\\u0020"}', False),
    ('{"a": "\\u0078"}', '{"a": "x"}', True),
]


# A whole number becomes its digits.
KEYS_OF_TWO = [
    ("6", '"6"', True),
    ('"\\u0036"', "6", True),
    ("12345678901234567890123", '"12345678901234567890123"', True),
    ('6, "n": {"title_id": 6}', '"6", "n": {"title_id": "6"}', False),
]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(f'"t", "n": {one}', f'"t", "n": {other}', same) for one, other, same in CONTENTS]
    + KEYS_OF_TWO,
)
def test_rows_of_one_title_are_identical_when_every_digit_of_their_values_is(
    connection: duckdb.DuckDBPyConnection,
    compiled: CompiledReplay,
    one: str,
    other: str,
    same: bool,
) -> None:
    rows = [f'{{"source_title": "Cook", "title_id": {text}}}' for text in (one, other)]
    connection.execute(SCHEMA)
    for number, text in enumerate(rows):
        connection.execute(
            "insert into inputs.lines values ('title_rows', 'f', ?, ?, null, null, ?)",
            (number, text, str(number)),
        )
    for model in ("base_title_rows", "repeated_title_rows"):
        connection.execute(f"create or replace table {model} as {compiled.code[model]}")
    found = connection.execute(
        f"select quarantine_reason from ({compiled.code['stg_title_rows']}) order by 1 nulls first"
    ).fetchall()
    kind = "identical" if same else "differs"
    reason = f"title_id stands on another row that {'is ' if same else ''}{kind}"
    assert found == [(None,) if same else (reason,), (reason,)]


PIECES = st.sampled_from(
    [b"a", b"bc" * 9, b"\n", b"\r\n", b"\r", b"\xff", b"\0", b" ", b"\xc3\xa9"]
)


PLAIN_PIECES = st.sampled_from(
    [*"a\"',;#\\ \t\x1f\x85é𝕏\u2028\ufeff\r\0", "\n", "\n", "\n\n", "NULL", "\udcff"]
).map(lambda text: text.encode("utf-8", "surrogateescape"))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PLAIN_PIECES, max_size=60), block=st.integers(3, 40))
def test_the_quick_way_to_read_a_file_finds_what_the_exact_one_finds(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, pieces: list[bytes], block: int
) -> None:
    """Otherwise a line of a large file would be numbered, split or hashed differently."""
    path = tmp_path / "date=[1]*.jsonl"
    path.write_bytes(b"".join(pieces))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "BLOCK", block)
        found = []
        for way in (lines._longest_where_plain, lambda *_: None):
            patched.setattr(lines, "_longest_where_plain", way)
            connection.execute(SCHEMA)
            place = {"input": "title_rows", "file": "title_rows.jsonl"}
            lines.insert_lines(connection, "inputs.lines", path, place, 1000)
            found.append(connection.execute("from inputs.lines order by line_number").fetchall())
    assert found[0] == found[1]


def test_of_a_line_that_is_no_text_all_that_is_text_stays_as_it_is(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    bad = "Café \\\" \\x0A '\0'".encode() + b"\xff\xc3"
    path = tmp_path / "title_rows.jsonl"
    path.write_bytes(b"\xc3\xa9\r\n" + bad + b"\r\n\n" + bad)
    connection.execute(SCHEMA)
    lines.insert_lines(connection, "inputs.lines", path, {"input": "i", "file": "f"}, 1000)
    found = connection.execute(
        "select line_number, text, flaw, sha256 from inputs.lines"
    ).fetchall()
    told = ("Café \\\" \\x0A '\0'\\xff\\xc3", "not UTF-8", hashlib.sha256(bad).hexdigest())
    assert found[0][:3] == (1, "é", None)
    assert found[1:] == [(2, *told), (4, *told)]


def test_a_plain_file_is_read_the_quick_way(tmp_path: Path) -> None:
    """Otherwise each block of a large file would pass through Python, at three times the cost."""
    path = tmp_path / "log.jsonl"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "BLOCK", 8)
        for content, plain in [
            ("{1}\n\n{2}\n{é}\n{4}\n", True),
            ("{1}\n\n{2}\r\n{3}\n{4}", False),
            ("{1}\n\n{2}\n{\0}\n{4}", False),
            ("\ufeff{1}\n{2}\n{3}", False),
            ("{1}\n{2}\n{3 is longer than a block}\n", False),
            ("{1}\n{2}", False),
        ]:
            path.write_text(content, encoding="utf-8", newline="")
            assert bool(lines._longest_where_plain(path, 1000)) is plain, content
        assert not lines._longest_where_plain(path, 15)
        # The database takes no such name.
        path.write_text("{1}\n\n{2}\n")
        path = path.rename(tmp_path / os.fsdecode(b"\xff.jsonl"))
        with duckdb.connect() as connection:
            connection.execute(SCHEMA)
            lines.insert_lines(connection, "inputs.lines", path, {"input": "i", "file": "f"}, 1000)
            found = connection.execute("select text from inputs.lines order by line_number")
            assert found.fetchall() == [("{1}",), ("{2}",)]


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map(b"".join), st.integers(1, 40), st.integers(1, 9))
def test_bytes_are_cut_into_lines_wherever_blocks_end_and_long_ones_are_set_aside(
    content: bytes, limit: int, block: int
) -> None:
    """Compared with a plain split of the whole: no byte is lost, none is held beyond the limit."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "BLOCK", block)
        left = iter([content[i : i + block] for i in range(0, len(content), block)])
        found: list[tuple[int, bool]] = []
        for piece in lines.blocks(lambda _: next(left, b""), limit):
            if isinstance(piece, lines.LongLine):
                found.append((piece.length, True))
            else:
                ends = piece.split(b"\n")
                ends = ends if ends[-1] else ends[:-1]
                found += [(len(line.removesuffix(b"\r")), False) for line in ends]
    whole = content.split(b"\n")
    whole = whole if whole[-1] else whole[:-1]
    ended = [line.removesuffix(b"\r") for line in whole[:-1]]
    if whole:
        ended.append(whole[-1].removesuffix(b"\r"))
    assert found == [(len(line), len(line) > limit) for line in ended]


def test_a_long_line_keeps_its_length_its_beginning_and_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n' + b"x" * 9_000_000 + b"\r\n" + b'{"b": 2}\n')
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        place = {"input": "semantic_patches", "file": "log.jsonl"}
        lines.insert_lines(connection, "inputs.lines", path, place, 5_000_000)
        found = connection.execute(
            "select line_number, text, flaw, sha256 = sha256(repeat('x', 9000000))"
            " from inputs.lines order by line_number"
        ).fetchall()
    assert found == [
        (1, '{"a": 1}', None, False),
        (2, "x" * 1000, "longer than max_line_bytes: 9,000,000 bytes", True),
        (3, '{"b": 2}', None, False),
    ]
    assert set(string.printable) > set(found[1][1])
