"""Inputs: four formats of title rows, foreign column names, and why a line is quarantined."""

import gzip
import json
import os
import re
from pathlib import Path

import duckdb
import pytest
from compiled import CompiledReplay
from conftest import STEM, RootDir, patch, row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aina_data_engine import json_array
from aina_data_engine.errors import EngineError
from aina_data_engine.load import Reading, load_inputs
from aina_data_engine.root import Root

ROWS = [
    row("t1", learner_title="Cook", caveats=["a", "b"], company="Soma", hold_reason=None),
    row("t2", source_title="Chef, head\n of kitchen", source_refs=["x:1", 'y:"2"'], company=None),
    row("t3", source_title="  Küchenchef ", learner_title="", source_refs=[], company="ʼ"),
    row("t4", source_title="null", candidate_source_refs=["z:1"], occupation_code="35-1011"),
]
COLUMNS = [
    *("title_id", "source_title", "learner_title", "occupation_code", "source_refs"),
    *("candidate_source_refs", "caveats", "hold_reason", "company"),
]


def wide() -> list[dict]:
    """Return the rows with every column, as a table has them."""
    return [{column: item.get(column) for column in COLUMNS} for item in ROWS]


def as_jsonl(root: RootDir) -> None:
    root.title_rows(*wide())


def as_gzip(root: RootDir) -> None:
    text = "".join(json.dumps(item) + "\n" for item in wide())
    half = len(text) // 2
    # Two members, like two concatenated files.
    parts = [gzip.compress(part.encode()) for part in (text[:half], text[half:])]
    root.write("title_rows.jsonl.gz", b"".join(parts))


def as_csv(root: RootDir) -> None:
    """Write quoted texts, and null as nothing between two commas."""

    def field(value: object) -> str:
        if value is None:
            return ""
        text = value if isinstance(value, str) else json.dumps(value)
        return '"' + text.replace('"', '""') + '"'

    lines = [",".join(COLUMNS)]
    lines += [",".join(field(value) for value in item.values()) for item in wide()]
    root.write("title_rows.csv", ("\r\n".join(lines) + "\r\n").encode())


def as_parquet(root: RootDir) -> None:
    target = root.path / "inputs" / "title_rows.parquet"
    target.parent.mkdir()
    lists = ("source_refs", "candidate_source_refs", "caveats")
    kinds = ", ".join(f"{c}: '{'varchar[]' if c in lists else 'varchar'}'" for c in COLUMNS)
    lines = root.path / "rows.jsonl"
    lines.write_text("".join(json.dumps(item) + "\n" for item in wide()), encoding="utf-8")
    source = f"read_json('{lines}', columns = {{{kinds}}})"
    duckdb.sql(f"copy (from {source}) to '{target}' (format parquet)")


@pytest.mark.parametrize("form", [as_jsonl, as_gzip, as_csv, as_parquet])
def test_every_form_gives_the_same_rows(
    compiled: CompiledReplay, root: RootDir, form: object
) -> None:
    form(root)
    with compiled.run(Root(root.path)) as connection:
        found = {r["title_id"]: r for r in compiled.records(connection, STEM)}
        assert not compiled.records(connection, f"{STEM}_quarantine")
    assert sorted(found) == ["t1", "t2", "t3", "t4"]
    for item in wide():
        expected = {k: item[k] or [] for k in ("source_refs", "candidate_source_refs", "caveats")}
        expected |= {k: item[k] for k in ("source_title", "occupation_code", "hold_reason")}
        shown = item["learner_title"]
        expected["learner_title"] = item["source_title"] if shown is None else shown
        expected["attributes"] = {"company": item["company"]}
        assert {k: found[item["title_id"]][k] for k in expected} == expected


def test_csv_text_that_looks_like_json_stays_text(compiled: CompiledReplay, root: RootDir) -> None:
    root.write("title_rows.csv", b'title_id,source_title,note\n01,[1],1.0\n2,"{}",true\n')
    with compiled.run(Root(root.path)) as connection:
        found = compiled.records(connection, STEM)
    read = {r["title_id"]: (r["source_title"], r["attributes"]) for r in found}
    assert read == {"01": ("[1]", {"note": "1.0"}), "2": ("{}", {"note": "true"})}


def test_csv_lists_that_are_no_json_are_quarantined(
    compiled: CompiledReplay, root: RootDir
) -> None:
    """Nor where the database's parser is more lenient than JSON is."""
    lists = ["one", "[1]", "NaN", '"[""x"",]"', "[-Infinity]", '"{""a"": nan}"']
    lines = [f"t{nth},Cook,{text}\n" for nth, text in enumerate(lists)]
    text = f"title_id,source_title,caveats\n{''.join(lines)}"
    root.write("title_rows.csv", text.encode())
    with compiled.run(Root(root.path)) as connection:
        found = compiled.records(connection, f"{STEM}_quarantine")
    assert [(f["line_number"], f["reason"]) for f in found] == [
        (nth, "caveats is not a list of strings") for nth in range(2, len(lists) + 2)
    ]


def test_foreign_column_names_are_mapped(root: RootDir) -> None:
    """A foreign name may be any text; a field that has a mapped member's name is passed through.

    Names in JSON lines are handled the same way: `test_a_name_in_a_var_is_never_sql` maps one.
    """
    lines = b'id,"Job \'""Title",refs,title_id\n7,Cook,"[""x:1""]",theirs\n'
    root.write("title_rows.csv", lines)
    root.patches(patch("p1", "7", {"op": "test", "path": "/source_title", "value": "Cook"}))
    mapping = {"id": "title_id", "Job '\"Title": "source_title", "refs": "source_refs"}
    ended = root.replay("--vars", json.dumps({"title_row_columns": mapping}))
    assert ended.status == 0, ended.err
    (record,) = root.records()
    read = {k: record[k] for k in ("title_id", "source_title", "source_refs", "attributes")}
    assert read == {
        "title_id": "7",
        "source_title": "Cook",
        "source_refs": ["x:1"],
        "attributes": {"title_id": "theirs"},
    }
    assert root.summary()["patch_outcome_counts"]["noop"] == 1


def without(item: dict, name: str) -> dict:
    return {key: value for key, value in item.items() if key != name}


BAD_ROWS = [
    ("not json", "not JSON"),
    ("[1]", "not a JSON object"),
    (without(row(), "title_id"), "title_id is missing"),
    (row(None), "title_id is missing"),
    (row(-7), "title_id is neither a string nor a whole number of 0 or more"),
    (row(7.0), "title_id is neither a string nor a whole number of 0 or more"),
    (row(["7"]), "title_id is neither a string nor a whole number of 0 or more"),
    (row("\u2003\t"), "title_id is blank"),
    (without(row(), "source_title"), "source_title is missing"),
    (row(source_title=["Cook"]), "source_title is not a string"),
    (row(learner_title=1), "learner_title is not a string"),
    (row(occupation_code={}), "occupation_code is not a string"),
    (row(hold_reason=False), "hold_reason is not a string"),
    (row(source_refs="x:1"), "source_refs is not a list of strings"),
    (row(candidate_source_refs=["x", None]), "candidate_source_refs is not a list of strings"),
    (row(caveats={"0": "x"}), "caveats is not a list of strings"),
    ('{"title_id": "a", "title_id": "a", "source_title": "b"}', "a key stands twice"),
    (row("twin", note=1), "title_id stands on another row that differs"),
    (row("twin", note=2), "title_id stands on another row that differs"),
    (row("twin", note=2), "title_id stands on another row that differs"),
]
GOOD_ROWS = [
    (row("a")),
    (row("nulls", learner_title=None, source_refs=None, caveats=None, occupation_code=None)),
    # A title that is blank is still a title at the source, and is left to the lanes.
    (row("blank", source_title="", learner_title=" ")),
]
BAD_PATCHES = [
    ("{", "not JSON"),
    ("null", "not a JSON object"),
    *((without(patch(), name), f"{name} is missing") for name in patch()),
    *(
        (patch(**{name: None}), f"{name} is missing")
        for name in ("author", "reason", "patch_seq", "ops")
    ),
    (patch(None), "patch_id is missing"),
    (patch("p1", None), "title_id is missing"),
    (patch("p1", True), "title_id is neither a string nor a whole number of 0 or more"),
    *((patch(**{name: 1}), f"{name} is not a string") for name in ("author", "reason")),
    *((patch(**{name: " \u00a0"}), f"{name} is blank") for name in ("author", "reason")),
    (patch(""), "patch_id is blank"),
    (patch("p1", " "), "title_id is blank"),
    (patch(patch_seq=1.0), "patch_seq is not an integer"),
    (patch(patch_seq="1"), "patch_seq is not an integer"),
    (patch(patch_seq=True), "patch_seq is not an integer"),
    (patch(patch_seq=-1), "patch_seq is negative"),
    (patch(patch_seq=2**63), "patch_seq is above 9223372036854775807"),
    (patch(ops={}), "ops is not an array"),
    (patch(ops="add"), "ops is not an array"),
    (patch(ops=[]), "ops is empty"),
    (patch(evidence_ref=1), "evidence_ref is not a string"),
    (patch(created_at=[]), "created_at is not a string"),
    ('{"ops": [], "ops": [1]}', "a key stands twice"),
]
GOOD_PATCHES = [
    patch("p1", "a", patch_seq=0),
    patch("p2", "a", patch_seq=2**63 - 1, evidence_ref="x:1", created_at="any text", more=[1]),
    patch("p3", "a", None, evidence_ref=None, created_at=None),
]


def test_a_line_that_breaks_the_form_is_quarantined_with_its_reason(
    compiled: CompiledReplay, root: RootDir
) -> None:
    root.title_rows(*GOOD_ROWS, *(item for item, _ in BAD_ROWS), GOOD_ROWS[0])
    root.patches(*GOOD_PATCHES, *(item for item, _ in BAD_PATCHES))
    with compiled.run(Root(root.path)) as connection:
        found = compiled.records(connection, f"{STEM}_quarantine")
        titles = compiled.records(connection, STEM)
        outcomes = compiled.records(connection, f"{STEM}_patch_outcomes")
    told = {(f["input"], f["line_number"]): f["reason"] for f in found}
    expected = {("title_rows", n): reason for n, (_, reason) in enumerate(BAD_ROWS, start=4)}
    expected |= {
        ("semantic_patches", n): reason for n, (_, reason) in enumerate(BAD_PATCHES, start=4)
    }
    last = ("title_rows", len(BAD_ROWS) + 4)
    assert told == expected | {last: "title_id stands on another row that is identical"}
    assert sorted(t["title_id"] for t in titles) == ["a", "blank", "nulls"]
    assert sorted(o["patch_id"] for o in outcomes) == ["p1", "p2", "p3"]


def test_quarantined_text_is_the_line_itself(compiled: CompiledReplay, root: RootDir) -> None:
    lines = ["  {spaces kept}\t", '{"title_id": null}', "\u2028", "x" * 100_000]
    text = "\r\n".join(lines) + "\r\n \t\r\n\r\n"
    root.write("title_rows.jsonl", (text + json.dumps(row())).encode())
    with compiled.run(Root(root.path)) as connection:
        found = compiled.records(connection, f"{STEM}_quarantine")
    assert {f["line_number"]: f["text"] for f in found} == dict(enumerate(lines, start=1))


def test_files_of_the_log_add_up(compiled: CompiledReplay, root: RootDir, tmp_path: Path) -> None:
    root.title_rows(row()).patches(patch("p1"), "bad", name="b.jsonl")
    packed = gzip.compress(json.dumps(patch("p2")).encode())
    root.write("semantic_patches/a é'*.jsonl.gz", packed).write("semantic_patches/c.jsonl", b"")
    root.write("semantic_patches/.hidden.jsonl", b"bad").write("semantic_patches/notes.md", b"bad")
    with compiled.run(Root(root.path)) as connection:
        (title,) = compiled.records(connection, STEM)
        (line,) = compiled.records(connection, f"{STEM}_quarantine")
    assert title["patches_applied"] == ["p1", "p2"]
    assert (line["file"], line["line_number"]) == ("semantic_patches/b.jsonl", 2)


def test_an_array_of_json_comes_in_as_it_stands(compiled: CompiledReplay, root: RootDir) -> None:
    rows = [row("t1", wage=17), row(4000111001, note=[]), 5]
    text = json.dumps(rows, indent=2).replace("17", "17.50")
    root.write("title_rows.JSON.gz", gzip.compress(text.encode()))
    with compiled.run(Root(root.path)) as connection:
        found = connection.execute(
            f"select title_id, attributes::varchar from {STEM} order by title_id"
        ).fetchall()
        bad = connection.execute(
            f"select line_number, reason, text from {STEM}_quarantine"
        ).fetchall()
    assert found == [("4000111001", '{"note":[]}'), ("t1", '{"wage":17.50}')]
    assert bad == [(3, "not a JSON object", "5")]


BROKEN = {
    "{}": "it must be one array of objects",
    "[{}": "in element 2",
    "[{}] x": "in element 2",
    "[{} {}]": "in element 2",
    "[{} ; {}]": "in element 2",
    "[{}}]": "in element 2",
    "": "is empty",
    # The end of an unclosed element cannot be found, even if the next element closes it.
    '[{"a": "x}, {}]': "in element 1",
    '[{"a": "x}, {"b": 1}, {"c": y"}]': "in element 1",
    '[{"a": 1, {"b": 1}, {"c": 1}}]': "in element 1",
    '[{"a": [1}, {"b": 1}, {"c": 1]}]': "in element 1",
    # The database's reader considers these complete.
    "[{},\n": "its array is not closed",
    '[{}, {"a": "]"},  ': "its array is not closed",
}


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_array_is_an_error_that_says_where(
    root: RootDir, text: str, is_packed: bool
) -> None:
    name = f"title_rows.json{'.gz' * is_packed}"
    root.write(name, gzip.compress(text.encode()) if is_packed else text.encode())
    said = rf"{re.escape(name)}.* {re.escape(BROKEN[text])}"
    with duckdb.connect() as connection, pytest.raises(EngineError, match=said):
        load_inputs(connection, Root(root.path).input_files(), Reading({}, [], None, 1 << 20))


def test_a_long_element_of_an_array_is_set_aside_and_the_others_come_in(root: RootDir) -> None:
    rows = [row("t1"), row("t2", note="é" * 3000), row("t3", note="x" * 1700)]
    first, long, third = (json.dumps(r, ensure_ascii=False) for r in rows)
    # The last one is just as long as a line may be.
    third = third[:-1] + " " * (2000 - len(third)) + "}"
    root.write("title_rows.json", f"[{first}, {long}, {third}]".encode())
    with duckdb.connect() as connection:
        load_inputs(connection, Root(root.path).input_files(), Reading({}, [], None, 2000))
        found = connection.execute(
            "select text, flaw from inputs.lines order by line_number"
        ).fetchall()
    told = f"longer than max_line_bytes: {len(long.encode()):,} bytes"
    assert found == [(first, None), (long[:1000], told), (third, None)]


@pytest.mark.parametrize("name", ["jsonl", "csv", "json", "parquet"])
def test_title_rows_may_be_a_link_to_a_name_that_is_no_text(root: RootDir, name: str) -> None:
    """The database takes none, wherever it stands; of Parquet that is told, the others come in."""
    content = {
        "jsonl": b'{"title_id": "t1", "source_title": "Cook"}\n',
        "csv": b"title_id,source_title\nt1,Cook\n",
        "json": b'[{"title_id": "t1", "source_title": "Cook"}]',
        "parquet": b"",
    }
    other = root.path / os.fsdecode(b"\xff")
    other.write_bytes(content[name])
    (root.path / "inputs").mkdir()
    (root.path / "inputs" / f"title_rows.{name}").symlink_to(other)
    place = Root(root.path)
    assert place.files_the_database_reads() == []
    with duckdb.connect() as connection:
        if name == "parquet":
            with pytest.raises(EngineError, match="whose name has bytes that are not UTF-8"):
                load_inputs(connection, place.input_files(), Reading({}, [], None, 1 << 20))
            return
        load_inputs(connection, place.input_files(), Reading({}, [], None, 1 << 20))
        ids = connection.execute(
            "select coalesce(record, text) ->> '/title_id' from inputs.lines"
        ).fetchall()
    assert ids == [("t1",)]


@pytest.mark.parametrize("name", ["jsonl", "csv", "json"])
def test_gzip_may_be_padded_or_of_several_members(root: RootDir, name: str) -> None:
    """The database's reader takes no padding; all forms are read alike."""
    content = {
        "jsonl": b'{"title_id": "t1", "source_title": "Cook"}\n',
        "csv": b"title_id,source_title\nt1,Cook\n",
        "json": b'[{"title_id": "t1", "source_title": "Cook"}]',
    }[name]
    whole = gzip.compress(content)
    parts = gzip.compress(content[:20]) + gzip.compress(b"") + gzip.compress(content[20:])
    for packed in (whole, whole + bytes(512), parts, parts + bytes(7)):
        root.write(f"title_rows.{name}.gz", packed)
        with duckdb.connect() as connection:
            files = Root(root.path).input_files()
            load_inputs(connection, files, Reading({}, [], None, 1 << 20))
            ids = connection.execute(
                "select coalesce(record, text) ->> '/title_id' from inputs.lines"
            ).fetchall()
        assert ids == [("t1",)]


def elements(root: RootDir, limit: int = 1 << 20) -> list[tuple[int, str, str | None]]:
    with duckdb.connect() as connection:
        load_inputs(connection, Root(root.path).input_files(), Reading({}, [], None, limit))
        return connection.execute(
            "select line_number, text, flaw from inputs.lines order by line_number"
        ).fetchall()


NO_TEXT = [
    rb'{"title_id": "b", "source_title": "\ud800"}',
    rb'{"title_id": "b", "source_title": "\udc00\ud800 \" ], {"}',
    b'{"title_id": "b", "source_title": "Caf\xe9"}',
    b'{"title_id": "b", "source_title": "\xe2\x82", "a\xff": [{"\\\xff": 1}]}',
    b'{"title_id": "b", "source_title": "\xff\x00ff"}',
]
NO_JSON = [
    *(b'{"title_id": "b", "source_title": "Nurse%cICU"}' % code for code in b"\t\0\x1f"),
    *(b'{"title_id": "b", "source_title": "%s"}' % escape for escape in (rb"\x", rb"\u12g4")),
    b"{'title_id': 'b', 'source_title': 'X'}",
    b'{title_id: "b", "source_title": "X"}',
    b'{"title_id" "b", "note" {"a": [{}, {"}, {": 1}]}}',
    b'{"title_id": "b", "source_title": "the "best" cook", "refs": [{}, {}]}',
    b'{"title_id": "b", "note": [1}}',
    *(b'{"title_id": "b", "note": %s}' % value for value in (b"01", b"None", b"/*x*/ 1", b"\0")),
    *(b"01", b"None", b"/*x*/", b'/*x*/ {"title_id": "b"}', b'{"title_id": "b"} /*x*/', b"\x01"),
]


@pytest.mark.parametrize("form", ["plain", "packed", "marked"])
@pytest.mark.parametrize("bad", [*NO_TEXT, NO_JSON[0]])
def test_an_element_that_is_no_text_is_set_aside_as_a_line_is(
    compiled: CompiledReplay, root: RootDir, bad: bytes, form: str
) -> None:
    """Otherwise it would fail the run, and all other elements with it."""
    first, third = (json.dumps(row(name, note="é😀")).encode() for name in "ac")
    array = b"[ " + b" ,\n ".join([first, bad, third]) + b"\n]\n"
    is_packed, mark = form == "packed", b"\xef\xbb\xbf" if form == "marked" else b""
    found = []
    for name, content in (
        (
            f"title_rows.json{'.gz' * is_packed}",
            gzip.compress(array) if is_packed else mark + array,
        ),
        ("title_rows.jsonl", b"\n".join([first, bad, third])),
    ):
        with compiled.run(Root(root.write(name, content).path)) as connection:
            (line,) = compiled.records(connection, f"{STEM}_quarantine")
            titles = compiled.records(connection, STEM)
        (root.path / "inputs" / name).unlink()
        assert line.pop("file") == name
        found.append((line, titles))
    assert [title["title_id"] for title in found[0][1]] == ["a", "c"]
    assert found[0] == found[1]


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
def test_elements_that_are_no_json_are_set_aside_as_lines_are(
    compiled: CompiledReplay, root: RootDir, is_packed: bool
) -> None:
    """Each fault by itself; and the element between two faults is loaded."""
    rows = [part for nth, bad in enumerate(NO_JSON) for part in (good_element(nth), bad)]
    array = b"[" + b",\n".join(rows) + b"]"
    found = []
    for name, content in (
        (f"title_rows.json{'.gz' * is_packed}", gzip.compress(array) if is_packed else array),
        ("title_rows.jsonl", b"\n".join(rows)),
    ):
        with compiled.run(Root(root.write(name, content).path)) as connection:
            lines = compiled.records(connection, f"{STEM}_quarantine")
            titles = compiled.records(connection, STEM)
        (root.path / "inputs" / name).unlink()
        found.append(([line | {"file": ""} for line in lines], titles))
    assert [line["line_number"] for line in found[0][0]] == [*range(2, 2 * len(NO_JSON) + 1, 2)]
    assert len(found[0][1]) == len(NO_JSON)
    assert found[0] == found[1]


def good_element(nth: int) -> bytes:
    return json.dumps(row(f"g{nth}", note=['a "b", {}', {}])).encode()


@pytest.mark.parametrize("bad", ["", '{"a": "x\n}, {", "b": "y\r\n"}'])
def test_an_element_that_can_be_no_line_is_set_aside(root: RootDir, bad: str) -> None:
    root.write("title_rows.json", f'[{{"a": 1}},{bad} , {{"b": 2}}]'.encode())
    assert elements(root) == [(1, '{"a": 1}', None), (2, bad, None), (3, '{"b": 2}', None)]


SPOILT = st.tuples(
    st.sampled_from(['{"a": "x"}', '{"a": {"b": ["c", {}]}}', '{"a": "}, {", "b": [{}, {}]}']),
    st.integers(0, 30),
    st.sampled_from(["", "", '"', "{", "}", "[", "]", ",", "\t", "\\", "'", "0", ":", "/*"]),
).map(lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + (not drawn[2]) :])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.none() | SPOILT, min_size=2, max_size=6), st.sampled_from([20, 1 << 20]))
def test_faults_of_elements_hide_none_of_those_between_them(
    root: RootDir, spoilt: list[str | None], block: int
) -> None:
    """One fault can cancel another, and the elements between them look like parts of the first."""
    texts = [
        json.dumps({"id": f"g{nth}", "t": 'a "b", {}'}) if text is None else text
        for nth, text in enumerate(spoilt)
    ]
    root.write("title_rows.json", f"[{','.join(texts)}]".encode())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_array, "BLOCK", block)
        try:
            found = [text for _, text, _ in elements(root)]
        except EngineError:
            return
    good = [text for text, is_spoilt in zip(texts, spoilt, strict=True) if is_spoilt is None]
    assert [text for text in found if text in good] == good


@pytest.mark.parametrize("block", [1, 2, 7, 40, 1 << 20])
def test_an_array_that_is_cut_says_what_the_reader_says_wherever_blocks_end(
    root: RootDir, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    many = [{"a": [1, {"b": "],}[{"}], 'q"\\': -1.5e3}, "x\\", [], {}, None, 'é"', [["\n"]], "😀,"]
    text = json.dumps(many, indent=1) + "\n"
    # An escaped backslash, which looks like half of a character but is not.
    text = text.replace("null", r'"\\ud800"')
    root.write("title_rows.json", text.encode())
    cut = elements(root)
    monkeypatch.setattr(json_array, "BLOCK", block)
    assert elements(root) == cut
    monkeypatch.setattr(json_array, "_looked_at", lambda _: (True, b"]"))
    assert elements(root) == cut
    assert len(cut) == len(many)


@pytest.mark.parametrize("block", [1, 5, 1 << 20])
@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_array_is_an_error_where_an_element_is_no_text_too(
    root: RootDir, monkeypatch: pytest.MonkeyPatch, text: str, block: int
) -> None:
    monkeypatch.setattr(json_array, "BLOCK", block)
    root.write("title_rows.json", text.replace("{}", r'{"a": "\ud800"}').encode())
    monkeypatch.setattr(json_array, "_looked_at", lambda _: (False, b""))
    with pytest.raises(EngineError, match=r"cannot be read: it must be one|not whole|is empty"):
        elements(root)


def test_a_long_element_of_an_array_that_is_cut_is_set_aside_or_told(root: RootDir) -> None:
    first, long = r'{"a": "\ud800"}', json.dumps({"b": "x" * 3000})
    root.write("title_rows.json", f"[{first}, {long}]".encode())
    told = f"longer than max_line_bytes: {len(long):,} bytes"
    assert elements(root, 2000) == [(1, first, None), (2, long[:1000], told)]
    with pytest.MonkeyPatch.context() as patched, pytest.raises(EngineError, match="Element 2 is"):
        patched.setattr(json_array, "BLOCK", 500)
        elements(root, 700)
