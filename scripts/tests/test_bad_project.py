"""A deliberately bad project: a failed gate of any kind publishes nothing, and reports what it saw.

That each gate detects what it guards against is tested in `test_gates.py`; here whole builds fail.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import (
    PARSED,
    STEM,
    Ended,
    RootDir,
    copy_of_project,
    parsed_once,
    patch,
    row,
    run_engine,
)
from dbt.adapters.duckdb.utils import TargetConfig, TargetLocation
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder
from dbt_common.exceptions import DbtRuntimeError

from aina_data_engine import dbt_plugin, selection
from aina_data_engine.dbt_plugin import Plugin
from aina_data_engine.errors import told_by
from aina_data_engine.finish import Run
from aina_data_engine.jobs import ACCEPT, JOBS, REPLAY, REPLAY_PUBLICATION
from aina_data_engine.messages import End
from aina_data_engine.receipt import Receipt
from aina_data_engine.root import Root
from aina_data_engine.verify import verify


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root with a published generation."""
    root = RootDir(tmp_path_factory.mktemp("bad") / "root")
    root.title_rows(*(row(f"t{n}") for n in range(9)), row("h1", hold_reason="?"))
    root.patches(patch("p1", "t1"))
    assert root.replay().status == 0
    return root


def spoil(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def last_receipt(root: RootDir) -> dict:
    receipts = (root.path / "artifacts" / "runs").glob("*.json")
    return json.loads(max(receipts, key=lambda p: p.stat().st_mtime_ns).read_text())


def build_fails(root: RootDir, project: Path, *arguments: str) -> Ended:
    """Build; fail unless the build fails and leaves what was published unchanged."""
    before = root.published("").resolve()
    ended = root.dbt("build", "--no-write-json", *arguments, project=project)
    assert ended.status == 1, ended.out
    assert root.published("").resolve() == before
    assert verify(Root(root.path), REPLAY_PUBLICATION).findings == []
    return ended


A_COOK = "select * from {{ ref('semantic_patch_replay_v1') }} where source_title = 'Cook'"


@dataclass(frozen=True)
class Failed:
    """A build that fails gates of several kinds."""

    root: RootDir
    out: str

    @property
    def told(self) -> str:
        """Return the report about the gates, after the line with their number."""
        return self.out[self.out.index(" gates failed. Nothing published") :]


@pytest.fixture(scope="module")
def failed(published: RootDir, tmp_path_factory: pytest.TempPathFactory) -> Failed:
    """Build a project in which a title is in two lanes, and a file differs from its table.

    Two added gates fail too, one of which reads only the inputs.
    """
    project = copy_of_project(tmp_path_factory.mktemp("failed") / "project")
    spoil(
        project,
        "macros/lanes.sql",
        "where runtime_lane =",
        "where title_id = 't1' and {{ this.name.endswith('holds') }} or runtime_lane =",
    )
    spoil(
        project,
        f"models/published/replay/{STEM}.sql",
        "stage_as_jsonl(['title_id']",
        "stage_as_jsonl(['source_row_sha256']",
    )
    (project / "tests" / "gate_a.sql").write_text(A_COOK.replace(STEM, "stg_title_rows"))
    (project / "tests" / "gate_b.sql").write_text(A_COOK)
    ended = build_fails(published, project, "--exclude-resource-type=unit_test")
    return Failed(published, ended.out)


def test_data_tests_that_fail_are_told_with_their_rows(failed: Failed) -> None:
    root, told = failed.root, failed.told
    assert re.search(r"4 of \d+ gates failed. Nothing published", failed.out)
    assert f"exported_file_matches_table_{STEM}_title_id" in failed.out
    assert "every_title_in_one_lane\n    1 failing row\n" in told
    assert '{"title_id":"t1","runtime_lane":"serviceable_with_caveat","lanes":2' in told
    assert f"aina-data-engine --root {root.path} failing-rows every_title_in_one_lane" in told
    shown = run_engine("--root", str(root.path), "failing-rows", "every_title_in_one_lane")
    assert shown.status == 0
    assert [json.loads(line)["title_id"] for line in shown.out.splitlines()] == ["t1"]
    receipt = last_receipt(root)
    assert receipt["outcome"] == "failed"
    assert {"name": "every_title_in_one_lane", "result": "fail"} in receipt["gates"]
    assert receipt["generation"]["before"] == receipt["generation"]["after"]


def test_gates_that_do_not_depend_on_each_other_all_judge(failed: Failed) -> None:
    assert "\n  gate_a\n" in failed.told
    assert "\n  gate_b\n" in failed.told
    assert "did not run" not in failed.told


def test_a_lanes_model_that_says_something_else_than_its_file_is_refused(
    failed: Failed, tmp_path: Path
) -> None:
    project = copy_of_project(tmp_path / "project")
    spoil(
        project,
        f"models/published/replay/{STEM}_holds.sql",
        "{{ titles_of_lane() }}",
        "select * replace ('Coot'::varchar as learner_title) from ({{ titles_of_lane() }})",
    )
    # All that it reads exists already, from an earlier build.
    ended = build_fails(failed.root, project, "--select", f"{STEM}_holds")
    assert "The model of the lane hold is not the SQL of titles_of_lane()" in ended.out


@pytest.mark.parametrize(
    "judges",
    [
        "select 1 as x",
        f"select 1 from {{{{ ref('{STEM}') }}}}, {{{{ ref('harvest_occupations') }}}}",
    ],
)
def test_a_gate_of_no_job_is_not_passed_over(
    published: RootDir, tmp_path: Path, judges: str
) -> None:
    """No selector would choose it, since no job, or no single job, builds its models."""
    project = copy_of_project(tmp_path / "project")
    (project / "tests" / "of_no_job.sql").write_text(judges)
    ended = build_fails(published, project, "--exclude-resource-type", "unit_test")
    assert "Nothing published: of_no_job does not depend on models that one job" in ended.out


@pytest.mark.parametrize(
    ("job", "told"), [(REPLAY, "Nothing published: no gate"), (ACCEPT, "Nothing done: no gate")]
)
def test_what_no_gate_judges_is_not_done(
    root: RootDir, monkeypatch: pytest.MonkeyPatch, job: str, told: str
) -> None:
    """As when the project disables its data tests: dbt then does not know of any."""
    monkeypatch.setattr(selection, "nodes_left_out", lambda *_: [])
    plugin = Plugin("engine", {"root": str(root.path)})
    (root.path / "artifacts" / "runs").mkdir(parents=True)
    plugin.run = Run(JOBS[job], Receipt(plugin.root, "none"))
    plugin.run.receipt.begin(JOBS[job])
    ended = End("build", job, [], keep_generations=3, keep_receipts=50, lanes=[])
    with duckdb.connect() as connection:
        why = plugin._judge(ended, connection)
    assert why
    assert why.startswith(told)
    assert last_receipt(root)["outcome"] == "failed"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("std::bad_cast"),
        UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        duckdb.Error("no such table"),
    ],
)
def test_whatever_ends_a_hook_is_in_the_receipt(
    root: RootDir, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Of a run that broke otherwise than was foreseen it was said that it might be running."""

    def break_off(*_: object) -> None:
        raise error

    monkeypatch.setattr(dbt_plugin, "message_of", break_off)
    plugin = Plugin("engine", {"root": str(root.path)})
    (root.path / "artifacts" / "runs").mkdir(parents=True)
    plugin.run.receipt.begin(JOBS[REPLAY])
    with duckdb.connect() as plugin.connection, pytest.raises(DbtRuntimeError):
        plugin.store(TargetConfig(None, [], {}, TargetLocation("", "")))
    told = last_receipt(root)
    assert (told["outcome"], told["message"]) == ("failed", told_by(error))


def test_every_unit_test_passes_and_wants_a_row(published: RootDir) -> None:
    """One that expects no rows would pass on a model that makes nothing from its input."""
    content = (parsed_once() / PARSED).read_bytes()
    units = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder).unit_tests.values()
    assert [unit.name for unit in units if not unit.expect.rows] == []
    # It needs the relations that its model reads, but none of their rows.
    read = ["--select", *(f"+{unit.model}" for unit in units), "resource_type:function"]
    untested = ["--exclude-resource-type", "test", "unit_test"]
    built = published.dbt("build", "--empty", "--no-write-json", *read, *untested)
    assert built.status == 0, built.out
    published.dbt("test", "--select", "test_type:unit")
    told = (published.target() / "run_results.json").read_text()
    units_told = [r for r in json.loads(told)["results"] if "unit_test." in r["unique_id"]]
    assert len(units_told) == len(units) > 0
    assert [r["unique_id"] for r in units_told if r["status"] != "pass"] == []


def test_a_unit_test_that_fails_publishes_nothing(published: RootDir, tmp_path: Path) -> None:
    project = copy_of_project(tmp_path / "project")
    # One on which the others depend: the rest of the build is skipped.
    model = "models/staging/inputs/repeated_title_rows.sql"
    spoil(project, model, "<> max(content)", "= max(content)")
    ended = build_fails(published, project)
    assert "of_repeated_title_rows_one_is_kept_or_none" in ended.out


def test_dbt_build_alone_publishes_and_prunes_by_vars(published: RootDir) -> None:
    artifacts = published.path / "artifacts"
    before = published.published("").resolve()
    gates = published.summary()["gates"]
    published.patches(patch("p2", "t2"), name="second.jsonl")
    assert published.build().status == 0
    assert last_receipt(published)["outcome"] == "published"
    # The command line gives dbt a part of the project; only dbt itself finds no gate that is not in
    # it.
    assert published.summary()["gates"] == gates
    published.patches(patch("p3", "t3"), name="third.jsonl")
    ended = published.build(keep_generations=1, keep_receipts=1)
    assert ended.status == 0, ended.out
    assert published.published("").resolve() != before
    runs = {path.name.partition("Z-")[2] for path in published.generations()}
    assert len(runs) == 2
    assert {path.stem for path in (artifacts / "runs").iterdir()} == runs
    receipt = last_receipt(published)
    assert {item["file"] for item in receipt["inputs"]} == {
        "title_rows.jsonl",
        "semantic_patches/log.jsonl",
        "semantic_patches/second.jsonl",
        "semantic_patches/third.jsonl",
    }
    assert receipt["timings"].keys() >= {"load", "staging", "replay", "lanes", "publish", "test"}
    assert receipt["generation"]["after"] == published.summary()["generation"]
    assert receipt["versions"].keys() >= {"duckdb", "dbt-core", "python"}
