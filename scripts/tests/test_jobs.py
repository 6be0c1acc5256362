"""A job is defined once, in `jobs.py`: dbt, the command line and the lanes agree with it."""

import re

import yaml

from aina_data_engine.commands import engine
from aina_data_engine.jobs import JOBS, STAGES
from aina_data_engine.root import PROJECT


def test_dbt_selects_the_jobs_and_says_of_each_what_its_command_does() -> None:
    selectors = yaml.safe_load((PROJECT / "selectors.yml").read_text(encoding="utf-8"))["selectors"]
    told = {selector["name"]: selector["description"] for selector in selectors}
    assert told == {name: job.what for name, job in JOBS.items()}
    assert told == {name: engine.commands[name].short_help for name in told}


def test_every_lane_feeds_one_stage() -> None:
    lanes = re.findall(
        r"'name': '(\w+)', 'label'", (PROJECT / "macros/lanes.sql").read_text("utf-8")
    )
    assert set(lanes) == {*STAGES}
    assert len({job.lane for job in JOBS.values() if job.lane}) == len(STAGES)
