"""The shipped sample: its content, its results, and what the documentation says about them."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from conftest import (
    STEM,
    RootDir,
    assert_every_outcome_and_code_occurs,
    call_engine,
    notes,
    parsed_once,
    run,
)

from aina_data_engine.new_root import make_root
from aina_data_engine.root import PROJECT

SEEDS = PROJECT / "seeds"
FILES = ("title_rows.jsonl", "semantic_patches/rules.jsonl", "semantic_patches/curated.jsonl")


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (SEEDS / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    root = RootDir(tmp_path_factory.mktemp("sample") / "root")
    make_root(root.path, sample=True)
    ended = root.replay()
    assert ended.status == 0, ended.err
    return root


def test_the_lanes_have_the_counts_of_the_first_handoff(sample: RootDir) -> None:
    assert sample.summary()["lane_counts"] == {
        "packet_hardening": 295,
        "serviceable_with_caveat": 670,
        "source_ref_rerun": 1,
        "hold": 34,
    }
    assert sample.summary()["quarantine_counts"] == {"title_rows": 0, "semantic_patches": 0}


def test_of_a_log_that_rules_have_written_the_lanes_come_next(sample: RootDir) -> None:
    """No run here has proposed, so the rules would seem to have left the titles unchanged."""
    told = json.loads(call_engine("--root", str(sample.path), "--json", "status").out)
    assert told["next"].endswith(" packet-hardening-intake")


def test_the_three_titles_of_the_handoff_are_clean_candidates(sample: RootDir) -> None:
    packets = sample.records(f"{STEM}_packet_hardening")
    read = {record["source_title"]: record["learner_title"] for record in packets}
    assert read["Support Associate - Soma"] == "Support Associate"
    assert read["Director of Business Intelligence"] == "Director of Business Intelligence"
    assert read["Part-Time Retail Sales Associate"] == "Retail Sales Associate"


def test_every_outcome_and_every_code_occurs(sample: RootDir) -> None:
    outcomes = sample.records(f"{STEM}_patch_outcomes")
    assert_every_outcome_and_code_occurs(outcomes)


def test_all_six_operations_and_several_patches_on_one_title_occur() -> None:
    log = [patch for name in FILES[1:] for patch in lines(name)]
    names = {op["op"] for patch in log for op in patch["ops"]}
    assert names >= {"add", "remove", "replace", "move", "copy", "test"}
    titles = [patch["title_id"] for patch in log]
    assert max(titles.count(title) for title in set(titles)) >= 4


def test_titles_and_sources_are_facts_of_the_handbook(sample: RootDir) -> None:
    import csv

    sys.path.insert(0, str(PROJECT / "scripts"))
    from make_sample import key

    with (SEEDS / "bls_ooh_titles.csv").open(encoding="utf-8", newline="") as stream:
        facts = list(csv.DictReader(stream))
    refs = {f"bls_ooh:{key(fact['occupation'])}" for fact in facts}
    titles = {fact["title"] for fact in facts}
    packets = sample.records(f"{STEM}_packet_hardening")
    assert {ref for record in packets for ref in record["source_refs"]} <= refs
    by_hand = {"Support Associate", "Director of Business Intelligence", "Retail Sales Associate"}
    # What a curator decided on: reliefs, and a title by night that is another one by day.
    bare = {re.sub("^Relief | - Overnight$", "", record["learner_title"]) for record in packets}
    known = {title.lower() for title in titles}
    assert {title for title in bare if title.lower() not in known} == by_hand


def test_the_script_makes_the_shipped_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sys.path.insert(0, str(PROJECT / "scripts"))
    import make_sample

    def run_it(command: list[str], **_: object) -> None:
        assert run(command, notes=notes()).status == 0

    # It starts a process; here a warm one.
    monkeypatch.setattr(make_sample, "subprocess", SimpleNamespace(run=run_it, DEVNULL=None))
    make_sample.main(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SEEDS / name).read_bytes()


def test_the_questions_have_the_answers_of_the_sample(sample: RootDir) -> None:
    text = (PROJECT / "models" / "questions.md").read_text(encoding="utf-8")
    asked = re.findall(r"\*\*.*?\*\*\n\n((?:    .*\n)+)\n((?:\S.*\n)+)", text)
    assert len(asked) == 13
    with duckdb.connect(str(sample.published(f"{STEM}.duckdb")), read_only=True) as connection:
        listed = connection.execute('select "sql" from questions').fetchall()
        assert [" ".join(q.split()) for (q,) in listed] == [" ".join(q.split()) for q, _ in asked]
        for query, answer in asked:
            found = connection.execute(query).fetchall()
            for name, *others in found:
                count = others[-1]
                # The first number after the name.
                told = re.search(rf"{re.escape(name)}\D+(\d+)", answer)
                assert told, (query, name)
                assert int(told[1]) == count, (query, name)


def test_the_site_of_dbt_is_one_page_with_what_the_build_has_made(sample: RootDir) -> None:
    ended = sample.dbt("docs", "generate", "--static")
    assert ended.status == 0, ended.out
    page = (parsed_once() / "static_index.html").read_text(encoding="utf-8")
    assert "One row per title of the lane `hold`, for source mining." in page
    built = json.loads((parsed_once() / "catalog.json").read_text(encoding="utf-8"))["nodes"]
    columns = built[f"model.aina_data_engine.{STEM}"]["columns"]
    assert [*sample.records()[0]] == [name for name in columns if name in sample.records()[0]]
    assert json.dumps(columns) in page
