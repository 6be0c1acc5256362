"""Cells of a sheet as a spreadsheet takes them for text, and as they are read back.

A cell that begins like a formula gets an apostrophe before it, as a person would type it; one that
has such an apostrophe already gets another, so that what was written comes back. A spreadsheet that
saves the sheet keeps the apostrophe, or takes it for its own mark and leaves it out: both read the
same, but for a text with an apostrophe of its own, which is known by the title that has it, as is
what a workbook was saved with.
"""

from aina_data_engine.sql import literal

FORMULA = r"""'*([\t\r\n]|[\s\p{Z}\p{Cf}"']*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])"""
"""How a cell begins that a spreadsheet may take for a formula: OWASP's list, full width too."""


def guarded(column: str) -> str:
    """Return SQL for a text as a cell that is no formula."""
    return (
        f"regexp_replace({column}, {literal(f'^({FORMULA})')}, {literal(chr(39) + chr(92) + '1')})"
    )


def read_back(column: str) -> str:
    """Return SQL for the text that a cell was written for."""
    return (
        f"regexp_replace({column}, {literal(f'^{chr(39)}({FORMULA})')}, {literal(chr(92) + '1')})"
    )
