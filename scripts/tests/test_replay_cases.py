"""The replay, case by case: RFC 6902's own examples, every code, order and atomicity.

Each case is a title of its own; all are replayed in one run.
"""

import json
from dataclasses import dataclass, field

import pytest
from compiled import CompiledReplay
from conftest import STEM, RootDir, patch, row
from oracle import INTEGER_EDGES

from aina_data_engine.root import Root


@dataclass(frozen=True)
class Case:
    """The operations of one patch on one document, and their outcome."""

    ops: list
    outcome: str = "applied"
    code: str | None = None
    op_index: int | None = None
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)


def op(name: str, path: object = None, **members: object) -> dict:
    """Return an operation; `from_` stands for `from`, which cannot be a name in Python."""
    made = {"op": name, **({"path": path} if path is not None else {}), **members}
    return {key.rstrip("_"): value for key, value in made.items()}


def fails(code: str, *ops: object, index: int = 0, **before: object) -> Case:
    return Case(list(ops), "rejected", code, index, before)


# RFC 6902, appendix A. `foo` in the examples is `caveats` here where it is a list, and a string
# member where it is a string; what the document's permanent members forbid is rejected with its
# code.
RFC_6902 = {
    "A.1 adding an object member": Case(
        [op("add", "/occupation_code", value="qux")], after={"occupation_code": "qux"}
    ),
    "A.2 adding an array element": Case(
        [op("add", "/caveats/1", value="qux")],
        before={"caveats": ["bar", "baz"]},
        after={"caveats": ["bar", "qux", "baz"]},
    ),
    "A.3 removing an object member": fails("member_required", op("remove", "/occupation_code")),
    "A.4 removing an array element": Case(
        [op("remove", "/caveats/1")],
        before={"caveats": ["bar", "qux", "baz"]},
        after={"caveats": ["bar", "baz"]},
    ),
    "A.5 replacing a value": Case(
        [op("replace", "/occupation_code", value="boo")],
        before={"occupation_code": "baz"},
        after={"occupation_code": "boo"},
    ),
    "A.6 moving a value, a whole member": fails(
        "member_required", op("move", "/learner_title", from_="/hold_reason"), hold_reason="x"
    ),
    "A.6 moving a value, an element": Case(
        [op("move", "/source_refs/-", from_="/candidate_source_refs/0")],
        before={"source_refs": ["b"], "candidate_source_refs": ["w"]},
        after={"source_refs": ["b", "w"], "candidate_source_refs": []},
    ),
    "A.7 moving an array element": Case(
        [op("move", "/caveats/3", from_="/caveats/1")],
        before={"caveats": ["all", "grass", "cows", "eat"]},
        after={"caveats": ["all", "cows", "eat", "grass"]},
    ),
    "A.8 testing a value, success": Case(
        [op("test", "/occupation_code", value="qux"), op("test", "/caveats/1", value="2")],
        "noop",
        before={"occupation_code": "qux", "caveats": ["a", "2", "c"]},
        after={},
    ),
    "A.9 testing a value, error": fails(
        "test_failed", op("test", "/occupation_code", value="bar"), occupation_code="qux"
    ),
    "A.10 adding a nested member object": fails(
        "value_invalid", op("add", "/occupation_code", value={"grandchild": {}})
    ),
    "A.11 ignoring unrecognized elements": Case(
        [op("add", "/occupation_code", value="qux", xyz=123)], after={"occupation_code": "qux"}
    ),
    "A.12 adding to a non-existent target": fails(
        "path_not_found", op("add", "/baz/bat", value="qux")
    ),
    # A.13, a repeated key, is refused: its meaning is undefined.
    "A.13 invalid JSON Patch document": fails("op_invalid", {"__raw__": "twice"}),
    "A.14 ~ escape ordering": fails("path_not_found", op("test", "/~01", value="10")),
    "A.15 comparing strings and numbers": fails(
        "test_failed", op("test", "/occupation_code", value=10), occupation_code="10"
    ),
    "A.16 adding an array value": fails(
        "value_invalid", op("add", "/caveats/-", value=["abc", "def"]), caveats=["bar"]
    ),
}

CODES = {
    # op_invalid: not an operation, or without a member that it needs.
    "no object": fails("op_invalid", "add"),
    "null": fails("op_invalid", None),
    "no op": fails("op_invalid", {"path": "/caveats/0"}),
    "op in capitals": fails("op_invalid", op("Add", "/caveats/0", value="x")),
    "op is a number": fails("op_invalid", {"op": 1, "path": "/caveats/0"}),
    "no path": fails("op_invalid", op("remove")),
    "path is a number": fails("op_invalid", op("remove", 0)),
    "add without value": fails("op_invalid", op("add", "/hold_reason")),
    "replace without value": fails("op_invalid", op("replace", "/nowhere")),
    "test without value": fails("op_invalid", op("test", "/hold_reason")),
    "move without from": fails("op_invalid", op("move", "/caveats/0", value="x")),
    "from is null": fails("op_invalid", op("copy", "/caveats/0", from_=None)),
    "value null is there": Case(
        [op("add", "/hold_reason", value=None)],
        before={"hold_reason": "x"},
        after={"hold_reason": None},
    ),
    # path_not_found
    "whole document": fails("path_not_found", op("replace", "", value={})),
    "unknown member": fails("path_not_found", op("add", "/title", value="x")),
    "empty name": fails("path_not_found", op("add", "/", value="x")),
    "passed-through field": fails("path_not_found", op("test", "/company", value="x"), company="x"),
    "no leading slash": fails("path_not_found", op("add", "hold_reason", value="x")),
    "bad escape": fails("path_not_found", op("add", "/caveats/~2", value="x")),
    "escape at the end": fails("path_not_found", op("add", "/hold_reason~", value="x")),
    "name in capitals": fails("path_not_found", op("add", "/Caveats/-", value="x")),
    "below a string": fails("path_not_found", op("add", "/learner_title/0", value="x")),
    "below an element": fails(
        "path_not_found", op("add", "/caveats/0/0", value="x"), caveats=["a"]
    ),
    "index out of range": fails("path_not_found", op("remove", "/caveats/1"), caveats=["a"]),
    "add two past the end": fails(
        "path_not_found", op("add", "/caveats/2", value="x"), caveats=["a"]
    ),
    "add just past the end": Case(
        [op("add", "/caveats/1", value="x")],
        before={"caveats": ["a"]},
        after={"caveats": ["a", "x"]},
    ),
    "replace just past the end": fails(
        "path_not_found", op("replace", "/caveats/1", value="x"), caveats=["a"]
    ),
    "leading zero": fails("path_not_found", op("remove", "/caveats/00"), caveats=["a"]),
    "signed index": fails("path_not_found", op("remove", "/caveats/-0"), caveats=["a"]),
    "digits of another script": fails("path_not_found", op("remove", "/caveats/٠"), caveats=["a"]),
    "remove at the end": fails("path_not_found", op("remove", "/caveats/-"), caveats=["a"]),
    "replace at the end": fails("path_not_found", op("replace", "/caveats/-", value="x")),
    "test at the end": fails("path_not_found", op("test", "/caveats/-", value="x")),
    "from the end": fails(
        "path_not_found", op("copy", "/caveats/0", from_="/caveats/-"), caveats=["a"]
    ),
    "from nowhere": fails("path_not_found", op("copy", "/hold_reason", from_="/nowhere")),
    "moved past what is left": fails(
        "path_not_found", op("move", "/caveats/2", from_="/caveats/0"), caveats=["a", "b"]
    ),
    # `move` onto its own place
    "a string member onto itself": Case(
        [op("move", "/learner_title", from_="/learner_title")], "noop"
    ),
    "a null member onto itself": Case([op("move", "/hold_reason", from_="/hold_reason")], "noop"),
    "a list onto itself": Case(
        [op("move", "/caveats", from_="/caveats")], "noop", before={"caveats": ["a", "b"]}
    ),
    "an empty list onto itself": Case([op("move", "/caveats", from_="/caveats")], "noop"),
    "an element onto itself": Case(
        [op("move", "/caveats/1", from_="/caveats/1")], "noop", before={"caveats": ["a", "b"]}
    ),
    "the last element to the end": Case(
        [op("move", "/caveats/-", from_="/caveats/1")], "noop", before={"caveats": ["a", "b"]}
    ),
    "an element that is not there onto itself": fails(
        "path_not_found", op("move", "/caveats/1", from_="/caveats/1"), caveats=["a"]
    ),
    "the end onto itself": fails(
        "path_not_found", op("move", "/caveats/-", from_="/caveats/-"), caveats=["a"]
    ),
    "an unknown member onto itself": fails("path_not_found", op("move", "/x", from_="/x"), x="a"),
    "evidence onto itself": fails(
        "path_immutable", op("move", "/source_title", from_="/source_title")
    ),
    "a list into itself": fails(
        "member_required", op("move", "/caveats/0", from_="/caveats"), caveats=["a"]
    ),
    # path_immutable
    "write title_id": fails("path_immutable", op("replace", "/title_id", value="x")),
    "write source_title": fails("path_immutable", op("add", "/source_title", value="Cook")),
    "copy into source_title": fails(
        "path_immutable", op("copy", "/source_title", from_="/learner_title")
    ),
    "remove source_title": fails("path_immutable", op("remove", "/source_title")),
    "move source_title away": fails(
        "path_immutable", op("move", "/learner_title", from_="/source_title")
    ),
    "test and copy may read it": Case(
        [
            op("test", "/source_title", value="Cook"),
            op("copy", "/learner_title", from_="/source_title"),
        ],
        before={"learner_title": "x"},
        after={"learner_title": "Cook"},
    ),
    # member_required
    "remove a list": fails("member_required", op("remove", "/caveats"), caveats=["a"]),
    "move a list": fails("member_required", op("move", "/source_refs", from_="/caveats")),
    # value_invalid
    "number into a string": fails("value_invalid", op("add", "/learner_title", value=1)),
    "list into a string": fails("value_invalid", op("add", "/learner_title", value=["x"])),
    "string into a list": fails("value_invalid", op("replace", "/caveats", value="x")),
    "null into a list": fails("value_invalid", op("replace", "/caveats", value=None)),
    "null as an element": fails("value_invalid", op("add", "/caveats/-", value=None)),
    "list with a number": fails("value_invalid", op("add", "/caveats", value=["x", 1])),
    "string copied over a list": fails(
        "value_invalid", op("copy", "/caveats", from_="/source_title")
    ),
    "list copied over a string": fails(
        "value_invalid", op("copy", "/hold_reason", from_="/caveats")
    ),
    "null copied into a list": fails(
        "value_invalid", op("copy", "/caveats/-", from_="/hold_reason")
    ),
    "string copied into a list": Case(
        [op("copy", "/caveats/-", from_="/hold_reason")],
        before={"hold_reason": "x"},
        after={"caveats": ["x"]},
    ),
    "list copied over a list": Case(
        [op("copy", "/source_refs", from_="/candidate_source_refs")],
        before={"source_refs": ["a"], "candidate_source_refs": ["b", "c"]},
        after={"source_refs": ["b", "c"]},
    ),
    "element moved into a string": Case(
        [op("move", "/hold_reason", from_="/caveats/0")],
        before={"caveats": ["x", "y"]},
        after={"caveats": ["y"], "hold_reason": "x"},
    ),
    # test_failed
    "test of null, which is": Case([op("test", "/hold_reason", value=None)], "noop"),
    "test of null, which is not": fails("test_failed", op("test", "/source_title", value=None)),
    "test of another type": fails("test_failed", op("test", "/caveats", value={})),
    "test of a list in another order": fails(
        "test_failed", op("test", "/caveats", value=["b", "a"]), caveats=["a", "b"]
    ),
    "test of a list's beginning": fails(
        "test_failed", op("test", "/caveats", value=["a"]), caveats=["a", "b"]
    ),
    "test of a whole list": Case(
        [op("test", "/caveats", value=["a", "b"])], "noop", before={"caveats": ["a", "b"]}
    ),
    "test of an empty list with null": fails("test_failed", op("test", "/caveats", value=None)),
    "test of a combining form": fails(
        "test_failed", op("test", "/hold_reason", value="é"), hold_reason="e\u0301"
    ),
    # Where several codes apply, the first in the contract's table counts.
    "op_invalid before path_not_found": fails("op_invalid", op("add", "/nowhere")),
    "path_not_found before path_immutable": fails(
        "path_not_found", op("move", "/title_id", from_="/nowhere")
    ),
    "an index out of range before path_immutable": fails(
        "path_not_found", op("copy", "/title_id", from_="/caveats/0")
    ),
    "path_immutable before member_required": fails("path_immutable", op("remove", "/title_id")),
    "path_immutable before value_invalid": fails(
        "path_immutable", op("add", "/source_title", value=1)
    ),
    "path_not_found before value_invalid": fails(
        "path_not_found", op("add", "/caveats/9", value=1)
    ),
    "path_not_found before test_failed": fails("path_not_found", op("test", "/caveats/0", value=1)),
}

PATCHES = {
    "the first operation that fails counts": fails(
        "test_failed",
        op("add", "/hold_reason", value="x"),
        op("add", "/caveats/-", value="y"),
        op("test", "/hold_reason", value="z"),
        op("remove", "/caveats"),
        index=2,
    ),
    "operations see what came before": Case(
        [
            op("add", "/caveats/-", value="a"),
            op("add", "/caveats/0", value="b"),
            op("test", "/caveats", value=["b", "a"]),
            op("move", "/caveats/1", from_="/caveats/0"),
            op("copy", "/hold_reason", from_="/caveats/1"),
        ],
        after={"caveats": ["a", "b"], "hold_reason": "b"},
    ),
    "what is undone again is no change": Case(
        [
            op("add", "/caveats/-", value="a"),
            op("remove", "/caveats/0"),
            op("replace", "/learner_title", value="Cook"),
        ],
        "noop",
    ),
    "an operation that fails spoils a patch that would change nothing": fails(
        "path_not_found",
        op("test", "/source_title", value="Cook"),
        op("remove", "/caveats/0"),
        index=1,
    ),
}

# The public suite json-patch-tests (github.com/json-patch/json-patch-tests, Apache-2.0), adapted to
# a title: the cases of its `tests.json`, and section 4.1 of its `spec_tests.json`, whose other
# cases are RFC 6902's, above. Its lists are `caveats` here, its members `occupation_code` and
# `hold_reason`; where it has a number, an object or another document in their place, the case
# expects the code that refuses it.
ONE, TWO, FOUR = ["foo"], ["foo", "sil"], ["1", "2", "3", "4"]
PUBLIC_SUITE = {
    "add replaces what is there": Case(
        [op("add", "/hold_reason", value="1")],
        before={"hold_reason": "0"},
        after={"hold_reason": "1"},
    ),
    "add replaces null": Case([op("add", "/hold_reason", value="1")], after={"hold_reason": "1"}),
    "add to an empty list, by index": Case(
        [op("add", "/caveats/0", value="foo")], after={"caveats": ONE}
    ),
    "add to an empty list, at its end": Case(
        [op("add", "/caveats/-", value="foo")], after={"caveats": ONE}
    ),
    "a string of digits stays a string": Case(
        [op("add", "/occupation_code", value="1")], after={"occupation_code": "1"}
    ),
    "an integer is none": fails("value_invalid", op("add", "/occupation_code", value=1)),
    "true is no string": fails("value_invalid", op("add", "/occupation_code", value=True)),
    "false is no string": fails("value_invalid", op("add", "/occupation_code", value=False)),
    "no document replaces the document, by add": fails("path_not_found", op("add", "", value=[])),
    "no document is tested whole": fails("path_not_found", op("test", "", value={"foo": 1})),
    "an end slash names a member of its own": fails(
        "path_not_found", op("add", "/caveats/", value="x")
    ),
    "0 may be a member's name": fails("path_not_found", op("add", "/0", value="x")),
    "add a composite value": Case([op("add", "/caveats", value=FOUR)], after={"caveats": FOUR}),
    "add below an element": fails(
        "path_not_found", op("add", "/caveats/0/foo", value="world"), caveats=ONE
    ),
    "add past the upper bound": fails(
        "path_not_found", op("add", "/caveats/8", value="5"), caveats=TWO
    ),
    "add past the lower bound": fails(
        "path_not_found", op("add", "/caveats/-1", value="5"), caveats=TWO
    ),
    "add null to a list": fails("value_invalid", op("add", "/caveats/-", value=None), caveats=ONE),
    "add at the end by index": Case(
        [op("add", "/caveats/1", value="bar")],
        before={"caveats": ONE},
        after={"caveats": ["foo", "bar"]},
    ),
    "add in the middle": Case(
        [op("add", "/caveats/1", value="bar")],
        before={"caveats": TWO},
        after={"caveats": ["foo", "bar", "sil"]},
    ),
    "add at the beginning": Case(
        [op("add", "/caveats/0", value="bar")],
        before={"caveats": TWO},
        after={"caveats": ["bar", "foo", "sil"]},
    ),
    "add one past the end": fails(
        "path_not_found", op("add", "/caveats/3", value="bar"), caveats=TWO
    ),
    "add at a name in a list": fails(
        "path_not_found", op("add", "/caveats/bar", value="42"), caveats=TWO
    ),
    "a list added to a list is not flattened": fails(
        "value_invalid", op("add", "/caveats/1", value=["bar", "baz"]), caveats=TWO
    ),
    "a list that replaces an element is not flattened": fails(
        "value_invalid", op("replace", "/caveats/1", value=["bar", "baz"]), caveats=TWO
    ),
    "remove below an element": fails("path_not_found", op("remove", "/caveats/0/qux"), caveats=ONE),
    "remove the first": Case(
        [op("remove", "/caveats/0")], before={"caveats": FOUR}, after={"caveats": FOUR[1:]}
    ),
    "removes see each other": Case(
        [op("remove", "/caveats/1"), op("remove", "/caveats/2")],
        before={"caveats": FOUR},
        after={"caveats": ["1", "3"]},
    ),
    "remove what is not there": fails("path_not_found", op("remove", "/baz")),
    "remove an index that is not there": fails(
        "path_not_found", op("remove", "/caveats/2"), caveats=TWO
    ),
    "replace a whole list": Case(
        [op("replace", "/caveats", value=FOUR)], before={"caveats": ONE}, after={"caveats": FOUR}
    ),
    "replace an element": Case(
        [op("replace", "/caveats/0", value="bar")],
        before={"caveats": ONE},
        after={"caveats": ["bar"]},
    ),
    "replace the empty string": Case(
        [op("replace", "/caveats/0", value="0")], before={"caveats": [""]}, after={"caveats": ["0"]}
    ),
    **{
        f"replace an element by {value}": fails(
            "value_invalid", op("replace", "/caveats/0", value=value), caveats=[""]
        )
        for value in (0, True, False, None)
    },
    "replace below a member that is not there": fails(
        "path_not_found", op("replace", "/foo/bar", value=False)
    ),
    "a member that is null is there, for test": Case(
        [op("test", "/hold_reason", value=None)], "noop"
    ),
    "a member that is null is there, for replace": Case(
        [op("replace", "/hold_reason", value="truthy")], after={"hold_reason": "truthy"}
    ),
    "a member that is null is there, for move": fails(
        "member_required", op("move", "/occupation_code", from_="/hold_reason")
    ),
    "a member that is null is there, for copy": Case(
        [op("copy", "/occupation_code", from_="/hold_reason")],
        before={"occupation_code": "x"},
        after={"occupation_code": None},
    ),
    "a member that is null is there, for remove": fails(
        "member_required", op("remove", "/hold_reason")
    ),
    "replace by null": Case(
        [op("replace", "/hold_reason", value=None)],
        before={"hold_reason": "bar"},
        after={"hold_reason": None},
    ),
    "test knows no members of its own": Case(
        [op("test", "/source_title", value="Cook", spurious=1)], "noop"
    ),
    "test of a list, which holds": Case(
        [op("test", "/caveats", value=FOUR)], "noop", before={"caveats": FOUR}
    ),
    "test of a list's first two": fails(
        "test_failed", op("test", "/caveats", value=["1", "2"]), caveats=FOUR
    ),
    "tests of a list and of its element": Case(
        [op("test", "/caveats", value=TWO), op("test", "/caveats/0", value="foo")],
        "noop",
        before={"caveats": TWO},
    ),
    **{
        f"characters that a pointer leaves as they are: {name}": fails(
            "path_not_found", op("test", f"/{name}", value=1), **{name: 1}
        )
        for name in ("c%d", "e^f", "g|h", "i\\j", 'k"l', " ", "1e0")
    },
    "~1 and ~0 name passed-through fields too": fails(
        "path_not_found", op("test", "/a~1b", value=1), **{"a/b": 1, "m~n": 8}
    ),
    "move to the same place has no effect": Case(
        [op("move", "/occupation_code", from_="/occupation_code")],
        "noop",
        before={"occupation_code": "1"},
    ),
    "move an element to another list": Case(
        [op("move", "/source_refs/1", from_="/caveats/0")],
        before={"caveats": ["hello"], "source_refs": ["a"]},
        after={"caveats": [], "source_refs": ["a", "hello"]},
    ),
    "copy an element to a member": Case(
        [op("copy", "/hold_reason", from_="/caveats/0")],
        before={"caveats": ONE},
        after={"hold_reason": "foo"},
    ),
    "add at the end": Case(
        [op("add", "/caveats/-", value="bar")],
        before={"caveats": ONE},
        after={"caveats": ["foo", "bar"]},
    ),
    **{
        f"1e0 is no index, for {made['op']}": fails("path_not_found", made, caveats=FOUR)
        for made in (
            op("test", "/caveats/1e0", value="2"),
            op("remove", "/caveats/1e0"),
            op("replace", "/caveats/1e0", value="x"),
            op("copy", "/hold_reason", from_="/caveats/1e0"),
            op("move", "/hold_reason", from_="/caveats/1e0"),
            op("add", "/caveats/1e0", value="x"),
        )
    },
    **{
        f"{made['op']} lacks what it needs, at an element": fails("op_invalid", made, caveats=ONE)
        for made in (
            op("add", "/caveats/-"),
            op("replace", "/caveats/0"),
            op("test", "/caveats/0"),
            op("copy", "/caveats/-"),
            op("move", ""),
        )
    },
    "an op that is none": fails("op_invalid", op("spam", "/hold_reason", value="1")),
    "a leading zero, of 0": fails(
        "path_not_found", op("test", "/caveats/00", value="foo"), caveats=TWO
    ),
    "a leading zero, of 1": fails(
        "path_not_found", op("test", "/caveats/01", value="sil"), caveats=TWO
    ),
    "4.1 nothing is made on the way": fails("path_not_found", op("add", "/a/b", value=1)),
}


def at_index(index: int) -> dict[str, Case]:
    """Return every operation with an index past the end of any list, as `path` and as `from`."""
    place, other = f"/caveats/{index}", "/source_refs/0"
    operations = [
        op("add", place, value="x"),
        op("remove", place),
        op("replace", place, value="x"),
        op("test", place, value="a"),
        *(op(name, place, from_=other) for name in ("move", "copy")),
        *(op(name, other, from_=place) for name in ("move", "copy")),
        *(op(name, place, from_=place) for name in ("move", "copy")),
    ]
    return {
        f"{made['op']} from {made.get('from')} at {made['path']}": fails(
            "path_not_found", made, caveats=["a", "b"]
        )
        for made in operations
    }


INDICES = {
    name: case
    for index in (*INTEGER_EDGES, 10**18, 10**18 - 1, 10**30)
    for name, case in at_index(index).items()
}
CASES = RFC_6902 | CODES | PATCHES | PUBLIC_SUITE | INDICES
assert len(CASES) == sum(map(len, (RFC_6902, CODES, PATCHES, PUBLIC_SUITE, INDICES)))
TWICE = '{"op": "add", "path": "/caveats/-", "value": "x", "op": "remove"}'


def line(name: str, case: Case) -> object:
    made = patch(f"p {name}", name, *case.ops)
    if case.ops == [{"__raw__": "twice"}]:
        return json.dumps(made).replace('{"__raw__": "twice"}', TWICE)
    return made


@pytest.fixture(scope="module")
def replayed(
    compiled: CompiledReplay, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, dict], dict[str, dict]]:
    root = RootDir(tmp_path_factory.mktemp("cases"))
    root.title_rows(*(row(name, **case.before) for name, case in CASES.items()))
    root.patches(*(line(name, case) for name, case in CASES.items()))
    with compiled.run(Root(root.path)) as connection:
        assert not compiled.records(connection, f"{STEM}_quarantine")
        titles = {r["title_id"]: r for r in compiled.records(connection, STEM)}
        outcomes = compiled.records(connection, f"{STEM}_patch_outcomes")
    return titles, {outcome["title_id"]: outcome for outcome in outcomes}


@pytest.mark.parametrize("name", CASES)
def test_case(replayed: tuple, name: str) -> None:
    titles, outcomes = replayed
    case = CASES[name]
    told = {key: outcomes[name][key] for key in ("outcome", "code", "op_index")}
    assert told == {"outcome": case.outcome, "code": case.code, "op_index": case.op_index}
    untouched = row(name, learner_title="Cook", caveats=[], candidate_source_refs=[])
    untouched |= {"occupation_code": None, "hold_reason": None}
    expected = untouched | case.before | case.after
    attributes = {k: expected.pop(k) for k in list(expected) if k not in titles[name]}
    assert {key: titles[name][key] for key in expected} == expected
    assert titles[name]["attributes"] == attributes
    said = [{"patch_id": f"p {name}", "code": case.code, "op_index": case.op_index}]
    assert titles[name]["patches_rejected"] == (said if case.code else [])
    assert titles[name]["patches_applied"] == ([f"p {name}"] * (case.outcome == "applied"))


def hold(patch_id: str, seq: int, value: str, title_id: str = "t1") -> dict:
    return patch(
        patch_id, title_id, op("add", "/caveats/-", value=value), patch_seq=seq, reason=value
    )


def test_order_is_by_number_and_then_by_code_point(compiled: CompiledReplay, root: RootDir) -> None:
    """By `patch_seq`, a number, then `patch_id`, by code point: not by locale or UTF-16."""
    ids = ["B", "a", "ä", "\ue000", "𝕏"]
    log = [hold(name, 5, f"5{name}") for name in ids]
    log += [hold("z", 0, "0"), hold("y", 10, "10"), hold("x", 9, "9")]
    root.title_rows(row()).patches(*log[::2], name="z.jsonl").patches(*log[1::2], name="a.jsonl")
    with compiled.run(Root(root.path)) as connection:
        (title,) = compiled.records(connection, STEM)
    assert title["patches_applied"] == ["z", *ids, "x", "y"]
    assert title["caveats"] == ["0", *(f"5{name}" for name in ids), "9", "10"]


def test_repeats_conflicts_and_orphans(compiled: CompiledReplay, root: RootDir) -> None:
    """A conflict wins over a duplicate, a duplicate over an orphan; keys are unordered."""
    same = hold("same", 1, "s")
    turned = dict(reversed(same.items()))
    log = [same, turned, same, hold("other", 2, "o"), hold("other", 3, "o")]
    log += [hold("astray", 1, "x", "nobody")] * 2
    log += [hold("both", 1, "x", "nobody"), hold("both", 1, "x", "t1")]
    log += [hold("next", 4, "n")]
    # A whole number becomes its digits.
    log += [hold("five", 1, "f", 5), hold("five", 1, "f", "5"), hold("five", 1, "f", "5")]
    log += [hold("six", 1, "f", 5), hold("six", 1, "f", "6")]
    root.title_rows(row()).patches(*log)
    with compiled.run(Root(root.path)) as connection:
        (title,) = compiled.records(connection, STEM)
        outcomes = compiled.records(connection, f"{STEM}_patch_outcomes")
    told = sorted((o["patch_id"], o["title_id"], o["outcome"], o["op_index"]) for o in outcomes)
    assert told == [
        ("astray", "nobody", "duplicate", None),
        ("astray", "nobody", "orphaned", None),
        ("both", "nobody", "rejected", None),
        ("both", "t1", "rejected", None),
        *[("five", "5", "duplicate", None)] * 2,
        ("five", "5", "orphaned", None),
        ("next", "t1", "applied", None),
        ("other", "t1", "rejected", None),
        ("other", "t1", "rejected", None),
        ("same", "t1", "applied", None),
        ("same", "t1", "duplicate", None),
        ("same", "t1", "duplicate", None),
        ("six", "5", "rejected", None),
        ("six", "6", "rejected", None),
    ]
    codes = {o["patch_id"]: o["code"] for o in outcomes}
    assert codes["both"] == codes["other"] == "patch_id_conflict"
    assert title["caveats"] == ["s", "n"]
    told = [(r["patch_id"], r["code"], r["op_index"]) for r in title["patches_rejected"]]
    assert told == [(name, "patch_id_conflict", None) for name in ("both", "other", "other")]


def test_a_rejected_patch_leaves_the_next_one_its_document(
    compiled: CompiledReplay, root: RootDir
) -> None:
    spoiled = patch(
        "b", "t1", op("add", "/caveats/-", value="no"), op("remove", "/source_refs/5"), patch_seq=2
    )
    after = patch("c", "t1", op("test", "/caveats", value=["yes"]), patch_seq=3)
    root.title_rows(row()).patches(hold("a", 1, "yes"), spoiled, after, hold("d", 4, "too"))
    with compiled.run(Root(root.path)) as connection:
        (title,) = compiled.records(connection, STEM)
        outcomes = compiled.records(connection, f"{STEM}_patch_outcomes")
    assert {o["patch_id"]: o["outcome"] for o in outcomes} == {
        "a": "applied",
        "b": "rejected",
        "c": "noop",
        "d": "applied",
    }
    assert title["caveats"] == ["yes", "too"]
