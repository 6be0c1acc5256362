"""Singular gates can fail: for each, what it guards is broken, and the gate detects it.

The models are built in memory and exported once. A test breaks one thing in a transaction, asks the
gate for its failing rows, and rolls back. What a failed gate does to a build is tested in
`test_bad_project.py`; that no gate is missing, in `test_every_gate_can_fail.py`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from compiled import CompiledReplay, Gate
from conftest import STEM, RootDir, patch, row

from aina_data_engine import export, load
from aina_data_engine.lines import Limits
from aina_data_engine.root import Root

Break = Callable[["Built", str], None]


class Built:
    """A replayed and exported root, in the state in which the gates see it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, staging: Path) -> None:
        self.connection, self.staging = connection, staging

    def sql(self, statement: str) -> None:
        self.connection.execute(statement)

    def failing_rows(self, gate: Gate) -> list[Any]:
        return self.connection.execute(gate.sql).fetchall()

    def rewrite(self, model: str, change: Callable[[list[str]], list[str]]) -> None:
        path = self.staging / f"{model}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        assert change(lines) != lines
        path.write_text("".join(change(lines)), encoding="utf-8")


@pytest.fixture(scope="module")
def built(compiled: CompiledReplay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    root = RootDir(tmp_path_factory.mktemp("gates"))
    refs = {"source_refs": [], "candidate_source_refs": ["bls:1"]}
    root.title_rows(
        *(row(f"clean{n}") for n in range(3)),
        *(row(f"caveat{n}", caveats=["generic_title"]) for n in range(3)),
        *(row(f"rerun{n}", **refs) for n in range(3)),
        *(row(f"hold{n}", hold_reason="?") for n in range(3)),
        "not JSON",
        "nor this",
    )
    wrong = {"op": "replace", "path": "/caveats", "value": 1}
    root.patches(patch("p1", "caveat1"), patch("p2", "caveat2", wrong), "not JSON", "nor this")
    with compiled.run(Root(root.path)) as connection:
        yield exported(Root(root.path), connection)


def exported(root: Root, connection: duckdb.DuckDBPyConnection) -> Built:
    """Do what the hooks do: export the published models, measure the inputs again."""
    root.staging.mkdir(parents=True)
    connection.execute(export.SCHEMA)
    tables = connection.execute(
        "select table_name from information_schema.tables where starts_with(table_name, ?)", (STEM,)
    ).fetchall()
    for (name,) in tables:
        described = connection.execute(f"describe {name}").fetchall()
        keys = [c[0] for c in described if not c[1].startswith("STRUCT")]
        order = keys[:1] if "source_title" in keys else keys
        export.export_jsonl(connection, name, order, root.staging / f"{name}.jsonl")
    load.measure_again(connection, root.input_files(), "input_files_after_replay")
    export.show_gates(connection, root.staging)
    connection.execute("set variable line_limits = ?", (asdict(Limits.of(100_000)),))
    return Built(connection, root.staging)


def lose_a_row(table: str) -> Break:
    return lambda built, _: built.sql(
        f"delete from {table} where rowid = (select min(rowid) from {table})"
    )


def lane_view(lane: str, rows: str) -> Break:
    return run(f"create or replace view {STEM}_{lane} as {rows.format(STEM)}")


def run(statement: str) -> Break:
    return lambda built, _: built.sql(statement)


SINGULAR: dict[str, list[Break]] = {
    "conservation_of_title_rows": [
        lose_a_row(STEM),
        run(f"insert into {STEM} from {STEM} limit 1"),
        run(f"delete from {STEM}_quarantine where input = 'title_rows'"),
    ],
    "conservation_of_patches": [
        lose_a_row("patch_outcomes"),
        run(f"delete from {STEM}_quarantine where input = 'semantic_patches'"),
    ],
    "every_title_in_one_lane": [
        lane_view("holds", "from {} where title_id in ('hold0', 'hold1')"),
        lane_view("holds", "from {} where starts_with(title_id, 'hold') or title_id = 'clean0'"),
        lane_view(
            "source_ref_rerun",
            "from {0} where title_id[:5] = 'rerun' union all from {0} where title_id = 'rerun0'",
        ),
        lane_view("source_ref_rerun", "from {} where starts_with(title_id, 'clean')"),
        run(f"update {STEM} set runtime_lane = 'nowhere' where title_id = 'clean0'"),
    ],
    "evidence_is_untouched": [
        run(f"update {STEM} set source_title = 'Chef' where title_id = 'clean0'"),
        run(f"update {STEM} set source_row_sha256 = '' where title_id = 'clean0'"),
        run(f"update {STEM} set attributes = '1' where title_id = 'clean0'"),
        lose_a_row(STEM),
    ],
    "lane_is_known": [
        run(f"update {STEM} set runtime_lane = 'nowhere' where title_id = 'clean0'"),
        run(f"update {STEM} set lane_rule_id = 'because' where title_id = 'clean0'"),
        run(f"update {STEM} set runtime_lane = 'hold' where title_id = 'clean0'"),
        run(f"update {STEM} set runtime_lane = null where title_id = 'clean0'"),
    ],
    "lane_rule_is_first_reason": [
        run(f"update {STEM} set lane_rule_id = 'has_caveats' where title_id = 'clean0'"),
        run(f"update {STEM} set lane_reasons = ['clean', 'clean'] where title_id = 'clean0'"),
    ],
    "some_title_row_is_accepted": [
        run(f"delete from {STEM}"),
        run(f"delete from {STEM}; delete from {STEM}_quarantine"),
    ],
    "source_files_unchanged": [
        run("update input_files_after_replay set sha256 = ''"),
        run("update input_files_after_replay set bytes = bytes + 1"),
        lose_a_row("input_files_after_replay"),
    ],
    "summary_counts_match_tables": [
        run("update summary_counts set row_count = row_count + 1 where name = 'hold'"),
        lose_a_row("patch_outcomes"),
        lose_a_row(f"{STEM}_quarantine"),
    ],
}
"""What breaks what each singular test guards."""


def other_keys(lines: list[str]) -> list[str]:
    first = json.loads(lines[0])
    return [json.dumps(dict(reversed(first.items()))) + "\n", *lines[1:]]


FILE_CHANGES: list[Callable[[list[str]], list[str]]] = [
    lambda lines: lines[::-1],
    lambda lines: lines[1:],
    lambda lines: lines[:-1],
    lambda lines: [*lines, lines[-1]],
    lambda lines: [lines[0], *lines[:-1]],
    lambda lines: [lines[0].replace("o", "0", 1), *lines[1:]],
    lambda lines: [*lines[:-1], "not JSON\n"],
    other_keys,
]
"""What may become of a file's lines on their way to the disk."""


def sees(built: Built, gate: Gate, breaks: Callable[[], None]) -> None:
    """Fail unless the gate passes before and fails after `breaks`."""
    assert not built.failing_rows(gate)
    kept = {path: path.read_bytes() for path in built.staging.iterdir()}
    built.sql("begin")
    try:
        breaks()
        assert built.failing_rows(gate), f"{gate.name} does not see it"
    finally:
        built.sql("rollback")
        for path, content in kept.items():
            path.write_bytes(content)


@pytest.mark.parametrize("name", SINGULAR)
def test_a_singular_gate_sees_what_it_guards(
    built: Built, compiled: CompiledReplay, name: str
) -> None:
    gate = next(gate for gate in compiled.gates if gate.name == name)
    for breaks in SINGULAR[name]:
        sees(built, gate, lambda breaks=breaks: breaks(built, gate.name))
