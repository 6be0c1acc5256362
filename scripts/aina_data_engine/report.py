"""What a run reports to a person at its end."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

import duckdb

from aina_data_engine.databases import attach, locked
from aina_data_engine.errors import EngineError, nearest, told_by
from aina_data_engine.export import json_object
from aina_data_engine.jobs import REPLAY
from aina_data_engine.messages import Gate, Lane, NodeResult
from aina_data_engine.receipt import receipts
from aina_data_engine.root import Root
from aina_data_engine.say import counted, quoted, shown, visible
from aina_data_engine.shapes import Summary, counts_of
from aina_data_engine.sql import identifier, literal

SHOWN_FILES = 6
"""How many unread files are named."""
SHOWN_ROWS = 3
"""How many failing rows of a gate are shown."""
NO_BUILD = ("input_error", "not_published")
"""The outcomes of runs that may have reached no gate although nothing broke."""


@dataclass(frozen=True)
class RunReport:
    """dbt's results of one run, sorted."""

    gates: list[Gate]
    """Every data test with its result, by name. Unit tests judge the project, not these data."""
    judged: int
    """The number of data tests and unit tests."""
    failed: list[NodeResult]
    """Every node that did not pass, except skipped ones."""
    warned: list[NodeResult]
    """Gates of severity `warn` that found rows."""
    not_run: list[str]
    """The names of data tests that did not run, for any reason."""

    @classmethod
    def of(cls, results: list[NodeResult], left_out: list[str]) -> Self:
        """Sort the results that the on-run-end hook passes on, and the gates that were left out."""
        gates: list[Gate] = [
            {"name": r["name"], "result": r["status"]}
            for r in results
            if r["resource_type"] == "test"
        ]
        failed = [r for r in results if r["status"] not in ("pass", "success", "warn", "skipped")]
        warned = [r for r in results if r["status"] == "warn"]
        skipped = [g["name"] for g in gates if g["result"] == "skipped"]
        gates.sort(key=lambda gate: gate["name"])
        judged = sum(map(_is_gate, results))
        return cls(gates, judged, failed, warned, sorted([*skipped, *left_out]))

    @property
    def is_broken(self) -> bool:
        """Whether a node failed that is not a gate, so that tables may be missing."""
        return not all(map(_is_gate, self.failed))

    def has_judged(self, gate: str) -> bool:
        """Return whether the gate ran, so that the tables it reads are of this run."""
        return any(g["name"] == gate and g["result"] in ("pass", "fail") for g in self.gates)

    def describe_failures(
        self, cursor: duckdb.DuckDBPyConnection, root: Root, *, publishes: bool
    ) -> str:
        """Describe what failed, the first failing rows of each gate, and how to see the others."""
        gates = sum(map(_is_gate, self.failed))
        what = f"{gates} of {self.judged} gates failed" if gates else "The build broke"
        left = "published; what was published before stands" if publishes else "done"
        lines = [f"{what}. Nothing {left}."]
        for result in self.failed:
            lines += _describe_failure(cursor, root, result)
        return "\n".join([*lines, *self._describe_not_run(), *self.describe_warnings(cursor, root)])

    def describe_warnings(self, cursor: duckdb.DuckDBPyConnection, root: Root) -> list[str]:
        """Describe which gates warned, and the rows they warned about."""
        lines = [f"{counted(len(self.warned), 'gate')} warned:"] if self.warned else []
        for result in self.warned:
            lines += _describe_failure(cursor, root, result)
        return lines

    def _describe_not_run(self) -> list[str]:
        if not self.not_run:
            return []
        return [f"{counted(len(self.not_run), 'gate')} did not run: {', '.join(self.not_run)}"]


def _is_gate(result: NodeResult) -> bool:
    return result["resource_type"] in ("test", "unit_test")


def _describe_failure(
    cursor: duckdb.DuckDBPyConnection, root: Root, result: NodeResult
) -> list[str]:
    lines = [f"  {result['name']}"]
    table = result["failures_table"]
    if not table:
        return [*lines, *(f"    {line}" for line in _own_words(result["message"], result["name"]))]
    count = cursor.execute(f"select count(*) from {table}").fetchall()[0][0]
    lines.append(f"    {counted(count, 'failing row')}")
    for row in _rows(cursor, table, SHOWN_ROWS):
        lines.append(f"      {row if len(row) <= 240 else row[:237] + '...'}")
    which = "All of them" if count > SHOWN_ROWS else "In full"
    return [*lines, f"    {which}: {root.command} failing-rows {quoted(result['name'])}"]


def _own_words(message: object, name: str) -> list[str]:
    """Return the database's message, without dbt's line before it, which only names the node."""
    lines = [line.strip() for line in str(message).splitlines()]
    return lines[1:] if len(lines) > 1 and " Error in " in lines[0] and name in lines[0] else lines


def _rows(cursor: duckdb.DuckDBPyConnection, table: str, limit: int | None) -> list[str]:
    """Return a table's rows as JSON, `title_id` first where there is one."""
    columns = [(name, kind) for name, kind, *_ in cursor.execute(f"describe {table}").fetchall()]
    columns.sort(key=lambda column: column[0] != "title_id")
    at_most = f"limit {limit}" if limit else ""
    found = cursor.execute(f"select {json_object(columns)} from {table} {at_most}")
    return [str(row[0]) for row in found.fetchall()]


def kept_in(results: list[NodeResult]) -> dict[str, str | None]:
    """Return the tables of gates that keep rows under another name; None where none are kept."""
    return {
        result["name"]: result["kept_in"]
        for result in results
        if result["resource_type"] == "test" and result["kept_in"] != _usual_place(result["name"])
    }


def _usual_place(gate: str) -> str:
    return f"main_gates.{gate}"


def failing_rows(root: Root, gate: str) -> list[str]:
    """Return the rows, as JSON, for which a gate failed in the last build; none where it passed.

    The gate is given by its dbt name or by the table that keeps its rows. EngineError where the
    last build has no such gate, or did not reach it.
    """
    if not root.database.exists():
        raise _without_database(root)
    builds = _builds(root)
    build, name = next(((b, n) for b in builds if (n := _name_in(b, gate))), ({}, gate))
    place = build.get("kept_in", {}).get(name, _usual_place(name))
    try:
        with locked(root.database.parent) as connection:
            attach(connection, root.database, "build")
            found = connection.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where database_name = 'build' and schema_name || '.' || table_name = ?",
                (place,),
            ).fetchall()
            for schema, table in found:
                return _rows(connection, f"build.{identifier(schema)}.{identifier(table)}", None)
    except duckdb.Error as error:
        raise EngineError(f"{root.database} cannot be read: {told_by(error)}") from error
    if not build:
        raise _unknown_gate(root, gate, builds)
    _see_that_it_passed(build, name, place)
    return []


def _without_database(root: Root) -> EngineError:
    """Return the error to raise where there is no database: a root had one after any run."""
    if not receipts(root):
        return EngineError(f"No build has run on {root.path} yet. Run {root.call(REPLAY)} first.")
    return EngineError(
        f"{root.database}, with the results of the last build, is missing: the build was stopped,"
        f" or the file was removed. Run {root.call(REPLAY, '--force')} first."
    )


def _builds(root: Root) -> list[dict[str, Any]]:
    """Return the receipts of the builds that reached gates, newest first, back to one that broke.

    Runs that were refused, and runs of a part of the project without a gate, are skipped.
    """
    runs = sorted(receipts(root), key=lambda r: str(r.get("started_at", "")), reverse=True)
    judged = (r for r in runs if r.get("gates") or r.get("outcome") not in NO_BUILD)
    return [*takewhile(lambda r: r.get("gates"), judged)]


def _name_in(build: dict[str, Any], gate: str) -> str | None:
    """Return the name of the gate that has this name or this table of rows; None if none has."""
    if gate in _results(build):
        return gate
    tables = build.get("kept_in", {}).items()
    return next((name for name, place in tables if place and _table_of(place) == gate), None)


def _results(build: dict[str, Any]) -> dict[str, str]:
    return {gate["name"]: gate["result"] for gate in build["gates"]}


def _table_of(place: str) -> str:
    return place.partition(".")[2]


def _unknown_gate(root: Root, gate: str, builds: list[dict[str, Any]]) -> EngineError:
    """Return the error to raise where no build has reached the gate."""
    if not builds:
        return EngineError(
            f"The last build on {root.path} did not reach its gates: it was stopped or broke"
            f" before them. Run {root.call(REPLAY, '--force')} first."
        )
    last = builds[0]
    results, places = _results(last), last.get("kept_in", {}).values()
    failed = "".join(f"\n  {name}" for name, result in results.items() if result != "pass")
    others = f"These did not pass:{failed}" if failed else "All of its gates passed."
    near = nearest(gate, {*results, *(_table_of(place) for place in places if place)})
    return EngineError(f"The last build, {last['job']}, has no gate {gate}.{near} {others}")


def _see_that_it_passed(build: dict[str, Any], gate: str, place: str | None) -> None:
    """EngineError unless the gate, which has no table of rows, passed in the build."""
    result = _results(build)[gate]
    if result == "pass":
        return
    if place is None:
        raise EngineError(
            f"{gate} stores no rows, since store_failures is off for it. Its result was {result}."
        )
    raise EngineError(
        f"The rows of {gate} are gone: its result was {result}, or another command has built since."
        f" Run {build['job']} again."
    )


def describe_publication(summary: Summary, lanes: list[Lane]) -> str:
    """Describe what is published."""
    lines = []
    labels = {lane["name"]: lane["label"] for lane in lanes}
    for section, counts in counts_of(summary).items():
        if section == "lane_counts":
            lines += [f"  {count:>9,}  {labels[lane]}" for lane, count in counts.items()]
            continue
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        lines.append(f"  {section.removesuffix('_counts').replace('_', ' ')}: {told}")
    warned = sum(gate["result"] == "warn" for gate in summary["gates"])
    passed = f"{counted(len(summary['gates']) - warned, 'gate')} passed"
    told = f"{passed} and {warned:,} warned" if warned else passed
    lines.append(f"  {told}, generation {summary['generation']}")
    return "\n".join(lines)


def commonest_reasons(cursor: duckdb.DuckDBPyConnection, quarantine: str) -> list[dict[str, Any]]:
    """Return the commonest reasons for quarantine, with their number of lines."""
    rows = cursor.execute(
        f"select input, reason, count(*) as line_count from {quarantine} group by all"
        f" order by line_count desc, input, reason limit {SHOWN_ROWS}"
    ).fetchall()
    return [dict(zip(("input", "reason", "lines"), row, strict=True)) for row in rows]


def describe_reasons(reasons: list[dict[str, Any]], line_count: int) -> list[str]:
    """Describe the commonest reasons, one per line, and how many lines have others."""
    told = [f"    {r['lines']:,} {r['input']}: {shown(r['reason'])}" for r in reasons]
    left = line_count - sum(r["lines"] for r in reasons)
    return [*told, f"    {left:,} for other reasons"] if left else told


def describe_unread(names: list[str]) -> str:
    """Name the files under the inputs that no run reads; empty where there are none."""
    if not names:
        return ""
    shown_names = ", ".join(shown(name) for name in names[:SHOWN_FILES])
    more = f" and {len(names) - SHOWN_FILES:,} more" if len(names) > SHOWN_FILES else ""
    return f"\n  not read, since no input has such a name or place: {shown_names}{more}"


def describe_proposals(
    cursor: duckdb.DuckDBPyConnection, path: Path | None, example: Callable[[object], str]
) -> str:
    """Describe what each rule proposed, as Markdown; `example` makes the examples into cells."""
    sources = _describe_sources(cursor)
    if not path:
        return f"{sources}\nNothing new to propose."
    rows = cursor.execute(
        "select rule_id, patches, titles, examples from proposal_report order by patches desc, 1"
    ).fetchall()
    total = sum(row[1] for row in rows)
    lines = [
        sources,
        "",
        f"{counted(total, 'patch', 'patches')} proposed in {shown(path)}",
        "",
        "| rule | patches | titles | examples |",
    ]
    lines.append("|---|--:|--:|---|")
    for rule, patches, titles, examples in rows:
        told = "; ".join(map(example, examples))
        lines.append(f"| {rule} | {patches:,} | {titles:,} | {told} |")
    return visible("\n".join(lines)) + "\n"


def _describe_sources(cursor: duckdb.DuckDBPyConnection) -> str:
    """Describe what each harvest source gave, which files are missing, what was set aside."""
    rows = cursor.execute(
        "select source_id, status, evidence_titles, missing_files, set_aside, set_aside_examples"
        " from harvest_source_report order by trust_rank"
    ).fetchall()
    lines = ["Evidence:"]
    for source, status, titles, missing, set_aside, examples in rows:
        lacks = f", without {', '.join(missing)}" if status == "partial" else ""
        lines.append(f"  {source:<10}{status}{lacks}, {counted(titles, 'title')}")
        if set_aside:
            lines.append(f"    set aside: {counted(set_aside, 'record')} of its files")
            lines += [f"      {example}" for example in examples[:SHOWN_ROWS]]
    return "\n".join(lines)


COUNTED = "{:>5} of {:>3}  {:.3f}"
OF_LABELLED_TITLES = (
    (
        "",
        "select rule_id, raw_title, clean_title, wanted_title from labelled_title_results"
        " where not is_as_wanted order by label_id",
        "  {}: {!r} became {!r}, not {!r}",
    ),
    (
        "",
        "select rule_id, title, flagged_by from labelled_flag_results where not is_as_wanted"
        " order by label_id",
        "  {}: {!r} got {}",
    ),
    (
        "Proposals for real postings, judged by hand: how many were right",
        "select rule_id, right_ones, judged, precision from rule_precision order by rule_id",
        f"{{:<18}}{COUNTED}",
    ),
    *(
        (
            f"{what.capitalize()} judged by hand and left out of every fit, by score: how many were"
            " accepted",
            "select low, high, right_ones, judged, coalesce(accepted, 0) from match_calibration"
            f" where what = {literal(what)} order by low",
            f"{{:.2f}} to {{:.2f}}      {COUNTED}",
        )
        for what in ("matches", "guesses", "titles with guesses")
    ),
    (
        "Titles held out of the Handbook: for how many the other titles named the occupation, by",
        "select way, right_ones, titles, accuracy from way_accuracy order by accuracy desc",
        f"{{:<18}}{COUNTED}",
    ),
)
"""What is reported after the rules: a heading, a query, and the format of its rows."""


def describe_accuracy(cursor: duckdb.DuckDBPyConnection) -> str:
    """Describe how many labelled titles come out as wanted, which do not, and how many matches do.

    For each rule: among the titles labelled for it, and among those that it touched (precision).
    """
    rows = cursor.execute(
        "select rule_id, exact, titles, accuracy, touched, coalesce(precision::varchar, '-')"
        " from rule_accuracy order by rule_id"
    ).fetchall()
    exact, titles = sum(row[1] for row in rows), sum(row[2] for row in rows)
    line = f"{{:<18}}{COUNTED}"
    lines = [f"{line}  touched {{:>3}}, precision {{}}".format(*row) for row in rows]
    lines.append(line.format("all", exact, titles, exact / titles))
    for heading, query, told in OF_LABELLED_TITLES:
        lines += ["", heading] if heading else []
        lines += [told.format(*row) for row in cursor.execute(query).fetchall()]
    return "\n".join(lines)
