"""The dbt vars: what each means, may be, and is where nobody says.

`dbt_project.yml` has the defaults, where dbt wants them; a test holds the two together. Every run
checks what it was given before anything is read, so that no model ever sees another kind of value.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aina_data_engine.errors import EngineError, nearest
from aina_data_engine.request import Request
from aina_data_engine.root import PROJECT

Value = object
"""Whatever YAML has."""

JINJA = re.compile(r"\{[{%#]")
MOST_BYTES = 2**31 - 1
"""Of a line: what the database's reader can be told."""


@dataclass(frozen=True)
class Whole:
    """A whole number in a range."""

    least: int
    most: int = 10**9

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        return type(value) is int and self.least <= value <= self.most

    def __str__(self) -> str:
        """Say what it may be."""
        return f"a whole number from {self.least:,} to {self.most:,}"


class Share:
    """A number from 0 to 1."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]

    def __str__(self) -> str:
        """Say what it may be."""
        return "a number from 0 to 1"


class Flag:
    """True or false."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        return type(value) is bool

    def __str__(self) -> str:
        """Say what it may be."""
        return "true or false"


@dataclass(frozen=True)
class Text:
    """A text that is not empty, or, where it may be, none. dbt would run Jinja in it."""

    optional: bool = False

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        if value is None:
            return self.optional
        return isinstance(value, str) and value != "" and not JINJA.search(value)

    def __str__(self) -> str:
        """Say what it may be."""
        return f"a text without {{{{, {{% and {{#{', or null' if self.optional else ''}"


class Names:
    """A mapping of names to names."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        return isinstance(value, Mapping) and all(
            isinstance(text, str) for pair in value.items() for text in pair
        )

    def __str__(self) -> str:
        """Say what it may be."""
        return "a mapping of names to names, for one {id: title_id}"


class Place:
    """The path of a directory."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        return isinstance(value, str) and value != ""

    def __str__(self) -> str:
        """Say what it may be."""
        return "a directory"


class Asked:
    """What the command line asks, whole; of dbt nothing is asked."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is one."""
        return value == {} or (isinstance(value, dict) and value.keys() == vars(Request()).keys())

    def __str__(self) -> str:
        """Say what it may be."""
        return "nobody's to set by hand"


Kind = Whole | Share | Flag | Text | Names | Place | Asked


@dataclass(frozen=True)
class Var:
    """One var that a person may set."""

    name: str
    kind: Kind
    default: Value
    meaning: str


VARS = {
    var.name: var
    for var in (
        Var("title_row_columns", Names(), {}, "the member that each foreign column is"),
        Var("strict", Flag(), False, "whether quarantined lines and files not read fail a gate"),
        Var("csv_encoding", Text(optional=True), None, "encoding of CSV, for one cp1252"),
        Var(
            "max_line_bytes",
            Whole(1, MOST_BYTES),
            64 * 1024**2,
            "longer lines of inputs are quarantined",
        ),
        Var("keep_generations", Whole(0), 3, "former generations that stay beside the published"),
        Var("keep_receipts", Whole(1), 50, "receipts of runs that stay, generations' own aside"),
        Var("max_residual_noise", Share(), 0.01, "share of titles, 0 to 1, that may keep a noise"),
        Var("company_field", Text(), "company", "a title row's field that names the employer"),
        Var("location_field", Text(), "location", "a title row's field that names the place"),
        Var("near_threshold", Share(), 0.45, "how alike near titles are, 0 to 1"),
        Var("evidence_agreement", Share(), 0.5, "how well words agree with a packet, 0 to 1"),
        Var("occupation_taxonomy", Text(optional=True), None, "the source of occupation_code"),
        Var("attach_threshold", Share(), 0.95, "the score, 0 to 1, that attaches evidence"),
        Var("candidate_threshold", Share(), 0.6, "the score that makes it a candidate"),
        Var("rerun_threshold", Share(), 0.85, "the score from which a rerun attaches it"),
        Var("near_block", Whole(1), 300, "keys of the evidence in which a shared word may stand"),
    )
}
SET_BY_THE_ENGINE: dict[str, Kind] = {"root": Place(), "request": Asked()}
"""Vars of which the command line makes its own: where the root lies, what else it was asked."""
KINDS = SET_BY_THE_ENGINE | {name: var.kind for name, var in VARS.items()}


def parse(text: str) -> dict[str, Value]:
    """Return `--vars` of the command line, checked; EngineError for what is none."""
    from yaml import SafeLoader, YAMLError, compose, safe_load

    try:
        found, node = safe_load(text), compose(text, SafeLoader)
    except YAMLError as error:
        told = str(error).replace("\n", "\n  ")
        raise EngineError(f"--vars is not YAML: {told}") from error
    except Exception as error:
        # What has the form of a number or a date and is none fails in Python's own ways.
        raise EngineError(
            "--vars cannot be read: it is nested too deeply, or a value in it is not of its kind."
        ) from error
    if not isinstance(found, dict):
        raise EngineError("--vars is a mapping, for one '{strict: true}'.")
    _refuse_repeated(node)
    for name in SET_BY_THE_ENGINE:
        if name in found:
            raise EngineError(f"The var {name} is set by the command line: see --root and --help.")
    check(found)
    return found


def _refuse_repeated(node: Any) -> None:
    """EngineError for a name that stands twice, of a var or in one: YAML takes the last."""
    for mapping in (node, *(value for _, value in node.value)):
        if mapping.id == "mapping":
            names = [str(key.value) for key, _ in mapping.value]
            if repeated := next((name for name in names if names.count(name) > 1), None):
                raise EngineError(f"--vars: {repeated} stands there more than once.")


def own(given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the vars that a person has given, those that say what is so anyway aside."""
    return {n: given[n] for n, var in VARS.items() if n in given and given[n] != var.default}


def as_text(given: Mapping[str, Value]) -> str:
    """Return them as `--vars` takes them; nothing where there are none."""
    found = own(given)
    return json.dumps(found, ensure_ascii=False) if found else ""


def check(given: Mapping[object, Value], seeds: Path = PROJECT / "seeds") -> None:
    """EngineError for a var that is not known, or is not what it may be."""
    for name, value in given.items():
        kind = KINDS.get(str(name))
        if not kind:
            raise EngineError(f"There is no var {name}.{nearest(str(name), VARS)}")
        if not kind.allows(value):
            raise EngineError(f"The var {name} is {kind}, not {value!r}.")
    if taxonomy := given.get("occupation_taxonomy"):
        _refuse_no_source(str(taxonomy), seeds)


def _refuse_no_source(taxonomy: str, seeds: Path) -> None:
    # Slow to import, and most runs name none.
    from aina_data_engine.harvest import SOURCE_MAP, read_source_map

    sources = [source.source_id for source in read_source_map(seeds / SOURCE_MAP.name)]
    if taxonomy not in sources:
        raise EngineError(
            f"The var occupation_taxonomy is one of {', '.join(sources)}, not {taxonomy!r}."
            f"{nearest(taxonomy, sources)}"
        )


def describe() -> str:
    """Return every var with its default and its meaning, a line each."""
    width = max(map(len, VARS))
    return "\n".join(
        f"  {var.name:<{width}}  {var.meaning} (default: {_told(var.default)})"
        for var in VARS.values()
    )


def _told(value: Value) -> str:
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), str(value))
