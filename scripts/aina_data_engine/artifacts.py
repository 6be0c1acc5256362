"""The directory `artifacts` belongs to the engine: nothing is written through a link in it.

`artifacts` itself may be a link. Within it only the engine's own links, those of the publications,
are followed: a root may come from someone else, with links to files of the user who builds on it.
"""

import errno
import os
import shutil
import stat
import tempfile
from pathlib import Path

from aina_data_engine.errors import EngineError, unwritable
from aina_data_engine.files import kind_of, open_regular, write_atomically

DATABASE = "engine_room.duckdb"
DIRECTORIES = (
    *("staging", "proposals", "runs", "generations", "target", "logs", "spark"),
    f"{DATABASE}.tmp",
)
WRITTEN_IN_PLACE = ("runs", "generations", ".lock")
"""What no build replaces. Anything else that another user has left there is replaced."""
FILES = (DATABASE, f"{DATABASE}.wal", ".lock", "logs/dbt.log")


def claim(artifacts: Path) -> None:
    """Make the directory ready for a build; EngineError where it cannot be written.

    EngineError too where something else is in the place of the engine's own files.
    """
    # It may be a link, but to a directory. A missing target may be a disk that is not mounted.
    if artifacts.is_symlink() and not artifacts.exists():
        raise EngineError(
            f"{artifacts} is a link to {artifacts.readlink()}, which does not exist. Create that"
            " directory, or remove the link, and run again."
        )
    if not artifacts.is_dir():
        refuse_others(artifacts, stat.S_IFDIR)
    try:
        artifacts.mkdir(exist_ok=True)
        published = list((artifacts / "generations").glob("*"))
        for directory in (*(artifacts / name for name in DIRECTORIES), *published):
            refuse_others(directory, stat.S_IFDIR)
        for name in FILES:
            refuse_others(artifacts / name, stat.S_IFREG)
        (artifacts / "runs").mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=artifacts).close()
        for path in (*(artifacts / name for name in WRITTEN_IN_PLACE), *published):
            _refuse_anothers(path)
        for name in FILES:
            _keep_to_itself(artifacts / name)
    except OSError as error:
        raise unwritable(artifacts, error) from error


def _refuse_anothers(path: Path) -> None:
    """EngineError for something that another user has made and this one may not write to."""
    if path.exists() and not os.access(path, os.W_OK):
        raise unwritable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def refuse_others(path: Path, kind: int) -> None:
    """EngineError for anything there that is not of the `kind`, above all links."""
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_IFMT(found) != kind:
        raise EngineError(
            f"{path} is {kind_of(found)}, in the place of {kind_of(kind)} of the engine's own."
            " Move it away and run again."
        )


def _keep_to_itself(path: Path) -> None:
    """Replace a file that has other names (hard links) by a copy, which is then written to."""
    # Not the lock, since other processes may wait for that file: it is replaced when it is taken.
    if path.name != ".lock" and os.path.lexists(path) and path.lstat().st_nlink > 1:
        with open_regular(path, follow=False) as stream:
            write_atomically(path, stream)


def remove(path: Path) -> None:
    """Remove a file or directory of the engine's own; EngineError where that fails."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        where = error.filename or path
        raise EngineError(
            f"{where} cannot be removed ({error.strerror}). Remove it and run again."
        ) from error


def remove_database(path: Path) -> None:
    """Remove a database of the engine's own, and what a killed process left beside it."""
    for left in ("", ".wal", ".tmp"):
        remove(path.with_name(f"{path.name}{left}"))
