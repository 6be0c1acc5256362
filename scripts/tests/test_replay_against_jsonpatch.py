"""The whole replay, compared with an evaluation that shares no code with it."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import oracle
import pytest
from compiled import CompiledReplay
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aina_data_engine.root import Root

# Few different texts, so that tests match, patches meet in the same title and ids repeat.
TEXTS = st.sampled_from(["", " ", "\u00a0", "a", "b", "é", "e\u0301", "\u0000", "a~1/b", '"', "𝕏"])
IDS = st.sampled_from(["t1", "t1", "t2", "t\u0000"])
LISTS = st.lists(TEXTS, max_size=4)
JSON = st.one_of(
    TEXTS,
    LISTS,
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.just({"a": [1, None]}),
    st.just(["a", 1]),
    st.just([None]),
    st.just([["a"]]),
)
# Operations as a curator writes them: most fit the document, so that patches get past the first.
MEMBER = st.sampled_from(["learner_title", "occupation_code", "hold_reason", "source_title"])
LIST = st.sampled_from([*oracle.LISTS, "caveats", "caveats"])
PLACES = st.one_of(
    st.builds("/{}/{}".format, LIST, st.sampled_from(["0", "0", "0", "1", "1", "2", "-", "-"])),
    st.builds("/{}".format, MEMBER),
    st.builds("/{}".format, LIST),
)
SENSIBLE = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["move", "copy"]), "path": PLACES, "from": PLACES}
    ),
    PLACES.map(lambda place: {"op": "move", "path": place, "from": place}),
    st.fixed_dictionaries(
        {
            "op": st.just("remove"),
            "path": st.builds("/{}/{}".format, LIST, st.sampled_from("001")),
        }
    ),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "replace", "test"]),
            "path": st.builds("/{}".format, MEMBER),
            "value": st.one_of(TEXTS, st.none()),
        }
    ),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "add", "replace", "test"]),
            "path": st.builds("/{}/{}".format, LIST, st.sampled_from("001-")),
            "value": TEXTS,
        }
    ),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "replace", "test"]),
            "path": st.builds("/{}".format, LIST),
            "value": LISTS,
        }
    ),
)
# And as no one should: every way to be wrong.
ANY_MEMBER = st.sampled_from([*oracle.MEMBERS, "location", "", "learner~1title"])
ANY_INDEX = st.one_of(
    st.sampled_from(
        ["0", "1", "2", "3", "4", "-", "01", "00", "-1", "", "1e0", "٣", "~0", "9" * 25, "0/0"]
    ),
    st.sampled_from(oracle.INTEGER_EDGES).map(str),
)
ANY_PATH = st.one_of(
    st.builds("/{}".format, ANY_MEMBER),
    st.builds("/{}/{}".format, ANY_MEMBER, ANY_INDEX),
    st.builds("/{}/{}".format, LIST, ANY_INDEX),
    st.sampled_from(["", "/", "learner_title", "/caveats/~", "/caveats~2", "//"]),
)
WRONG = st.one_of(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "replace", "test"]), "path": ANY_PATH, "value": JSON}
    ),
    st.fixed_dictionaries({"op": st.just("remove"), "path": ANY_PATH}),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["move", "copy"]), "path": ANY_PATH, "from": ANY_PATH}
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "op": st.sampled_from(["add", "remove", "copy", "Add", "merge", None]),
            "path": st.one_of(ANY_PATH, st.none()),
            "from": st.one_of(ANY_PATH, st.integers()),
            "value": JSON,
            "note": JSON,
        },
    ),
    JSON,
)
PATCH_OPS = st.one_of(
    st.lists(SENSIBLE, min_size=1, max_size=4),
    st.lists(SENSIBLE, min_size=1, max_size=2),
    st.builds(lambda good, bad: [*good, bad], st.lists(SENSIBLE, max_size=2), WRONG),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"title_id": IDS, "source_title": TEXTS},
        optional={
            "learner_title": st.one_of(TEXTS, st.none()),
            "occupation_code": st.one_of(TEXTS, st.none()),
            "source_refs": st.one_of(LISTS, st.none()),
            "candidate_source_refs": LISTS,
            "caveats": LISTS,
            "hold_reason": st.one_of(TEXTS, st.none()),
            "location": JSON,
            "": JSON,
        },
    ),
    min_size=1,
    unique_by=lambda row: row["title_id"],
)
# Operations that often form one part.
PLAIN = st.one_of(
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "replace", "test"]),
            "path": st.sampled_from(["/learner_title", "/occupation_code", "/hold_reason"]),
            "value": st.one_of(TEXTS, st.none()),
        }
    ),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "replace", "test"]),
            "path": st.builds("/{}".format, LIST),
            "value": st.lists(TEXTS, max_size=1),
        }
    ),
    st.fixed_dictionaries(
        {"op": st.just("add"), "path": st.builds("/{}/-".format, LIST), "value": TEXTS}
    ),
)


def patches_of(ids: st.SearchStrategy, ops: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {
            "patch_id": ids,
            "patch_seq": st.integers(0, 3),
            "title_id": st.sampled_from(["t1"] * 6 + ["t2", "t2", "t\u0000", "nobody"]),
            "author": st.sampled_from(["ann", "bob"]),
            "reason": st.just("because"),
            "ops": ops,
        }
    )


PATCHES = st.lists(
    patches_of(st.sampled_from([f"p{i}" for i in range(60)] + ["pé", "P1"]), PATCH_OPS),
    min_size=4,
    max_size=25,
).flatmap(lambda ps: st.permutations(ps + ps[:2]))
UNREPEATED = st.lists(
    patches_of(st.uuids().map(str), st.one_of(st.lists(PLAIN, min_size=1, max_size=4), PATCH_OPS)),
    min_size=1,
    max_size=12,
    unique_by=lambda patch: patch["patch_id"],
)


def replayed(compiled: CompiledReplay, rows: list[dict], patches: list[dict]) -> tuple:
    with tempfile.TemporaryDirectory() as directory:
        inputs = Path(directory) / "inputs"
        (inputs / "semantic_patches").mkdir(parents=True)
        write(inputs / "title_rows.jsonl", rows)
        write(inputs / "semantic_patches" / "log.jsonl", patches)
        with compiled.run(Root(Path(directory))) as connection:
            stem = "semantic_patch_replay_v1"
            titles = compiled.records(connection, stem)
            outcomes = compiled.records(connection, f"{stem}_patch_outcomes")
            effects = compiled.records(connection, f"{stem}_patch_effects")
            assert not compiled.records(connection, f"{stem}_quarantine")
    for title in titles:
        title.pop("source_row_sha256")
    places = Counter((effect.pop("file"), effect.pop("line_number")) for effect in effects)
    assert {number for _, number in places} == {*range(1, len(patches) + 1)}
    return titles, outcomes, effects


def write(path: Path, items: list[dict]) -> None:
    # Escaped, since a lone surrogate cannot be written otherwise; none is generated here.
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")


def in_order(records: list[dict], *keys: str) -> list[str]:
    ordered = sorted(records, key=lambda r: [(r[k] is not None, r[k] or 0) for k in keys])
    return [json.dumps(r, sort_keys=True) for r in ordered]


def assert_same(compiled: CompiledReplay, rows: list[dict], patches: list[dict]) -> None:
    titles, outcomes, effects = replayed(compiled, rows, patches)
    expected_titles, expected_outcomes, expected_effects = oracle.replay(rows, patches)
    assert in_order(titles, "title_id") == in_order(expected_titles, "title_id")
    keys = ("title_id", "patch_seq", "patch_id", "outcome")
    assert sorted(in_order(outcomes, *keys)) == sorted(in_order(expected_outcomes, *keys))
    assert sorted(in_order(effects, *keys)) == sorted(in_order(expected_effects, *keys))


History = tuple[list[dict], list[dict]]
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def several(count: int, rows: st.SearchStrategy, patches: st.SearchStrategy) -> st.SearchStrategy:
    """Return histories to replay in one run, since a run costs more than a history.

    With more than these, most draws would be too large.
    """
    return st.lists(st.tuples(rows, patches), min_size=count, max_size=count)


def side_by_side(histories: list[History]) -> History:
    """Return the rows and patches of all histories, with separate ids: they do not interact."""
    rows, patches = [], []
    for number, (some_rows, some_patches) in enumerate(histories):
        for items, found in ((some_rows, rows), (some_patches, patches)):
            ids = ("title_id", "patch_id")
            found += [item | {k: f"{number} {item[k]}" for k in ids if k in item} for item in items]
    return rows, patches


@settings(max_examples=25, deadline=None, suppress_health_check=QUIET)
@given(several(6, ROWS, PATCHES))
def test_replay_agrees_with_jsonpatch(compiled: CompiledReplay, histories: list[History]) -> None:
    assert_same(compiled, *side_by_side(histories))


@pytest.fixture(scope="module")
def folded(compiled: CompiledReplay) -> CompiledReplay:
    """Return a replay in which the fold runs every operation."""
    models = [
        (name, kind, f"from ({code}\n) where false" if name == "shape_parts" else code)
        for name, kind, code in compiled.models
    ]
    return CompiledReplay(compiled.functions, models, compiled.gates)


@settings(max_examples=6, deadline=None, suppress_health_check=QUIET)
@given(several(10, ROWS, UNREPEATED))
def test_what_is_replayed_without_the_fold_the_fold_replays_alike(
    compiled: CompiledReplay, folded: CompiledReplay, histories: list[History]
) -> None:
    """Two ways to the same rows: the shorter one implements part of an operation a second time."""
    rows, patches = side_by_side(histories)
    assert_same(compiled, rows, patches)
    assert_same(folded, rows, patches)


def test_patches_that_fit_agree_with_jsonpatch(compiled: CompiledReplay) -> None:
    """Most random operations fail before much is written; here every operation fits."""
    random = Random(5789)
    elements = [f"/{name}/{place}" for name in oracle.LISTS for place in "01--"]
    members = [f"/{name}" for name in (*oracle.STRINGS, "source_title", *oracle.LISTS)]

    def operation() -> dict:
        name, path = random.choice([*oracle.NEEDS, "add"]), random.choice(elements * 2 + members)
        text = random.choice("abc")
        value = [text] if path.removeprefix("/") in oracle.LISTS else text
        return {"op": name, "path": path, "from": random.choice(elements + members), "value": value}

    def fitting(now: dict) -> Iterator[dict]:
        for one in (operation() for _ in range(random.choice([8, 40]))):
            try:
                now = oracle.apply_operation(now, one)
            except oracle.Failed:
                continue
            yield one

    rows = [
        {"title_id": f"t{n}", "source_title": "Cook"} | {name: ["a", "b"] for name in oracle.LISTS}
        for n in range(500)
    ]
    log = [
        {
            "patch_id": row["title_id"],
            "patch_seq": 0,
            "title_id": row["title_id"],
            "author": "ann",
            "reason": "because",
            "ops": ops,
        }
        for row in rows
        if (ops := list(fitting(oracle.document(row))))
    ]
    assert_same(compiled, rows, log)


def test_long_logs_agree_with_jsonpatch(compiled: CompiledReplay) -> None:
    """A replay in chunks gives the same as one in a piece: patches and repeats span chunks."""
    random = Random(6902)

    def operation() -> dict:
        place = random.choice(["/caveats/-", "/caveats/0", "/caveats/1", "/hold_reason"])
        name = random.choice(["add", "add", "replace", "remove", "test"])
        if name == "add" or place == "/hold_reason":
            return {"op": "add", "path": place, "value": random.choice("abc")}
        return {"op": name, "path": place.replace("-", "2"), "value": random.choice("abc")}

    def of(title: str, sizes: list[int]) -> list[dict]:
        return [
            {
                "patch_id": f"{title} {number}",
                "patch_seq": number,
                "title_id": title,
                "author": "ann",
                "reason": "because",
                "ops": [operation() for _ in range(size)],
            }
            for number, size in enumerate(sizes)
        ]

    one = of("one patch", [1200])
    one[0]["ops"] = [{"op": "add", "path": "/hold_reason", "value": str(n)} for n in range(1200)]
    log = of("many patches", [2] * 500) + one + of("both", [1, 400, 3, 170, 171, 1, 600, 2])
    repeats = of("repeats", [1] * 3) + [of("repeats", [1])[0]] * 300 + of("repeats", [1] * 400)[3:]
    rows = [
        {"title_id": t, "source_title": "Cook"}
        for t in ("many patches", "one patch", "both", "repeats")
    ]
    assert_same(compiled, rows, log + repeats)
