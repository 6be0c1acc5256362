"""The dbt project where the engine is installed as a package: it lies in the package, as data.

Nothing is written into an installation. dbt writes beside the project it builds, so whoever runs
dbt gets a copy of their own.
"""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from aina_data_engine import __version__
from aina_data_engine.errors import EngineError
from aina_data_engine.root import IS_INSTALLED, PROJECT


def whole(path: Path) -> Path:
    """Return a path from the top; EngineError where the working directory is gone."""
    try:
        return path.absolute()
    except FileNotFoundError as error:
        raise EngineError(
            "The directory that you are in is gone. Go to one that is there, or name each path from"
            " the top."
        ) from error


def default_root() -> Path:
    """Return the root where none is named: a checkout's own, else where one stands in a root.

    EngineError where there is none.
    """
    if not IS_INSTALLED:
        return PROJECT
    here = whole(Path())
    if not (here / "inputs").is_dir():
        raise EngineError(
            f"No root is named, and {here} has no directory `inputs`. Name one with --root DIR, or"
            " make one with: aina-data-engine init DIR"
        )
    return here


def project_dir() -> Path:
    """Return the dbt project, a checkout or a copy of the installed one.

    The copy lies in the user's cache directory (XDG Base Directory), by its content, so that what
    an installation is updated with, or an edited copy, is never mixed up with another one.
    EngineError where it cannot be written.
    """
    if not IS_INSTALLED:
        return PROJECT
    place = _cache() / f"{__version__}-{_digest(PROJECT)}"
    if place.is_dir():
        return place
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            fresh = Path(scratch) / "project"
            shutil.copytree(PROJECT, fresh, ignore=shutil.ignore_patterns("__pycache__"))
            # Another process may have made it meanwhile.
            with suppress(FileExistsError):
                fresh.rename(place)
    except OSError as error:
        raise EngineError(
            f"{place} cannot be written ({error.strerror}). dbt needs a copy of the project that it"
            " may write beside; name another place in the environment variable XDG_CACHE_HOME."
        ) from error
    return place


def _cache() -> Path:
    asked = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = asked if asked.is_absolute() else Path.home() / ".cache"
    return base / "aina-data-engine-project"


def _digest(project: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in project.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(project)}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
