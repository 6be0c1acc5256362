"""What dbt's hooks ask of the plugin: one message per kind of hook, see `macros/hooks.sql`."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

SAID = "engine"
"""The logger for the report at a run's end."""
REFUSED = "engine input"
"""The logger for unreadable input and wrong usage."""


class Member(TypedDict):
    """A member of the title document, as `title_members` has it; some have a default too."""

    name: str
    kind: Literal["string", "list"]
    patchable: bool
    required: bool


class Rule(TypedDict):
    """A rule of a lane; `predicate` is SQL, `remedy` is how to make it false, if possible."""

    name: str
    predicate: str
    member: str | None
    """The member that it tests."""
    remedy: str | None


class Lane(TypedDict):
    """A lane, as `lanes` has it; `model` publishes it."""

    name: str
    label: str
    model: str
    rules: list[Rule]


class NodeResult(TypedDict):
    """The result of a dbt node."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str | None
    part: str
    """The folder of a model; the kind of any other node."""
    execution_time: float
    failures_table: str | None
    """The table of the rows for which a gate failed, as SQL."""
    kept_in: str | None
    """The schema and table for such rows, joined by a point; None where they are not kept."""


class Gate(TypedDict):
    """A gate and its result, as summary and receipt have it."""

    name: str
    result: str


@dataclass(frozen=True)
class Begin:
    """on-run-start: load what the job reads.

    `job` is the selector's name, a job's or a user's own; None where the user selected nodes.
    """

    job: str | None
    members: list[Member]
    columns: object
    csv_encoding: str | None
    max_line_bytes: int
    invocation_id: str
    is_empty: bool
    """Whether dbt was asked to build models without rows."""
    request: dict[str, Any]


@dataclass(frozen=True)
class Export:
    """Post-hook: export the model's rows as JSON lines, with descriptions."""

    order_by: list[str]
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """The description of each column."""
    part_key: str = ""
    """The column by whose values the rows are divided among other files too."""
    part: dict[str, str] | None = None
    """The `relation` whose file contains these rows too, and the `value` of its key."""


@dataclass(frozen=True)
class Keep:
    """Post-hook: put the model's rows into the published database as a table, without a file."""

    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """The description of each column."""


@dataclass(frozen=True)
class ExportCsv:
    """Post-hook: export the model's rows as CSV."""

    order_by: list[str]


@dataclass(frozen=True)
class ExportPage:
    """Post-hook: write the page that asks about the model's rows, for a sheet."""

    sheet: str


@dataclass(frozen=True)
class Validate:
    """Post-hook: check the model's staged file against a JSON Schema."""

    schema: str


@dataclass(frozen=True)
class MeasureInputs:
    """Post-hook: fill the model with the current sizes and hashes of the input files."""


@dataclass(frozen=True)
class End:
    """on-run-end: the results of the run's nodes."""

    command: str
    """dbt's command: build, run or test."""
    job: str | None
    results: list[NodeResult]
    keep_generations: int
    keep_receipts: int
    lanes: list[Lane]


Message = Begin | Export | Keep | ExportCsv | ExportPage | Validate | MeasureInputs | End

KINDS: dict[str, type[Message]] = {
    "begin": Begin,
    "export": Export,
    "keep": Keep,
    "export_csv": ExportCsv,
    "export_page": ExportPage,
    "validate": Validate,
    "measure_inputs": MeasureInputs,
    "end": End,
}


def message_of(config: dict[str, Any]) -> Message:
    """Return the message that a hook has sent."""
    content = dict(config)
    return KINDS[content.pop("action")](**content)
