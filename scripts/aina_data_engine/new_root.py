"""Make a root: two title rows, one patch and a README, or the shipped sample."""

import json
import os
import shutil
import tempfile
from pathlib import Path

from aina_data_engine.errors import EngineError, unwritable
from aina_data_engine.root import EXPECTED, PROJECT, Root

TITLE_ROWS = [
    {"title_id": "t1", "source_title": "Support Associate - Soma", "company": "Soma"},
    {
        "title_id": "t2",
        "source_title": "Pastry Chef",
        "source_refs": ["bls_ooh:chefs-and-head-cooks"],
    },
]
PATCH = {
    "patch_id": "p1",
    "patch_seq": 10,
    "title_id": "t1",
    "author": "curator",
    "reason": "A learner reads the title without the company.",
    "ops": [
        {"op": "test", "path": "/learner_title", "value": "Support Associate - Soma"},
        {"op": "replace", "path": "/learner_title", "value": "Support Associate"},
    ],
}

README = f"""\
# A root of the AINA Data Engine

The engine reads:

{EXPECTED}

Replace the files that `init` has put there with your own. The engine writes only to `artifacts`;
what you accept, revert or decline is added to `inputs` as a file. In this directory run:

    aina-data-engine --root . semantic-patch-replay   # replay the patches, publish the lanes
    aina-data-engine --root . status                  # the state of the root, what comes next
    aina-data-engine --root . verify                  # check what is published

The published files are in `artifacts/validation`.
"""


def make_root(directory: Path, *, sample: bool) -> Root:
    """Fill a directory, which may exist already; return the root.

    Existing files stay: EngineError where there are inputs, a file is in the way, or no job could
    run there.
    """
    Root(directory).refuse_its_name()
    inputs = directory / "inputs"
    if os.path.lexists(inputs):
        raise EngineError(f"{inputs} exists already; nothing was written. Name another directory.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".init-", dir=directory) as scratch:
            made = Path(scratch) / "inputs"
            (made / "semantic_patches").mkdir(parents=True)
            _copy_sample(made) if sample else _write_first(made)
            # It fails if something has been put there in the meantime.
            made.rename(inputs)
        if not os.path.lexists(directory / "README.md"):
            (directory / "README.md").write_text(README, encoding="utf-8")
    except OSError as error:
        raise unwritable(directory, error) from error
    return Root(directory)


def _copy_sample(inputs: Path) -> None:
    shutil.copy(PROJECT / "seeds" / "title_rows.jsonl", inputs)
    for path in (PROJECT / "seeds" / "semantic_patches").iterdir():
        shutil.copy(path, inputs / "semantic_patches")


def _write_first(inputs: Path) -> None:
    rows = "".join(f"{json.dumps(row)}\n" for row in TITLE_ROWS)
    (inputs / "title_rows.jsonl").write_text(rows, encoding="utf-8")
    log = inputs / "semantic_patches" / "first.jsonl"
    log.write_text(f"{json.dumps(PATCH)}\n", encoding="utf-8")
