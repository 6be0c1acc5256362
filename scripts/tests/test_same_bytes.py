"""The same inputs give the same bytes, however they are split and whatever the machine is like."""

import random

import duckdb
import pytest
from conftest import STEM, RootDir, patch, row
from dbt.cli import main

from aina_data_engine import cli
from aina_data_engine.dbt_plugin import Plugin

ROWS = [
    row(f"t{n}", caveats=["c"] * (n % 3), source_refs=["a", "b"][: n % 2], pay=n / 7, note="é")
    for n in range(1500)
]
MOVE = {"op": "move", "from": "/source_refs/0", "path": "/candidate_source_refs/-"}
PATCHES = [
    patch(f"p{n}", f"t{n % 1600}", *([MOVE] if n % 3 else []), patch_seq=n % 5) for n in range(3000)
]


def published_bytes(root: RootDir) -> dict[str, bytes]:
    place = root.published("")
    return {p.name: p.read_bytes() for p in place.iterdir() if p.suffix in (".json", ".jsonl")}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = RootDir(tmp_path_factory.mktemp("plain")).title_rows(*ROWS).patches(*PATCHES)
    assert root.replay().status == 0
    found = published_bytes(root)
    assert len(found) == 8
    again = root.replay("--force")
    assert again.status == 0
    assert "no input, var or engine file has changed" not in again.out
    assert published_bytes(root) == found
    return found


def test_order_and_files_and_surroundings_change_nothing(
    root: RootDir, expected: dict[str, bytes]
) -> None:
    shuffle = random.Random(7)
    root.title_rows(*shuffle.sample(ROWS, len(ROWS)))
    patches = shuffle.sample(PATCHES, len(PATCHES))
    for number in range(7):
        root.patches(*patches[number::7], name=f"{9 - number}.jsonl")
    ended = root.replay(
        LC_ALL="tr_TR.UTF-8", TZ="Pacific/Kiritimati", PYTHONHASHSEED="123", LANG="C"
    )
    assert ended.status == 0, ended.err
    assert published_bytes(root) == expected


MACHINES = {
    "small": ("set threads = 1; set memory_limit = '60MB'", "1"),
    "of many cores": ("set threads = 8", "4"),
}
"""What the database is told, and how many nodes dbt builds at a time."""


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_and_memory_change_nothing(
    root: RootDir, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    settings, threads = MACHINES[machine]
    configure = Plugin.configure_connection

    def configure_as_there(plugin: Plugin, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(settings)
        configure(plugin, connection)

    class Runner(main.dbtRunner):
        def invoke(self, asked: list[str]) -> main.dbtRunnerResult:
            return super().invoke([*asked, f"--threads={threads}"])

    monkeypatch.setattr(Plugin, "configure_connection", configure_as_there)
    monkeypatch.setattr(main, "dbtRunner", Runner)
    root.title_rows(*ROWS).patches(*PATCHES)
    assert cli.main(["--root", str(root.path), "semantic-patch-replay"]) == 0
    assert f"Concurrency: {threads} thread" in (root.path / "artifacts/logs/dbt.log").read_text()
    assert published_bytes(root) == expected


def test_the_outcomes_of_the_rows_are_not_all_the_same(expected: dict[str, bytes]) -> None:
    outcomes = expected[f"{STEM}_patch_outcomes.jsonl"]
    assert all(f'"outcome":"{o}"'.encode() in outcomes for o in ("applied", "rejected", "orphaned"))
