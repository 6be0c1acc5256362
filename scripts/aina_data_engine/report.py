"""What a run says at its end, for a person."""

from dataclasses import dataclass
from typing import Any, Self

from aina_data_engine.root import Root


@dataclass(frozen=True)
class RunReport:
    """dbt's results of one run, sorted out."""

    gates: list[dict[str, str]]
    """Every test with its result, by name."""
    failed: list[dict[str, Any]]
    """Every node that did not pass, skipped ones aside."""

    @classmethod
    def of(cls, results: list[dict[str, Any]]) -> Self:
        """Sort out the results that the on-run-end hook hands over."""
        gates = [
            {"name": r["name"], "result": r["status"]}
            for r in results
            if r["resource_type"] in ("test", "unit_test")
        ]
        failed = [
            r for r in results if r["status"] in ("fail", "error", "runtime error", "skipped")
        ]
        return cls(sorted(gates, key=lambda g: g["name"]), failed)

    def describe_failures(self, root: Root) -> str:
        """Say which gates failed, with how many rows, and where these can be seen."""
        lines = ["Nothing published. Failed:"]
        for result in (r for r in self.failed if r["status"] != "skipped"):
            lines.append(f"  {result['name']}: {result['message']}")
            if result["failures_table"]:
                lines.append(f"    rows: select * from {result['failures_table']}")
        lines.append(f"  The rows are kept in {root.database}")
        return "\n".join(lines)


def describe_publication(root: Root, summary: dict[str, Any], lanes: list[dict[str, str]]) -> str:
    """Say what was published, and where."""
    lines = [f"Published {root.validation}"]
    for lane in lanes:
        lines.append(f"  {summary['lane_counts'][lane['name']]:>9,}  {lane['label']}")
    for title, section in (
        ("patches", "patch_outcome_counts"),
        ("quarantined lines", "quarantine_counts"),
    ):
        counts = ", ".join(f"{count:,} {name}" for name, count in summary[section].items())
        lines.append(f"  {title}: {counts}")
    lines.append(f"  {len(summary['gates'])} gates passed, generation {summary['generation']}")
    return "\n".join(lines)
