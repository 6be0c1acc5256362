"""Every gate of the loop can fail, and is reported; then nothing is published or proposed."""

import csv
import io
import json
import re
import warnings
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest
from compiled import CompiledReplay
from conftest import STEM, Ended, RootDir, call_engine, copy_of_project, patch, row, run_engine
from jsonschema import Draft202012Validator
from mined import LINES_OF_A_SHEET, mined, told_of
from test_bad_project import spoil
from test_decisions import read_sheet
from test_harvest import ALTERNATE, ESCO, ONET_27, put

from aina_data_engine import export
from aina_data_engine.errors import EngineError
from aina_data_engine.root import Root

SOURCE = "bls_ooh:cooks"
UNKNOWN = {"title_id": "nobody", "decision": "none", "reviewer": "a curator"}


def fails(root: RootDir, gates: set[str], *command: str) -> Ended:
    # dbt would do it after all, since a gate fails.
    ended = run_engine("--root", str(root.path), *command, anew=True)
    assert ended.status == 1, ended.out
    left = "done" if command[0] == "propose-patches" else "published; what was published before"
    assert f"Nothing {left}" in ended.err
    assert gates <= {line.strip() for line in ended.err.splitlines()}
    return ended


@pytest.fixture(scope="module")
def with_caveats(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """Return a root, replayed, with a caveat that is in the catalogue, and one that is not."""
    root = RootDir(tmp_path_factory.mktemp("caveats") / "root")
    codes = {"t1": "unheard_of", "t2": "compound_title"}
    root.title_rows(*(row(t, source_refs=[SOURCE], caveats=[code]) for t, code in codes.items()))
    assert root.replay().status == 0
    return root


def test_a_caveat_without_a_sentence_for_learners_is_not_served(with_caveats: RootDir) -> None:
    root = with_caveats
    ended = fails(root, {"every_caveat_is_in_the_catalogue"}, "caveat-fixtures")
    assert '{"title_id":"t1","code":"unheard_of"}' in ended.err
    assert not (root.path / "artifacts" / "caveat-fixtures").exists()


def without(project: Path, seed: str, column: str, value: str) -> None:
    """Remove the rows of a seed that have the value in the column."""
    path = project / "seeds" / f"{seed}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    place = head.index(column)
    kept = [row for row in rows if row[place] != value]
    assert len(kept) < len(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *kept])


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project without a rule, the labels of another, and a caveat.

    Its fixtures break their schema.
    """
    project = copy_of_project(tmp_path_factory.mktemp("spoilt") / "project")
    model = "models/stages/fixtures/caveat_runtime_fixtures_v1.sql"
    spoil(project, model, "serve := true", "serve := false")
    without(project, "caveat_catalogue", "code", "grade_not_in_evidence")
    without(project, "title_rule_steps", "rule_id", "abbreviation")
    without(project, "labelled_titles", "rule_id", "season")
    return project


def test_a_fixture_that_breaks_its_schema_is_not_served(
    with_caveats: RootDir, spoilt: Path
) -> None:
    root = with_caveats
    ended = root.build("--selector", "caveat-fixtures", project=spoilt)
    assert ended.status == 1
    assert "fixtures_fit_their_schema" in ended.out
    assert '{"line_number":1,"place":"$.must.serve","message":"True was expected"}' in ended.out
    assert not (root.path / "artifacts" / "caveat-fixtures").exists()


FIXTURE = {
    "title_id": "t1",
    "learner_title": "Cook",
    "occupation_code": None,
    "occupation_title": "Cooks",
    "caveats": [{"code": "c", "severity": "info", "learner_text": "A caveat."}],
    "must": {"serve": True, "show_caveats": ["c"], "claim_packet": False},
}
SPOILT = [
    *(
        {name: value}
        for name in FIXTURE
        for value in ("", " ", "\u00a0", "é", "7", None, 1.10, [], {})
    ),
    {"another": "member"},
    {"caveats": FIXTURE["caveats"] * 2},
    {"must": FIXTURE["must"] | {"serve": 1}},
]


def test_a_caveat_without_a_sentence_for_learners_is_not_proposed(
    root: RootDir, spoilt: Path
) -> None:
    """It stopped caveat-fixtures only, after it had been accepted."""
    root.title_rows({"title_id": "t1", "source_title": "Senior Roofer"})
    ended = root.build("--selector", "propose-patches", project=spoilt)
    assert ended.status == 1
    assert "added_caveats_are_in_the_catalogue" in ended.out
    assert '"code":"grade_not_in_evidence"' in ended.out
    assert not (root.path / "artifacts" / "proposals").exists()


def test_lines_are_held_against_a_schema_as_by_its_validator_one_by_one(tmp_path: Path) -> None:
    """Free text is looked at once: none that is blank, missing or no text may pass for it."""
    records = [FIXTURE | spoilt for spoilt in (*SPOILT, {"title_id": "t2"}, *SPOILT)]
    records += [{k: v for k, v in FIXTURE.items() if k != name} for name in FIXTURE]
    file = tmp_path / "fixtures.jsonl"
    lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    name = "caveat_runtime_fixtures_v1.schema.json"
    with duckdb.connect() as database:
        database.execute(export.SCHEMA)
        database.execute(
            "insert into engine.exported_files (relation, longest_line) values ('fixtures', ?)",
            (max(map(len, lines)) * 4,),
        )
        export.validate(database, file, name)
        found = database.execute("from engine.schema_violations").fetchall()
    validator = Draft202012Validator(json.loads((tmp_path / name).read_text(encoding="utf-8")))
    wanted = [
        (number, error.json_path, error.message)
        for number, record in enumerate(records, 1)
        for error in validator.iter_errors(record)
    ]
    assert sorted(found) == sorted(wanted)
    assert {number for number, *_ in found} < set(range(1, len(records) + 1))


def test_much_residual_noise_proposes_nothing_and_little_is_let_pass(root: RootDir) -> None:
    """Two kinds: one title more than is allowed of the one, as many as are allowed of the other."""
    much = [f"Cook (part ({n}" for n in range(21)]
    little = [f"R&D; Chemist {n}" for n in range(20)]
    titles = enumerate([*much, *little])
    root.title_rows(*({"title_id": f"t{n}", "source_title": title} for n, title in titles))
    ended = fails(root, {"residual_noise_is_rare"}, "propose-patches")
    assert not (root.path / "artifacts" / "proposals").exists()
    assert ended.err.count('"noise_class":') == 1
    assert '"noise_class":"unbalanced_bracket","noisy_titles":21,"allowed_titles":20' in ended.err
    with duckdb.connect(root.path / "artifacts" / "engine_room.duckdb", read_only=True) as left:
        counts = left.execute("select noise_class, count(*) from residual_noise group by 1")
        assert dict(counts.fetchall()) == {"unbalanced_bracket": 21, "html_entity": 20}


def test_of_a_review_that_cannot_be_taken_each_line_is_told(tmp_path: Path) -> None:
    *_, ended = told_of(mined(tmp_path / "mined"))
    assert ended.status == 2
    for number, told in enumerate(LINES_OF_A_SHEET.values(), 2):
        assert re.search(f"line {number}(, |: ){re.escape(told)}", ended.err), (told, ended.err)
    assert "ublished" not in ended.err


def test_a_sheet_of_json_lines_that_is_none_is_told_by_line_or_as_a_whole(tmp_path: Path) -> None:
    """How flawed lines and refused sheets are reported is tested with CSV here."""
    sheet = tmp_path / "s.jsonl"
    sheet.write_text(f"{json.dumps(UNKNOWN)}\nno JSON\n")
    assert [(number, flaw) for number, flaw, *_ in read_sheet(sheet)] == [
        (1, None),
        (2, "not JSON"),
    ]
    sheet.write_text('{"title_id": "t1"}\n')
    with pytest.raises(EngineError, match="no line has a member decision, reviewer"):
        read_sheet(sheet)
    twice = '{"title_id": "t1", "decision": "none", "%s": "bls_ooh:cooks", "reviewer": "Jo"}\n'
    sheet.write_text(twice % "decision" + twice % "Decision " + twice % "mine")
    assert [flaw for _, flaw, *_ in read_sheet(sheet)] == [*["a key stands twice"] * 2, None]


def test_a_workbook_that_has_a_column_twice_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["title_id", "decision", "reviewer", "Decision"])
    book.active.append(["t1", "none", "Jo", "bls_ooh:cooks"])
    book.save(tmp_path / "s.xlsx")
    with pytest.raises(EngineError, match="has the column decision more than once"):
        read_sheet(tmp_path / "s.xlsx")


def workbook() -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["title_id", "decision", "reviewer"])
    book.worksheets[0].append(["t1", "none", "Jo"])
    book.save(content)
    return content.getvalue()


def with_part(name: str, old: str, new: str) -> bytes:
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as parts,
        zipfile.ZipFile(changed, "w") as new_ones,
    ):
        for part in parts.namelist():
            text = parts.read(part)
            if part.endswith(name):
                assert re.search(old.encode(), text)
                text = re.sub(old.encode(), new.encode(), text)
            new_ones.writestr(part, text)
    return changed.getvalue()


def with_entries(place: int, value: int) -> bytes:
    """Return a workbook in whose list of parts another byte of each entry is changed."""
    return re.sub(b"(?s)(PK\x01\x02.{%d})." % (place - 4), b"\\g<1>%c" % value, workbook())


DAMAGED = {
    "bytes": re.sub(
        b"(?s)(PK\x03\x04.{26}xl/worksheets/sheet1.xml).{40}", rb"\1" + b"\xff" * 40, workbook()
    ),
    "half of it": workbook()[:2000],
    "encrypted": with_entries(8, 1),
    "another compression": with_entries(10, 99),
    "a style that is none": with_part("styles.xml", 'numFmtId="0"', 'numFmtId="x"'),
    "a text that is nowhere": with_part("sheet1.xml", 't="inlineStr">', 't="s"><v>9</v>'),
    "a range that is none": with_part(
        "sheet1.xml", "</sheetData>", '</sheetData><mergeCells><mergeCell ref="x"/></mergeCells>'
    ),
    "a row that no sheet has": with_part("sheet1.xml", '<row r="2"', '<row r="200000000"'),
    "a row that is no number": with_part("sheet1.xml", '<row r="2"', '<row r="x"'),
}
OUT_OF_ORDER = {
    "a row before the one above": (
        '(<row r="1".*</row>)(<row r="2".*</row>)',
        r"\2\1",
        "row 1 comes after row 2",
    ),
    "a row twice": ('<row r="2"', '<row r="1"', "row 1 comes after row 1"),
    "a cell before the one on its left": ('r="B2"', 'r="E2"', "cell 3 of row 2 comes after cell 5"),
    "a cell twice": ('r="C2"', 'r="B2"', "cell 2 of row 2 comes after cell 2"),
}
FORMULA = '<c r="C2" t="str"><f>IF(D2="","",D2)</f>{}</c>'


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_workbook_is_told_in_a_sentence_with_its_name(tmp_path: Path, how: str) -> None:
    (tmp_path / "s.xlsx").write_bytes(DAMAGED[how])
    with pytest.raises(EngineError, match="cannot be read as a workbook: it is damaged"):
        read_sheet(tmp_path / "s.xlsx")


@pytest.mark.parametrize(("old", "new", "why"), OUT_OF_ORDER.values(), ids=OUT_OF_ORDER)
def test_rows_and_cells_out_of_order_are_not_left_out(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    (tmp_path / "s.xlsx").write_bytes(with_part("sheet1.xml", old, new))
    with pytest.raises(EngineError, match=f"it is damaged: in the worksheet Sheet, {why}[.]"):
        read_sheet(tmp_path / "s.xlsx")


@pytest.mark.parametrize("text", ["bad _xD800_", "_xdc00__xD83d_", "_xD83D_x0041_"])
def test_an_escape_of_half_a_character_stays_as_it_is_written(tmp_path: Path, text: str) -> None:
    """Its row was reported as not JSON, without its title."""
    (tmp_path / "s.xlsx").write_bytes(with_part("sheet1.xml", "Jo", f"{text}_x0041__xD83D__xDe00_"))
    assert [row[1:7] for row in read_sheet(tmp_path / "s.xlsx")] == [
        (None, "t1", None, None, "none", f"{text}A\U0001f600")
    ]


@pytest.mark.parametrize("value", ["<v></v>", "<v/>"])
def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(tmp_path: Path, value: str) -> None:
    """The formula itself was taken for what a person had written."""
    path, cell = tmp_path / "s.xlsx", '<c r="C2".*?</c>'
    path.write_bytes(with_part("sheet1.xml", cell, FORMULA.format(value)))
    assert [row[5:7] for row in read_sheet(path)] == [("none", None)]
    path.write_bytes(with_part("sheet1.xml", cell, FORMULA.format("")))
    assert [row[5:7] for row in read_sheet(path)] == [("none", '=IF(D2="","",D2)')]


def test_what_openpyxl_warns_of_is_not_told(tmp_path: Path) -> None:
    """For example, a workbook without styles can be read."""
    (tmp_path / "s.xlsx").write_bytes(with_part("styles.xml", "(?s).+", "<none/>"))
    with warnings.catch_warnings(action="error"):
        assert [title for _, _, title, *_ in read_sheet(tmp_path / "s.xlsx")] == ["t1"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("s.csv", "title_id;decision\nt1;none\n", "has no column reviewer"),
        ("s.txt", "", "is not a review sheet"),
        ("nowhere.csv", None, "nowhere.csv is not a file."),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told(
    root: RootDir, name: str, text: str | None, told: str
) -> None:
    root.title_rows({"title_id": "t1", "source_title": "Associate"})
    if text is not None:
        (root.path / name).write_text(text)
    ended = run_engine("--root", str(root.path), "import-review", str(root.path / name))
    assert ended.status == 2
    assert told in ended.err


def test_a_rule_that_has_become_worse_is_told_with_what_it_misses(
    root: RootDir, spoilt: Path
) -> None:
    ended = root.build("--selector", "rule-accuracy", project=spoilt)
    assert ended.status == 1
    assert "rule_accuracy_is_not_worse" in ended.out
    assert "'Sr. Chemist' became 'Sr. Chemist', not 'Senior Chemist'" in ended.out
    # A rule whose labels were all removed did not fail.
    gate = ("failing-rows", "rule_accuracy_is_not_worse")
    told = call_engine("--root", str(root.path), *gate).out
    assert '"rule_id":"season","titles":0' in told
    assert re.search(r'"rule_id":"abbreviation","titles":\d+,"exact":0}', told)


def test_a_person_s_word_blocks_no_packet_and_what_blocks_one_is_shown(root: RootDir) -> None:
    roofers = {"source_refs": ["bls_ooh:roofers"], "occupation_code": "roofers"}
    set_by = {
        "worded": ("/learner_title", "Roofer (Full-Time)"),
        "coded": ("/occupation_code", "another"),
    }
    root.title_rows(
        {"title_id": "hours", "source_title": "Roofer (Part-Time)", **roofers},
        {"title_id": "astray", "source_title": "Hair Stylist", **roofers},
        *({"title_id": title, "source_title": "Roofer", **roofers} for title in set_by),
    )
    root.patches(
        *(
            patch(title, title, {"op": "replace", "path": path, "value": value})
            for title, (path, value) in set_by.items()
        )
    )
    assert root.replay().status == 0
    ended = run_engine("--root", str(root.path), "packet-hardening-intake")
    assert ended.status == 0, ended.err
    published = root.path / "artifacts" / "packet-hardening-intake"
    text = (published / "packet_hardening_intake_v1.jsonl").read_text(encoding="utf-8")
    failed = {
        packet["title_ids"][0]: {
            c["name"]: c["detail"] for c in packet["checks"] if not c["passed"]
        }
        for packet in map(json.loads, text.splitlines())
    }
    disagrees = failed["astray"].pop("evidence_agrees")
    assert failed == {
        "hours": {"no_residual_noise": "hours"},
        "astray": {},
        "worded": {},
        "coded": {},
    }
    assert re.fullmatch(
        r"in other titles its words speak 0\.\d+ times as strongly for this occupation as for"
        r" Barbers[^()]+ \(bls_ooh:[a-z-]+\)",
        disagrees,
    )
    page = (published / "packet_hardening_intake_v1.html").read_text(encoding="utf-8")
    for shown in ("failed_checks", f"evidence_agrees: {disagrees}", "no_residual_noise: hours"):
        assert shown in page


def test_a_name_that_leads_elsewhere_is_refused(root: RootDir) -> None:
    root.title_rows({"title_id": "t1", "source_title": "COOK"})
    ended = run_engine("--root", str(root.path), "propose-patches", "--name", "../x")
    assert (ended.status, "--name ../x" in ended.err) == (2, True)


def test_a_title_that_is_ambiguous_or_has_another_code_is_not_attached_whatever_a_source_says(
    root: RootDir, compiled: CompiledReplay
) -> None:
    """No other title has its words, so none supports one of its occupations."""
    title = "Glim Zitherist"
    alternates = f"{ALTERNATE}35-2014.00\t{title}\tn/a\t02\n35-2011.00\t{title}\tn/a\t02\n"
    onet = {**ONET_27, "Alternate Titles.txt": alternates}
    put(root.path, "onet", {name: text.encode() for name, text in onet.items()})
    esco_texts = ESCO["1.2"].replace("fry cook", title.lower())
    put(root.path, "esco", {"occupations_en.csv": esco_texts.encode()})
    root.title_rows(
        {"title_id": "both", "source_title": f"{title}s"},
        {"title_id": "coded", "source_title": "Grill Cook", "occupation_code": "35-2011.00"},
        {"title_id": "near", "source_title": f"Quayside {title}"},
    )
    engine = ("--root", str(root.path))
    told = run_engine(*engine, "propose-patches", "--name", "p").out
    assert "onet      present, 4 titles" in told
    assert "esco      present, 3 titles" in told
    # Accepted as a file of the log, and replayed by the models' own SQL.
    proposed = root.path / "artifacts" / "proposals" / "p.jsonl"
    root.write("semantic_patches/p.jsonl", proposed.read_bytes())
    with compiled.run(Root(root.path)) as connection:
        both, coded, near = sorted(compiled.records(connection, STEM), key=lambda r: r["title_id"])
    esco = "esco:http://data.europa.eu/esco/occupation/1"
    # Two occupations of O*NET have the title: neither is attached, nor another system's.
    assert both["source_refs"] == []
    assert both["occupation_code"] is None
    assert {"onet:35-2011.00", "onet:35-2014.00", esco} <= {*both["candidate_source_refs"]}
    assert both["caveats"] == ["ambiguous_evidence"]
    assert both["runtime_lane"] == "source_ref_rerun"
    assert (coded["source_refs"], coded["caveats"]) == ([], [])
    assert "onet:35-2014.00" in coded["candidate_source_refs"]
    assert (coded["occupation_code"], coded["runtime_lane"]) == ("35-2011.00", "source_ref_rerun")
    assert near["source_refs"] == []
