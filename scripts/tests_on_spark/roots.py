"""One root with all that was written to break an engine, since a run on Spark takes a minute."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

import oracle
import test_hostile_text
import test_json_lines
import test_replay_against_jsonpatch as replays
from conftest import RootDir, patch, row
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aina_data_engine.root import PROJECT

VALUES = [
    *(
        "-1",
        "-0",
        "0",
        "1.0",
        "1e3",
        str(2**63),
        str(2**63 - 1),
        "9" * 40,
        "12345678901234567890123",
    ),
    *("null", "true", "[]", "{}", "[1]", '[{"op": 1}]', "[[]]"),
    *('""', '" "', '"\\u00a0"', '"x"', '"5"', '"\\u0000"', '"12\\n"'),
]
"""As JSON, for every member of an envelope and of a row."""


def drawn(strategy: st.SearchStrategy, count: int) -> list[Any]:
    """Return examples of a strategy, the same each time."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(example: Any) -> None:
        found.append(example)

    keep()
    return found


def hostile(root: RootDir) -> RootDir:
    """Fill a root: texts, lines that are barely JSON, logs with every mistake, and the sample."""
    rows = [json.dumps(row, ensure_ascii=False) for row in test_hostile_text.rows()]
    rows += [*test_hostile_text.REFUSED.values(), test_hostile_text.RAW]
    rows += drawn(test_json_lines.LINES, 400)
    # One for each title, so that most are accepted.
    rows += [
        line.replace('"title_id": "a"', f'"title_id": "line {number}"')
        for number, line in enumerate(drawn(test_json_lines.GOOD_ROWS, 300))
    ]
    logs = [json.dumps(patch) for patch in test_hostile_text.patches()]
    rows += every_kind(row, *oracle.MEMBERS, "company")
    # A key of digits, as a number and as text.
    rows += [json.dumps(row(key)) for key in (5, "5")]
    logs += [json.dumps(patch("five", key)) for key in (5, "5")]
    envelope = ("patch_id", "patch_seq", "title_id", "author", "reason", "ops", "created_at")
    logs += every_kind(lambda name: patch(name, "line 1"), *envelope)
    histories = st.tuples(replays.ROWS, replays.PATCHES | replays.UNREPEATED)
    for number, (titles, patches) in enumerate(drawn(histories, 150)):
        rows += [json.dumps(_renamed(title, number)) for title in titles]
        logs += [json.dumps(_renamed(patch, number)) for patch in patches]
    seeds = PROJECT / "seeds"
    rows += (seeds / "title_rows.jsonl").read_text(encoding="utf-8").splitlines()
    for log in sorted((seeds / "semantic_patches").glob("*.jsonl")):
        logs += log.read_text(encoding="utf-8").splitlines()
    root.write("title_rows.jsonl", "\n".join(rows).encode("utf-8", "surrogatepass"))
    return root.write("semantic_patches/log.jsonl", "\n".join(logs).encode())


def every_kind(make: Callable[[str], dict[str, Any]], *names: str) -> list[str]:
    """Return objects with each of the members of every kind: once, missing, and twice."""
    numbers, made = count(), []
    for name in names:
        for value in [*VALUES, ""]:
            item = make(f"kind {next(numbers)}")
            members = {key: json.dumps(given) for key, given in item.items()} | {name: value}
            told = [f"{json.dumps(key)}: {text}" for key, text in members.items() if text]
            made.append("{" + ", ".join(told) + "}")
            made.append("{" + ", ".join([*told, told[-1]]) + "}")
    return made


def run(root: RootDir, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the engine on a root, in a separate process."""
    return subprocess.run(
        [sys.executable, "-m", "aina_data_engine.cli", "--root", str(root.path), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def _renamed(item: dict[str, Any], number: int) -> dict[str, Any]:
    ids = {name: f"{number} {item[name]}" for name in ("title_id", "patch_id") if name in item}
    return {**item, **ids}
