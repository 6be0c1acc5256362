"""What dbt asks in a job does not depend on a root's rows, and replaying it gives the same result.

So commands of other tests are run from notes, see `recorded.py`. That the stages give the same
result is tested in `test_decisions.py`.
"""

from pathlib import Path

import pytest
from conftest import run_engine
from mined import mined
from recorded import is_left_out

from aina_data_engine.jobs import REPLAY


@pytest.mark.parametrize(
    "of_a_root",
    [
        'select * from "engine_room"."main"."titles_to_clean"',
        'select 1 from "engine_room"."main"."title_words" join inputs.lines on true',
        "with one as (select title_id from published.lines) select * from one",
    ],
)
def test_what_a_root_would_decide_is_not_noted(of_a_root: str) -> None:
    with pytest.raises(AssertionError):
        is_left_out({"sql": of_a_root})


def test_a_job_done_by_notes_comes_to_what_dbt_makes_of_it(tmp_path: Path) -> None:
    """The root is full of hostile text, with harvest sources, patches and invalid lines."""
    root = mined(tmp_path / "mined")
    artifacts = root.path / "artifacts"
    (artifacts / "logs" / "dbt.log").unlink()
    replayed = run_engine("--root", str(root.path), REPLAY, "--force")
    assert "this result is published there already" in replayed.out, replayed.err
    proposed = run_engine("--root", str(root.path), "propose-patches")
    assert proposed.status == 0, proposed.err
    first, second = sorted((artifacts / "proposals").glob("*.jsonl"))
    assert first.read_bytes() == second.read_bytes()
    # dbt has had no part in it.
    assert not (artifacts / "logs" / "dbt.log").exists()
