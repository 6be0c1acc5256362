"""`status` first reports what went wrong, and suggests what can be done.

That its suggestions work, to the end of the loop, is tested in `test_loop.py`.
"""

import json
import os
import shlex
from pathlib import Path

from conftest import Ended, RootDir, call_engine, patch, row, run_engine

from aina_data_engine import harvest, status
from aina_data_engine.files import file_hash
from aina_data_engine.jobs import ACCEPT, MINING, PROPOSE
from aina_data_engine.root import Root
from aina_data_engine.waiting import refusal


def test_a_failed_last_build_is_said_first_and_proposals_that_no_longer_apply_are_not_offered(
    root: RootDir,
) -> None:
    """A good build clears the report; a gate may refuse a suggested file.

    It does once a person has written a patch for the file's title.
    """
    root.title_rows(row("t1"), row("t2", learner_title="Chef"), "no JSON").patches()
    assert root.replay("--vars", "{strict: true}").status == 1
    told = call_engine("--root", str(root.path), "status").out.splitlines()
    assert told[0].startswith("The last run, semantic-patch-replay at 20")
    assert "1 of " in told[0]
    assert "gates failed" in told[0]
    assert root.replay().status == 0
    told = call_engine("--root", str(root.path), "status").out.splitlines()
    assert "The last run" not in told[0]
    # Rules have not proposed yet, and a stage would search for titles that were not cleaned.
    assert told[-1].endswith(" propose-patches")

    proposals = root.path / "artifacts" / "proposals"
    proposals.mkdir()
    for name, place, said in (
        ("old", "/learner_title", "Waiter"),
        ("nowhere", "/caveats/0", "compound_title"),
        ("new", "/learner_title", "Chef"),
    ):
        asked = {
            "patch_id": name,
            "patch_seq": 1,
            "title_id": "t2",
            "author": "rule:test",
            "reason": "r",
            "ops": [
                {"op": "test", "path": place, "value": said},
                {"op": "replace", "path": "/learner_title", "value": "Head Chef"},
            ],
        }
        (proposals / f"{name}.jsonl").write_text(json.dumps(asked) + "\n")
    told = json.loads(call_engine("--root", str(root.path), "--json", "status").out)
    assert [file["file"] for file in told["proposals"]] == [str(proposals / "new.jsonl")]
    assert told["next"].endswith("new.jsonl")
    text = call_engine("--root", str(root.path), "status").out
    for name in ("old.jsonl", "nowhere.jsonl"):
        assert f"no longer applies as it is, 1: {proposals / name}" in text

    # For a file that applies in part, the step that accepts that part comes next.
    (proposals / "new.jsonl").unlink()
    asked["patch_id"], asked["ops"] = "part", asked["ops"][1:]
    part = proposals / "a part.jsonl"
    part.write_text((proposals / "old.jsonl").read_text() + json.dumps(asked | {"title_id": "t1"}))
    told = json.loads(call_engine("--root", str(root.path), "--json", "status").out)
    assert told["proposals"] == [{"file": str(part), "patches": 2, "applies": 1}]
    assert shlex.split(told["next"])[3:] == ["accept-patches", str(part), "--partial"]
    part.unlink()
    # A line that is not a patch cannot be accepted; nor can a file whose name is not text.
    lines = [json.dumps(asked | {"title_id": "t1"}), "rubbish", '{"patch_id": null}', "", "]"]
    part.write_text("\n".join(lines))
    bad = proposals / os.fsdecode(b"\xff.jsonl")
    bad.write_text(lines[0])
    told = json.loads(call_engine("--root", str(root.path), "--json", "status").out)
    assert told["proposals"] == [{"file": str(part), "patches": 1, "applies": 1}]
    assert shlex.split(told["next"])[3:] == ["accept-patches", str(part), "--partial"]
    assert [file["problem"] for file in told["unread"]] == [
        f"{part}: 3 lines are not patches (line 2: it has no patch_id)",
        f"{bad} cannot be accepted: its name has bytes that are not UTF-8. Rename it.",
    ]
    text = call_engine("--root", str(root.path), "status").out
    assert f"  waiting to be accepted in part, 1: {part}; accept-patches --partial\n" in text
    part.write_text("rubbish")
    bad.unlink()
    text = call_engine("--root", str(root.path), "status").out
    assert f"  {part}: 1 line is not a patch (line 1: it has no patch_id)\n" in text
    assert "accept-patches" not in text
    part.unlink()
    # A file of which nothing applies is mentioned, but no command is suggested.
    assert run_engine("--root", str(root.path), "packet-hardening-intake").status == 0
    note_that_rules_have_proposed(root)
    told = json.loads(call_engine("--root", str(root.path), "--json", "status").out)
    assert (told["proposals"], told["next"]) == ([], None)
    text = call_engine("--root", str(root.path), "status").out
    assert text.endswith("Nothing waits except what is listed above.\n")


def test_a_refusal_is_of_one_file_and_of_the_log_as_it_was(tmp_path: Path) -> None:
    """What was refused once may apply since, and another file of its name does."""
    offered = tmp_path / "offered.jsonl"
    offered.write_text("{}\n")
    digest = file_hash(offered).removeprefix("sha256:")
    read = [
        {"input": "title_rows", "file": "title_rows.jsonl", "sha256": "a"},
        {"input": "offered", "file": str(offered), "sha256": digest},
    ]
    refused = {"applies": 1, "others": 2}
    run = {"job": ACCEPT, "outcome": "failed", "inputs": read, "refused": refused}
    now = {"title_rows.jsonl": "sha256:a"}
    assert refusal([run], offered, now) == refused
    assert refusal([run | {"outcome": "accepted"}], offered, now) is None
    assert refusal([run], offered, {"title_rows.jsonl": "sha256:b"}) is None
    offered.write_text("{}\n\n")
    assert refusal([run], offered, now) is None


def test_a_harvest_that_has_come_or_changed_is_looked_through_next(root: RootDir) -> None:
    """A lane was reported as done, although its titles had not been searched for there."""
    root.title_rows(row("t1"))
    assert root.replay().status == 0
    engine = ("--root", str(root.path))
    file = "harvest/onet/Occupation Data.txt"
    text = b"O*NET-SOC Code\tTitle\tDescription\n47-2181.00\tRoofers\tx\n"
    for content in (None, text, text.replace(b"Roofers", b"Wharfer")):
        if content:
            root.write(file, content)
            told = json.loads(call_engine(*engine, "--json", "status").out)
            assert not any(stage["is_done"] for stage in told["stages"])
            assert told["next"].endswith(" packet-hardening-intake")
            assert (
                "outdated, made from a former generation or harvest"
                in call_engine(*engine, "status").out
            )
        assert run_engine(*engine, "packet-hardening-intake").status == 0
        assert json.loads(call_engine(*engine, "--json", "status").out)["next"].endswith(
            " propose-patches"
        )
        note_that_rules_have_proposed(root)
        assert json.loads(call_engine(*engine, "--json", "status").out)["next"] is None


def test_what_is_printed_to_do_next_has_the_vars_that_the_root_needs(root: RootDir) -> None:
    """Title rows with their own column names cannot be read without the var.

    The suggested command then ended in an error that named a temporary copy of the rows.
    """
    root.write("title_rows.csv", b"id;title;company\nt1;Support Associate - O'Reilly;O'Reilly\n")
    given = {"title_row_columns": {"id": "title_id", "title": "source_title"}, "strict": True}
    written = ("--vars", json.dumps(given))
    root.patches(patch(), patch("p2", patch_seq=2))
    engine = ("--root", str(root.path))

    def pasted(told: str, mark: str) -> Ended:
        (line,) = (line for line in told.splitlines() if mark in line)
        command = line[line.index("aina-data-engine --root") :].removesuffix(" first.")
        words = shlex.split(command)
        assert words[-2] == "--vars"
        assert json.loads(words[-1]) == given
        return run_engine(*words[1:])

    assert root.replay().status == 2
    assert root.replay(*written).status == 0
    proposed = pasted(call_engine(*engine, "status").out, "Next: ")
    assert proposed.status == 0, proposed.err
    accepted = pasted(proposed.out, "Accept them")
    assert accepted.status == 0, accepted.err
    outdated = call_engine(*engine, "as-of", "1").err
    assert pasted(outdated, " Run ").status == 0
    assert "Unchanged" in root.replay(*written).out
    for question in (("as-of", "1"), ("impact", "--id", "p2")):
        ended = run_engine(*engine, *question)
        assert "Titles: 0 came, 0 went, 1 changed" in ended.out, ended
    ended = run_engine(*engine, "as-of", "1", "--vars", "{title_row_columns: {}}", anew=True)
    assert ended.status == 2
    assert f"{root.path}/inputs/title_rows.csv has no column" in ended.err


def test_each_round_of_a_review_has_a_sheet_of_its_own(root: RootDir) -> None:
    """The step failed the second time, since the first one's sheet was still there, filled in."""

    def sheets(digit: str) -> list[str]:
        made = {"generation": f"sha256:{digit * 64}", "mining_counts": {"review": 1}}
        stages = [status.Stage("hold", MINING, 1, made, is_done=True)]
        runs = [{"job": PROPOSE, "harvest": []}]
        told = status._next(Root(root.path), runs, stages, [], {}, [])
        return [line.split()[-1] for line in told.splitlines()]

    assert sheets("a") == ["review-aaaaaaaa.xlsx"] * 2
    assert sheets("b") == ["review-bbbbbbbb.xlsx"] * 2


def note_that_rules_have_proposed(root: RootDir) -> None:
    """Leave the receipt of a run that has found nothing, which takes long to make."""
    runs = root.path / "artifacts" / "runs"
    published = ("semantic-patch-replay", "published")
    made = next(r for r in map(read, runs.iterdir()) if (r["job"], r["outcome"]) == published)
    proposed = made | {"job": "propose-patches", "harvest": harvest.noted_files(Root(root.path))}
    (runs / "proposed.json").write_text(json.dumps(proposed))


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def test_of_the_last_failure_no_sentence_is_told_by_half(root: RootDir) -> None:
    root.title_rows(row("t1"))
    (runs := root.path / "artifacts" / "runs").mkdir(parents=True)
    run = {"invocation_id": "one", "job": "semantic-patch-replay", "outcome": "input_error"}
    for message, told in (
        ("a.csv has no column title_id. Its first line is\n  a;b", "a.csv has no column title_id."),
        ("1 of 2 gates failed. Nothing done.\n  one", "1 of 2 gates failed. Nothing done."),
        ("no end", "no end"),
    ):
        (runs / "one.json").write_text(json.dumps(run | {"message": message}))
        out = call_engine("--root", str(root.path), "status").out
        assert out.startswith(f"The last run, semantic-patch-replay at ?: {told}\n")
