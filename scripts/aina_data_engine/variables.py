"""The dbt vars: what each means, which values it accepts, and its default.

`dbt_project.yml` has the defaults too, where dbt needs them; a test keeps the two in agreement.
Every run checks the vars it was given before it reads anything, so that no model ever sees a value
of another kind.
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
"""Anything that YAML can express."""

JINJA = re.compile(r"\{[{%#]")
MOST_BYTES = 2**31 - 1
"""The largest line length that the database's reader accepts."""


@dataclass(frozen=True)
class Whole:
    """A whole number in a range."""

    least: int
    most: int = 10**9

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        return type(value) is int and self.least <= value <= self.most

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return f"a whole number from {self.least:,} to {self.most:,}"


class Share:
    """A number from 0 to 1."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return "a number from 0 to 1"


class Flag:
    """True or false."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        return type(value) is bool

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return "true or false"


@dataclass(frozen=True)
class Text:
    """A string that is not empty, or null if `optional`. No Jinja: dbt would run it."""

    optional: bool = False

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        if value is None:
            return self.optional
        return isinstance(value, str) and value != "" and not JINJA.search(value)

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return f"a string without {{{{, {{% or {{#{', or null' if self.optional else ''}"


class Names:
    """A mapping of names to names."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        return isinstance(value, Mapping) and all(
            isinstance(text, str) for pair in value.items() for text in pair
        )

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return "a mapping of names to names, for example {id: title_id}"


class Place:
    """The path of a directory."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        return isinstance(value, str) and value != ""

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return "a directory"


class Asked:
    """A complete request of the command line; empty when dbt is called directly."""

    def allows(self, value: Value) -> bool:
        """Return whether the value is accepted."""
        return value == {} or (isinstance(value, dict) and value.keys() == vars(Request()).keys())

    def __str__(self) -> str:
        """Return which values are accepted, in words."""
        return "set by the command line alone"


Kind = Whole | Share | Flag | Text | Names | Place | Asked


@dataclass(frozen=True)
class Var:
    """One var that a user may set."""

    name: str
    kind: Kind
    default: Value
    meaning: str


VARS = {
    var.name: var
    for var in (
        Var("title_row_columns", Names(), {}, "maps your column names to title members"),
        Var("strict", Flag(), False, "quarantined lines and unread files fail a gate"),
        Var("csv_encoding", Text(optional=True), None, "encoding of CSV, for example cp1252"),
        Var(
            "max_line_bytes",
            Whole(1, MOST_BYTES),
            64 * 1024**2,
            "longer input lines are quarantined",
        ),
        Var("keep_generations", Whole(0), 3, "former generations kept beside the published one"),
        Var(
            "keep_receipts",
            Whole(1),
            50,
            "run receipts kept, besides those of generations and accepted files",
        ),
        Var(
            "max_residual_noise",
            Share(),
            0.01,
            "share of titles, 0 to 1, that may keep noise of one class",
        ),
        Var("company_field", Text(), "company", "field of a title row that names the employer"),
        Var("location_field", Text(), "location", "field of a title row that names the place"),
        Var("near_threshold", Share(), 0.45, "word overlap, 0 to 1, from which titles are near"),
        Var(
            "evidence_agreement",
            Share(),
            0.5,
            "minimum vote ratio, 0 to 1, for a packet's occupation",
        ),
        Var(
            "occupation_taxonomy",
            Text(optional=True),
            None,
            "source of occupation_code; null means the most trusted",
        ),
        Var("attach_threshold", Share(), 0.95, "score, 0 to 1, from which evidence is attached"),
        Var("candidate_threshold", Share(), 0.6, "score from which it is a candidate"),
        Var("rerun_threshold", Share(), 0.85, "score from which a rerun attaches it"),
        Var("near_block", Whole(1), 300, "most evidence keys a shared word may occur in"),
    )
}
SET_BY_THE_ENGINE: dict[str, Kind] = {"root": Place(), "request": Asked()}
"""Vars that the command line sets: the root's directory, and the rest of what it was asked."""
KINDS = SET_BY_THE_ENGINE | {name: var.kind for name, var in VARS.items()}


def parse(text: str) -> dict[str, Value]:
    """Return the command line's `--vars`, checked; EngineError where they are invalid."""
    from yaml import SafeLoader, YAMLError, compose, safe_load

    try:
        found, node = safe_load(text), compose(text, SafeLoader)
    except YAMLError as error:
        told = str(error).replace("\n", "\n  ")
        raise EngineError(f"--vars is not YAML: {told}") from error
    except Exception as error:
        # A malformed number or date raises whatever Python raises for it.
        raise EngineError(
            "--vars cannot be read: it is nested too deeply, or has an invalid number or date."
        ) from error
    if not isinstance(found, dict):
        raise EngineError("--vars must be a mapping, for example '{strict: true}'.")
    _refuse_repeated(node)
    for name in SET_BY_THE_ENGINE:
        if name in found:
            raise EngineError(f"The var {name} is set by the command line: see --root and --help.")
    check(found)
    return found


def _refuse_repeated(node: Any) -> None:
    """EngineError for a repeated name, of a var or within one: YAML would take the last."""
    for mapping in (node, *(value for _, value in node.value)):
        if mapping.id == "mapping":
            names = [str(key.value) for key, _ in mapping.value]
            if repeated := next((name for name in names if names.count(name) > 1), None):
                raise EngineError(f"--vars: {repeated} is given more than once.")


def own(given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the vars that a user has given and that differ from their defaults."""
    return {n: given[n] for n, var in VARS.items() if n in given and given[n] != var.default}


def as_text(given: Mapping[str, Value]) -> str:
    """Return those vars as `--vars` takes them; empty if there are none."""
    found = own(given)
    return json.dumps(found, ensure_ascii=False) if found else ""


def check(given: Mapping[object, Value], seeds: Path = PROJECT / "seeds") -> None:
    """EngineError for an unknown var, or for a value that its var does not accept."""
    for name, value in given.items():
        kind = KINDS.get(str(name))
        if not kind:
            raise EngineError(f"There is no var {name}.{nearest(str(name), VARS)}")
        if not kind.allows(value):
            raise EngineError(f"The var {name} must be {kind}, not {value!r}.")
    if taxonomy := given.get("occupation_taxonomy"):
        _refuse_no_source(str(taxonomy), seeds)


def _refuse_no_source(taxonomy: str, seeds: Path) -> None:
    # Slow to import, and most runs name no taxonomy.
    from aina_data_engine.harvest import SOURCE_MAP, read_source_map

    sources = [source.source_id for source in read_source_map(seeds / SOURCE_MAP.name)]
    if taxonomy not in sources:
        raise EngineError(
            f"The var occupation_taxonomy must be one of {', '.join(sources)}, not {taxonomy!r}."
            f"{nearest(taxonomy, sources)}"
        )


def describe() -> str:
    """Return every var with its meaning and its default, one per line."""
    width = max(map(len, VARS))
    return "\n".join(
        f"  {var.name:<{width}}  {var.meaning} (default: {_told(var.default)})"
        for var in VARS.values()
    )


def _told(value: Value) -> str:
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), str(value))
