"""The replay by other means: the `jsonpatch` library, with the contract's extra rules.

It shares nothing with the SQL: rows and patches are Python values, a title's patches a plain loop.
"""

import copy
import json
from typing import Any

import jsonpatch
import jsonpointer

STRINGS = ("learner_title", "occupation_code", "hold_reason")
LISTS = ("source_refs", "candidate_source_refs", "caveats")
MEMBERS = ("title_id", "source_title", *STRINGS, *LISTS)
IMMUTABLE = ("title_id", "source_title")
NEEDS = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "from"),
    "copy": ("path", "from"),
    "test": ("path", "value"),
}
INTEGER_EDGES = [
    2**bits - back for bits in (7, 8, 15, 16, 31, 32, 53, 63, 64, 127, 128) for back in (0, 1, 2)
]
"""Around the largest number of every integer type; of floating point's integers too."""


class Failed(Exception):
    """An operation failed, with the contract's code."""


def document(row: dict[str, Any]) -> dict[str, Any]:
    """Return the title document of a source row."""
    made = {name: row.get(name) for name in MEMBERS}
    made["learner_title"] = row.get("learner_title") or row["source_title"]
    if row.get("learner_title") == "":
        made["learner_title"] = ""
    for name in LISTS:
        made[name] = row.get(name) or []
    return made


def _fits(doc: dict[str, Any]) -> bool:
    return all(doc[n] is None or isinstance(doc[n], str) for n in STRINGS) and all(
        isinstance(doc[n], list) and all(isinstance(x, str) for x in doc[n]) for n in LISTS
    )


def _locate(doc: dict[str, Any], path: str, *, inserting: bool) -> list[str]:
    """Return the pointer's tokens; Failed where it leads nowhere."""
    try:
        tokens = jsonpointer.JsonPointer(path).parts
    except jsonpointer.JsonPointerException:
        raise Failed("path_not_found") from None
    if not 1 <= len(tokens) <= 2 or tokens[0] not in doc:
        raise Failed("path_not_found")
    if len(tokens) == 2:
        holder = doc[tokens[0]]
        if not isinstance(holder, list):
            raise Failed("path_not_found")
        if tokens[1] == "-":
            if not inserting:
                raise Failed("path_not_found")
        elif (
            not (tokens[1].isascii() and tokens[1].isdigit())
            or tokens[1] != str(int(tokens[1]))
            or int(tokens[1]) >= len(holder) + inserting
        ):
            raise Failed("path_not_found")
    return tokens


def _check_shape(op: Any) -> None:
    if not isinstance(op, dict) or not isinstance(op.get("op"), str) or op["op"] not in NEEDS:
        raise Failed("op_invalid")
    for need in NEEDS[op["op"]]:
        if need not in op or (need != "value" and not isinstance(op[need], str)):
            raise Failed("op_invalid")


def apply_operation(doc: dict[str, Any], op: Any) -> dict[str, Any]:
    """Return the document after one operation; Failed with its code."""
    _check_shape(op)
    kind = op["op"]
    before = doc
    source = None
    if kind in ("move", "copy"):
        source = _locate(doc, op["from"], inserting=False)
        if kind == "move" and len(source) == 2:
            before = jsonpatch.apply_patch(doc, [{"op": "remove", "path": op["from"]}])
    target = _locate(before, op["path"], inserting=kind in ("add", "move", "copy"))
    writes = [] if kind == "test" else [target] + ([source] if kind == "move" else [])
    if any(tokens[0] in IMMUTABLE for tokens in writes):
        raise Failed("path_immutable")
    if kind in ("remove", "move") and len(source or target) == 1 and source != target:
        raise Failed("member_required")
    try:
        after = jsonpatch.apply_patch(doc, [op])
    except jsonpatch.JsonPatchTestFailed:
        raise Failed("test_failed") from None
    if not _fits(after):
        raise Failed("value_invalid")
    return after


def apply_patch(
    doc: dict[str, Any], ops: list[Any]
) -> tuple[dict[str, Any], str | None, int | None]:
    """Return the document, and the code and index of the first operation that failed."""
    now = copy.deepcopy(doc)
    for index, op in enumerate(ops):
        try:
            now = apply_operation(now, op)
        except Failed as failed:
            return doc, str(failed), index
    return now, None, None


def lanes(doc: dict[str, Any], rejected: bool) -> tuple[str, list[str]]:
    """Return the lane and every rule whose predicate is true."""
    rules = [
        ("explicit_hold", "hold", doc["hold_reason"] is not None),
        ("no_learner_title", "hold", not (doc["learner_title"] or "").strip()),
        ("no_source_ref", "hold", not doc["source_refs"] and not doc["candidate_source_refs"]),
        (
            "candidate_source_ref_only",
            "source_ref_rerun",
            not doc["source_refs"] and bool(doc["candidate_source_refs"]),
        ),
        ("has_caveats", "serviceable_with_caveat", bool(doc["caveats"])),
        ("has_rejected_patch", "serviceable_with_caveat", rejected),
    ]
    holding = [(rule, lane) for rule, lane, holds in rules if holds]
    holding = holding or [("clean", "packet_hardening")]
    return holding[0][1], [rule for rule, _ in holding]


def replay(rows: list[dict], patches: list[dict]) -> tuple[list[dict], list[dict], list[dict]]:
    """Return the replayed rows, the outcomes of the patches, and the members that each changed."""
    contents: dict[str, set[str]] = {}
    for item in patches:
        contents.setdefault(item["patch_id"], set()).add(json.dumps(item, sort_keys=True))
    docs = {row["title_id"]: document(row) for row in rows}
    applied: dict[str, list] = {key: [] for key in docs}
    rejected: dict[str, list] = {key: [] for key in docs}
    outcomes, effects, seen = [], [], set()
    for item in sorted(patches, key=lambda p: (p["patch_seq"], p["patch_id"])):
        title, code, index = item["title_id"], None, None
        before = docs.get(title)
        if len(contents[item["patch_id"]]) > 1:
            outcome, code = "rejected", "patch_id_conflict"
        elif item["patch_id"] in seen:
            outcome = "duplicate"
        elif title not in docs:
            outcome = "orphaned"
        else:
            after, code, index = apply_patch(docs[title], item["ops"])
            outcome = "rejected" if code else ("noop" if after == docs[title] else "applied")
            docs[title] = after
        seen.add(item["patch_id"])
        if title in docs and outcome == "applied":
            applied[title].append(item["patch_id"])
        if title in docs and outcome == "rejected":
            rejected[title].append({"patch_id": item["patch_id"], "code": code, "op_index": index})
        key = {k: item[k] for k in ("title_id", "patch_seq", "patch_id")} | {"outcome": outcome}
        changed = [
            {"member": name, "before": value, "after": docs[title][name]}
            for name, value in (before or {}).items()
            if docs[title][name] != value
        ]
        nothing = {"member": None, "before": None, "after": None}
        effects += [key | change for change in changed or [nothing]]
        outcomes.append(
            {
                **key,
                "code": code,
                "op_index": index,
                **{k: item[k] for k in ("author", "reason")},
            }
        )
    replayed = []
    for row in rows:
        title = row["title_id"]
        lane, reasons = lanes(docs[title], bool(rejected[title]))
        replayed.append(
            {
                **docs[title],
                "runtime_lane": lane,
                "lane_rule_id": reasons[0],
                "lane_reasons": reasons,
                "patches_applied": applied[title],
                "patches_rejected": rejected[title],
                "attributes": {k: v for k, v in row.items() if k not in MEMBERS},
            }
        )
    return replayed, outcomes, effects
