"""From titles to patches and back again: propose, accept, replay, rerun, mine, review, revert.

Before each step `status` is asked what comes next, and at the end it leads until nothing waits.
"""

import csv
import json
import shlex
from pathlib import Path

import frictionless
import pytest
from conftest import RootDir, call_engine, run_engine
from jsonschema import Draft202012Validator

TITLES = {
    "exact": ("Pastry Chef - Soma", "Soma"),
    "graded": ("Senior Roofer (m/w/d)", ""),
    "compound": ("Roofer / Barber", ""),
    "near": ("Harbour Wedding Photogrammetrist", ""),
    "generic": ("Associate", ""),
    "nothing": ("Xylomancer", ""),
    "no_job": ("General Application", ""),
    "kept": ("Nurse - RN", ""),
}
STEPS = 12


class Loop:
    """A root on which the commands are run one after another."""

    def __init__(self, root: RootDir) -> None:
        self.root = root

    def run(self, *command: str) -> str:
        ended = run_engine("--root", str(self.root.path), *command)
        assert ended.status == 0, ended.err
        return ended.out

    def next_step(self) -> list[str]:
        """Return the command that `status` suggests; empty where nothing waits."""
        ended = call_engine("--root", str(self.root.path), "--json", "status")
        assert ended.status == 0, ended.err
        told = json.loads(ended.out)["next"]
        return shlex.split(told)[3:] if told else []

    def led(self, *command: str) -> str:
        """Run the command that `status` suggests, which must be this one."""
        assert self.next_step() == [*command]
        return self.run(*command)

    def lines(self, path: str) -> list[dict]:
        text = (self.root.path / "artifacts" / path).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def titles(self) -> dict[str, dict]:
        return {record["title_id"]: record for record in self.root.records()}

    def proposals(self, name: str) -> str:
        return str(self.root.path / "artifacts" / "proposals" / name)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Loop:
    """Return a root for whose titles patches were proposed, accepted and replayed."""
    root = RootDir(tmp_path_factory.mktemp("loop") / "root")
    root.title_rows(
        *(
            {"title_id": name, "source_title": title, "company": company}
            for name, (title, company) in TITLES.items()
        )
    )
    loop = Loop(root)
    loop.run("propose-patches", "--name", "first")
    loop.run("accept-patches", loop.proposals("first.jsonl"))
    loop.led("semantic-patch-replay")
    return loop


def test_what_is_proposed_puts_titles_where_they_belong(loop: Loop) -> None:
    found = {
        name: (row["learner_title"], row["lane_rule_id"]) for name, row in loop.titles().items()
    }
    assert found == {
        "exact": ("Pastry Chef", "clean"),
        "graded": ("Senior Roofer", "has_caveats"),
        "compound": ("Roofer / Barber", "has_caveats"),
        "near": ("Harbour Wedding Photogrammetrist", "candidate_source_ref_only"),
        "generic": ("Associate", "no_source_ref"),
        "nothing": ("Xylomancer", "no_source_ref"),
        "no_job": ("General Application", "explicit_hold"),
        "kept": ("Nurse - RN", "has_caveats"),
    }
    proposals = loop.lines("proposals/first.jsonl")
    assert all(patch["ops"][0]["op"] == "test" for patch in proposals)
    assert {patch["author"] for patch in proposals} >= {"rule:company_suffix", "rule:grade"}


def test_what_the_log_has_is_not_accepted_again(loop: Loop) -> None:
    file = loop.root.path / "artifacts" / "proposals" / "first.jsonl"
    assert "Nothing new" in loop.run("accept-patches", str(file))


def test_a_file_with_patches_that_do_not_apply_is_refused(loop: Loop, tmp_path: Path) -> None:
    log = loop.root.path / "inputs" / "semantic_patches"
    before = sorted(log.iterdir())
    patch = loop.lines("proposals/first.jsonl")[0] | {"patch_seq": 99}
    bad = {
        "test_failed at operation 0": patch | {"patch_id": "other"},
        "there is no such title": patch | {"patch_id": "nobody's", "title_id": "nobody"},
        "reason is blank": patch | {"patch_id": "silent", "reason": ""},
    }
    (tmp_path / "bad.jsonl").write_text("".join(json.dumps(one) + "\n" for one in bad.values()))
    asked = ("--root", str(loop.root.path), "accept-patches", str(tmp_path / "bad.jsonl"))
    ended = run_engine(*asked, anew=True)
    assert ended.status == 1
    assert "accepted_patches_apply" in ended.err
    assert ended.err.count('"file":"bad.jsonl"') == len(bad)
    for told in bad:
        assert told in ended.err
    assert sorted(log.iterdir()) == before


def test_an_intake_packet_says_what_it_rests_on(loop: Loop) -> None:
    assert "1 ready, 0 blocked" in loop.run("packet-hardening-intake")
    (packet,) = loop.lines("packet-hardening-intake/packet_hardening_intake_v1.jsonl")
    assert packet["title_ids"] == ["exact"]
    assert packet["evidence"][0]["publisher"] == "U.S. Bureau of Labor Statistics"
    assert all(check["passed"] for check in packet["checks"])


def test_every_fixture_fits_the_published_schema(loop: Loop) -> None:
    loop.run("caveat-fixtures")
    place = loop.root.path / "artifacts" / "caveat-fixtures"
    schema = json.loads((place / "caveat_runtime_fixtures_v1.schema.json").read_text())
    fixtures = loop.lines("caveat-fixtures/caveat_runtime_fixtures_v1.jsonl")
    assert {fixture["title_id"] for fixture in fixtures} == {"graded", "compound", "kept"}
    validator = Draft202012Validator(schema)
    assert all(validator.is_valid(fixture) for fixture in fixtures)
    assert not validator.is_valid(fixtures[0] | {"must": {"serve": False}})


def test_a_stage_refuses_a_lane_that_was_changed(loop: Loop, tmp_path: Path) -> None:
    path = loop.root.published("semantic_patch_replay_v1_packet_hardening.jsonl")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Pastry", b"Pasta!"))
    try:
        ended = run_engine("--root", str(loop.root.path), "packet-hardening-intake")
    finally:
        path.write_bytes(content)
    assert ended.status == 2
    assert "is not whole" in ended.err


def test_a_rerun_that_was_stopped_after_accepting_goes_on(loop: Loop) -> None:
    loop.run("source-ref-rerun")
    (row,) = loop.lines("source-ref-rerun/source_ref_rerun_v1.jsonl")
    assert row["title_id"] == "near"
    place = loop.root.path / "artifacts" / "source-ref-rerun"
    loop.led("accept-patches", str(place / "source_ref_rerun_v1_proposals.jsonl"))
    assert loop.titles()["near"]["runtime_lane"] == "source_ref_rerun"
    told = loop.run("source-ref-rerun", "--accept")
    assert "Nothing to accept" in told
    assert loop.titles()["near"]["runtime_lane"] == row["lane_after"] == "serviceable_with_caveat"
    assert sum(loop.root.summary()["lane_counts"].values()) == len(TITLES)


def test_the_loop_converges_and_every_patch_can_be_named(loop: Loop) -> None:
    loop.run("mine-holds")
    verdicts = {r["title_id"]: r["verdict"] for r in loop.lines("mine-holds/hold_mining_v1.jsonl")}
    assert verdicts["generic"] == "review"
    assert verdicts["nothing"] == "nothing_found"
    # The sources have titles that are near to it, but it is no job.
    assert verdicts["no_job"] == "no_job"
    sheet = loop.root.path / "artifacts" / "mine-holds" / "hold_mining_v1_review.csv"
    with sheet.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0].keys() == {"title_id", "title", "choices", "decision", "reviewer", "note"}
    choices = {row["title_id"]: json.loads(row["choices"]) for row in rows}
    assert "no_job" not in choices
    for row in rows:
        row |= {"decision": "None", "reviewer": "a curator"}
        if row["title_id"] == "generic":
            row["decision"] = choices["generic"][0]
    filled = loop.root.path / "filled.csv"
    with filled.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    loop.run("import-review", str(filled), "--name", "review")
    loop.led("accept-patches", loop.proposals("review.jsonl"))
    loop.led("semantic-patch-replay")
    titles = loop.titles()
    assert titles["generic"]["source_refs"] == [choices["generic"][0].split(" = ")[0]]

    assert "has no new decision" in loop.run("import-review", str(filled))
    log = loop.root.path / "inputs" / "semantic_patches"
    known = {
        json.loads(line)["patch_id"]: json.loads(line)["author"]
        for path in log.iterdir()
        for line in path.read_text().splitlines()
    }
    for row in titles.values():
        assert known.keys() >= set(row["patches_applied"])
    assert loop.run("verify").count("is whole") == 5
    for summary in (loop.root.path / "artifacts").glob("*/*_v1.json"):
        report = frictionless.validate(summary)
        assert report.valid, (summary, report.flatten(["message"]))

    before = loop.titles()
    undone = ("--rule", "company_suffix", "--rule", "gender_marker")
    told = loop.run("revert-patches", *undone, "--author", "a curator")
    assert "Reverted 2 patches of 2 titles\n" in told
    loop.led("semantic-patch-replay")
    after, graded = (loop.titles()[name] for name in ("exact", "graded"))
    assert before["exact"]["learner_title"] == "Pastry Chef"
    assert after["learner_title"] == after["source_title"] == "Pastry Chef - Soma"
    assert after["source_refs"] == before["exact"]["source_refs"]
    assert graded["learner_title"] == graded["source_title"]
    # Patches that were undone are proposed again, unless a person has declined them and not taken
    # that back; nothing else is proposed.
    (step,) = (line for line in told.splitlines() if " decline-patches " in line)
    loop.run(*shlex.split(step)[3:])
    loop.run("decline-patches", *undone[2:], "--reviewer", "a curator", "--take-back")
    assert "1 patch proposed" in loop.run("propose-patches", "--name", "again")
    assert [p["author"] for p in loop.lines("proposals/again.jsonl")] == ["rule:gender_marker"]
    loop.led("accept-patches", loop.proposals("again.jsonl"))
    loop.led("semantic-patch-replay")
    first = next(p for p in graded["patches_applied"] if p.startswith("gender_marker"))
    assert loop.titles()["graded"] == graded | {
        "learner_title": before["graded"]["learner_title"],
        "patches_applied": [*graded["patches_applied"], f"{first}~2"],
    }


def test_every_step_that_status_names_works_until_nothing_waits(loop: Loop) -> None:
    taken = []
    while (step := loop.next_step()) and len(taken) < STEPS:
        told = loop.run(*step)
        taken.append(step[0])
        if step[0] == "propose-patches":
            assert "Nothing new to propose." in told
    assert len(taken) < STEPS, taken
    assert {"packet-hardening-intake", "propose-patches"} <= set(taken)
    assert loop.titles().keys() == TITLES.keys()
