"""What a person decides: the newest word counts, and every word can be taken back."""

import json
from pathlib import Path

import duckdb
from conftest import RootDir, run_engine
from hypothesis import given
from hypothesis import strategies as st

from aina_data_engine.cells import guarded, read_back
from aina_data_engine.workbook import read_workbook, write_review

NURSES = "bls_ooh:registered-nurses"


@given(st.text(alphabet="'=+-@\t\r\n \"＝x", max_size=6))
def test_no_cell_is_a_formula_and_all_come_back(text: str) -> None:
    cell, back = duckdb.execute(
        f"select {guarded('t')} as cell, {read_back('cell')} from (select ? as t)", (text,)
    ).fetchall()[0]
    assert back == text
    assert cell[:1] not in tuple("=+-@\t\r＝")


def test_a_workbook_keeps_ids_as_they_are_and_its_bytes(tmp_path: Path) -> None:
    ids = ["007", "7", "=1+1", " pad ", "3E5", "\x01", "_x0041_"]
    row = {"title": "T", "choices": ["bls:1 = A"], "decision": None, "reviewer": None, "note": None}
    lines = "".join(json.dumps({"title_id": i, **row}) + "\n" for i in ids)
    (tmp_path / "r.jsonl").write_text(lines)
    for name in ("a.xlsx", "b.xlsx"):
        assert write_review(tmp_path / "r.jsonl", tmp_path / name) == len(ids)
    heads, rows = read_workbook(tmp_path / "a.xlsx")
    assert heads[:2] == ["title_id", "title"]
    assert [cells[0] for _, cells in rows] == ids
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_newest_decision_stands_alone_and_undoing_each_leads_back(root: RootDir) -> None:
    root.title_rows({"title_id": "t1", "source_title": "Staff Nurse"})
    engine = ("--root", str(root.path))

    def decide(decision: str, name: str) -> None:
        sheet = root.path / f"{name}.csv"
        sheet.write_text(f"Title_ID;decision;REVIEWER\nt1;{decision};{name}\n")
        assert run_engine(*engine, "import-review", str(sheet), "--name", name).status == 0
        proposed = root.path / "artifacts" / "proposals" / f"{name}.jsonl"
        assert run_engine(*engine, "accept-patches", str(proposed)).status == 0
        assert root.replay().status == 0

    def state() -> tuple:
        (row,) = root.records()
        return row["source_refs"], row["occupation_code"], row["hold_reason"]

    decide(NURSES, "one")
    decide("none", "two")
    assert state() == ([], None, "reviewed: no source fits")
    for file in ("nosuch.jsonl", "one"):
        assert run_engine(*engine, "revert-patches", "--file", file).status == 2
    assert run_engine(*engine, "revert-patches", "--file", "one.jsonl").status == 0
    assert root.replay().status == 0
    assert state() == ([], None, "reviewed: no source fits")
    undo = ("--author", "Jo", "--reason", "A wrong one.")
    assert run_engine(*engine, "revert-patches", "--file", "two.jsonl", *undo).status == 0
    assert root.replay().status == 0
    assert state() == ([], None, None)
    decide(NURSES, "three")
    assert state() == ([NURSES], "registered-nurses", None)
