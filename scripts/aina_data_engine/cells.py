"""Cells of a sheet, written so that a spreadsheet takes them for text, and read back.

A cell that begins like a formula gets an apostrophe before it, as a person would type it; one that
already begins with such an apostrophe gets another, so that the original text comes back. A
spreadsheet that saves the sheet keeps the apostrophe, or takes it for its own mark and drops it:
both read back the same, except for a text with an apostrophe of its own. That one is recognized by
the title that has it, as is a workbook's text.
"""

from aina_data_engine.sql import literal

FORMULA = r"""'*([\t\r\n]|[\s\p{Z}\p{Cf}"']*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"""
"""How a cell begins that a spreadsheet may take for a formula: OWASP's list, also full-width."""


def guarded(column: str) -> str:
    """Return SQL for a text as a cell that is not a formula."""
    return (
        f"regexp_replace({column}, {literal(f'^({FORMULA})')}, {literal(chr(39) + chr(92) + '1')})"
    )


def read_back(column: str) -> str:
    """Return SQL for the text from which a cell was written."""
    return (
        f"regexp_replace({column}, {literal(f'^{chr(39)}({FORMULA})')}, {literal(chr(92) + '1')})"
    )
