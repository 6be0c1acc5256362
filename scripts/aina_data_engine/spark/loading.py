"""Loading by Spark's workers: each task reads a file, or a piece of one, with the engine's loader.

A task gets paths and writes lines as Parquet: no line passes through the process that runs dbt.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from aina_data_engine import load
from aina_data_engine.errors import EngineError, unreadable
from aina_data_engine.files import BLOCK, open_regular
from aina_data_engine.lines import BYTE_ORDER_MARK
from aina_data_engine.root import LINES, InputFile
from aina_data_engine.sql import literal


@dataclass(frozen=True)
class Piece:
    """Lines of a file that one task loads: the bytes from `start` on, up to `stop` or the end."""

    file: InputFile
    start: int = 0
    stop: int | None = None
    line: int = 0
    """The number of lines before it."""


@dataclass(frozen=True)
class Measured:
    """A file as it is on the disk, and the pieces in which it is loaded."""

    row: load.MeasuredFile
    pieces: list[Piece]


def measured(file: InputFile, most: int) -> Measured:
    """Measure a file; plain JSON lines are split where a piece would be longer than `most`.

    EngineError where it cannot be read.
    """
    is_cut = file.path.suffix.lower() in LINES
    digest, size, lines, pieces = hashlib.sha256(), 0, 0, [Piece(file)]
    try:
        with open_regular(file.path) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
                end = block.rfind(b"\n", 0, -len(BYTE_ORDER_MARK)) + 1
                # At the start of a piece the mark would be taken for a file's, which is not text.
                if end and not block.startswith(BYTE_ORDER_MARK, end):
                    last, cut = pieces[-1], size + end
                    if is_cut and cut - last.start >= most:
                        before = lines + block.count(b"\n", 0, end)
                        pieces[-1:] = [replace(last, stop=cut), Piece(file, cut, line=before)]
                size += len(block)
                lines += block.count(b"\n")
    except OSError as error:
        raise EngineError(
            f"{unreadable(file.path, error)} Every Spark worker reads it under this path."
        ) from error
    return Measured((file.input, file.name, size, digest.hexdigest()), pieces)


def load_piece(piece: Piece, reading: load.Reading, into: Path) -> None:
    """Write the lines of a piece to a Parquet file; EngineError where they cannot be read.

    The file is written whole or not at all, since a task may die, or run twice at once.
    """
    # A worker runs as many tasks at once as it has cores.
    limit = f"{80 // (os.cpu_count() or 1)}%"
    with (
        tempfile.TemporaryDirectory() as scratch,
        # Spark ignores files of a table whose names begin so.
        tempfile.TemporaryDirectory(prefix="_", dir=into.parent) as beside,
        duckdb.connect(
            config={"threads": 1, "memory_limit": limit, "temp_directory": scratch}
        ) as connection,
    ):
        connection.execute(load.SCHEMA)
        alone = _alone(piece, Path(scratch))
        try:
            load.again_where_refused(partial(load.load_file, connection, alone), reading)
        except EngineError as error:
            raise EngineError(str(error).replace(str(alone.path), str(piece.file.path))) from error
        made = Path(beside) / into.name
        connection.execute(
            f"copy (select * replace (line_number + {piece.line} as line_number) from inputs.lines)"
            f" to {literal(made)} (format parquet)"
        )
        made.replace(into)


def _alone(piece: Piece, scratch: Path) -> InputFile:
    """Return a file that has only the piece: the file itself, or a copy of its part."""
    if piece.start == 0 and piece.stop is None:
        return piece.file
    path, position = scratch / piece.file.path.name, piece.start
    with open_regular(piece.file.path) as stream, path.open("wb") as part:
        stream.seek(position)
        while block := stream.read(BLOCK if piece.stop is None else piece.stop - position):
            part.write(block)
            position += len(block)
    return replace(piece.file, path=path)
