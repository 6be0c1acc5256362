"""The page on which a person fills in a review sheet, title after title, by keyboard."""

import hashlib
import json

import duckdb

from aina_data_engine import pages
from aina_data_engine.jobs import REVIEW
from aina_data_engine.sql import identifier


def page_of(cursor: duckdb.DuckDBPyConnection, questions: str, sheet: str) -> str:
    """Return the page that asks about the rows of `questions`, the first rows of the sheet."""
    ((total,),) = cursor.execute(f"select count(*) from {identifier(sheet)}").fetchall()
    asked = pages.rows(cursor, f"from {questions} order by position")
    return pages.render(
        "review.html.jinja",
        "page.js",
        "review.js",
        sheet=sheet,
        digest=_digest(cursor, asked),
        total=total,
        questions=asked,
        occupations=pages.rows(
            cursor, "from review_occupations order by occupation_title, source_ref"
        ),
        importing=f"{pages.COMMAND} {REVIEW}",
    )


def _digest(cursor: duckdb.DuckDBPyConnection, questions: pages.Rows) -> str:
    """Return a digest of what is asked and of the log, since an undone decision is asked again."""
    log = cursor.execute(
        "select file, sha256 from inputs.files where input = 'semantic_patches' order by file"
    ).fetchall()
    return hashlib.sha256(json.dumps([questions, log]).encode()).hexdigest()
