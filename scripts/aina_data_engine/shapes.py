"""The schemas by which summaries and receipts are checked: they may come from someone else."""

from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from jsonschema import Draft202012Validator

from aina_data_engine.files import read_json
from aina_data_engine.messages import Gate

SHOWN = 200
"""How many characters of an invalid value are shown."""


OUTCOMES = ("applied", "noop", "rejected", "duplicate", "orphaned")
"""The outcomes of a patch, in the order of the summary."""


class Field(TypedDict):
    """A column of a resource, as Table Schema has it."""

    name: str
    type: str
    description: NotRequired[str]


class TableSchema(TypedDict):
    """The columns of a resource."""

    fields: list[Field]


class Resource(TypedDict):
    """A published file, as Data Package v2 has it; a file of rows has their number."""

    name: str
    type: str
    path: str
    format: str
    mediatype: str
    encoding: str
    bytes: int
    hash: str
    rows: NotRequired[int]
    title: NotRequired[str]
    description: NotRequired[str]
    runtime_lane: NotRequired[str]
    """Only for a lane's file."""
    schema: NotRequired[TableSchema]


class Summary(TypedDict):
    """A generation's summary, a Data Package v2 descriptor; `counts_of` returns its counts."""

    name: str
    title: str
    resources: list[Resource]
    inputs: dict[str, Any]
    gates: list[Gate]
    generation: str


def counts_of(summary: Summary) -> dict[str, dict[str, int]]:
    """Return the counts of a summary, by section and name."""
    return {
        section: cast("dict[str, int]", counts)
        for section, counts in summary.items()
        if section.endswith("_counts")
    }


def _object(required: tuple[str, ...], **properties: object) -> dict[str, object]:
    return {"type": "object", "required": list(required), "properties": properties}


TEXT, COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
COUNTS = {"type": "object", "additionalProperties": COUNT}
DIGEST = {"type": "string", "pattern": r"^sha256:[0-9a-f]{64}\Z"}
NAME = {"type": "string", "pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\Z"}
"""A file's name in a generation: it cannot lead out of the directory."""
GATE = _object(("name", "result"), name=TEXT, result=TEXT)
RESOURCE = _object(
    ("name", "path", "format", "bytes", "hash"),
    name=TEXT,
    path=NAME,
    format=TEXT,
    bytes=COUNT,
    hash=DIGEST,
    rows=COUNT,
    runtime_lane=TEXT,
    title=TEXT,
    description=TEXT,
)
TABLE = {
    "if": {"properties": {"path": {"pattern": r"\.jsonl\Z"}}},
    "then": {"properties": {"format": {"const": "jsonl"}}, "required": ["rows"]},
}
SUMMARY = _object(
    ("name", "resources", "inputs", "gates", "generation"),
    name=TEXT,
    resources={"type": "array", "items": RESOURCE | TABLE},
    inputs={"type": "object"},
    gates={"type": "array", "items": GATE, "minItems": 1},
    generation=DIGEST,
) | {"patternProperties": {"_counts$": COUNTS}}
FILE = _object(("bytes", "hash"), bytes=COUNT, hash=DIGEST)
RECEIPT = _object(
    ("invocation_id", "job", "outcome"),
    invocation_id=TEXT,
    job=TEXT,
    outcome=TEXT,
    directory=TEXT,
    versions={"type": "object"},
    vars={"type": "object"},
    generation={"type": "object"},
    database=FILE,
    page=FILE,
    gates={"type": "array", "items": GATE},
    kept_in={"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    accepted=_object((), **{"from": TEXT, "as": TEXT}),
    refused=_object((), applies=COUNT),
    warnings={"type": "array", "items": TEXT},
    inputs={"type": "array", "items": _object(("file", "sha256"), file=TEXT, sha256=TEXT)},
)


def read_summary(generation: Path, stem: str, counts: tuple[str, ...] = ()) -> Summary:
    """Return a generation's summary, which must have the sections `counts`.

    OSError where it cannot be read; ValueError, with the place, where it is not a summary.
    """
    schema = SUMMARY | {"required": [*SUMMARY["required"], *counts]}  # type: ignore[misc]
    return cast(Summary, _of_shape(read_json(generation / f"{stem}.json", follow=False), schema))


def load_receipt(path: Path) -> dict[str, Any]:
    """Return a receipt; OSError where it cannot be read, ValueError where it is not a receipt."""
    return _of_shape(read_json(path, follow=False), RECEIPT)


def _of_shape(content: Any, schema: dict[str, Any]) -> dict[str, Any]:
    for error in Draft202012Validator(schema).iter_errors(content):
        raise ValueError(f"{error.json_path}: {error.message[:SHOWN]}")
    return dict(content)
