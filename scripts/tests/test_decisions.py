"""What a person decides: the newest decision counts, and every decision can be taken back."""

import csv
import datetime
import errno
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import duckdb
import openpyxl
import pytest
from compiled import DATABASE, CompiledReplay, function
from conftest import STEM, Ended, RootDir, call_engine, patch, row, run_engine
from hypothesis import given
from hypothesis import strategies as st
from mined import STAGED, mined
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.xml.constants import SHARED_STRINGS

from aina_data_engine.cells import guarded, read_back
from aina_data_engine.commands.stages import _told_of_workbook
from aina_data_engine.declines import Decline, decline, load_declined
from aina_data_engine.errors import EngineError
from aina_data_engine.explain import read_log
from aina_data_engine.load import SCHEMA as INPUTS_SCHEMA
from aina_data_engine.patch_log import SCHEMA, _kept_back, add_to_log, write_proposals
from aina_data_engine.proposed import proposals_for
from aina_data_engine.review import describe_review, load_review_sheet
from aina_data_engine.root import PROJECT, Root
from aina_data_engine.undo import files_called
from aina_data_engine.waiting import waiting_files
from aina_data_engine.workbook import LONGEST_CELL, read_workbook, write_review

NURSES = "bls_ooh:registered-nurses"


@given(st.text(alphabet="'=+-@\t\r\n \"＝x", max_size=6))
def test_no_cell_is_a_formula_and_all_come_back(text: str) -> None:
    cell, back = duckdb.execute(
        f"select {guarded('t')} as cell, {read_back('cell')} from (select ? as t)", (text,)
    ).fetchall()[0]
    assert back == text
    assert cell[:1] not in tuple("=+-@\t\r＝")


def as_a_spreadsheet_saves(path: Path, target: Path) -> Path:
    """Save a workbook with each text in a part of its own, not in its cell."""
    strings, sheet, types = (
        "xl/sharedStrings.xml",
        "xl/worksheets/sheet1.xml",
        "[Content_Types].xml",
    )
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    texts = re.findall("<is>(.*?)</is>", parts[sheet], re.DOTALL)
    parts[strings] = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + "".join(f"<si>{text}</si>" for text in texts)
        + "</sst>"
    )
    number = count()
    parts[sheet] = re.sub(
        "<is>.*?</is>", lambda _: f"<v>{next(number)}</v>", parts[sheet], flags=re.S
    )
    parts[sheet] = parts[sheet].replace('t="inlineStr"', 't="s"')
    parts[types] = parts[types].replace(
        "</Types>", f'<Override PartName="/{strings}" ContentType="{SHARED_STRINGS}"/></Types>'
    )
    with zipfile.ZipFile(target, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return target


def test_a_workbook_keeps_ids_as_they_are_and_its_bytes(tmp_path: Path) -> None:
    ids = ["007", "7", "=1+1", " pad ", "3E5", "\x01", "_x0041_", "x005F_y", "_x005F_x0041_b"]
    asked = {"title": "_x0041_ T", "choices": ["bls:1 = A"]}
    row = asked | {"decision": None, "reviewer": None, "note": None}
    lines = "".join(json.dumps({"title_id": i, **row}) + "\n" for i in ids)
    (tmp_path / "r.jsonl").write_text(lines)
    for name in ("a.xlsx", "b.xlsx"):
        assert write_review(tmp_path / "r.jsonl", tmp_path / name) == (len(ids), [])
    (sheet,) = read_workbook(tmp_path / "a.xlsx")
    assert sheet.heads[:2] == ["title_id", "title"]
    assert [cells[0] for _, cells in sheet.rows] == ids
    written = (tmp_path / "a.xlsx").read_bytes()
    assert written == (tmp_path / "b.xlsx").read_bytes()
    filled = openpyxl.load_workbook(tmp_path / "a.xlsx")
    filled["review"]["D2"] = "none"
    filled.save(tmp_path / "a.xlsx")
    kept = (tmp_path / "a.xlsx").read_bytes()
    (sheet,) = read_workbook(as_a_spreadsheet_saves(tmp_path / "a.xlsx", tmp_path / "s.xlsx"))
    assert [cells[0] for _, cells in sheet.rows] == ids
    assert [cells[1] for _, cells in sheet.rows] == ["_x0041_ T"] * len(ids)
    with pytest.raises(EngineError, match="filled in"):
        write_review(tmp_path / "r.jsonl", tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == kept
    assert write_review(tmp_path / "r.jsonl", tmp_path / "b.xlsx") == (len(ids), [])
    os.mkfifo(tmp_path / "pipe.xlsx")
    for path, kind in ((tmp_path / "pipe.xlsx", "a named pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(EngineError, match=f"cannot be written .{kind}, where a file belongs"):
            write_review(tmp_path / "r.jsonl", path)


def test_what_is_too_long_for_a_cell_is_left_out_of_a_workbook_and_named(tmp_path: Path) -> None:
    """It was cut off, so that the decision about it was left out when it came back."""
    asked = {"choices": [], "decision": None, "reviewer": None, "note": None}
    fits, longer = "x" * LONGEST_CELL, "\x01" * (LONGEST_CELL // 7 + 1)
    rows = [(fits, "T"), (longer, "T"), ("t3", longer), ("t4", fits)]
    lines = (json.dumps({"title_id": name, "title": title, **asked}) for name, title in rows)
    (tmp_path / "r.jsonl").write_text("\n".join(lines) + "\n")
    assert write_review(tmp_path / "r.jsonl", tmp_path / "s.xlsx") == (2, [longer, "t3"])
    (sheet,) = read_workbook(tmp_path / "s.xlsx")
    assert [cells[:2] for _, cells in sheet.rows] == [[fits, "T"], ["t4", fits]]
    told = _told_of_workbook(2, [longer, *map(str, range(30))], tmp_path / "s.xlsx")
    assert told.startswith("2 titles to review in ")
    assert "\n  left out, longer than a cell, and only in the sheet as CSV: \\u0001\\u0001" in told
    assert told.endswith("\n  and 11 more")
    assert len(told) < 3000


def other_review(path: Path) -> bytes:
    """Write a review of another round as a workbook without changes; return its bytes."""
    row = {"title_id": "old", "title": "T", "choices": ["bls:1 = A"]}
    blank = dict.fromkeys(("decision", "reviewer", "note"))
    (lines := path.with_suffix(".jsonl")).write_text(json.dumps(row | blank) + "\n")
    write_review(lines, path)
    return path.read_bytes()


def test_a_workbook_that_cannot_be_written_is_told_before_anything_is_published(
    root: RootDir,
) -> None:
    """It was reported only after the job was done, as if nothing had been done."""
    root.title_rows({"title_id": "t1", "source_title": "Associate"})
    assert root.replay().status == 0
    place = root.path / "sheets"
    (place / "directory.xlsx").mkdir(parents=True)
    os.mkfifo(place / "pipe.xlsx")
    (place / "other.xlsx").write_text("what a person wrote")
    other_review(place / "filled.xlsx")
    filled = openpyxl.load_workbook(place / "filled.xlsx")
    filled["review"]["D2"] = "none"
    filled.save(place / "filled.xlsx")
    there = sorted(place.iterdir())
    for name, told in {
        "nowhere/r.xlsx": "cannot be written (No such file or directory)",
        "other.xlsx/r.xlsx": "cannot be written (Not a directory)",
        "directory.xlsx": "cannot be written (a directory, where a file belongs)",
        "pipe.xlsx": "cannot be written (a named pipe, where a file belongs)",
        f"{'x' * 250}.xlsx": "cannot be written (File name too long)",
        "other.xlsx": "exists already with other content",
        "filled.xlsx": "exists already with other content",
        "review.csv": "is not the name of a workbook: it must end in .xlsx",
        ".xlsx": "is not the name of a workbook: it must end in .xlsx",
    }.items():
        ended = call_engine("--root", str(root.path), "mine-holds", "--xlsx", str(place / name))
        assert (ended.status, ended.out) == (2, ""), name
        assert told in ended.err
        assert not (root.path / "artifacts" / "mine-holds").exists()
    assert sorted(place.iterdir()) == there
    assert (place / "other.xlsx").read_text() == "what a person wrote"


def test_a_workbook_that_fails_behind_what_is_published_says_so(root: RootDir) -> None:
    root.title_rows({"title_id": "t1", "source_title": "Associate"})
    assert root.replay().status == 0
    path = root.path / "Round.XLSX"
    untouched = other_review(path)
    mine = ("--root", str(root.path), "mine-holds", "--xlsx", str(path))
    ended = run_engine(*mine)
    published = root.path / "artifacts" / "mine-holds"
    assert ended.status == 2
    assert ended.out.startswith(f"Published {published}")
    assert ended.err == (
        f"aina-data-engine: {path} exists already with other content, perhaps decisions that a"
        " person has filled in. Name another file. The results are published in"
        f" {published}, with the sheet as CSV; only the workbook is missing.\n"
    )
    assert path.read_bytes() == untouched
    told = json.loads(run_engine(*mine, "--json").out)
    assert (told["exit_status"], told["runs"][0]["outcome"]) == (2, "unchanged")
    assert told["error"].endswith("only the workbook is missing.")
    path.unlink()
    ended = run_engine(*mine)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.endswith(f"1 title to review in {path}\n")
    told = json.loads(run_engine(*mine, "--json").out)
    assert told["workbook"] == {"path": str(path), "titles": 1, "left_out": []}


SHEET = [
    ["title_id", "title", "choices", "decision", "reviewer", "note", "mine"],
    [" 007 ", 'Nurse, "ICU"', '["x:1 = A"]', "x:1", "pat", "=see\nbelow", "1"],
    ["7", "Cook", "[]", "none", "pat", "", "2"],
]
FORMS = {
    "plain.csv": (",", SHEET),
    "semicolon.csv": (";", SHEET),
    "tab.csv": ("\t", SHEET),
    "bar.CSV": ("|", SHEET),
    "headings.csv": (
        ",",
        [["Title_ID", "TITLE", "x", "Decision", "REVIEWER", "Note", ""], *SHEET[1:]],
    ),
    "no-note.csv": (",", [[row[0], *row[3:5]] for row in SHEET]),
}


def as_saved(path: Path, delimiter: str, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def read_sheet(path: Path) -> list[tuple]:
    """Return each row's line, flaw, title_id, title, choices, decision, reviewer and note."""
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        asked = SimpleNamespace(csv_encoding=None, max_line_bytes=1 << 20)
        load_review_sheet(connection, path, asked)
        return connection.execute("from engine.review_sheet order by line_number").fetchall()


def decided(path: Path) -> list[tuple]:
    return [(row[2], row[5], row[6]) for row in read_sheet(path)]


def test_a_sheet_is_read_in_every_way_that_people_save_it(tmp_path: Path) -> None:
    expected = [(row[0], *row[3:5]) for row in SHEET[1:]]
    for name, (delimiter, rows) in FORMS.items():
        assert decided(as_saved(tmp_path / name, delimiter, rows)) == expected, name
    book = openpyxl.Workbook()
    for cells in SHEET:
        book.active.append(cells)
    book.save(tmp_path / "book.XLSX")
    assert decided(tmp_path / "book.XLSX") == expected
    lines = [dict(zip(SHEET[0], row, strict=True)) for row in SHEET[1:]]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert decided(tmp_path / "s.jsonl") == expected


def test_a_sheet_that_nobody_has_filled_in_has_its_members(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    empty = {"title_id": "t1", "Decision ": None, "reviewer": None}
    path.write_text(f"[1]\nnot JSON\n{json.dumps(empty)}\n")
    assert decided(path)[2] == ("t1", None, None)
    path.write_text('[1]\n{"title_id": "t1", "decision": "none"}\n')
    with pytest.raises(EngineError, match=r"no line has a member reviewer\."):
        read_sheet(path)


def test_a_note_without_a_decision_is_not_passed_over(tmp_path: Path) -> None:
    with duckdb.connect() as cursor:
        cursor.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}")
        cursor.execute(SCHEMA)
        is_blank = (PROJECT / "functions" / "text" / "is_blank.sql").read_text("utf-8")
        cursor.execute(function("is_blank", ["text"], is_blank))
        cursor.execute("create table reviewed_patches (patch_id varchar)")
        cursor.execute(
            "create table review_decisions (line_number bigint, title_id varchar, decision varchar,"
            " problem varchar, is_beyond_choices boolean, is_taken boolean)"
        )
        cursor.execute(
            "insert into engine.review_sheet by name from (values"
            " ('t1', null, 'who knows'), ('t2', '\u00a0', 'ask'), ('t3', 'none', 'x'),"
            " ('t4', '', ' ')"
            ") as sheet (title_id, decision, note)"
        )
        told = describe_review(cursor, Root(tmp_path), None)
    assert told.splitlines()[1:] == ["  left out, 2 rows with a note and no decision"]


def test_a_formula_that_nobody_has_reckoned_is_no_empty_cell(tmp_path: Path) -> None:
    """Otherwise a row with it would silently be left out, like one that is not decided yet."""
    book = openpyxl.Workbook()
    for cells in (["title_id", "decision", "reviewer"], ["t1", "=B3", "Jo"], ["t2", "none", "Jo"]):
        book.active.append(cells)
    book.active["C3"] = ArrayFormula("C3", "=A1:A2")
    book.save(tmp_path / "s.xlsx")
    assert decided(tmp_path / "s.xlsx") == [("t1", "=B3", "Jo"), ("t2", "none", "=A1:A2")]


@pytest.mark.parametrize("name", ["s.csv", "s.xlsx"])
def test_a_cell_is_read_in_both_ways_that_it_may_have_been_guarded(
    tmp_path: Path, name: str
) -> None:
    """A workbook's text is read as it is first, since its own cells are not guarded."""
    rows = [["title_id", "title", "decision", "reviewer"], ["'=1", "'=A", "none", "Jo"]]
    if name == "s.csv":
        as_saved(tmp_path / name, ",", rows)
    else:
        book = openpyxl.Workbook()
        for cells in rows:
            book.active.append(cells)
        book.save(tmp_path / name)
    ((*_, title_id, title, _, _, _, _, other_id, other),) = read_sheet(tmp_path / name)
    written, stands = ("=1", "=A"), ("'=1", "'=A")
    expected = (written, stands) if name == "s.csv" else (stands, written)
    assert ((title_id, title), (other_id, other)) == expected


HEADS = ["title_id", "decision", "reviewer"]


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> openpyxl.Workbook:
    """Save a workbook of worksheets by name, and return it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    return book


def test_every_worksheet_with_decisions_is_read_and_another_is_named(root: RootDir) -> None:
    """All worksheets except the first were silently ignored."""
    root.title_rows(*({"title_id": f"t{n}", "source_title": "Staff Nurse"} for n in range(6)))
    sheet = root.path / "s.xlsx"
    book = workbook(
        sheet,
        {
            "Summary": [["Decided so far", 5], ["by", "Jo"]],
            "One": [HEADS, ["t1", NURSES, "Jo"], ["t2", "none", "Jo"], ["t3", "none", "Jo"]],
            "Empty": [],
            "A\u202eB": [[], [], ["Reviewer", "x", "DECISION", "Title_ID "], [], [], ["Al"]],
            "Half": [["title_id", "decision"], ["t5", "none"]],
            "Heads": [HEADS],
            "choices": [[], ["none", "bls:1 = A"]],
        },
    )
    book["A\u202eB"].append(["Al", None, NURSES, "t2"])
    book["A\u202eB"].append(["Al", None, "none", "t3"])
    book["A\u202eB"].append(["Al", None, "none", "t4"])
    book["A\u202eB"].append(["Al", None, "nine", "t5"])
    book["A\u202eB"].sheet_state = "veryHidden"
    book.create_chartsheet("Chart", 0)
    book.save(sheet)
    engine = ("--root", str(root.path))
    assert run_engine(*engine, "semantic-patch-replay").status == 0
    ended = run_engine(*engine, "import-review", str(sheet), "--name", "all")
    assert ended.status == 0, ended.err
    differ = "the sheet decides the title in different ways"
    assert ended.out.splitlines()[1:-1] == [
        f"  left out, worksheet One, line 3, t2: {differ}",
        f"  left out, worksheet A\\u202eB, line 7, t2: {differ}",
        "  left out, worksheet A\\u202eB, line 10, t5: nine is neither a source_ref of the evidence"
        " nor none; the nearest is none",
        "  not read, worksheet Summary: it has no column title_id, decision, reviewer",
        "  not read, worksheet Half: it has no column reviewer",
    ]
    proposed = root.path / "artifacts" / "proposals" / "all.jsonl"
    made = [json.loads(line) for line in proposed.read_text().splitlines()]
    assert {p["title_id"]: (p["evidence_ref"], p["author"]) for p in made} == {
        "t1": (NURSES, "Jo"),
        "t3": ("none", "Jo"),
        "t4": ("none", "Al"),
    }


def test_a_workbook_of_no_decisions_is_refused_by_the_worksheet_that_is_nearest(
    tmp_path: Path,
) -> None:
    path, left = tmp_path / "s.xlsx", ["title_id", "decision"]
    for sheets, told in (
        ({"A": []}, "no worksheet has any content"),
        ({"A": [left]}, "s.xlsx has no column reviewer. A review sheet needs"),
        ({"A": [["x"]], "B": [left], "C": [left]}, "s.xlsx, worksheet B, has no column reviewer"),
        ({"A": [HEADS], "B": [[*HEADS, "Decision"]]}, "worksheet B: its first row has the column"),
    ):
        workbook(path, sheets)
        with pytest.raises(EngineError, match=told):
            read_sheet(path)
    workbook(path, {"A": [HEADS, ["t1", "none", "Jo"]], "B": [HEADS, ["t2", "none", "Jo"]]})
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(tmp_path / "half.xlsx", "w") as half:
        for name in book.namelist():
            if not name.endswith("sheet2.xml"):
                half.writestr(name, book.read(name))
    with pytest.raises(EngineError, match="cannot be read as a workbook: it is damaged"):
        read_sheet(tmp_path / "half.xlsx")


def test_what_is_merged_says_the_same_in_all_of_its_cells(tmp_path: Path) -> None:
    """It decided only the first of its rows."""
    path = tmp_path / "s.xlsx"
    heads = ["title_id", "decision", None, "reviewer", "note"]
    book = workbook(path, {"A": [heads, *([f"t{n}"] for n in range(1, 7))]})
    sheet = book["A"]
    sheet.merge_cells("B1:C1")
    # Ranges over two columns or rows, an empty one, and one beyond all rows.
    for place, text in (
        ("B2:C2", "none"),
        ("B4:B6", NURSES),
        ("D2:D6", "Jo"),
        ("D7:E7", "Al"),
        ("B7:C9", "none"),
        ("E4:E5", None),
    ):
        sheet[place.split(":")[0]] = text
        sheet.merge_cells(place)
    book.save(path)
    assert [(row[0], *row[2:3], *row[5:8]) for row in read_sheet(path)] == [
        (2, "t1", "none", "Jo", None),
        (3, "t2", None, "Jo", None),
        (4, "t3", NURSES, "Jo", None),
        (5, "t4", NURSES, "Jo", None),
        (6, "t5", NURSES, "Jo", None),
        (7, "t6", "none", "Al", "Al"),
    ]
    # A column that has its own values under a head over two columns would be lost.
    sheet.unmerge_cells("B7:C9")
    sheet["C3"] = "none"
    book.save(path)
    with pytest.raises(EngineError, match="has the column decision more than once"):
        read_sheet(path)


NO_TEXT = {
    "reviewer": [["Jo"], {"name": "Jo"}, True, 1.5],
    "note": [["see"], {}, False],
    "decision": [["none"], {"none": 1}, True],
}


def test_who_decides_and_what_is_a_text_in_json_lines(tmp_path: Path) -> None:
    """A list counted as a reviewer, by its JSON text."""
    row = {"title_id": 7, "decision": "none", "reviewer": 12, "note": None}
    wrong = [(name, value) for name, values in NO_TEXT.items() for value in values]
    lines = [row, row | {"note": 5, "Reviewer ": "Jo"}, *(row | {n: v} for n, v in wrong)]
    lines[1].pop("reviewer")
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = [(row[2], row[1]) for row in read_sheet(path)]
    assert told == [
        ("7", None),
        ("7", None),
        *(("7", f"its {n} is not text: {json.dumps(v, separators=(',', ':'))}") for n, v in wrong),
    ]
    assert [row[5:8] for row in read_sheet(path)][:2] == [("none", "12", None), ("none", "Jo", "5")]


def test_who_decides_and_what_is_a_text_in_a_workbook(tmp_path: Path) -> None:
    day, hour = datetime.datetime(2026, 5, 1), datetime.time(9, 30)
    rows: list[list[object]] = [
        [*HEADS, "note", "title"],
        [7, "none", 12, 5, day],
        [True, "none", "Jo", None, True],
        [1.5, "none", day, None, 2.5],
        [day, True, "Jo", None, "x"],
        [7, "none", "Jo", hour, "x"],
        [7, "none", 1.5, None, "x"],
        [7, "none", "Jo", datetime.timedelta(hours=30), "x"],
    ]
    workbook(tmp_path / "s.xlsx", {"A": rows})
    found = read_sheet(tmp_path / "s.xlsx")
    assert [(row[2], row[3], row[1]) for row in found] == [
        ("7", "2026-05-01 00:00:00", None),
        ("True", "True", None),
        ("1.5", "2.5", 'its reviewer is not text: {"datetime":"2026-05-01 00:00:00"}'),
        ("2026-05-01 00:00:00", "x", "its decision is not text: true"),
        ("7", "x", 'its note is not text: {"time":"09:30:00"}'),
        ("7", "x", 'its reviewer is not text: {"float":"1.5"}'),
        ("7", "x", 'its note is not text: {"timedelta":"1 day, 6:00:00"}'),
    ]
    assert found[0][5:8] == ("none", "12", "5")


UNSEEN = {
    # Invisible characters do not matter.
    "\ufeffnone": None,
    "no\u200bne\u2060": None,
    "\u00a0None\u3000": None,
    f"{NURSES}\u00a0=\u2003Registered nurses": None,
    "\ufeffbls_ooh:\u00adregistered-nurses\u200e": None,
    # Visible ones do, and the message says what was meant.
    '"none"': '"none" {neither}none',
    "„None“.": "„None“. {neither}none",
    f"'{NURSES}'": f"'{NURSES}' {{neither}}{NURSES}",
    f"“{NURSES} = Registered nurses”": f"“{NURSES} {{neither}}{NURSES}",
    f"{NURSES} = REGISTERED NURSES.": f"{NURSES} = REGISTERED NURSES. {{no choice}}{NURSES}",
    f"{NURSES} = Registered nurses or Cooks": f"{NURSES} = Registered nurses or Cooks {{more}}",
    "\u202e": "\\u202e is neither a source_ref of the evidence nor none",
    "\u200b": "\\u200b is neither a source_ref of the evidence nor none",
    "\u200bx\u0007": "x\\u0007 is neither a source_ref of the evidence nor none",
}
"""Decisions by what is told of them, None for what is taken."""
TOLD = {
    "neither": "is neither a source_ref of the evidence nor none; the nearest is ",
    "no choice": "is no choice of the row as it stands; the nearest is ",
    "more": "is more than one choice of the row; write one source_ref, or none",
}


def test_what_a_decision_has_that_cannot_be_seen_decides_nothing(root: RootDir) -> None:
    """It was reported as not one of the choices, in words that showed it as one."""
    titles = [f"t{n}" for n in range(len(UNSEEN) + 3)]
    root.title_rows(*({"title_id": name, "source_title": "Staff Nurse"} for name in titles))
    rows = [[name, word, "Jo"] for name, word in zip(titles, UNSEEN, strict=False)]
    others = [
        ["t1\u00a0", "none", "Jo"],
        [titles[-2], "none", "\u00a0\u200b"],
        [titles[-1], "none", "\u00a0rule:x"],
    ]
    sheet = as_saved(root.path / "s.csv", ",", [HEADS, *rows, *others])
    engine = ("--root", str(root.path))
    assert run_engine(*engine, "semantic-patch-replay").status == 0
    ended = run_engine(*engine, "import-review", str(sheet), "--name", "all")
    assert ended.status == 0, ended.err
    told = [told.format(**TOLD) if told else None for told in UNSEEN.values()]
    assert ended.out.splitlines()[1:-1] == [
        *(f"  left out, line {n + 2}, t{n}: {told}" for n, told in enumerate(told) if told),
        f"  left out, line {len(rows) + 2}, t1\\u00a0: there is no such title",
        f"  left out, line {len(rows) + 3}, {titles[-2]}: no reviewer is named",
        f"  left out, line {len(rows) + 4}, {titles[-1]}: a reviewer is a person, not a rule",
    ]
    proposed = root.path / "artifacts" / "proposals" / "all.jsonl"
    made = [json.loads(line) for line in proposed.read_text().splitlines()]
    assert {patch["title_id"]: patch["evidence_ref"] for patch in made} == {
        **dict.fromkeys(("t0", "t1", "t2"), "none"),
        **dict.fromkeys(("t3", "t4"), NURSES),
    }


DECLINED = ("declined held", "declined near")


@dataclass(frozen=True)
class Staged:
    """What the two stages report of each title before and after a person declined, by title."""

    mined: list[dict]
    reran: list[dict]
    explained: list[list[dict]]
    titles: dict[str, dict]
    """As replayed after the second rerun, which has accepted what it proposed."""
    others: list[tuple[dict, dict]]
    """By file what the stages have told before and after of all but the two titles."""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Mine and rerun, decline what is proposed for two titles, mine again, rerun and accept."""
    root = mined(tmp_path_factory.mktemp("staged") / "mined")

    def run(*command: str) -> str:
        ended = run_engine("--root", str(root.path), *command)
        assert ended.status == 0, ended.err
        return ended.out

    def told(
        stem: str, is_meant: Callable[[str], bool] = STAGED.__contains__
    ) -> dict[str, dict[str, dict]]:
        """Return the content of a stage's files, by title."""
        found = {}
        for path in sorted((root.path / "artifacts" / stem.partition("/")[0]).glob("*.jsonl")):
            lines = map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1])
            name = path.stem.removeprefix(stem.partition("/")[2])
            found[name] = {line["title_id"]: line for line in lines if is_meant(line["title_id"])}
        return found

    def told_of_others() -> list[dict]:
        return [told(stem, lambda title: title not in DECLINED) for stem in stages]

    def explained() -> list[dict]:
        return [
            told
            for told in json.loads(run("explain", "declined near", "--json"))["proposals"]
            if "source-ref-rerun" in told["file"]
        ]

    stages = ("mine-holds/hold_mining_v1", "source-ref-rerun/source_ref_rerun_v1")
    mined_before, reran_before = map(told, stages)
    others_before = told_of_others()
    chosen = zip((mined_before, reran_before), DECLINED, strict=True)
    ids = [f"--id={found['_proposals'][title]['patch_id']}" for found, title in chosen]
    run("decline-patches", *ids, "--reviewer", "a curator")
    explained_before = explained()
    run("mine-holds")
    mined_after = told(stages[0])
    accepted = run("source-ref-rerun", "--accept")
    assert "Accepted" in accepted
    assert "The lanes change with the next" not in accepted
    return Staged(
        [mined_before, mined_after],
        [reran_before, told(stages[1])],
        [explained_before, explained()],
        {r["title_id"]: r for r in root.records() if r["title_id"] in STAGED},
        [*zip(others_before, told_of_others(), strict=True)],
    )


def test_of_all_other_titles_a_stage_tells_by_notes_what_dbt_has_told(staged: Staged) -> None:
    """The root has hostile text, see `mined.py`, and the notes are those of `recorded.py`."""
    for before, after in staged.others:
        assert before[""]
        assert before == after


def test_what_is_declined_is_left_to_a_person_and_not_told_as_done(staged: Staged) -> None:
    """Otherwise a title with a declined source would be on no list, or in another lane."""
    held, near = DECLINED
    before, after = staged.mined
    assert [*before["_proposals"]] == [held]
    assert [*before["_review"]] == []
    assert [*after["_proposals"]] == []
    assert [*after["_review"]] == [held]
    (told,) = staged.explained[0]
    assert told["is_declined"]
    assert told["reason"].startswith("The best of its candidates is Roofers (Roofers, score 0.9")
    assert staged.explained[1] == []
    before, after = staged.reran
    agreeing = {name for name in STAGED if name.startswith("agrees")}
    assert {*before["_proposals"]} == {near, *agreeing}
    assert {*after["_proposals"]} == agreeing
    row = after[""][near]
    assert row["lane_after"] == row["lane_before"] == "source_ref_rerun"
    assert row["why"] == "A person has declined the best of its candidates."


def test_the_lane_that_a_rerun_foretells_is_the_one_that_the_replay_gives(staged: Staged) -> None:
    lane = ("runtime_lane", "lane_rule_id", "lane_reasons")
    after = ("lane_after", "lane_rule_after", "lane_reasons_after")
    foretold, titles = staged.reran[1][""], staged.titles
    assert [*foretold] == sorted({*STAGED} - {"declined held"})
    for name, told in foretold.items():
        assert [told[k] for k in after] == [titles[name][k] for k in lane], name
    assert (titles["strange"]["source_refs"], titles["strange"]["occupation_code"]) == ([], None)
    strange = {titles[name]["runtime_lane"] for name in titles if name.startswith("strange")}
    assert strange == {"source_ref_rerun"}
    assert titles["agrees"]["lane_rule_id"] == "clean"
    caveat = titles["agrees with a caveat"]
    assert (caveat["occupation_code"], caveat["caveats"]) == ("x", ["generic_title"])
    assert titles["agrees with a rejected patch"]["lane_rule_id"] == "has_rejected_patch"


def test_of_a_file_what_applies_is_taken_by_choice_and_the_rest_is_named(root: RootDir) -> None:
    engine = ("--root", str(root.path))
    root.title_rows(row("t1"), row("t2"))
    offered = root.path / "offer.jsonl"
    test = {"op": "test", "path": "/learner_title", "value": "Baker"}
    add = {"op": "add", "path": "/caveats/-", "value": "x"}
    lines = [patch("a", "t1"), patch("b", "t2", test, add), *["no JSON"] * 12]
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    offered.write_text("\n".join(text) + "\n")
    # dbt would do it after all, since a gate fails.
    ended = run_engine(*engine, "accept-patches", str(offered), anew=True)
    assert ended.status == 1
    assert "Nothing done." in ended.err
    assert not (root.path / "inputs" / "semantic_patches").exists()
    ended = run_engine(*engine, "accept-patches", str(offered), "--partial")
    assert ended.status == 0, ended.err
    failed = "test_failed at operation 0: the title has changed since; make the patch again"
    assert f"not accepted, line 2, t2, b: {failed}\n" in ended.out
    assert "not accepted, line 3: not JSON\n" in ended.out
    assert ("line 11: not JSON\n  and 3 more\n" in ended.out, "line 12" in ended.out) == (
        True,
        False,
    )
    (log,) = (root.path / "inputs" / "semantic_patches").iterdir()
    assert log.read_text() == text[0] + "\n"
    place = Root(root.path)
    found = files_called(place, place.input_files(), str(offered))
    assert found == [log.relative_to(place.inputs).as_posix()]
    assert offered.read_text().splitlines() == text


def test_what_was_declined_is_not_taken_of_a_file_until_that_is_taken_back(root: RootDir) -> None:
    engine = ("--root", str(root.path))
    root.title_rows(row("t1"), row("t2"))
    offered = root.path / "artifacts" / "proposals" / "offer.jsonl"
    offered.parent.mkdir(parents=True)
    # Of a person's own ids an ending says nothing.
    lines = [json.dumps(patch("b~3", "t1")), json.dumps(patch("b~2", "t2"))]
    offered.write_text("\n".join(lines) + "\n")
    log = root.path / "inputs" / "semantic_patches"

    def run(*command: str) -> str:
        ended = run_engine(*engine, *command)
        assert ended.status == 0, ended.err
        return ended.out

    run("decline-patches", "--id", "b~2", "--reviewer", "zoe", "--note", "no")
    told = run("accept-patches", str(offered))
    assert "patches: 1 applied\n" in told
    assert "not accepted, line 2, t2, b~2: it was declined; allow it with decline-patches" in told
    assert (log / "offer.jsonl").read_text() == lines[0] + "\n"
    told = run("accept-patches", str(offered))
    assert told.startswith("Nothing new: the log has every other patch of ")
    (alone := root.path / "alone.jsonl").write_text(lines[1])
    told = run("accept-patches", str(alone))
    assert told.startswith(
        f"Nothing is accepted of {alone}.\n  not accepted, line 1, t2, b~2: it was declined"
    )
    assert [path.name for path in log.iterdir()] == ["offer.jsonl"]
    run("decline-patches", "--id", "b~2", "--reviewer", "zoe", "--take-back")
    run("accept-patches", str(offered))
    assert (log / "offer-2.jsonl").read_text() == lines[1] + "\n"


def test_what_is_taken_again_is_another_only_where_it_was_undone_and_stays_as_it_was(
    root: RootDir,
) -> None:
    """By its ending a patch counted as another's, and what was undone could not be taken again."""
    engine = ("--root", str(root.path))
    root.title_rows(row("t1"), row("t2"), row("t3"))
    offered = root.path / "offer.jsonl"
    log = root.path / "inputs" / "semantic_patches"

    def run(*command: str) -> str:
        ended = run_engine(*engine, *command)
        assert ended.status == 0, ended.err
        return ended.out

    def accept(*lines: str) -> str:
        offered.write_text("".join(f"{line}\n" for line in lines))
        return run("accept-patches", str(offered))

    def undo(*ids: str) -> None:
        run("semantic-patch-replay")
        run("revert-patches", *(f"--id={one}" for one in ids))

    # A person's own: what they say beside is theirs, to the last digit.
    theirs = ', "weight":1.10,"sum":0.1234567890123456789,"n":1e2,"text":"1.10"'
    firsts = ["a", "a~1", "a~2", "id:5", "near-0123456789abcdef"]
    lines = [
        json.dumps(patch(name, "t1" if name.startswith("a") else "t2", patch_seq=n))[:-1]
        + theirs
        + "}"
        for n, name in enumerate(firsts)
    ]
    assert "patches: 5 applied" in accept(*lines)
    undo("a", "a~1", "id:5")
    told = accept(*lines)
    assert "patches: 3 applied, 2 duplicate" in told
    assert "3 of them had been undone and are accepted again" in told
    for again in ("a~3 of t1", "a~1~2 of t1", "id:5~2 of t2"):
        assert again in told
    made = {
        json.loads(one)["patch_id"]: one
        for one in (log / "offer-2.jsonl").read_text().split("\n")[:-1]
    }
    assert all(one.count(theirs.strip(", ").replace(" ", "")) == 1 for one in made.values()), made
    assert {one: json.loads(text)["patch_seq"] for one, text in made.items()}["a~3"] > 3
    # Offered under both of its ids, it comes once; so it does where the file has it twice.
    undo("a~3", "near-0123456789abcdef")
    told = accept(lines[0], made["a~3"], lines[4], lines[4])
    assert "patches: 2 applied, 2 duplicate" in told
    assert "a~4 of t1" in told
    assert "near-0123456789abcdef~2 of t2" in told


def test_a_patch_that_would_leave_half_or_undo_the_log_is_refused_with_a_word_of_the_other(
    root: RootDir,
) -> None:
    """Otherwise a caveat would name evidence that a title lacks, or a decision be rejected."""
    title = {"op": "test", "path": "/learner_title", "value": "Cook"}
    chef, baker = (
        {"op": "replace", "path": "/learner_title", "value": name} for name in ("Chef", "Baker")
    )
    root.title_rows(row("t1", source_refs=[]), row("t2"))
    root.patches(patch("later", "t2", title, chef, patch_seq=5))
    source = patch("source", "t1", {"op": "add", "path": "/source_refs/-", "value": NURSES})
    grade = {"op": "add", "path": "/caveats/-", "value": "grade_not_in_evidence"}
    caveat = patch("caveat", "t1", grade, patch_seq=2, evidence_ref="with source")
    offered = root.path / "offer.jsonl"

    def accept(*patches: dict, anew: bool = True) -> tuple[int, str]:
        offered.write_text("".join(json.dumps(one) + "\n" for one in patches))
        ended = run_engine("--root", str(root.path), "accept-patches", str(offered), anew=anew)
        return ended.status, ended.err

    status, told = accept(caveat)
    assert status == 1
    assert "grade_not_in_evidence speaks of evidence" in told
    assert "it belongs with source" in told
    status, told = accept(patch("earlier", "t2", baker))
    assert status == 1
    assert "it comes before later of the log" in told
    assert len(list((root.path / "inputs" / "semantic_patches").iterdir())) == 1
    assert accept(caveat, source, anew=False) == (0, "")


def test_no_rule_writes_over_what_a_person_has_written_or_taken_away(root: RootDir) -> None:
    """Also for patches written by hand instead of a sheet: they are a person's decision too."""

    def write(member: str, value: object) -> dict:
        return {"op": "replace", "path": f"/{member}", "value": value}

    nurse = {"source_title": "Registered Nurse"}
    titles = {
        "coded": ({**nurse, "source_refs": []}, [write("occupation_code", "SOC-2231")]),
        "stripped": ({**nurse, "source_refs": [NURSES]}, [write("source_refs", [])]),
        "not sure": (
            {**nurse, "source_refs": [NURSES], "candidate_source_refs": [NURSES]},
            [{"op": "remove", "path": "/source_refs/0"}],
        ),
        "moved": (
            {**nurse, "source_refs": [NURSES]},
            [{"op": "move", "from": "/source_refs/0", "path": "/candidate_source_refs/-"}],
        ),
        "uncoded": (
            {**nurse, "source_refs": [], "occupation_code": "X"},
            [write("occupation_code", None)],
        ),
        "one job": (
            {"source_title": "Barista / Cashier", "caveats": ["compound_title"]},
            [write("caveats", [])],
        ),
        "a job": (
            {"source_title": "General Application", "hold_reason": "legacy"},
            [write("hold_reason", None)],
        ),
        "rejected": (
            {**nurse, "source_refs": []},
            [{"op": "test", "path": "/learner_title", "value": "x"}, write("source_refs", [])],
        ),
    }
    root.title_rows(*(row(name, **members) for name, (members, _) in titles.items()))
    root.patches(*(patch(f"p {name}", name, *ops) for name, (_, ops) in titles.items()))
    engine = ("--root", str(root.path))
    for command in ("semantic-patch-replay", "mine-holds", "source-ref-rerun", "propose-patches"):
        ended = run_engine(*engine, command)
        assert ended.status == 0, ended.err
    artifacts = root.path / "artifacts"

    def proposed(place: str) -> dict[str, list[str]]:
        """What is written, by title."""
        (path,) = artifacts.glob(place)
        written: dict[str, list[str]] = {}
        for one in map(json.loads, path.read_text().splitlines()):
            ops = [op for op in one["ops"] if op["op"] != "test"]
            written.setdefault(one["title_id"], []).extend(op["path"] for op in ops)
        return written

    ref, code = "/source_refs/-", "/occupation_code"
    mining = {"coded": [ref], "uncoded": [ref], "rejected": [ref, code]}
    assert proposed("mine-holds/*_proposals.jsonl") == mining
    assert proposed("source-ref-rerun/*_proposals.jsonl") == {}
    assert proposed("proposals/*.jsonl") == mining
    mined_rows = (artifacts / "mine-holds" / "hold_mining_v1.jsonl").read_text().splitlines()
    verdicts = {one["title_id"]: one["verdict"] for one in map(json.loads, mined_rows)}
    assert verdicts["stripped"] == "reviewed"
    rerun = (artifacts / "source-ref-rerun" / "source_ref_rerun_v1.jsonl").read_text()
    assert {
        one["title_id"]: one["why"] for one in map(json.loads, rerun.splitlines())
    } == dict.fromkeys(["moved", "not sure"], "A person has written what it rests on.")


WORDS = [NURSES, "bls_ooh:lawyers", "bls_ooh:actuaries", "none"]


def test_each_title_ends_as_the_last_word_on_it_says(
    root: RootDir, compiled: CompiledReplay
) -> None:
    """Many titles at once, each with its own history: decided, undone, decided again.

    The engine's SQL functions replay what an undo needs, and the models' own SQL its consequences.
    """
    drawn = random.Random(20)
    titles = [f"t{number}" for number in range(24)]
    root.title_rows(*({"title_id": name, "source_title": "Staff Nurse"} for name in titles))
    engine = ("--root", str(root.path))
    # By file: each title's decisions in force, one patch each.
    stands: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in titles}

    def run(*arguments: str) -> None:
        ended = run_engine(*engine, *arguments)
        assert ended.status == 0, (arguments, ended.err)

    def decide(name: str, words: dict[str, str]) -> None:
        sheet = root.path / f"{name}.csv"
        rows = [f"{title};{word};{name}\n" for title, word in words.items()]
        sheet.write_text("Title_ID;decision;REVIEWER\n" + "".join(rows))
        run("import-review", str(sheet), "--name", name)
        proposed = root.path / "artifacts" / "proposals" / f"{name}.jsonl"
        for line in proposed.read_text().splitlines():
            made = json.loads(line)
            stands[made["title_id"]][name] = (made["patch_id"], words[made["title_id"]])
        run("accept-patches", str(proposed))

    def undo() -> None:
        ids = []
        for title in drawn.sample(titles, 16):
            if stands[title]:
                ids.append(stands[title].pop(drawn.choice([*stands[title]]))[0])
        run("revert-patches", *(part for name in ids for part in ("--id", name)))

    def undo_file(name: str) -> None:
        for words in stands.values():
            words.pop(name, None)
        by = ("--author", "Jo", "--reason", "A wrong one.")
        run("revert-patches", "--file", f"{name}.jsonl", *by)

    def replayed() -> list[dict]:
        run("semantic-patch-replay")
        return root.records()

    def computed() -> list[dict]:
        with compiled.run(Root(root.path)) as connection:
            return compiled.records(connection, STEM)

    def as_said(records: list[dict]) -> None:
        for record in records:
            words = [word for _, word in stands[record["title_id"]].values()]
            word = words[-1] if words else None
            refs = [word] if word not in (None, "none") else []
            assert record["source_refs"] == refs, (record, stands[record["title_id"]])
            codes = [ref.removeprefix("bls_ooh:") for ref in refs]
            assert record["occupation_code"] == (codes[0] if codes else None), record
            held = "reviewed: no source fits" if word == "none" else None
            assert record["hold_reason"] == held, record

    first = {title: drawn.choice(WORDS) for title in titles}
    decide("one", first | {"t0": NURSES, "t1": NURSES})
    second = {title: drawn.choice(WORDS) for title in drawn.sample(titles[2:], 14)}
    decide("two", second | {"t0": "none", "t1": "none"})
    as_said(replayed())
    # Revert what an undo would change, and nothing of a decision that a newer one replaced.
    for name, changed in (("one", []), ("two", ["t0"])):
        ended = run_engine(*engine, "impact", "--id", stands["t0"][name][0], "--json")
        assert [r["title_id"] for r in json.loads(ended.out)["first_rows"]] == changed, ended
    for file in ("nosuch.jsonl", "one"):
        assert run_engine(*engine, "revert-patches", "--file", file).status == 2
    # Also what was decided twice, what a later decision replaced, and at the end that one too.
    undo_file("one")
    as_said(computed())
    decide("three", {title: drawn.choice(WORDS) for title in drawn.sample(titles[2:], 18)})
    as_said(replayed())
    undo()
    as_said(replayed())
    undo_file("two")
    assert not stands["t0"]
    as_said(computed())


def test_an_undo_comes_behind_what_it_undoes_or_is_refused(
    root: RootDir, compiled: CompiledReplay
) -> None:
    """Otherwise it would come first, be rejected by the next replay, and be reported as done."""
    last = 2**63 - 1
    places = {"t1": 9223372036854000001, "t2": last - 1, "t3": last}
    root.title_rows(*map(row, places))
    root.patches(*(patch(f"z-{name}", name, patch_seq=seq) for name, seq in places.items()))
    assert root.replay().status == 0

    def undo(*names: str) -> Ended:
        ids = [part for name in names for part in ("--id", f"z-{name}")]
        return run_engine("--root", str(root.path), "revert-patches", *ids)

    refused = undo(*places)
    assert refused.status == 2
    assert "Nothing is reverted." in refused.err
    told = f"t3: no patch_seq is left after z-t3 of the log, which has {last}: give that patch a"
    assert told in refused.err
    assert [path.name for path in (root.path / "inputs" / "semantic_patches").iterdir()] == [
        "log.jsonl"
    ]
    assert "Reverted 2 patches of 2 titles" in undo("t1", "t2").out
    with compiled.run(Root(root.path)) as connection:
        caveats = {r["title_id"]: r["caveats"] for r in compiled.records(connection, STEM)}
    assert caveats == {"t1": [], "t2": [], "t3": ["compound_title"]}
    # Patches that were undone follow their undo when they are accepted again.
    offered = root.path / "inputs" / "semantic_patches" / "log.jsonl"
    again = run_engine("--root", str(root.path), "accept-patches", str(offered), "--partial")
    assert "patches: 1 applied, 1 duplicate" in again.out
    assert "t2, z-t2~2: no patch_seq is left after" in again.out


def test_a_key_that_is_a_number_or_its_digits_is_the_same_in_rows_and_in_what_is_offered(
    root: RootDir,
) -> None:
    """Both rows were set aside as differing, and the patch was reported as another one."""
    rows = [{"id": key, "title_id": 1, "source_title": "Cook"} for key in (6, "6")]
    # A field that is not a key keeps its type.
    rows += [{"id": 7, "title_id": other, "source_title": "Cook"} for other in (1, "1")]
    note = {"op": "add", "path": "/caveats/-", "value": "x"}
    root.title_rows(*rows).patches(patch("p", "6", note))
    ended = root.replay("--vars", json.dumps({"title_row_columns": {"id": "title_id"}}))
    assert ended.status == 0, ended.err
    assert [record["title_id"] for record in root.records()] == ["6"]
    for key, told in ((6, "Nothing new"), (7, "patch_id_conflict: the log has another patch")):
        offered = root.path / f"{key}.jsonl"
        offered.write_text(json.dumps(patch("p", key, note)))
        ended = run_engine("--root", str(root.path), "accept-patches", str(offered), anew=True)
        assert told in ended.out + ended.err


def test_of_two_reviewers_each_has_patches_of_their_own_and_what_applies_can_be_taken(
    root: RootDir,
) -> None:
    """The second file was refused as a duplicate, and --partial suggested, which did nothing."""
    root.title_rows(*({"title_id": f"t{n}", "source_title": "Staff Nurse"} for n in (1, 2, 3)))
    proposals = root.path / "artifacts" / "proposals"

    def run(*command: str, status: int = 0) -> str:
        ended = run_engine("--root", str(root.path), *command, anew=bool(status))
        assert ended.status == status, ended.err
        return ended.out + ended.err

    def accept(name: str, *options: str, status: int = 0) -> str:
        return run("accept-patches", str(proposals / f"{name}.jsonl"), *options, status=status)

    def decided(name: str, decisions: dict[str, str]) -> list[dict]:
        rows = "".join(f"{title},{word},{name}\n" for title, word in decisions.items())
        (root.path / f"{name}.csv").write_text(f"title_id,decision,reviewer\n{rows}")
        run("import-review", str(root.path / f"{name}.csv"), "--name", name)
        text = (proposals / f"{name}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def offer(name: str, *patches: dict) -> None:
        (proposals / f"{name}.jsonl").write_text("".join(json.dumps(p) + "\n" for p in patches))

    def status_of(name: str) -> list[str]:
        told = call_engine("--root", str(root.path), "status").out.splitlines()
        return [line.partition(f"{name}.jsonl; ")[2] for line in told if f"{name}.jsonl;" in line]

    run("semantic-patch-replay")
    ann = decided("ann", {"t1": NURSES, "t2": "none"})
    bob = decided("bob", {"t1": NURSES, "t2": NURSES, "t3": NURSES})
    assert ann[0]["ops"] == bob[0]["ops"]
    assert ann[0]["patch_id"] != bob[0]["patch_id"]
    accept("ann")
    run("semantic-patch-replay")
    offer("late", bob[1])
    told = call_engine("--root", str(root.path), "status").out
    assert f"no longer applies as it is, 2: {proposals / 'bob.jsonl'}; 1 does" in told
    assert status_of("late") == ["make it again (import-review, propose-patches) or remove it"]
    told = accept("bob", status=1)
    assert "of the log, which would then be rejected; import its sheet again" in told
    assert "1 of 3 patches can be accepted: " in told
    assert "can be accepted" not in accept("late", "--partial", status=1)
    assert status_of("bob") == ["1 does: accept-patches --partial"]
    assert status_of("late") == ["make it again (import-review, propose-patches) or remove it"]
    # Its outcome in the log is shown when it is offered.
    source = {"op": "replace", "path": "/source_refs", "value": [NURSES]}
    offer("early", patch("early", "t2", source, patch_seq=0))
    assert status_of("early") == []
    accept("early", status=1)
    assert status_of("early") == ["make it again (import-review, propose-patches) or remove it"]
    offer("other", ann[0] | {"author": "cy"})
    told = accept("other", status=1)
    assert "patch_id_conflict: the log has another patch of this id" in told
    assert "duplicate" not in told
    assert "not accepted, line 2, t2" in accept("bob", "--partial")
    # After all patches of the log, it meets a title other than the one it was made for.
    changed = "test_failed at operation 4: the title has changed since; "
    for name, author, step in (
        (bob[1]["patch_id"], "bob", "import its sheet again, under another --name"),
        ("p", "rule:grade", "propose-patches again, under another --name"),
        ("h", "rule:hold_mining", "mine-holds again"),
        ("r", "rule:source_ref_rerun", "source-ref-rerun again"),
    ):
        offer("behind", bob[1] | {"patch_id": name, "author": author, "patch_seq": 99})
        assert changed + step in accept("behind", status=1)
    run("semantic-patch-replay")
    told = run("revert-patches", "--file", "ann.jsonl")
    assert "Reverted 2 patches of 2 titles, from semantic_patches/ann.jsonl\n" in told
    assert "ann.jsonl" not in call_engine("--root", str(root.path), "status").out
    told = accept("ann")
    assert "patches: 2 applied\n  2 of them had been undone and are accepted again" in told
    assert f"{ann[0]['patch_id']}~2 of {ann[0]['title_id']}" in told
    # By the name under which it was first accepted, whatever its name in the log is now.
    run("semantic-patch-replay")
    assert "Reverted 1 patch of 1 title" in run("revert-patches", "--id", ann[0]["patch_id"])


def test_a_line_that_is_no_decline_is_named_and_stops_nothing(root: RootDir) -> None:
    root.write("declined_patches/a.jsonl", b'{"patch_id": 7}\n{"patch_id": "p1"}\nrubbish\n')
    with duckdb.connect() as connection:
        connection.execute(INPUTS_SCHEMA)
        wrong = load_declined(connection, Root(root.path), 1 << 20)
        left = connection.execute("select text from inputs.lines").fetchall()
    assert [line.split(": left out")[0] for line in wrong] == [
        "declined_patches/a.jsonl, line 1",
        "declined_patches/a.jsonl, line 3",
    ]
    assert left == [('{"patch_id": "p1"}',)]


def test_what_is_declined_is_the_same_to_all_that_ask(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`status` advised for ever to accept what was declined, and a take-back did not know it."""
    monkeypatch.setattr("aina_data_engine.waiting._applying", lambda *_: 0)
    near, own = "near-0123456789abcdef", {"author": "rule:x"}
    root.title_rows(row()).patches(
        patch(near, author="rule:near"), patch("a", **own), patch("a~2", **own)
    )
    place = Root(root.path)
    (place.artifacts / "proposals").mkdir(parents=True)
    offered = place.artifacts / "proposals" / "b.jsonl"
    ids = [f"{near}~2", "a~3", "rule:x"]
    offered.write_text("".join(json.dumps(patch(one)) + "\n" for one in ids))
    log = [file for file in place.input_files() if file.input == "semantic_patches"]

    def asked(*ids: str, back: bool = False, rules: tuple[str, ...] = ()) -> list[str]:
        file = None if ids or rules else offered
        return decline(place, Decline(file, ids, rules, "Jo", "", back)).splitlines()

    def waiting() -> set[str]:
        with duckdb.connect() as connection:
            read_log(connection, place, 1 << 20)
            told = {
                p.patch_id
                for p in proposals_for(connection, place, "t1", 1 << 20)
                if not p.is_declined
            }
        assert sum(file.count for file in waiting_files(place, [], log, 1 << 20)) == len(told)
        return told

    done, _, then = asked(near)
    assert (done, then) == ("Declined 1 patch", "  Not proposed again from now on.")
    assert waiting() == {"a~3", "rule:x"}
    assert asked(f"{near}~2") == ["Nothing new: these patches are declined already."]
    assert asked(f"{near}~2", back=True)[0] == "Took back the decline of 1 patch"
    assert waiting() == {*ids}
    assert asked(near, back=True) == ["Nothing new: these patches are not declined."]
    # What a person's patch was taken again as is meant with it; another is not, whatever its id.
    done, _, then = asked("a~2")
    assert (done, then) == ("Declined 2 patches", "  Not proposed again from now on.")
    assert waiting() == {*ids}
    assert asked("a", back=True)[0] == "Took back the decline of 2 patches"
    asked()
    assert waiting() == set()
    asked(back=True)
    # What was declined twice is taken back whole.
    for name in ("c.jsonl", "d.jsonl"):
        (place.inputs / "declined_patches" / name).write_text(
            json.dumps({"patch_id": ids[0]}) + "\n"
        )
    assert waiting() == {*ids[1:]}
    assert asked(ids[0], back=True)[0] == "Took back the decline of 2 patches"
    assert waiting() == {*ids}
    # A rule, by its name or as an author, and a patch that is called like one.
    for rule in ("near", "rule:near"):
        assert asked(rules=(rule,))[0] == "Declined 1 patch"
        assert asked(rules=(rule,), back=True)[0] == "Took back the decline of 1 patch"
    assert asked("rule:x")[0] == "Declined 1 patch"
    with pytest.raises(EngineError, match=r"^No patch rule:y is .* Did you mean rule:x"):
        asked("rule:y")
    with pytest.raises(EngineError, match=r"^No rule neat is .* Did you mean near"):
        asked(rules=("rule:neat",))


def test_what_is_kept_back_of_a_file_is_told_with_its_own_reason() -> None:
    rows = """
    (1, 't1', 'a', null, null, 'declined', false, false),
    (2, 't1', 'b', null, null, 'applied', true, false),
    (3, 't1', 'c', null, null, 'applied', false, false),
    (4, 't1', 'd', 'not JSON', null, null, false, false),
    (5, 't1', 'e', null, null, 'applied', false, true),
    (6, 't1', 'f', null, null, 'duplicate', false, false)
    """
    columns = "line_number, title_id, patch_id, problem, x, outcome, is_superseded, is_taken"
    with duckdb.connect() as connection:
        connection.execute(
            f"create table offered_patch_outcomes as from (values {rows}) as t ({columns})"
        )
        told = [line.partition(", t1, ")[2] for line in _kept_back(connection)]
    assert told == [
        "a: it was declined; allow it with decline-patches --take-back",
        "b: a newer decision about the title has replaced it; import its sheet again",
        "c: it follows a patch of the title that is not accepted",
        "d: not JSON",
    ]


def test_a_file_to_decline_that_is_none_or_empty_is_told(root: RootDir) -> None:
    root.title_rows(row())
    (root.path / "loop.jsonl").symlink_to("loop.jsonl")
    os.mkfifo(root.path / "pipe.jsonl")
    (root.path / "empty.jsonl").touch()
    told = {"nowhere": "is not a file.", "loop": "is not a file.", "pipe": "is not a file."}
    for name, words in told.items():
        for command in ("accept-patches", "decline-patches --reviewer Jo"):
            file = root.path / f"{name}.jsonl"
            ended = call_engine("--root", str(root.path), *command.split(), str(file))
            assert (ended.status, ended.err) == (2, f"aina-data-engine: {file} {words}\n")
    asked = Decline(root.path / "empty.jsonl", [], [], "Jo", "", False)
    assert decline(Root(root.path), asked) == f"{asked.file} contains no patch."


def test_what_cannot_be_added_is_told_with_its_place_and_what_to_do(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.title_rows(row()).patches(patch())
    log = root.path / "inputs" / "semantic_patches" / "log.jsonl"
    place = Root(root.path)
    place.artifacts.mkdir()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), ".log.jsonl.next")

    monkeypatch.setattr(os, "fsync", full)
    added = {
        "inputs/declined_patches": lambda: decline(
            place, Decline(None, ["p1"], [], "Jo", "", False)
        ),
        "inputs/semantic_patches": lambda: add_to_log(place, log),
        "artifacts/proposals": lambda: write_proposals(place, log, "p"),
    }
    for name, add in added.items():
        with pytest.raises(EngineError) as caught:
            add()
        assert str(caught.value) == (
            f"{root.path / name} cannot be written (No space left on device): nothing was added"
            " there. The user who runs the build needs write permission and free space there."
        )
        assert [*(root.path / name).iterdir()] == ([log] if log.parent.name in name else [])
