"""What a job is made of, by its selector in `selectors.yml`, as dbt reads it."""

from collections.abc import Collection

import click
from dbt.artifacts.resources.types import NodeType
from dbt.compilation import Linker
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ManifestNode
from dbt.graph import Graph, NodeSelector


def nodes_left_out(job: str, ran: Collection[str]) -> list[tuple[str, str]]:
    """Return name and kind of what the job's selector chooses and this dbt run has left out.

    Unit tests say nothing of the data: a run without is whole. One without functions has made them
    at its start. A test of no job is left out of every run.
    """
    parsed = click.get_current_context().obj
    manifest: Manifest = parsed["manifest"]
    # Without the search for cycles, which dbt has done: half of the time that this takes.
    manifest.build_parent_and_child_maps()
    graph = Graph(Linker({"incoming_graph_data": manifest.child_map}).graph)
    chosen = NodeSelector(graph, manifest).get_selected(parsed["runtime_config"].get_selector(job))
    chosen |= {key for key, node in manifest.nodes.items() if is_of_no_job(node)}
    nodes = (manifest.nodes[key] for key in sorted(chosen - set(ran)) if key in manifest.nodes)
    return [(node.name, str(node.resource_type)) for node in nodes]


def tests_of_no_job() -> list[str]:
    """Return the names of the tests that no run of a job has, for what they depend on."""
    manifest: Manifest = click.get_current_context().obj["manifest"]
    return sorted(node.name for node in manifest.nodes.values() if is_of_no_job(node))


def is_of_no_job(node: ManifestNode) -> bool:
    """Whether it is a test that depends on no node, so that no selector chooses it."""
    return node.resource_type == NodeType.Test and not node.depends_on.nodes
