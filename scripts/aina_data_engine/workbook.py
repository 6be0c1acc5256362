"""Review sheets as workbooks (`.xlsx`), read and written by openpyxl."""

import json
import re
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from aina_data_engine.errors import EngineError, unwritable
from aina_data_engine.files import holds_other, open_regular, try_to_write, write_atomically
from aina_data_engine.say import shown

ESCAPED = re.compile("_x([Dd][89ABab][0-9A-Fa-f]{2}__x[Dd][C-Fc-f][0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})_")
"""The escape of a character of UTF-16, or the two of a pair of surrogates."""
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""Characters that XML cannot have, and text that would be read as one: `_xHHHH_`, by ECMA-376."""
EMPTY = (None, "")
LONGEST_CELL = 32_767
"""The most characters of a cell."""
MOST_ROWS = 1_048_576
"""The most rows of a worksheet."""
CHOICES = "choices"
"""The worksheet from which the choices are picked, one row per title."""
NONE = "none"
WIDTHS = {"title_id": 24, "title": 36, "choices": 60, "decision": 44, "reviewer": 18, "note": 36}
HOW_OLD = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
CORE_TEXT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties xmlns:cp='
    '"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)


Value = str | bool | dict[str, str] | None
"""A cell as JSON: a text or the digits of a whole number as a string; true or false; its kind and
its text for dates, times and other numbers."""


@dataclass(frozen=True)
class Worksheet:
    """A worksheet with content: its heads, and its other rows with their numbers."""

    name: str
    heads: list[str]
    rows: list[tuple[int, list[Value]]]

    @property
    def is_list_of_choices(self) -> bool:
        """Whether it is the worksheet of choices that `write_review` adds."""
        cells = [self.heads[0], *(row[0] for _, row in self.rows)]
        return self.name == CHOICES and all(cell == NONE for cell in cells)


class OutOfOrderError(ValueError):
    """A row, or a cell of a row, that openpyxl would leave out in silence."""


def read_workbook(path: Path) -> list[Worksheet]:
    """Return a workbook's worksheets, hidden ones too.

    A formula is read as its value, which may be an empty text, or, if it was never computed, as
    itself, so that its row is not empty. Empty rows do not count. EngineError where the file is not
    a workbook, or is empty.
    """
    try:
        with open_regular(path) as stream:
            content = stream.read()
    except OSError as error:
        raise EngineError(
            f"{shown(path)} cannot be read as a workbook: {error.strerror}."
        ) from error
    try:
        with warnings.catch_warnings(action="ignore"):
            sheets = list(_worksheets(content))
    except OutOfOrderError as error:
        raise EngineError(
            f"{shown(path)} cannot be read as a workbook: it is damaged: {error}."
        ) from error
    except Exception as error:
        # A damaged file fails in openpyxl, zipfile or zlib, with any kind of exception.
        raise EngineError(
            f"{shown(path)} cannot be read as a workbook: it is damaged, encrypted or in another"
            " format."
        ) from error
    if not sheets:
        raise EngineError(f"{shown(path)} is empty: no worksheet has any content.")
    return [sheet for sheet in sheets if not sheet.is_list_of_choices] or sheets


def _worksheets(content: bytes) -> Iterator[Worksheet]:
    """Yield the worksheets with content; ValueError where one has too many rows."""
    readers = [_opened(content, is_reckoned=is_reckoned) for is_reckoned in (True, False)]
    for sheets in zip(*(reader.wb.worksheets for reader in readers), strict=True):
        emptied, merged = _scanned(readers[0], sheets[0])
        if rows := dict(_rows(sheets, emptied)):
            heads = _spread(rows, merged)
            names = [text_of(_value(head)) or "" for head in heads]
            told = [(number, [_value(value) for value in row]) for number, row in rows.items()]
            yield Worksheet(sheets[0].title, names, told[1:])


def _opened(content: bytes, *, is_reckoned: bool) -> Any:
    """Return a reader that has read a workbook without charts; KeyError for a missing worksheet."""
    # Slow to import, and few commands need it.
    from openpyxl.cell.text import Text
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    class Reader(ExcelReader):
        package: Any

        def read_strings(self) -> None:
            # Openpyxl removes "x005F_" from them, and leaves every other text as it is stored.
            if (part := self.package.find(SHARED_STRINGS)) is None:
                return
            with self.archive.open(part.PartName[1:]) as stream:
                for _, element in iterparse(stream):
                    if element.tag == f"{{{SHEET_MAIN_NS}}}si":
                        text: Any = Text.from_tree(element)
                        self.shared_strings.append(text.content)
                        element.clear()

        def read_chartsheet(self, *_: Any) -> None:
            """Leave it out: openpyxl fails on a chart sheet without a chart."""

        def read_worksheets(self) -> None:
            # Openpyxl silently skips a missing worksheet.
            for _, part in self.parser.find_sheets():
                self.archive.getinfo(part.target)
            super().read_worksheets()

    reader = Reader(BytesIO(content), read_only=True, data_only=is_reckoned)
    reader.read()
    return reader


def _rows(
    sheets: tuple[Any, ...], emptied: set[tuple[int, int]]
) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows with content of a worksheet, which is opened both with values and formulas.

    The formulas at the places `emptied` have an empty text as their value.
    """
    found = []
    for sheet in sheets:
        # The size that the file gives for a sheet may be wrong.
        sheet.reset_dimensions()
        found.append(sheet.iter_rows(values_only=True))
    for number, both in enumerate(zip(*found, strict=True), start=1):
        # A row may claim any number, and all rows before it are read as empty ones.
        if number > MOST_ROWS:
            raise ValueError(number)
        row = [
            written if value is None and (number, column) not in emptied else value
            for column, (value, written) in enumerate(zip(*both, strict=True), start=1)
        ]
        if any(value not in EMPTY for value in row):
            yield number, row


def _scanned(
    reader: Any, sheet: Any
) -> tuple[set[tuple[int, int]], list[tuple[int, int, int, int]]]:
    """Return what openpyxl does not tell of a worksheet that it does not hold in memory.

    Where a formula gives an empty text, by row and column, and the merged ranges: first column and
    row, last column and row.
    """
    from openpyxl.utils import range_boundaries
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    names, number = f"{{{SHEET_MAIN_NS}}}", 0
    emptied: set[tuple[int, int]] = set()
    merged: list[Any] = []
    with reader.archive.open(sheet._worksheet_path) as part:
        for _, element in iterparse(part):
            if element.tag == f"{names}row":
                former, number = number, int(float(element.get("r", number + 1)))
                if number <= former:
                    raise _out_of_order(sheet, f"row {number}", f"row {former}")
                for column, cell in _cells(sheet, number, element):
                    # A formula that was never computed has no value, or no text as its kind.
                    if cell.get("t") == "str" and cell.findtext(f"{names}v") == "":
                        emptied.add((number, column))
                element.clear()
            elif element.tag == f"{names}mergeCell":
                merged.append(range_boundaries(element.get("ref")))
    return emptied, merged


def _out_of_order(sheet: Any, what: str, after: str) -> OutOfOrderError:
    name = shown(sheet.title)
    return OutOfOrderError(f"in the worksheet {name}, {what} comes after {after}")


def _cells(sheet: Any, number: int, row: Any) -> Iterator[tuple[int, Any]]:
    """Yield the cells of a row, each with the number of its column."""
    from openpyxl.utils import coordinate_to_tuple

    column = 0
    for cell in row:
        place, former = cell.get("r"), column
        column = coordinate_to_tuple(place)[1] if place else column + 1
        if column <= former:
            raise _out_of_order(sheet, f"cell {column} of row {number}", f"cell {former}")
        yield column, cell


def _spread(rows: dict[int, list[Any]], merged: list[tuple[int, int, int, int]]) -> list[Any]:
    """Copy the first cell's value of a merged range to all of its cells; return the heads.

    A head over several columns belongs to the first, if the others have no content of their own.
    """
    numbers = sorted(rows)
    heads = rows[numbers[0]]
    for row in rows.values():
        row += [None] * (len(heads) - len(row))
    for first, top, last, bottom in merged:
        value = rows[top][first - 1] if top in rows and first <= len(heads) else None
        for number in numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]:
            row = rows[number]
            for column in range(first - 1, min(last, len(row))):
                row[column] = value
    others = [rows[number] for number in numbers[1:]]
    for first, _, last, _ in (place for place in merged if place[1] == numbers[0]):
        for column in range(first, min(last, len(heads))):
            if all(row[column] in (*EMPTY, row[first - 1]) for row in others):
                heads[column] = None
    return heads


def _value(value: Any) -> Value:
    """Return a cell's value; a whole number becomes its digits, and escapes what they mean."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    # A formula over several cells is an object that has the text.
    text = str(getattr(value, "text", value))
    if isinstance(value, (float, date, time, timedelta)):
        return {type(value).__name__: text}
    return ESCAPED.sub(_meant, text)


def _meant(escape: re.Match[str]) -> str:
    """Return the character that an escape means; half of a pair means none, and stays as it is."""
    try:
        return bytes.fromhex(escape[1].replace("__x", "")).decode("utf-16-be")
    except UnicodeDecodeError:
        return escape[0]


def text_of(value: Value) -> str | None:
    """Return any cell's value as text."""
    if isinstance(value, dict):
        return next(iter(value.values()))
    return None if value is None else str(value)


def write_review(review: Path, path: Path) -> tuple[int, list[str]]:
    """Write a review sheet, given as JSON lines, as a workbook.

    Return the number of its rows, and the ids of those left out because a cell cannot hold their id
    or title. Ids are text, the head row stays visible, the choices are a list to pick from. The
    same rows give the same bytes. EngineError where the workbook cannot be written, or the file
    exists with other content.
    """
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    with open_regular(review) as stream:
        every = [json.loads(line) for line in stream]
    rows = [row for row in every if _has_room(row)]
    book = Workbook(write_only=True)
    sheet, choices = book.create_sheet("review"), book.create_sheet(CHOICES)
    choices.sheet_state = "hidden"
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEF", WIDTHS.values(), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.append([_cell(sheet, name) for name in WIDTHS])
    choices.append([])
    widest = 1
    for row in rows:
        listed = [NONE, *row["choices"]]
        widest = max(widest, len(listed))
        told = row | {"choices": "\n".join(row["choices"])}
        sheet.append([_cell(sheet, told[name]) for name in WIDTHS])
        choices.append([_cell(choices, choice) for choice in listed])
    if rows:
        last = _letters(widest)
        # One rule for all rows: its row numbers are relative to the first row.
        rule = DataValidation("list", formula1=f"{CHOICES}!$A2:${last}2", errorStyle="warning")
        rule.add(f"D2:D{len(rows) + 1}")
        sheet.data_validations.append(rule)
    content = BytesIO()
    book.save(content)
    written = _without_times(content)
    try:
        if holds_other(path, written):
            raise _in_the_way(path)
        write_atomically(path, written)
    except OSError as error:
        raise unwritable(shown(path), error) from error
    return len(rows), [row["title_id"] for row in every if not _has_room(row)]


def refuse_no_place(path: Path) -> None:
    """EngineError for a path to which no review sheet can be written, as far as can be foreseen."""
    if path.suffix.lower() != ".xlsx":
        raise EngineError(
            f"--xlsx {shown(path)} is not the name of a workbook: it must end in .xlsx."
        )
    try:
        if _is_of_others(path):
            raise _in_the_way(path)
        try_to_write(path)
    except OSError as error:
        raise unwritable(shown(path), error) from error


def _is_of_others(path: Path) -> bool:
    """Return whether a file exists that is not an unchanged one of `write_review`."""
    try:
        stream = open_regular(path)
    except FileNotFoundError:
        return False
    with stream:
        try:
            return zipfile.ZipFile(stream).read(CORE) != CORE_TEXT.encode()
        except Exception:
            # A damaged file fails in zipfile or zlib, with any kind of exception.
            return True


def _in_the_way(path: Path) -> EngineError:
    return EngineError(
        f"{shown(path)} exists already with other content, perhaps decisions that a person has"
        " filled in. Name another file."
    )


def _has_room(row: dict[str, Any]) -> bool:
    """Return whether id and title have room in a cell: cut off, they would mean no title."""
    return all(len(_escaped(row[name])) <= LONGEST_CELL for name in ("title_id", "title"))


def _escaped(text: str | None) -> str:
    return UNWRITABLE.sub(lambda m: f"_x{ord(m[0]):04X}_", text or "")


def _cell(sheet: Any, text: str | None) -> Any:
    """Return a cell that is text, whatever the text looks like."""
    from openpyxl.cell import WriteOnlyCell

    safe = _escaped(text)[:LONGEST_CELL]
    cell = WriteOnlyCell(sheet, safe or None)
    cell.number_format = "@"
    if safe:
        cell.data_type = "s"
        cell.quotePrefix = True
    return cell


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))


def _without_times(content: BytesIO) -> bytes:
    """Return a workbook's bytes without the time at which it was written."""
    plain = BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(plain, "w") as new:
        for name in sorted(old.namelist()):
            text = CORE_TEXT if name == CORE else old.read(name)
            entry = zipfile.ZipInfo(name, HOW_OLD)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, text)
    return plain.getvalue()
