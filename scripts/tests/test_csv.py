"""CSV files against Python's reader, with every delimiter; misfits are set aside."""

import codecs
import csv
import gzip
import io
import json
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_data_engine import csv_records, lines
from aina_data_engine.errors import EngineError
from aina_data_engine.load import ADVICE, SCHEMA

HEADER = ["title_id", "source_title", "company"]
FORM = csv_records.CsvForm(["title_id", "source_title"], ADVICE)
CLOSED = "a quote is not closed, or stands inside a field"

Row = tuple[int, str, dict[str, object] | None, str | None]


@cache
def database() -> duckdb.DuckDBPyConnection:
    """Return one database for all examples: opening one is slow, emptying it is not."""
    return duckdb.connect()


def read(path: Path, form: csv_records.CsvForm = FORM, limit: int = 1 << 20) -> list[Row]:
    """Return each record's line, text, content and flaw."""
    connection = database()
    connection.execute(SCHEMA)
    place = {"input": "title_rows", "file": path.name}
    csv_records.insert_csv(connection, "inputs.lines", path, place, form, limit)
    found = connection.execute(
        "select line_number, text, record, flaw from inputs.lines order by line_number"
    ).fetchall()
    return [(n, text, json.loads(r) if r is not None else None, flaw) for n, text, r, flaw in found]


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


FIELDS = st.text(st.sampled_from('ab ,;|\t"\n\r#=é\u2028\0'), max_size=6)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.lists(FIELDS, min_size=3, max_size=3), max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    block=st.integers(1, 40),
    above=st.sampled_from(["", "sep=;\r\n"]),
)
def test_records_are_those_of_an_independent_reader_wherever_blocks_end(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    end: str,
    block: int,
    above: str,
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *rows])
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", above + stream.getvalue())
    with pytest.MonkeyPatch.context() as patched:
        # The first block contains the header; the others may end anywhere.
        patched.setattr(lines, "BLOCK", len(above) + 60)
        found = read(path)
        patched.setattr(lines, "BLOCK", 60 + block)
        assert read(path) == found
    expected = list(csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=delimiter))[1:]
    assert [list((r or {}).values()) for _, _, r, _ in found] == expected
    number = 2 + above.count("\n")
    for line_number, text, _, _ in found:
        assert line_number == number
        number += text.count("\n") + 1


@st.composite
def records(draw: st.DrawFn) -> list[tuple[str, bool]]:
    """Return records without their line ends, and whether all fields of each are well formed.

    The others have a quote inside a field, or text after a quote that closes on its line.
    """
    plain = st.text(st.sampled_from("ab 2é\\"), max_size=4)
    # What would be a record if it were not quoted.
    quoted = st.lists(st.sampled_from(["\n", "x9,Hacker,x", "a", '""', ","]), max_size=5).map(
        "".join
    )
    fields = st.one_of(plain, quoted.map(lambda text: f'"{text}"'))
    flawed = st.one_of(
        st.tuples(plain, plain).map(lambda two: f'a{two[0]}"{two[1]}'),
        st.tuples(quoted, plain).map(lambda two: f'"{two[0]}"a{two[1]}"'.replace("\n", "")),
    )
    kinds = draw(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8))
    found = []
    for nth, kind in enumerate(kinds):
        drawn = [draw(flawed if is_flawed else fields) for is_flawed in kind]
        found.append((",".join([f"t{nth}", *drawn]), not any(kind)))
    return found


@settings(max_examples=100, deadline=None)
@given(drawn=records(), block=st.integers(1, 40))
def test_what_is_quoted_is_no_record_and_none_behind_a_flawed_one_is_lost(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, bool]], block: int
) -> None:
    """Otherwise a title would come from inside a field, and good records be in another's text."""
    text = "".join(f"{record}\n" for record, _ in drawn)
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", f"{','.join(HEADER)}\n{text}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "BLOCK", 34 + block)
        found = read(path)
    number, expected = 2, []
    for record, is_good in drawn:
        expected.append((number, record, None if is_good else CLOSED))
        number += record.count("\n") + 1
    assert [(n, text, flaw) for n, text, _, flaw in found] == expected
    assert all(r is None or r["title_id"] == text.split(",")[0] for _, text, r, _ in found)


def test_a_quote_that_is_never_closed_takes_no_record_behind_it_along(tmp_path: Path) -> None:
    good = ["t2,Nurse,b", 't3,"Cook, day","x\ny"']
    text = "\n".join([",".join(HEADER), 't1,2" pipe,"one', *good, 't4,"Aide,x', *good, ""])
    found = read(write(tmp_path / "t.csv", text))
    assert [(text, flaw) for _, text, _, flaw in found] == [
        ('t1,2" pipe,"one', CLOSED),
        *((record, None) for record in good),
        ('t4,"Aide,x', CLOSED),
        *((record, None) for record in good),
    ]


@pytest.mark.parametrize("field", [b'"a\nb"\xff', b'\xff"a\nb"'])
def test_bytes_that_are_no_text_beside_a_quote_change_nothing_behind_them(
    tmp_path: Path, field: bytes
) -> None:
    """All records of their block were reported as invalid."""
    path = write(tmp_path / "t.csv", b"title_id,source_title\n1," + field + b"\n2,Nurse\n3,Cook\n")
    found = read(path)
    assert [r["title_id"] for *_, r, _ in found if r] == ["2", "3"]
    assert sum("not UTF-8" in str(flaw) for *_, flaw in found) == 1


@pytest.mark.parametrize("end", ["\r\n", "\r\r\n", "\r\r\r\n"])
@pytest.mark.parametrize("last", ["", "\r", "\r\r"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_carriage_returns_before_a_line_end_or_at_the_end_of_a_file_are_no_text(
    tmp_path: Path, end: str, last: str, quote: str
) -> None:
    """They ended titles, or put records with quotes into quarantine.

    Python's csv module doubles them on Windows, and a file that is cut off may end in one.
    """
    header, *records = (
        f"{name},{quote}{text}{quote}"
        for name, text in (("title_id", "source_title"), ("t1", "Cook"), ("t2", "Baker"))
    )
    for above in ("", f"sep=,{end}"):
        path = write(tmp_path / "t.csv", above + end.join([header, *records]) + last)
        assert [(text, r and r["source_title"], flaw) for _, text, r, flaw in read(path)] == [
            (records[0], "Cook", None),
            (records[1], "Baker", None),
        ]


BAD = {
    "too few fields": ("b,Nurse", "2 fields, where the header has 3"),
    "too many fields": ("b,Nurse, ICU,Soma", "4 fields, where the header has 3"),
    "a quote inside": ('b,5" pipe,Soma', CLOSED),
    "text behind a quote": ('b,"Senior" Cook,Soma', CLOSED),
    "a quote never closed": ('b,"Nurse,Soma', CLOSED),
    "a blank before a quote": ('b, "Nurse",Soma', CLOSED),
    "another header": ("title_id,source_title,company,more", "4 fields, where the header has 3"),
    "a comment": ("# made by hand", "1 fields, where the header has 3"),
    "a number": ("1", "1 fields, where the header has 3"),
}


@pytest.mark.parametrize(("line", "flaw"), BAD.values(), ids=BAD)
@pytest.mark.parametrize(
    "after", ["", "c,Aide,Soma\n", 'c,"Aide, day",Soma\nd,"Cook\n\nnight",""\n']
)
def test_a_record_that_does_not_fit_is_set_aside_and_the_others_come_in(
    tmp_path: Path, line: str, flaw: str, after: str
) -> None:
    head = f"{','.join(HEADER)}\na,Cook,Soma\n"
    found = read(write(tmp_path / "t.csv", f"{head}{line}\n{after}"))
    alone = read(write(tmp_path / "t.csv", f"{head}\n{after}"))
    assert found[1] == (3, line, None, flaw)
    assert [found[0], *found[2:]] == alone
    assert [r["title_id"] for _, _, r, _ in alone if r] == ["a", "c", "d"][
        : 1 + after.count("S") + after.count('""\n')
    ]


def test_columns_without_a_name_are_none_where_they_are_empty_and_none_of_them_is_lost(
    tmp_path: Path,
) -> None:
    """As spreadsheets leave them, or, at the beginning, as the row numbers of a data frame."""
    lines = ["a,Nurse,,", 'b,Aide,"",', "c,Cook,,5", "d,Chef,4,5", "e,Baker,6,"]
    found = read(write(tmp_path / "t.csv", "title_id,source_title,,\r\n" + "\r\n".join(lines)))
    nurse, aide, cook, baker = (
        {"title_id": name, "source_title": title}
        for name, title in [("a", "Nurse"), ("b", "Aide"), ("c", "Cook"), ("e", "Baker")]
    )
    assert found == [
        (2, lines[0], nurse, None),
        (3, lines[1], aide, None),
        (4, lines[2], cook | {"": "5"}, None),
        (5, lines[3], None, "more than one field has no name in the header"),
        (6, lines[4], baker | {"": "6"}, None),
    ]
    found = read(write(tmp_path / "t.csv", ",title_id,source_title\n0,a,\n,b,x\n"))
    assert [list((r or {}).items()) for *_, r, _ in found] == [
        [("", "0"), ("title_id", "a"), ("source_title", None)],
        [("title_id", "b"), ("source_title", "x")],
    ]


ENCODED = "title_id;source_title\r\n1;Café – Köchin\r\n"


@pytest.mark.parametrize(
    "content",
    [
        ENCODED.encode(),
        codecs.BOM_UTF8 + ENCODED.encode(),
        codecs.BOM_UTF16_LE + ENCODED.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + ENCODED.encode("utf-16-be"),
    ],
    ids=["utf-8", "with a mark", "utf-16-le", "utf-16-be"],
)
def test_what_a_spreadsheet_saves_is_read(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "t.CSV", content)
    packed = write(tmp_path / "p.csv.GZ", gzip.compress(content))
    for file in (path, packed):
        assert read(file) == [
            (2, "1;Café – Köchin", {"title_id": "1", "source_title": "Café – Köchin"}, None)
        ]


def test_bytes_that_are_no_text_are_set_aside_and_the_remedy_works(tmp_path: Path) -> None:
    text = "title_id,source_title\n1,Koch\n2,Café\n3,Nurse\n"
    path = write(tmp_path / "t.csv", text, "cp1252")
    found = read(path)
    assert [(n, r and r["title_id"]) for n, _, r, _ in found] == [(2, "1"), (3, None), (4, "3")]
    assert found[1][1] == r"2,Caf\xe9"
    assert "csv_encoding, for example cp1252" in str(found[1][3])
    mended = read(path, csv_records.CsvForm(FORM.required, ADVICE, encoding="cp1252"))
    assert [r and r["source_title"] for *_, r, _ in mended] == ["Koch", "Café", "Nurse"]
    # Five byte values are undefined in cp1252.
    spoilt = write(tmp_path / "s.csv", path.read_bytes().replace(b"Koch", b"K\x81ch"))
    found = read(spoilt, csv_records.CsvForm(FORM.required, ADVICE, encoding="cp1252"))
    assert [f is None for *_, f in found] == [False, True, True]
    # The advice does not name a setting that is in use already.
    told = "not cp1252: save the file as UTF-8 and leave out the var csv_encoding, or name another"
    assert str(found[0][3]).startswith(told)


def test_a_header_that_is_not_the_wanted_one_is_shown(tmp_path: Path) -> None:
    for content, told in [
        (
            b"id;title\n1;Cook\n",
            "Its first line is\n  id;title",
        ),
        (b"", "is empty: it has no header"),
        (b'title_id,source_title,a"b"\n', "A quote in its header is not closed, or is inside"),
        # By their line ends they are one line: a header and no row.
        (b'title_id,source_title\rt1,"Cook, ""Chef"""\r', "end in a carriage return alone"),
        (b"sep=,\rtitle_id,source_title\rt1,Cook\r", "end in a carriage return alone"),
        (b"title_id,title_id,source_title\n", "the column title_id more than once"),
        (b"title_id,source_title,caf\xe9\n", "line 1: not UTF-8"),
    ]:
        with pytest.raises(EngineError) as error:
            read(write(tmp_path / "t.csv", content))
        assert told in str(error.value)


def test_a_header_longer_than_a_line_may_be_is_not_told_as_none(tmp_path: Path) -> None:
    """The file was reported as empty."""
    content = b"title_id,source_title," + b"c" * 200 + b"\n1,Cook,x\n"
    with pytest.raises(EngineError, match=r"line 1: its header is longer than .*: 222 bytes"):
        read(write(tmp_path / "t.csv", content), limit=100)


OTHER_FORMS = {
    "UTF-16 without a mark": (ENCODED.encode("utf-16-le"), "NUL bytes, .* then is utf-16-le"),
    "UTF-16 the other way": (ENCODED.encode("utf-16-be"), "NUL bytes, .* then is utf-16-be"),
    "gzip": (gzip.compress(ENCODED.encode()), "compressed by gzip. Rename it so that"),
    "a workbook": (b"PK\x03\x04\x14\0\r\r\x08\n", "a workbook or another zip archive"),
}


@pytest.mark.parametrize("encoding", [None, "cp1252"])
@pytest.mark.parametrize(("content", "told"), OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_a_file_of_another_form_is_told_what_it_is(
    tmp_path: Path, content: bytes, told: str, encoding: str | None
) -> None:
    """It was reported for carriage returns alone, as some of its bytes look like them."""
    form = csv_records.CsvForm(FORM.required, ADVICE, encoding=encoding)
    with pytest.raises(EngineError, match=told):
        read(write(tmp_path / "t.csv", content), form)


def test_the_encoding_that_is_advised_reads_the_file(tmp_path: Path) -> None:
    form = csv_records.CsvForm(FORM.required, ADVICE, encoding="utf-16-le")
    path = write(tmp_path / "t.csv", ENCODED, "utf-16-le")
    assert [flaw for *_, flaw in read(path, form)] == [None]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        *((name, "is not a text encoding") for name in ("base64", "undefined", "idna", "cp1252\0")),
        # Without a byte order mark, `utf-16` does not say which of the two it is.
        (
            "utf-16",
            "cannot be read as utf-16: .*leave out the var csv_encoding, or name another with it",
        ),
    ],
)
def test_an_encoding_that_does_not_read_the_file_is_an_error(
    tmp_path: Path, encoding: str, told: str
) -> None:
    form = csv_records.CsvForm(FORM.required, ADVICE, encoding=encoding)
    with pytest.raises(EngineError, match=told):
        read(write(tmp_path / "t.csv", ENCODED), form)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_more_than_the_var(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "t.csv", "title_id,source_title\n1,Café\n", encoding)
    found = read(path, csv_records.CsvForm(FORM.required, ADVICE, encoding="cp1252"))
    assert [(r and r["source_title"], flaw) for *_, r, flaw in found] == [("Café", None)]


@pytest.mark.parametrize(
    ("encoding", "title", "shown"),
    [
        ("shift_jis", b"\x83R\x83", r"2,コ\x83"),
        ("utf-16-le", b"\x00\xd8", r"2,\x00\xd8"),
        ("ascii", b"caf\xc3\xa9", r"2,caf\xc3\xa9"),
    ],
)
def test_bytes_that_are_no_text_are_shown_as_they_stand(
    tmp_path: Path, encoding: str, title: bytes, shown: str
) -> None:
    before, after = ("title_id,source_title\n1,ff\n2,".encode(encoding), "\n".encode(encoding))
    path = write(tmp_path / "t.csv", before + title + after)
    found = read(path, csv_records.CsvForm(FORM.required, ADVICE, encoding=encoding))
    assert [text for _, text, *_ in found] == ["1,ff", shown]
    assert [flaw is None for *_, flaw in found] == [True, False]


def test_an_open_quote_and_a_long_line_hold_no_more_than_the_limit(tmp_path: Path) -> None:
    body = "".join(f"{n},Cook\n" for n in range(2000))
    path = write(tmp_path / "t.csv", f'title_id,source_title\nx,"open\n{body}y,{"z" * 5000}\n')
    held: list[int] = []
    insert = csv_records._Reader._insert

    def told(reader: csv_records._Reader, text: str, *others: str, ends: bool) -> tuple[str, str]:
        held.append(len(text))
        return insert(reader, text, *others, ends=ends)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "BLOCK", 512)
        patched.setattr(csv_records._Reader, "_insert", told)
        found = read(path, limit=2000)
    assert max(held) <= 2000 + 512
    flaws = {number: flaw for number, _, _, flaw in found if flaw}
    assert flaws == {2: CLOSED, 2003: "longer than max_line_bytes: 5,002 bytes"}
    assert [r["title_id"] for *_, r, _ in found if r] == [str(n) for n in range(2000)]
