"""The project as dbt parses it, once for all roots: no var and no root changes the result.

The result is kept in the user's own cache directory, since dbt runs what it reads there; without
such a directory each run parses. A file is named by the hash of all that it was made from. Besides
the whole project, each job has its own part: dbt links, searches and reads again all nodes that it
is given to find those of the job, which takes a fifth of the time of a small job.
"""

import hashlib
import json
import os
import platform
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aina_data_engine.errors import EngineError
from aina_data_engine.files import cache_home, open_regular
from aina_data_engine.root import PROJECT, Root
from aina_data_engine.targets import ENGINE

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PARSED_FROM = ("models", "macros", "functions", "seeds", "tests")
KEPT = 48
"""How many of the latest files stay: each version, checkout or edit has a dozen at most."""


def parsed_project(root: Root, job: str, scratch: Path, target: str = ENGINE) -> "Manifest":
    """Return the part of the parsed project that a job needs; dbt may write in `scratch`."""
    place = _cache(root)
    name = f"{version('aina-data-engine')}-{hash_of_project()}-{target}"

    def whole() -> "Manifest":
        return _kept(place, name, lambda: _parse(scratch, target))

    if target != ENGINE:
        return whole()
    return _kept(place, f"{name}-{job}", lambda: _part_for(job, whole(), scratch))


def _kept(place: Path | None, name: str, make: Callable[[], "Manifest"]) -> "Manifest":
    """Return the manifest kept under this name; if there is none, make it and try to keep it."""
    # Slow to import.
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

    path = place / name if place else None
    if path and (content := _read(path)) is not None:
        return Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)
    manifest = make()
    if path:
        _write(path, manifest.to_msgpack(extended_mashumaro_encoder))
    return manifest


def _parse(scratch: Path, target: str) -> "Manifest":
    asked = ["parse", "--no-partial-parse", f"--target={target}"]
    manifest: Manifest = _ask_dbt(asked, scratch)
    return manifest


def _ask_dbt(asked: list[str], scratch: Path, manifest: "Manifest | None" = None) -> Any:
    """Return the result of a dbt command that builds nothing."""
    from dbt.cli.main import dbtRunner

    places = [f"--project-dir={PROJECT}", f"--profiles-dir={PROJECT}", f"--log-path={scratch}"]
    quietly = [
        "--quiet",
        "--log-level=none",
        "--no-write-json",
        f"--target-path={scratch / 'parsed'}",
    ]
    result = dbtRunner(manifest).invoke([*asked, *quietly, *places])
    if not result.success:
        raise EngineError(
            f"The dbt project at {PROJECT} cannot be parsed. Fix this: {result.exception}"
        )
    return result.result


def _part_for(job: str, manifest: "Manifest", scratch: Path) -> "Manifest":
    """Remove from the project what the job's selector does not choose, and return it.

    Unit tests go too, and the macros that nothing in the project calls, half of dbt's own: dbt
    makes an object of each macro for every node, twice.
    """
    # Slow to import.
    from aina_data_engine.selection import tests_of_no_job

    # The graph that macros see: a twin reads its model's SQL there, whichever job builds the model.
    manifest.build_flat_graph()
    graph = manifest.flat_graph
    asked = ["ls", f"--selector={job}", "--output=json", "--output-keys=unique_id"]
    chosen = {json.loads(line)["unique_id"] for line in _ask_dbt(asked, scratch, manifest)}
    # A test of no job is reported as left out; what it depends on may be in no part.
    of_no_job = tests_of_no_job(manifest)
    for key in of_no_job:
        manifest.nodes[key].depends_on.nodes.clear()
    manifest.nodes = {
        key: node
        for key, node in manifest.nodes.items()
        # The project's hooks are operations.
        if key in chosen | of_no_job or node.resource_type == "operation"
    }
    for unread in (manifest.unit_tests, manifest.exposures, manifest.files):
        unread.clear()
    _take_out_macros(manifest)
    graph["nodes"] = {
        key: node
        for key, node in graph["nodes"].items()
        if key in chosen or node["resource_type"] == "model"
    }
    manifest.flat_graph = graph
    return manifest


def _take_out_macros(manifest: "Manifest") -> None:
    by_name: dict[str, list[str]] = {}
    for key, macro in manifest.macros.items():
        by_name.setdefault(macro.name, []).append(key)
    found = list(_macros_called(manifest, by_name))
    kept: set[str] = set()
    while found:
        if (key := found.pop()) not in kept and key in manifest.macros:
            kept.add(key)
            macro = manifest.macros[key]
            found += macro.depends_on.macros
            # Its implementations, and the macro that dispatches to it.
            general = macro.name.removeprefix("default__").removeprefix("duckdb__")
            for name in (general, f"default__{general}", f"duckdb__{general}"):
                found += by_name.get(name, [])
    manifest.macros = {key: macro for key, macro in manifest.macros.items() if key in kept}


def _macros_called(manifest: "Manifest", by_name: dict[str, list[str]]) -> Iterator[str]:
    """Yield the macros of the project, of its nodes, and those that dbt calls by name."""
    import dbt.adapters.base.impl
    import dbt.adapters.sql.impl

    project = manifest.metadata.project_name
    yield from (key for key, macro in manifest.macros.items() if macro.package_name == project)
    for node in [*manifest.nodes.values(), *manifest.functions.values()]:
        yield from node.depends_on.macros
        for adapter in ("default", "duckdb"):
            name = f"materialization_{node.get_materialization()}_{adapter}"
            yield from by_name.get(name, [])
    for module in (dbt.adapters.base.impl, dbt.adapters.sql.impl):
        for name in (n for n in vars(module) if n.endswith("_MACRO_NAME")):
            yield from by_name.get(getattr(module, name), [])
    # A generic test names its model through this macro, which is not among its dependencies.
    yield from by_name.get("get_where_subquery", [])


def hash_of_project() -> str:
    """Return a digest of every file that dbt parses, of its path, and of the code that reads it."""
    packages = ("dbt-core", "dbt-adapters", "dbt-duckdb")
    told = [
        str(PROJECT),
        platform.python_version(),
        *map(version, packages),
        hash_of_files(PROJECT),
    ]
    digest = hashlib.sha256("\n".join(told).encode(errors="surrogateescape"))
    # This file decides what is removed.
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:32]


@cache
def hash_of_files(project: Path) -> str:
    """Return a digest of every file of a project that dbt parses, wherever the project is.

    It is computed once per process, so that a build is attributed to the files that were read.
    """
    digest = hashlib.sha256()
    for path in sorted(_project_files(project)):
        name = os.fsencode(path.relative_to(project))
        digest.update(b"%d %s %d\n" % (len(name), name, path.stat().st_size))
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _project_files(project: Path) -> Iterator[Path]:
    yield from project.glob("*.yml")
    for name in PARSED_FROM:
        yield from (path for path in (project / name).rglob("*") if path.is_file())


def _cache(root: Root) -> Path | None:
    """Return the cache directory, which no one else can write; None where there is none.

    A directory inside the root does not count: whoever made the root may have made it too.
    """
    try:
        home = cache_home()
        if not home:
            return None
        place = home / "aina-data-engine"
        if place.resolve().is_relative_to(root.path.resolve()) and root.path.resolve() != PROJECT:
            return None
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place if stat.S_ISDIR(place.lstat().st_mode) and _is_own(place.lstat()) else None
    except (OSError, RuntimeError):
        return None


def _is_own(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(path: Path) -> bytes | None:
    """Return what a run has written; None where the file is missing or incomplete."""
    with suppress(OSError), open_regular(path, follow=False) as stream:
        if _is_own(os.fstat(stream.fileno())):
            digest, content = stream.read(32), stream.read()
            return content if hashlib.sha256(content).digest() == digest else None
    return None


def _write(path: Path, content: bytes) -> None:
    """Keep the content for other runs, in one atomic step, if there is room for it."""
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=".next-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(content).digest() + content)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
        former = sorted(path.parent.iterdir(), key=lambda p: -p.lstat().st_mtime_ns)
        for other in former[KEPT:]:
            other.unlink()
