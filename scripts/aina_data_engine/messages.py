"""What dbt's hooks ask of the plugin: one message a kind of hook, see `macros/hooks.sql`."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

SAID = "engine"
"""The logger of what a run says at its end."""
REFUSED = "engine input"
"""The logger of what cannot be read, or was asked for wrongly."""


class Member(TypedDict):
    """A member of the title document, as `title_members` has it; some have a default as well."""

    name: str
    kind: Literal["string", "list"]
    patchable: bool
    required: bool


class Rule(TypedDict):
    """A rule of a lane; `predicate` is SQL, `remedy` what ends it, if anything does."""

    name: str
    predicate: str
    member: str | None
    """What it looks at."""
    remedy: str | None


class Lane(TypedDict):
    """A lane, as `lanes` has it; `model` publishes it."""

    name: str
    label: str
    model: str
    rules: list[Rule]


class NodeResult(TypedDict):
    """What became of a node of dbt's."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str | None
    part: str
    """The folder of a model; of another node its kind."""
    execution_time: float
    failures_table: str | None
    """Where the rows are for which a gate failed, as SQL has it."""
    kept_in: str | None
    """The schema and table, with a point between, for such rows; None where none are kept."""


class Gate(TypedDict):
    """A gate and its result, as summary and receipt have it."""

    name: str
    result: str


@dataclass(frozen=True)
class Begin:
    """on-run-start: load what the job reads.

    `job` is a selector's name, of a job or of one's own; None where the run picks nodes by itself.
    """

    job: str | None
    members: list[Member]
    columns: object
    csv_encoding: str | None
    max_line_bytes: int
    invocation_id: str
    is_empty: bool
    """Whether dbt was asked for models without their rows."""
    request: dict[str, Any]


@dataclass(frozen=True)
class Export:
    """Post-hook: the model's rows as JSON lines; what they are goes out with them."""

    order_by: list[str]
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """What each column is."""
    part_key: str = ""
    """The column by whose values other files have some of the rows, and no others."""
    part: dict[str, str] | None = None
    """The `relation` whose file has the rows too, and the `value` of its key."""


@dataclass(frozen=True)
class Keep:
    """Post-hook: the model's rows are a table of the published database, and no file."""

    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    """What each column is."""


@dataclass(frozen=True)
class ExportCsv:
    """Post-hook: the model's rows as CSV."""

    order_by: list[str]


@dataclass(frozen=True)
class ExportPage:
    """Post-hook: the page that asks about the model's rows, for a sheet."""

    sheet: str


@dataclass(frozen=True)
class Validate:
    """Post-hook: hold the model's staged file against a JSON Schema."""

    schema: str


@dataclass(frozen=True)
class MeasureInputs:
    """Post-hook: fill the model with what the input files are now."""


@dataclass(frozen=True)
class End:
    """on-run-end: what became of the run's nodes."""

    command: str
    """dbt's own: build, run or test."""
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
