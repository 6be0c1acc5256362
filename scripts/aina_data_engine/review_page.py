"""The page on which a person fills in a review sheet, title after title, by keyboard."""

import duckdb

from aina_data_engine import pages
from aina_data_engine.jobs import REVIEW
from aina_data_engine.sql import identifier


def page_of(cursor: duckdb.DuckDBPyConnection, questions: str, sheet: str) -> str:
    """Return the page that asks about the rows of `questions`, the first rows of the sheet."""
    ((total,),) = cursor.execute(f"select count(*) from {identifier(sheet)}").fetchall()
    return pages.render(
        "review.html.jinja",
        "page.js",
        "review.js",
        sheet=sheet,
        total=total,
        questions=pages.rows(cursor, f"from {questions} order by position"),
        occupations=pages.rows(
            cursor, "from review_occupations order by occupation_title, source_ref"
        ),
        importing=f"{pages.COMMAND} {REVIEW}",
    )
