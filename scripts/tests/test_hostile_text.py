"""Text written to break an engine is loaded unchanged, or quarantined with a reason."""

import json
from pathlib import Path

import oracle
import pytest
from conftest import STEM, RootDir, patch, row

TEXTS = {
    "control": "a\u0001\u001f\u007f\u0085b",
    "nul": "a\u0000b",
    "line separators": "a\u2028b\u2029c\x0bd\x0ce",
    "line ends": "a\nb\r\nc\rd",
    "right to left": "\u202eabc\u202c שלום \u200f",
    "emoji": "👩\u200d🚀 𝕏 \U0010ffff",
    "combining": "e\u0301 and é, ﬁ, ß, İ",
    "quotes": 'it\'s "quoted" `so` $$ \\ /',
    "sql": "'); drop table title_rows; --",
    "jinja": "{{ 1 / 0 }} {% raw %} {# no #}",
    "html": "<script>alert('x')</script> &amp;",
    "json": '{"a": [1, "NaN", ,]}',
    "numbers": "1.0 1e5 -0 00012345678901234567890",
    "pointer": "~0~1/~/",
    "megabyte": "x" * 1_000_000,
    "blank": " \t\u00a0\u3000",
    "noncharacter": "\ufffe\uffff\ufdd0",
    "held number": '"1.5"',
}
RAW = (
    '{"title_id": "raw", "source_title": "Cook", "one": 1.0, "big": 12345678901234567890123,'
    ' "small": -0, "exp": 1E+400, "long": 0.10000000000000000000001, "deep": '
    + "[" * 500
    + "1.50"
    + "]" * 500
    + ', "text": "1.0, 2e2", "a\\u0000b": null, "": {"x": [], "y": {}}}'
)
REFUSED = {
    "a lone surrogate": r'{"title_id": "s", "source_title": "\ud800"}',
    "NaN": '{"title_id": "n", "source_title": "x", "a": NaN}',
    "a trailing comma": '{"title_id": "c", "source_title": "x",}',
    "a key that stands twice": '{"title_id": "d", "source_title": "x", "source_title": "y"}',
    "an array": "[]",
    "a text": '"Cook"',
    "half an object": '{"title_id": "h"',
    "a bad escape": r'{"title_id": "e", "source_title": "\x41"}',
    "a raw control character": '{"title_id": "e", "source_title": "a\u0001b"}',
}
MANY, LONG = 5_000, 3_000
"""Each more than DuckDB takes at a time, 2,048, and than Python calls within each other, 1,000."""


def rows() -> list[dict]:
    made = [
        row(f"title {name}", source_title=text, source_refs=[text], company={text: [text]})
        for name, text in TEXTS.items()
    ]
    return [*made, row("long list", caveats=["c"] * LONG), row("long patch"), row("many")]


def patches() -> list[dict]:
    made = []
    for name, text in TEXTS.items():
        title = f"title {name}"
        same = {"op": "test", "path": "/source_title", "value": text}
        put = {"op": "add", "path": "/learner_title", "value": f"{text}!"}
        other = {"op": "test", "path": "/learner_title", "value": text}
        made += [
            patch(f"a {name}", title, same, put, author=text if text.strip() else "x"),
            patch(f"b {name}", title, other),
        ]
    grow = [{"op": "add", "path": "/caveats/0", "value": f"c{n}"} for n in range(LONG)]
    shrink = [{"op": "remove", "path": f"/caveats/{LONG - 1}"}] * 5
    return [*made, patch("grow", "long patch", *grow), patch("shrink", "long list", *shrink)]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    root = RootDir(tmp_path_factory.mktemp("hostile"))
    bom = b"\xef\xbb\xbf"
    lines = [json.dumps(item, ensure_ascii=False).encode() for item in rows()]
    refused = [text.encode() for text in REFUSED.values()]
    end = b'{"title_id": "last", "source_title": "no line end"}'
    bad_utf8 = [b'{"title_id": "u", "source_title": "\xff\xfe"}', b"\xc3\x28" * 10]
    huge = json.dumps(row("huge", note="y" * 20_000_000)).encode()
    content = [*lines, *refused, *bad_utf8, RAW.encode(), huge, b"", b"  ", end]
    root.write("title_rows.jsonl", bom + b"\r\n".join(content))
    many = "".join(
        json.dumps(
            patch(f"m{n}", "many", {"op": "add", "path": "/hold_reason", "value": f"{n}"})
        ).replace('"patch_seq": 1', f'"patch_seq": {n}')
        + "\n"
        for n in range(MANY)
    )
    root.write("semantic_patches/many.jsonl", many.encode())
    log = [json.dumps(item, ensure_ascii=n % 2 == 0) for n, item in enumerate(patches())]
    root.write("semantic_patches/log.jsonl", "\r\n".join(log).encode())
    ended = root.replay()
    assert ended.status == 0, ended.err
    return root


def test_every_text_comes_through(published: RootDir) -> None:
    expected, outcomes, _ = oracle.replay([r for r in rows() if r["title_id"] != "many"], patches())
    found = {record["title_id"]: record for record in published.records()}
    for record in expected:
        assert found[record["title_id"]].pop("source_row_sha256")
        assert found[record["title_id"]] == record
    told = [o for o in published.records(f"{STEM}_patch_outcomes") if o["title_id"] != "many"]
    assert sorted(map(json.dumps, told)) == sorted(map(json.dumps, outcomes))


def test_many_patches_of_one_title_are_all_replayed_in_order(published: RootDir) -> None:
    found = next(r for r in published.records() if r["title_id"] == "many")
    assert found["hold_reason"] == str(MANY - 1)
    assert found["patches_applied"] == [f"m{n}" for n in range(MANY)]


def test_passed_through_json_is_what_came_in(published: RootDir) -> None:
    lines = published.published(f"{STEM}.jsonl").read_text(encoding="utf-8").split("\n")
    line = next(line for line in lines if line.startswith('{"title_id":"raw"'))
    came_in = json.loads(RAW, parse_float=str, parse_int=str)
    found = json.loads(line, parse_float=str, parse_int=str)["attributes"]
    assert found == {k: v for k, v in came_in.items() if k not in ("title_id", "source_title")}


def test_what_is_refused_is_quarantined_with_its_text(published: RootDir) -> None:
    found = published.records(f"{STEM}_quarantine")
    first = len(rows()) + 1
    assert [f["line_number"] for f in found] == [*range(first, first + len(REFUSED) + 2)]
    assert [f["text"] for f in found[: len(REFUSED)]] == list(REFUSED.values())
    assert all(f["reason"] and f["file"] == "title_rows.jsonl" for f in found)
    assert {f["reason"] for f in found[-2:]} == {"not UTF-8"}


def test_lines_of_many_megabytes_and_without_an_end_are_read(published: RootDir) -> None:
    found = {record["title_id"]: record for record in published.records()}
    assert len(found["huge"]["attributes"]["note"]) == 20_000_000
    assert found["last"]["source_title"] == "no line end"


def test_what_is_published_is_whole(published: RootDir) -> None:
    files = sorted(path.name for path in Path(published.published("")).iterdir())
    assert len(files) == 10
