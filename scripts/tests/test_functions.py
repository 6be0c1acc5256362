"""The SQL functions, each called by itself as dbt compiles it."""

from collections.abc import Iterator

import duckdb
import pytest
from compiled import DATABASE, CompiledReplay


@pytest.fixture(scope="module")
def functions(compiled: CompiledReplay) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"attach ':memory:' as {DATABASE}; use {DATABASE}")
        compiled.make_functions(connection)
        yield connection


STATE = {
    "document": "[['t1'], ['a', 'b']]",
    "committed": "[]",
    "taken": "[]",
    "code": "null",
    "op_index": "null",
    "outcomes": "[]",
}
STEP = {
    "replay_position": "7",
    "op_index": "2",
    "action": "'splice'",
    "member": "2",
    "start": "0",
    "span": "1",
    "items": "['c']",
    "error": "null",
}


def after(member: str, state: dict[str, str] | None = None, **step: str) -> str:
    """Return SQL for a member of the state after a step; given is what differs from the above."""

    def struct(values: dict[str, str]) -> str:
        return f"struct_pack({', '.join(f'{name} := {sql}' for name, sql in values.items())})"

    return (
        f"replay_step({struct(STATE | (state or {}))}, {struct(STEP | step)}, [['first']]).{member}"
    )


FAILED = {"code": "'test_failed'", "op_index": "1"}
COMMIT = "'commit'"

CALLS = {
    "a part of a list would begin one too early or late": (
        "list_part(['a', 'b', 'c'], 1, 1)",
        ["b"],
    ),
    "a whole member would be cut short": ("list_part(['a', 'b', 'c'], 0, null)", ["a", "b", "c"]),
    "an element would overwrite the one at its place": (
        "list_splice(['a', 'b'], 1, 0, ['x'])",
        ["a", "x", "b"],
    ),
    "an element for the end would stand before it": (
        "list_splice(['a', 'b'], null, 0, ['x'])",
        ["a", "b", "x"],
    ),
    "what is replaced whole would keep its tail": (
        "list_splice(['a', 'b'], 0, null, ['x'])",
        ["x"],
    ),
    "what is removed would leave a null": ("list_splice(['a', 'b'], 0, 1, [])", ["b"]),
    "the rest of a document would not survive a splice": (
        after("document"),
        [["t1"], ["c", "b"]],
    ),
    "a patch would go on after its first error": (
        after("document", FAILED),
        [["t1"], ["a", "b"]],
    ),
    "the first error would be lost to a later one": (
        after("code", FAILED, error="'op_invalid'"),
        "test_failed",
    ),
    "an error would be told of another operation": (
        after("op_index", FAILED),
        1,
    ),
    "an index past the end would write there": (after("code", start="3"), "path_not_found"),
    "the end of a list would be out of range": (
        after("document", start="null", span="0"),
        [["t1"], ["a", "b", "c"]],
    ),
    "null would stand in a list": (
        after("code", items="null"),
        "value_invalid",
    ),
    "a test of another order would pass": (
        after("code", action="'test'", span="null", items="['b', 'a']"),
        "test_failed",
    ),
    "a copy would take an element out": (
        after("document", action="'take'"),
        [["t1"], ["a", "b"]],
    ),
    "a move would leave the element where it was": (
        after("document", action="'cut'"),
        [["t1"], ["b"]],
    ),
    "a move would bring nothing": (after("taken", action="'cut'"), ["a"]),
    "half of a failed first patch would stay": (
        after("document", FAILED, action=COMMIT),
        [["first"]],
    ),
    "a failed patch would take a former one with it": (
        after("document", FAILED | {"committed": "[['kept']]"}, action=COMMIT),
        [["kept"]],
    ),
    "the next patch would fail for the error of this one": (
        after("code", FAILED, action=COMMIT),
        None,
    ),
    "a patch that changes nothing would count as applied": (
        after("outcomes[1].has_changed", {"committed": "[['t1'], ['a', 'b']]"}, action=COMMIT),
        False,
    ),
}


@pytest.mark.parametrize("harm", CALLS)
def test_a_function_keeps_from_harm(functions: duckdb.DuckDBPyConnection, harm: str) -> None:
    call, expected = CALLS[harm]
    assert functions.execute(f"select {call}").fetchone() == (expected,)
