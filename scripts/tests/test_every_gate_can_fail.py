"""Every gate of the manifest can fail: a gate that is added is covered, or reported here.

A generic gate is run as dbt compiles it, on a relation with two rows that pass, and again after one
of them is spoilt. Singular gates have tests of their own, which are listed here by gate. What a
seed must satisfy, the database enforces itself, by each constraint on the seed's columns.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
import test_command_line
import test_gates
import test_loop
import test_loop_gates
from compiled import DATABASE
from conftest import PARSED, STEM, RootDir, parsed_once
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder

from aina_data_engine import export
from aina_data_engine.jobs import PUBLICATIONS
from aina_data_engine.lines import Limits
from aina_data_engine.root import PROJECT

OUTCOMES = f"{STEM}_patch_outcomes"
UNKNOWN_CAVEAT = '[{"op": "test"}, {"op": "add", "path": "/caveats/-", "value": "unheard_of"}]'

SINGULAR = {
    "accepted_patches_apply": test_loop.test_a_file_with_patches_that_do_not_apply_is_refused,
    "every_caveat_is_in_the_catalogue": (
        test_loop_gates.test_a_caveat_without_a_sentence_for_learners_is_not_served
    ),
    "fixtures_fit_their_schema": (
        test_loop_gates.test_a_fixture_that_breaks_its_schema_is_not_served
    ),
    "residual_noise_is_rare": (
        test_loop_gates.test_much_residual_noise_proposes_nothing_and_little_is_let_pass
    ),
    "rule_accuracy_is_not_worse": (
        test_loop_gates.test_a_rule_that_has_become_worse_is_told_with_what_it_misses
    ),
    "strict_no_quarantined_lines": (
        test_command_line.test_a_failed_gate_publishes_nothing_and_names_the_gate
    ),
    "strict_no_unread_files": (
        test_command_line.test_a_failed_gate_publishes_nothing_and_names_the_gate
    ),
} | dict.fromkeys(test_gates.SINGULAR, test_gates.test_a_singular_gate_sees_what_it_guards)
"""What shows of each singular gate that it fails."""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Return the project with every gate compiled."""
    work = tmp_path_factory.mktemp("gates")
    (work / "artifacts").mkdir()
    content = (parsed_once() / PARSED).read_bytes()
    manifest = Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    places = [f"--project-dir={PROJECT}", f"--profiles-dir={PROJECT}", f"--target-path={work}"]
    quiet = ["--log-level=none", f"--log-path={work}", "--no-write-json"]
    ended = dbtRunner(manifest).invoke(
        [*quiet, "compile", "--select=resource_type:test", *places, f"--vars={{root: '{work}'}}"]
    )
    assert ended.success, ended.exception
    return manifest


def gates(manifest: Manifest) -> Iterator[Any]:
    return (node for node in manifest.nodes.values() if node.resource_type == "test")


class Relation:
    """Create a table with a model's name and two rows that its gates accept."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, node: Any, place: Path) -> None:
        self.connection, self.node, self.place = connection, node, place
        self.columns: dict[str, str] = {}
        self.values: dict[str, list[object]] = {}
        for name, column in node.columns.items():
            self.add(name, column.data_type or "varchar")

    def add(self, name: str, data_type: str = "varchar") -> None:
        self.columns[name] = data_type
        nested = any(sign in data_type for sign in ("(", "[", "json"))
        self.values[name] = [None, None] if nested else [1, 2]

    def make(self) -> None:
        name = self.node.name
        columns = ", ".join(f'"{column}" {kind}' for column, kind in self.columns.items())
        self.connection.execute(f"create or replace table {name} ({columns})")
        marks = ", ".join("?" for _ in self.columns)
        rows = list(zip(*self.values.values(), strict=True))
        self.connection.executemany(f"insert into {name} values ({marks})", rows)


def columns_of(expression: str) -> set[str]:
    """Return the columns in the SQL of a key."""
    return set(re.findall(r"\b[a-z_]+\b(?!\s*\()", re.sub(r"'[^']*'", "", expression)))


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}")
    connection.execute(export.SCHEMA)
    connection.execute("set variable line_limits = ?", (asdict(Limits.of(100_000)),))
    return connection


def fails_once_spoilt(relation: Relation, gate: Any, found: Manifest) -> None:
    kind, arguments = gate.test_metadata.name, dict(gate.test_metadata.kwargs)
    column = arguments.get("column_name", "")
    for name in columns_of(column) - relation.columns.keys():
        relation.add(name)
    if kind == "accepted_values":
        values = re.search(r"not in \(\s*'(\w+)'", gate.compiled_code)
        assert values
        relation.values[column] = [values[1]] * 2
    relation.make()
    run = relation.connection.execute
    if kind == "relationships":
        parent = next(
            found.nodes[key].name
            for key in gate.depends_on.nodes
            if found.nodes[key].name in arguments["to"] and key != gate.attached_node
        )
        field = arguments["field"]
        run(f"create table {parent} as select {column} as {field} from {relation.node.name}")
    if kind == "added_caveats_are_in_the_catalogue":
        run("create table caveat_catalogue (code varchar)")
    if kind == "exported_file_matches_table":
        sees_every_change_of_the_file(relation, gate, arguments["order_by"])
        return
    assert run(gate.compiled_code).fetchall() == [], f"{gate.name} fails on what is right"
    name = relation.node.name
    first = f"where rowid = (select min(rowid) from {name})"
    spoil = {
        "unique": f"insert into {name} from {name} limit 1",
        "not_null": f"update {name} set {column} = null {first}",
        "accepted_values": f"update {name} set {column} = 'neither' {first}",
        "relationships": f"update {name} set {column} = 'nowhere' {first}",
        "added_caveats_are_in_the_catalogue": f"update {name} set ops = '{UNKNOWN_CAVEAT}' {first}",
    }
    run(spoil[kind])
    assert run(gate.compiled_code).fetchall(), f"{gate.name} cannot fail"


def sees_every_change_of_the_file(relation: Relation, gate: Any, order_by: list[str]) -> None:
    name, connection = relation.node.name, relation.connection
    path, lines = relation.place / f"{name}.jsonl", f"engine.{name}_lines"
    if "runtime_lane" in relation.columns and name != STEM:
        lines = f"engine.{STEM}_lines"
        connection.execute(f"update {name} set runtime_lane = 'its own'")
        connection.execute(
            f"create table {STEM} as from {name} union all"
            f" select * replace ('another' as runtime_lane) from {name}"
        )
        whole = relation.place / f"{STEM}.jsonl"
        export.export_jsonl(connection, STEM, order_by, whole, part_key="runtime_lane")
        export.export_jsonl(connection, name, order_by, path, part=export.Part(STEM, "its own"))
    else:
        export.export_jsonl(connection, name, order_by, path)
    export.show_gates(connection, relation.place)
    right = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert connection.execute(gate.compiled_code).fetchall() == []
    for change in test_gates.FILE_CHANGES:
        path.write_text("".join(change(right)), encoding="utf-8")
        assert change(right) != right
        assert connection.execute(gate.compiled_code).fetchall(), f"{gate.name} cannot fail"
    # Written in the order in which it was sorted, and sorted wrongly.
    path.write_text("".join(right[::-1]), encoding="utf-8")
    connection.execute(f"create or replace table {lines} as from {lines} order by rowid desc")
    assert connection.execute(gate.compiled_code).fetchall(), f"{gate.name} sees no order"


def test_every_generic_gate_fails_on_what_it_guards(
    manifest: Manifest, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    generic = [gate for gate in gates(manifest) if getattr(gate, "test_metadata", None)]
    assert len(generic) > 90
    for gate in generic:
        relation = Relation(connection, manifest.nodes[gate.attached_node], tmp_path)
        connection.execute("begin")
        fails_once_spoilt(relation, gate, manifest)
        connection.execute("rollback")


def test_every_constraint_of_a_seed_refuses_what_breaks_it(
    manifest: Manifest, root: RootDir
) -> None:
    (root.path / "artifacts").mkdir()
    ended = root.dbt("seed", "--select=resource_type:seed")
    assert ended.status == 0, ended.out
    tried = 0
    with duckdb.connect(root.path / "artifacts" / "engine_room.duckdb") as loaded:
        for seed in [node for node in manifest.nodes.values() if node.resource_type == "seed"]:
            for column, kind in constraints(seed):
                with pytest.raises(duckdb.ConstraintException) as refused:
                    loaded.execute(spoilt_row(seed, column, kind))
                assert told_of(seed.name, column, kind) in str(refused.value).replace('"', "")
                tried += 1
    assert tried > 60


def constraints(seed: Any) -> Iterator[tuple[str, str]]:
    """Yield each column of a seed with each kind of constraint that it has."""
    for name, column in seed.columns.items():
        yield from ((name, constraint.type.value) for constraint in column.constraints)


def spoilt_row(seed: Any, column: str, kind: str) -> str:
    """Return SQL that adds a row to a seed's table which breaks only that constraint."""
    values = {"not_null": f"null as {column}", "check": f"'neither' as {column}"}
    replaced = [values[kind]] if kind in values else []
    for other in {name for name, of_it in constraints(seed) if of_it == "unique"} - {column}:
        fresh = "'fresh'" if seed.config.column_types[other] == "varchar" else "-1"
        replaced.append(f"{fresh} as {other}")
    row = f"select * replace ({', '.join(replaced)})" if replaced else "select *"
    return f"insert into {seed.name} {row} from {seed.name} limit 1"


def told_of(seed: str, column: str, kind: str) -> str:
    """Return the database's message for a row that breaks a constraint."""
    return {
        "not_null": f"NOT NULL constraint failed: {seed}.{column}",
        "check": f"CHECK constraint failed on table {seed} with expression CHECK(({column} ",
        "unique": f"Duplicate key {column}: ",
    }[kind]


def test_every_singular_gate_has_a_test_that_fails_it(manifest: Manifest) -> None:
    singular = {gate.name for gate in gates(manifest) if not getattr(gate, "test_metadata", None)}
    assert singular == SINGULAR.keys()


def test_what_is_published_has_a_contract_a_grain_and_described_columns(manifest: Manifest) -> None:
    stems = tuple(publication.stem for publication in PUBLICATIONS.values())
    models = {
        key: node
        for key, node in manifest.nodes.items()
        if node.resource_type == "model" and node.name.startswith(stems)
    }
    assert len(models) == 16
    assert [node.name for node in models.values() if not node.contract.enforced] == []
    columns = [(n.name, c) for n in models.values() for c in n.columns.values()]
    assert [f"{name}.{c.name}" for name, c in columns if not c.description] == []
    for kind, excepted in (("not_null", set()), ("unique", {OUTCOMES})):
        guarded = {
            gate.attached_node
            for gate in gates(manifest)
            if getattr(gate, "test_metadata", None) and gate.test_metadata.name == kind
        }
        # An identical repeat of a patch is a line of its own, and has no published key.
        assert {n.name for key, n in models.items() if key not in guarded} == excepted


def test_no_patch_is_proposed_without_a_reason(manifest: Manifest) -> None:
    """A match without a score, or an occupation without a name, would make the reason null."""
    models = (node for node in manifest.nodes.values() if node.resource_type == "model")
    proposals = {node.unique_id for node in models if node.name.endswith("_proposals")}
    assert len(proposals) == 3
    guarded = {
        gate.attached_node
        for gate in gates(manifest)
        if getattr(gate, "test_metadata", None)
        and gate.test_metadata.name == "not_null"
        and gate.test_metadata.kwargs["column_name"] == "reason"
    }
    assert proposals <= guarded
