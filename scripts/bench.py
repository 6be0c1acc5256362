"""How fast the replay is: the engine and its peers, on a root of any size, in turns.

`bench.py all TITLES PATCHES TIMES DIR` makes a root, runs every peer TIMES times, each in its own
process, and writes a table, `DIR/bench.md`, and a plot, `DIR/bench.svg`: the median, least and most
CPU seconds (user and system, including child processes), wall seconds and peak memory. It fails
unless the engine and the two loops wrote the same bytes.

The peers are what one would write to get the same files: `floor`, DuckDB reading and writing about
the same bytes without replaying anything; `hand`, a Python loop with operations hand-written for
just these patches; `jsonpatch`, the same loop with the `jsonpatch` library. The loops read and
write JSON with `orjson` if it is installed.
"""

import hashlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

try:
    from orjson import dumps, loads
except ImportError:
    from json import loads

    def dumps(value: object) -> bytes:
        """Return compact JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


STEM = "semantic_patch_replay_v1"
ROWS, LOG = "inputs/title_rows.jsonl", "inputs/semantic_patches/log.jsonl"
LANES = {
    "hold": "holds",
    "source_ref_rerun": "source_ref_rerun",
    "serviceable_with_caveat": "serviceable_with_caveat",
    "packet_hardening": "packet_hardening",
}
LISTS = ("source_refs", "candidate_source_refs", "caveats")
OUTCOME = ("title_id", "patch_seq", "patch_id", "outcome", "code", "op_index", "author", "reason")
PEERS = ("floor", "hand", "jsonpatch", "engine")


class Spent(NamedTuple):
    """The resources that a process used, including its children."""

    cpu: float
    wall: float
    peak_mb: float


# The root: of ten patches, five clean a title, three attach evidence, one moves it, one fails.


def make(root: Path, titles: int, patches: int) -> None:
    """Write a root, always the same for the same numbers."""
    (root / LOG).parent.mkdir(parents=True, exist_ok=True)
    with (root / ROWS).open("wb") as file:
        file.writelines(dumps(_row(number)) + b"\n" for number in range(titles))
    with (root / LOG).open("wb") as file:
        file.writelines(dumps(patch) + b"\n" for patch in _patches(titles, patches))


def _row(number: int) -> dict[str, object]:
    made: dict[str, object] = {
        "title_id": f"t{number:08d}",
        "source_title": f"Nurse, Night Shift - {number % 977}",
        "company": f"Company {number % 5000}",
        "location": f"City {number % 300}, ST",
        "posted_at": 1_760_000_000 + number,
    }
    if number % 3 == 0:
        made["source_refs"] = [f"onet:{number % 900:02d}"]
    if number % 7 == 0:
        made["caveats"] = ["generic_title"]
    return made


def _patches(titles: int, patches: int) -> Iterator[dict[str, object]]:
    chosen = random.Random(9)  # noqa: S311
    for number in range(patches):
        title = number % titles if number < titles * 0.8 else chosen.randrange(titles)
        yield {
            "patch_id": f"p{number:08d}",
            "patch_seq": number,
            "title_id": f"t{title:08d}",
            "author": "rule:bench",
            "reason": "because it is so",
            "ops": _operations(number),
        }


def _operations(number: int) -> list[dict[str, object]]:
    kind = number % 10
    if kind < 5:
        code = f"{number % 99:02d}-{number % 9999:04d}"
        return [
            {"op": "test", "path": "/occupation_code", "value": None},
            {"op": "replace", "path": "/learner_title", "value": f"Title {number % 7919}"},
            {"op": "add", "path": "/occupation_code", "value": code},
        ]
    if kind < 8:
        return [
            {"op": "add", "path": "/source_refs/-", "value": f"bls:{number % 800}"},
            {"op": "add", "path": "/caveats/-", "value": "near_evidence_only"},
            {"op": "test", "path": "/hold_reason", "value": None},
        ]
    if kind < 9:
        source = f"esco:{number % 800}"
        return [
            {"op": "add", "path": "/candidate_source_refs/0", "value": source},
            {"op": "move", "from": "/candidate_source_refs/0", "path": "/source_refs/0"},
            {"op": "copy", "from": "/source_title", "path": "/learner_title"},
        ]
    return [
        {"op": "test", "path": "/learner_title", "value": "no such title"},
        {"op": "remove", "path": "/caveats/0"},
        {"op": "replace", "path": "/hold_reason", "value": "x"},
    ]


# The peers.


def floor(root: Path, out: Path) -> None:
    """Read the files, sort, write about the same bytes."""
    text, texts = "varchar", "varchar[]"
    columns = {"title_id": text, "source_title": text, "company": text, "location": text}
    columns |= {"posted_at": "bigint", "source_refs": texts, "caveats": texts}
    patch = {"patch_id": text, "patch_seq": "bigint", "title_id": text, "author": text}
    with duckdb.connect() as connection:
        for table, path, shape in (
            ("titles", ROWS, columns),
            ("patches", LOG, patch | {"reason": text, "ops": "json"}),
        ):
            connection.execute(
                f"create table {table} as from read_json('{root / path}', columns = {shape})"
            )
        line = """
        select
            title_id, source_title, source_title as learner_title, null as occupation_code,
            coalesce(source_refs, []) as source_refs, []::varchar[] as candidate_source_refs,
            coalesce(caveats, []) as caveats, null as hold_reason, 'hold' as runtime_lane,
            'clean' as lane_rule_id, ['clean'] as lane_reasons, [title_id] as patches_applied,
            [] as patches_rejected, sha256(title_id) as source_row_sha256,
            {company: company, location: location, posted_at: posted_at} as attributes
        from titles
        order by title_id
        """
        for name in ("rows", "lanes"):
            connection.execute(f"copy ({line}) to '{out / name}.jsonl' (format json)")
        connection.execute(
            "copy (select title_id, patch_seq, patch_id, 'applied' as outcome, null as code,"
            " null as op_index, author, reason from patches order by all)"
            f" to '{out}/outcomes.jsonl' (format json)"
        )


class Failed(Exception):  # noqa: N818
    """The operation of this index failed."""


Apply = Callable[[dict[str, Any], list[dict[str, Any]]], dict[str, Any]]


def by_hand(document: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply operations, with only the checks that these patches need."""
    made = dict(document)
    for index, operation in enumerate(operations):
        kind, (_, member, *place) = operation["op"], operation["path"].split("/")
        if kind == "test":
            if made[member] != operation["value"]:
                raise Failed(index)
            continue
        value = operation.get("value")
        if kind in ("move", "copy"):
            _, source, *at = operation["from"].split("/")
            value = made[source][int(at[0])] if at else made[source]
            if kind == "move":
                made[source] = made[source][: int(at[0])] + made[source][int(at[0]) + 1 :]
        if not place:
            made[member] = value
        else:
            items = made[member]
            start = len(items) if place[0] == "-" else int(place[0])
            made[member] = [*items[:start], value, *items[start:]]
    return made


def by_library(document: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply operations with `jsonpatch`; in these patches only a first operation can fail."""
    import jsonpatch

    try:
        return dict(jsonpatch.apply_patch(document, operations))
    except jsonpatch.JsonPatchException as error:
        raise Failed(0) from error


def loop(root: Path, out: Path, apply: Apply) -> None:
    """Replay in one process, one title at a time, and write the published files."""
    documents, outcomes = _read_rows(root), []
    log: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (root / LOG).open("rb"):
        patch = loads(line)
        log[patch["title_id"]].append(patch)
    for title, patches in log.items():
        row = documents[title]
        for patch in sorted(patches, key=lambda p: (p["patch_seq"], p["patch_id"])):
            told: tuple[object, ...] = ("noop", None, None)
            try:
                made = apply(row["document"], patch["ops"])
                if made != row["document"]:
                    told = ("applied", None, None)
                    row["applied"].append(patch["patch_id"])
                row["document"] = made
            except Failed as failed:
                told = ("rejected", "test_failed", failed.args[0])
                rejected = (patch["patch_id"], *told[1:])
                row["rejected"].append(
                    dict(zip(("patch_id", "code", "op_index"), rejected, strict=True))
                )
            keys = (title, patch["patch_seq"], patch["patch_id"])
            outcomes.append((*keys, *told, patch["author"], patch["reason"]))
    _write(out, documents, outcomes)


def _read_rows(root: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for line in (root / ROWS).open("rb"):
        raw = line.rstrip(b"\n")
        given = loads(raw)
        document = {key: given.pop(key) for key in ("title_id", "source_title")}
        document["learner_title"] = given.pop("learner_title", None) or document["source_title"]
        document["occupation_code"] = given.pop("occupation_code", None)
        document |= {key: given.pop(key, None) or [] for key in LISTS}
        document["hold_reason"] = given.pop("hold_reason", None)
        found[document["title_id"]] = {
            "document": document,
            "sha256": hashlib.sha256(raw).hexdigest(),
            "attributes": given,
            "applied": [],
            "rejected": [],
        }
    return found


def _reasons(document: dict[str, Any], rejected: list[object]) -> list[tuple[str, str]]:
    sources, candidates = document["source_refs"], document["candidate_source_refs"]
    rules = (
        ("explicit_hold", "hold", document["hold_reason"] is not None),
        ("no_learner_title", "hold", not (document["learner_title"] or "").strip()),
        ("no_source_ref", "hold", not sources and not candidates),
        ("candidate_source_ref_only", "source_ref_rerun", not sources and bool(candidates)),
        ("has_caveats", "serviceable_with_caveat", bool(document["caveats"])),
        ("has_rejected_patch", "serviceable_with_caveat", bool(rejected)),
    )
    return [rule[:2] for rule in rules if rule[2]] or [("clean", "packet_hardening")]


def _write(out: Path, documents: dict[str, dict[str, Any]], outcomes: list[Any]) -> None:
    whole = (out / f"{STEM}.jsonl").open("wb")
    lanes = {lane: (out / f"{STEM}_{stem}.jsonl").open("wb") for lane, stem in LANES.items()}
    for title in sorted(documents):
        row = documents[title]
        reasons = _reasons(row["document"], row["rejected"])
        line = {
            **row["document"],
            "runtime_lane": reasons[0][1],
            "lane_rule_id": reasons[0][0],
            "lane_reasons": [rule for rule, _ in reasons],
            "patches_applied": row["applied"],
            "patches_rejected": row["rejected"],
            "source_row_sha256": row["sha256"],
            "attributes": row["attributes"],
        }
        for file in (whole, lanes[reasons[0][1]]):
            file.write(dumps(line) + b"\n")
    outcomes.sort(key=lambda outcome: outcome[:3])
    with (out / f"{STEM}_patch_outcomes.jsonl").open("wb") as file:
        file.writelines(dumps(dict(zip(OUTCOME, told, strict=True))) + b"\n" for told in outcomes)
    for file in (whole, *lanes.values()):
        file.close()


# The comparison.


def spend(command: list[str]) -> Spent:
    """Run a command to its end; CalledProcessError where it fails."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, command)
    return Spent(used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss / 1024)


def command_of(peer: str, root: Path) -> list[str]:
    """Return the command that runs a peer."""
    if peer == "engine":
        module = [sys.executable, "-m", "aina_data_engine.cli"]
        return [*module, "--root", str(root), "semantic-patch-replay"]
    return [sys.executable, __file__, peer, str(root)]


def files_of(place: Path) -> dict[str, str]:
    """Return the hashes by name of the files that every peer except the floor writes."""
    stems = ("", *(f"_{stem}" for stem in LANES.values()), "_patch_outcomes")
    found = {}
    for stem in stems:
        with (place / f"{STEM}{stem}.jsonl").open("rb") as file:
            found[stem] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def compare(root: Path, times: int) -> dict[str, list[Spent]]:
    """Run the peers in turns; AssertionError where their files differ."""
    spent: dict[str, list[Spent]] = {peer: [] for peer in PEERS}
    for _ in range(times):
        for peer in PEERS:
            shutil.rmtree(root / "artifacts", ignore_errors=True)
            spent[peer].append(spend(command_of(peer, root)))
            print(f"{peer:10} {spent[peer][-1]}", flush=True)  # noqa: T201
    published = files_of(root / "artifacts" / "validation")
    for peer in ("hand", "jsonpatch"):
        if files_of(root / "out" / peer) != published:
            raise AssertionError(f"{peer} and the engine did not write the same")
    return spent


def table(spent: dict[str, list[Spent]], root: Path) -> str:
    """Return the figures as Markdown, then the engine's seconds by stage."""
    least = statistics.median(run.cpu for run in spent["floor"])
    lines = ["| | CPU s | to the floor | wall s | peak MB |", "|---|--:|--:|--:|--:|"]
    for peer, runs in spent.items():
        cpus = [run.cpu for run in runs]
        cpu, wall, peak = (statistics.median(column) for column in zip(*runs, strict=True))
        spread = f"{cpu:.1f} ({min(cpus):.1f} to {max(cpus):.1f})"
        lines.append(f"| {peer} | {spread} | {cpu / least:.1f} | {wall:.1f} | {peak:,.0f} |")
    (receipt,) = (root / "artifacts" / "runs").glob("*.json")
    stages = json.loads(receipt.read_text(encoding="utf-8"))["timings"]
    told = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in stages.items())
    return "\n".join(
        [*lines, "", f"The engine's seconds by stage, two models side by side: {told}."]
    )


def plot(spent: dict[str, list[Spent]]) -> str:
    """Return the median CPU seconds as bars, an SVG."""
    cpus = {peer: statistics.median(run.cpu for run in runs) for peer, runs in spent.items()}
    bars = []
    for number, (peer, cpu) in enumerate(cpus.items()):
        top, width = 10 + 30 * number, 400 * cpu / max(cpus.values())
        bars.append(f'<text x="90" y="{top + 15}" text-anchor="end">{peer}</text>')
        bars.append(f'<rect x="100" y="{top}" width="{width:.0f}" height="20" fill="#357"/>')
        bars.append(f'<text x="{108 + width:.0f}" y="{top + 15}">{cpu:.1f} s</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="580" height="140" font-size="14">'
    return "\n".join([head, *bars, "</svg>\n"])


def main(arguments: list[str]) -> None:
    """Run one peer on a root, or all of them."""
    what, *rest = arguments
    if what == "all":
        titles, patches, times = map(int, rest[:3])
        root = Path(rest[3])
        make(root, titles, patches)
        spent = compare(root, times)
        told = f"{titles:,} titles, {patches:,} patches, {times} runs each.\n\n{table(spent, root)}"
        (root / "bench.md").write_text(told + "\n", encoding="utf-8")
        (root / "bench.svg").write_text(plot(spent), encoding="utf-8")
        print(told)  # noqa: T201
        return
    root = Path(rest[0])
    out = root / "out" / what
    out.mkdir(parents=True, exist_ok=True)
    if what == "floor":
        floor(root, out)
    else:
        loop(root, out, {"hand": by_hand, "jsonpatch": by_library}[what])


if __name__ == "__main__":
    main(sys.argv[1:])
