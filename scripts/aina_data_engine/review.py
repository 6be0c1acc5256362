"""Load a review sheet of `mine-holds` that a person has filled in."""

import shutil
from pathlib import Path

import duckdb

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.load import lines, pointer
from aina_data_engine.sql import identifier, literal

SHEET_COLUMNS = ("title_id", "decision", "reviewer", "note")


def load_review_sheet(cursor: duckdb.DuckDBPyConnection, path: Path, staging: Path) -> None:
    """Fill `engine.review_sheet` from a sheet, JSON lines or CSV, that a person has filled in.

    EngineError for one that cannot be read or lacks a column.
    """
    # The database reads nothing beyond the root.
    copied = staging / f"sheet{path.suffix}"
    shutil.copyfile(path, copied)
    try:
        if path.suffix == ".csv":
            reader = (
                f"read_csv({literal(copied)}, all_varchar = true, header = true, delim = ',',"
                " quote = '\"', escape = '\"', sample_size = 1)"
            )
            found = [row[0] for row in cursor.execute(f"describe from {reader}").fetchall()]
            values = [identifier(name) for name in SHEET_COLUMNS]
        else:
            reader = lines(copied)
            found = _keys_of_all(cursor, path, reader)
            values = [f"line ->> {literal(pointer(name))}" for name in SHEET_COLUMNS]
        if missing := [name for name in SHEET_COLUMNS if name not in found]:
            raise EngineError(
                f"{path} has no column {', '.join(missing)}; it has {', '.join(found)}. A review"
                " sheet has those of hold_mining_v1_review."
            )
        cursor.execute(
            "insert into engine.review_sheet"
            f" select row_number() over (), {', '.join(values)} from {reader}"
        )
    except duckdb.Error as error:
        what = told_by(error).replace(str(copied), str(path))
        raise EngineError(f"{path} cannot be read: {what}") from error
    finally:
        copied.unlink()


def _keys_of_all(cursor: duckdb.DuckDBPyConnection, path: Path, reader: str) -> list[str]:
    """Return the keys that every line's object has; EngineError for a line that is no object."""
    numbered = f"(select row_number() over () as nth, line from {reader})"
    wrong = cursor.execute(
        f"select min(nth) from {numbered}"
        " where not json_valid(line) or json_type(try_cast(line as json)) <> 'OBJECT'"
    ).fetchall()[0][0]
    if wrong:
        raise EngineError(f"{path}, line {wrong}: not a JSON object.")
    rows = cursor.execute(
        "select key from (select unnest(json_keys(line)) as key, nth"
        f" from {numbered}) group by key having count(*) = (select count(*) from {reader})"
        " order by min(nth), key"
    ).fetchall()
    return [row[0] for row in rows]
