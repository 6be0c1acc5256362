"""The dbt project when the engine is installed: it is in the package, as data.

Nothing is written into an installation. dbt writes beside the project that it builds, so a user who
runs dbt gets their own copy.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path

from aina_data_engine import __version__
from aina_data_engine.errors import EngineError
from aina_data_engine.files import cache_home
from aina_data_engine.root import IS_INSTALLED, PROJECT


def whole(path: Path) -> Path:
    """Return an absolute path; EngineError where the working directory is gone."""
    try:
        return path.absolute()
    except FileNotFoundError as error:
        raise EngineError(
            "The current directory is gone. Change to one that exists, or give absolute paths."
        ) from error


def default_root() -> Path:
    """Return the root when none is given: in a checkout the project, else the current directory.

    EngineError where the current directory is not a root.
    """
    if not IS_INSTALLED:
        return PROJECT
    here = whole(Path())
    if not (here / "inputs").is_dir():
        raise EngineError(
            f"No root is given, and {here} has no directory `inputs`. Name a root with --root DIR,"
            " or make one with: aina-data-engine init DIR"
        )
    return here


def project_dir() -> Path:
    """Return the dbt project: the checkout, or a copy of the installed one.

    The copy is in the user's cache directory (XDG Base Directory), named by its content, so that an
    updated installation, or an edited copy, is never mixed up with another one. EngineError where
    it cannot be written.
    """
    if not IS_INSTALLED:
        return PROJECT
    home = cache_home()
    if not home:
        raise EngineError(
            "dbt needs a copy of the project that it may write beside, and you have no home for it."
            " Name a place in the environment variable XDG_CACHE_HOME."
        )
    place = home / "aina-data-engine-project" / f"{__version__}-{_digest(PROJECT)}"
    if place.is_dir():
        return place
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            fresh = Path(scratch) / "project"
            shutil.copytree(PROJECT, fresh, ignore=shutil.ignore_patterns("__pycache__"))
            try:
                fresh.rename(place)
            except OSError:
                # Another process may have made it in the meantime.
                if not place.is_dir():
                    raise
    except OSError as error:
        raise EngineError(
            f"{place} cannot be written ({error.strerror}). dbt needs a copy of the project in a"
            " writable directory; name one in the environment variable XDG_CACHE_HOME."
        ) from error
    return place


def _digest(project: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in project.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(project)}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
