"""No row of a root decides what dbt asks in a job, and what is asked again comes to the same.

So commands of other tests are done by notes, see `recorded.py`.
"""

import json
from pathlib import Path

import pytest
from conftest import RootDir, notes, patch, row, run_engine
from mined import mined, noted_of_mined
from recorded import name_of

from aina_data_engine.jobs import JOBS, REPLAY

NOTED = [REPLAY, "propose-patches", "mine-holds", "source-ref-rerun"]
OF_A_RUN = {"invocation_id", "request", "execution_time"}


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return notes of each job, of other tests' roots; what these lack, of a root of one title."""
    root = RootDir(tmp_path_factory.mktemp("noted") / "root").title_rows(row()).patches(patch())
    # The stages read what it publishes.
    for job in [job for job in NOTED if job == REPLAY or not noted_in(notes(), job).exists()]:
        ended = run_engine("--root", str(root.path), job)
        assert ended.status == 0, ended.err
    return notes()


def noted_in(place: Path, job: str) -> Path:
    return place / name_of(JOBS[job], {})


def asked(place: Path, job: str) -> dict[str, list]:
    """Return what was asked of the database and the plugin, by node."""
    found: dict[str, list] = {}
    for line in noted_in(place, job).read_text(encoding="utf-8").split("\n")[:-1]:
        step = json.loads(line, object_pairs_hook=without_what_is_of_a_run)
        found.setdefault(step.pop("node"), []).append(step)
    # What is done side by side ends in any order.
    for steps in found.values():
        for step in steps:
            step.get("message", {}).get("results", []).sort(key=json.dumps)
    found[""].sort(key=json.dumps)
    return found


def without_what_is_of_a_run(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {key: value for key, value in pairs if key not in OF_A_RUN}


@pytest.mark.parametrize("job", NOTED)
def test_dbt_asks_the_same_of_every_root(noted: Path, tmp_path: Path, job: str) -> None:
    """One is full of what confuses, with harvest sources, patches and lines that are none."""
    mined(tmp_path / "mined")
    assert asked(noted, job) == asked(noted_of_mined(), job)


def test_a_job_done_by_notes_comes_to_what_dbt_makes_of_it(noted: Path, tmp_path: Path) -> None:
    root = mined(tmp_path / "mined")
    artifacts = root.path / "artifacts"
    (artifacts / "logs" / "dbt.log").unlink()
    for job in NOTED:
        force = ["--force"] if job == REPLAY else []
        ended = run_engine("--root", str(root.path), job, *force)
        assert ended.status == 0, ended.err
        if JOBS[job].publishes:
            assert "it has this result already" in ended.out
    first, second = sorted((artifacts / "proposals").glob("*.jsonl"))
    assert first.read_bytes() == second.read_bytes()
    # dbt has had no part in it.
    assert not (artifacts / "logs" / "dbt.log").exists()
