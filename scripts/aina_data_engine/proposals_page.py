"""The page on which a person accepts or declines proposals, singly or by rule."""

import json
from pathlib import Path

import duckdb

from aina_data_engine import pages
from aina_data_engine.files import file_hash, write_atomically
from aina_data_engine.jobs import ACCEPT

SAMPLE = 5
"""How many patches of each rule are visible; the page folds the others away."""


def write_page(cursor: duckdb.DuckDBPyConnection, proposals: Path, target: Path) -> None:
    """Write the page of a file of proposals; the file is to be beside it."""
    page = pages.render(
        "proposals.html.jinja",
        "page.js",
        "proposals.js",
        name=target.stem,
        digest=file_hash(proposals),
        size=proposals.stat().st_size,
        rules=_rules(cursor),
        sample=SAMPLE,
        accepting=f"{pages.COMMAND} {ACCEPT}",
        declining=f"{pages.COMMAND} decline-patches",
    )
    write_atomically(target, page.encode())


def _rules(cursor: duckdb.DuckDBPyConnection) -> pages.Rows:
    """Return the rules, those with most patches first, each with the patches shown."""
    rules = pages.rows(
        cursor,
        "select rule_id, patches, titles, [] as shown from proposal_report"
        " order by patches desc, rule_id",
    )
    by_id = {rule["rule_id"]: rule["shown"] for rule in rules}
    for patch in pages.rows(cursor, "from proposals_shown order by rule_id, rule_position"):
        ops = json.loads(patch.pop("ops"))
        before = [told(op) for op in ops if op["op"] == "test"]
        after = [told(op) for op in ops if op["op"] != "test"]
        by_id[patch["rule_id"]].append(patch | {"before": before, "after": after})
    return rules


def told(op: dict[str, object]) -> tuple[object, str]:
    """Return an operation's path, and its value as text for a person."""
    value = op.get("value")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return op["path"], text
