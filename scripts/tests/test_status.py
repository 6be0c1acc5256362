"""`status` leads on: what it names works when typed, from an empty root to the end of the loop."""

import json
import shlex

from conftest import RootDir, row, run_engine

STEPS = 12


def next_step(root: RootDir) -> str | None:
    ended = run_engine("--root", str(root.path), "--json", "status")
    assert ended.status == 0, ended.err
    told = json.loads(ended.out)["next"]
    return told if told.startswith("aina-data-engine") else None


def test_every_step_that_status_names_works_until_nothing_waits(root: RootDir) -> None:
    """A new root has no log, and its titles no evidence; one of two is a title of the Handbook."""
    root.title_rows(row("t1", source_refs=[]), row("t2", source_title="Qzx", source_refs=[]))
    taken = []
    while (step := next_step(root)) and len(taken) < STEPS:
        program, *arguments = shlex.split(step)
        assert program == "aina-data-engine"
        ended = run_engine(*arguments)
        assert ended.status == 0, (step, ended.err)
        taken.append(arguments[2])
    assert len(taken) < STEPS, taken
    assert {"semantic-patch-replay", "propose-patches", "accept-patches"} <= set(taken)
    assert {"t1", "t2"} == {record["title_id"] for record in root.records()}


def test_a_failed_last_build_is_said_first_and_a_good_one_takes_the_word_back(
    root: RootDir,
) -> None:
    root.title_rows(row("t1"), "no JSON")
    assert root.replay("--vars", "{strict: true}").status == 1
    told = run_engine("--root", str(root.path), "status").out.splitlines()
    assert told[0].startswith("The last run, semantic-patch-replay at 20")
    assert "1 of " in told[0]
    assert "gates failed" in told[0]
    assert root.replay().status == 0
    told = run_engine("--root", str(root.path), "status").out.splitlines()
    assert "The last run" not in told[0]
