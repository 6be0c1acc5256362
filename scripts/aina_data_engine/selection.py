"""The nodes of a job, by its selector in `selectors.yml`, as dbt reads it."""

from collections.abc import Callable, Collection
from typing import cast

import click
from dbt.artifacts.resources.types import NodeType
from dbt.compilation import Linker
from dbt.config.selectors import selector_config_from_data, selector_data_from_root
from dbt.contracts.graph.manifest import Manifest
from dbt.graph import Graph, NodeSelector, SelectionSpec

from aina_data_engine.jobs import JOBS
from aina_data_engine.root import PROJECT

OF_NO_JOB = (
    "does not depend on models that one job builds, so no job runs it. Let it ref() only models"
    " that a single job builds"
)


def nodes_left_out(job: str, ran: Collection[str]) -> list[tuple[str, str]]:
    """Return name and kind of the nodes that the job's selector chooses and this run left out.

    Unit tests say nothing about the data: a run without them is complete. Functions are created at
    the start of a run. A test that belongs to no job is left out of every run.
    """
    parsed = click.get_current_context().obj
    manifest: Manifest = parsed["manifest"]
    chosen_by = _selected(manifest, parsed["runtime_config"].get_selector)
    chosen = chosen_by(job)
    chosen |= _of_no_job(manifest, chosen_by, chosen)
    nodes = (manifest.nodes[key] for key in sorted(chosen - set(ran)) if key in manifest.nodes)
    return [(node.name, str(node.resource_type)) for node in nodes]


def names_of_no_job(job: str) -> list[str]:
    """Return the names of the tests that no job runs, because of what they depend on."""
    parsed = click.get_current_context().obj
    manifest: Manifest = parsed["manifest"]
    chosen_by = _selected(manifest, parsed["runtime_config"].get_selector)
    found = _of_no_job(manifest, chosen_by, chosen_by(job))
    return sorted(manifest.nodes[key].name for key in found)


def tests_of_no_job(manifest: Manifest) -> set[str]:
    """Return the keys of the tests that no job runs; call it after a command of dbt's.

    The selectors are read with that command's flags.
    """
    selectors = selector_config_from_data(selector_data_from_root(str(PROJECT)))
    chosen_by = _selected(manifest, lambda job: cast("SelectionSpec", selectors[job]["definition"]))
    return _of_no_job(manifest, chosen_by)


def _selected(
    manifest: Manifest, selector_of: Callable[[str], SelectionSpec]
) -> Callable[[str], set[str]]:
    # Without the search for cycles, which dbt has done already and which would double the time.
    manifest.build_parent_and_child_maps()
    selector = NodeSelector(
        Graph(Linker({"incoming_graph_data": manifest.child_map}).graph), manifest
    )
    return lambda job: selector.get_selected(selector_of(job))


def _of_no_job(
    manifest: Manifest, chosen_by: Callable[[str], set[str]], chosen: Collection[str] = ()
) -> set[str]:
    """Return the tests of models that jobs build, one or several, that no job chooses.

    Tests of a model that no job builds are not the engine's concern.
    """
    judged = {
        key: set(node.depends_on.nodes)
        for key, node in manifest.nodes.items()
        if node.resource_type == NodeType.Test and key not in chosen
    }
    # A job's part of the project has no other tests, see `parsed`.
    if not any(judged.values()):
        return set(judged)
    built = set[str]().union(*map(chosen_by, JOBS))
    return {key for key in judged.keys() - built if judged[key] <= built}
