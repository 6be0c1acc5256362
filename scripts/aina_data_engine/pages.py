"""Pages and Markdown: content of the tables, put into the templates beside this module.

A page is a single file that loads nothing else. Its content depends only on the inputs, and so do
its bytes. The templates escape everything that comes from outside; a page allows only its own
script to run, by its hash.
"""

import hashlib
import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from aina_data_engine import say

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
COMMAND = "aina-data-engine --root ."
"""The command line on a page: its reader is in the root's directory."""
SHOWN_CHARACTERS = 200

Rows = list[dict[str, Any]]


def render(template: str, /, *scripts: str, **content: Any) -> str:
    """Render a template with its content, and with the scripts of these names."""
    # Slow to import, and no other command needs it.
    from markupsafe import Markup

    if scripts:
        text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in scripts)
        content["script"] = Markup(text)  # noqa: S704
    return environment().get_template(template).render(**content)


@cache
def environment() -> "Environment":
    """Return the environment of the templates."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        "cell": say.cell,
        "shown": say.shown,
        "short": short,
        "ascii": json.dumps,
        "number": "{:,}".format,
        "percent": "{:.1%}".format,
        "others": others,
        "script_hash": _script_hash,
    }
    return found


def _script_hash(script: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def short(text: object) -> str:
    """Return the beginning of a text, with invisible and control characters escaped."""
    told = say.shown(text)
    return told if len(told) <= SHOWN_CHARACTERS else f"{told[:SHOWN_CHARACTERS]}…"


def others(found: Rows) -> str:
    """Return how many more groups there are than those found; empty where there are no more."""
    left = found[0]["group_count"] - len(found) if found else 0
    return f"and {left:,} more" if left else ""


def rows(cursor: duckdb.DuckDBPyConnection, query: str, *values: object) -> Rows:
    """Return a query's rows, each as a mapping by column name."""
    found = cursor.execute(query, [*values])
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
