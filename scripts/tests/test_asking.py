"""Questions about what is published: why a title is in its lane, what changed, what would."""

import html.parser
import json
import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, Ended, RootDir, call_engine, patch, row, run_engine

from aina_data_engine import explain, handoff, what_if
from aina_data_engine.compare import MEANT, _changes, _named, chosen
from aina_data_engine.errors import EngineError
from aina_data_engine.explain import read_log
from aina_data_engine.job import Publication
from aina_data_engine.jobs import ACCEPT, JOBS, REPLAY, REPLAY_PUBLICATION, STAGES
from aina_data_engine.patch_log import SCHEMA
from aina_data_engine.receipt import Receipt, vars_of_replay
from aina_data_engine.report import _rows
from aina_data_engine.root import InputFile, Root
from aina_data_engine.say import Told
from aina_data_engine.undo import files_called, name_reverted
from aina_data_engine.what_if import _inputs_of, up_to

DEEP = "[" * 100_000 + "]" * 100_000
HOSTILE = "<script>alert('x')</script>|`\x1b[2J\u202e"


def with_deep(item: dict) -> str:
    return json.dumps(item).replace('"DEEP"', DEEP)


def replace_title(patch_id: str, title_id: str, text: str, **members: object) -> dict:
    op = {"op": "replace", "path": "/learner_title", "value": text}
    return patch(patch_id, title_id, op, **members)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root with two generations."""
    root = RootDir(tmp_path_factory.mktemp("asking") / "root")
    unknown = "its duties are not known"
    held = with_deep(row("held", source_refs=[], hold_reason=unknown, size=1e99, deep="DEEP"))
    held = held.replace("1e+99", "1e999")
    root.title_rows(
        row("kept"),
        row("changed", source_title=HOSTILE),
        held,
        row("gone"),
    )
    root.patches(replace_title("p1", "kept", "Chef", created_at="2026-01-01T10:00:00Z"))
    assert root.replay().status == 0
    root.title_rows(
        row("kept"),
        row("changed", source_title=HOSTILE),
        held,
        row("came"),
    )
    test = {"op": "test", "path": "/learner_title", "value": "DEEP"}
    root.patches(
        replace_title("p2", "changed", "Baker", author="rule:bake", created_at="2026-02-01"),
        patch("p3", "changed", author="rule:bake", patch_seq=2),
        with_deep(patch("p4", "came", {"op": "remove", "path": "/caveats/7"}, test, patch_seq=2)),
        name="second.jsonl",
    )
    assert root.replay().status == 0
    return root


def ask(root: RootDir, *words: str) -> Ended:
    return call_engine("--root", str(root.path), *words)


def answer(root: RootDir, *words: str) -> dict:
    ended = ask(root, *words, "--json")
    assert ended.status == 0, ended.err
    return json.loads(ended.out)


def test_a_title_is_explained_by_its_patches_its_rules_and_what_ends_them(root: RootDir) -> None:
    told = answer(root, "explain", "changed")
    assert [(p["patch_id"], p["outcome"]) for p in told["patches"]] == [
        ("p2", "applied"),
        ("p3", "applied"),
    ]
    assert told["patches"][0]["file"] == "semantic_patches/second.jsonl"
    assert told["patches"][0]["ops"][0]["value"] == "Baker"
    (end,) = told["what_ends_the_lane"]
    assert (end["rule"], end["value"]) == ("has_caveats", ["compound_title"])
    held = answer(root, "explain", "held")
    assert [e["rule"] for e in held["what_ends_the_lane"]] == ["explicit_hold", "no_source_ref"]
    rejected = ask(root, "explain", "came").out
    assert "rejected, path_not_found at operation 0" in rejected
    assert "has_rejected_patch" in rejected


def test_a_patch_is_told_by_its_own_line(tmp_path: Path) -> None:
    """By its id alone, a patch was shown with a quarantined line's operations, or a rival's."""
    root = RootDir(tmp_path).title_rows(row())
    wrong, right = (replace_title("p1", "t1", text) for text in ("WRONG", "RIGHT"))
    rivals = [replace_title("c1", "t1", f"Rival {n}", patch_seq=n) for n in (1, 2)]
    alike = replace_title("c1", "t1", "Rival 3")
    del wrong["reason"]
    root.patches(wrong, name="a.jsonl").patches(right, *rivals, alike, right, name="b.jsonl")
    assert root.replay().status == 0
    assert [
        (p["patch_id"], p["outcome"], p["file"], p["line_number"], p["ops"][0]["value"])
        for p in answer(root, "explain", "t1")["patches"]
    ] == [
        ("c1", "rejected", "semantic_patches/b.jsonl", 2, "Rival 1"),
        ("c1", "rejected", "semantic_patches/b.jsonl", 4, "Rival 3"),
        ("p1", "applied", "semantic_patches/b.jsonl", 1, "RIGHT"),
        ("p1", "duplicate", "semantic_patches/b.jsonl", 5, "RIGHT"),
        ("c1", "rejected", "semantic_patches/b.jsonl", 3, "Rival 2"),
    ]
    assert "WRONG" not in ask(root, "explain", "t1").out
    root.patches(right, name="b.jsonl")
    left = answer(root, "explain", "t1")["patches"]
    assert [p["patch_id"] for p in left if "ops" in p] == ["p1"]


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    """They came out as others, rounded to what a float holds; a change of one looked like none."""
    long = "0.12345678901234567890123"
    root = RootDir(tmp_path)
    log = json.dumps(patch("p1", "t1", {"op": "test", "path": "/caveats", "value": "N"}, "V"))
    log = log.replace('"N"', long).replace(
        '"V"', '{"op": "test", "path": "/caveats", "value": 1.10}'
    )
    root.write("semantic_patches/log.jsonl", log.encode())
    for last in ("3", "4"):
        text = f'{{"title_id": "t1", "source_title": "Cook", "n": {long}{last}, "y": 1.10}}'
        root.write("title_rows.jsonl", text.encode())
        assert root.replay().status == 0
    (proposals := tmp_path / "artifacts" / "proposals").mkdir(exist_ok=True)
    (proposals / "p.jsonl").write_text(log.replace("p1", "p2"))
    told = answer(root, "explain", "t1")
    assert told["row"]["attributes"] == f'{{"n":{long}4,"y":1.10}}'
    ops = [f'{{"op":"test","path":"/caveats","value":{long}}}', json.loads(log)["ops"][1]]
    assert told["patches"][0]["ops"] == told["proposals"][0]["ops"] == ops
    assert ask(root, "explain", "t1").out.count('"value":1.10}') == 2
    member, _ = answer(root, "diff")["first_rows"][0]["members"]
    assert member["before"] == f'{{"n":{long}3,"y":1.10}}'


def test_failing_rows_keep_the_digits_of_numbers() -> None:
    with duckdb.connect() as cursor:
        columns = """'{"n":1.10}'::json as "a""b", 't1' as title_id"""
        cursor.execute(f"create table t as select {columns}")
        assert _rows(cursor, "t", None) == [r'{"title_id":"t1","a\"b":{"n":1.10}}']


def test_what_is_nested_too_deeply_is_told_as_text(root: RootDir) -> None:
    assert answer(root, "explain", "held")["row"]["attributes"] == f'{{"size":1e999,"deep":{DEEP}}}'
    remove, test = answer(root, "explain", "came")["patches"][0]["ops"]
    assert remove == {"op": "remove", "path": "/caveats/7"}
    assert test == f'{{"op":"test","path":"/learner_title","value":{DEEP}}}'
    (proposals := root.path / "artifacts" / "proposals").mkdir(exist_ok=True)
    proposal = {"patch_id": "deep", "title_id": "held", "ops": ["DEEP"]}
    (proposals / "deep.jsonl").write_text(with_deep(proposal), encoding="utf-8")
    assert answer(root, "explain", "held")["proposals"][0]["ops"] == [DEEP]
    for title in ("held", "came"):
        assert "[[[…" in ask(root, "explain", title).out


def test_a_title_is_found_by_its_text_and_the_nearest_are_named(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(root, "explain", HOSTILE)["row"]["title_id"] == "changed"
    several = ask(root, "explain", "Cook")
    assert several.status == 2
    assert "3 titles have the source title Cook" in several.err
    assert "more" not in several.err
    monkeypatch.setattr(explain, "SHOWN_TITLES", 2)
    assert ask(root, "explain", "Cook").err.endswith("\n  and 1 more\n")
    unknown = ask(root, "explain", "chnged")
    assert unknown.status == 2
    assert "The nearest are:\n  changed:" in unknown.err


def test_whatever_lies_among_the_proposals_is_told_or_left_alone(root: RootDir) -> None:
    proposals = root.path / "artifacts" / "proposals"
    (proposals / "directory.jsonl").mkdir(parents=True)
    (proposals / "bytes.jsonl").write_bytes(b"\xff\xfe\x00\n")
    lines = (
        {"patch_id": "no ops", "title_id": "kept", "ops": 5},
        {"patch_id": ["no id"], "title_id": "kept", "ops": []},
        {"patch_id": "odd\x1b[2J", "title_id": "kept", "ops": [1], "author": "\u202e"},
        "no JSON",
    )
    told = "".join(x if isinstance(x, str) else json.dumps(x) + "\n" for x in lines)
    (proposals / "odd.jsonl").write_text(told, encoding="utf-8")
    found = answer(root, "explain", "kept")["proposals"]
    assert [(one["patch_id"], one["ops"]) for one in found] == [("no ops", []), ("odd\x1b[2J", [1])]
    text = ask(root, "explain", "kept").out
    assert "  odd\\u001b[2J\n      \\u202e: no reason\n" in text
    # The newest file is told by its time, whatever its name.
    old = proposals / "zzz-old.jsonl"
    old.write_text(json.dumps(lines[0] | {"ops": [0]}) + "\n")
    os.utime(old, (0, 0))
    assert answer(root, "explain", "kept")["proposals"] == found


def test_every_rule_that_keeps_a_title_in_its_lane_says_what_ends_it(root: RootDir) -> None:
    """Otherwise, for a rule without a remedy, people would be told that there is no better lane."""
    with duckdb.connect(str(root.published(f"{STEM}.duckdb")), read_only=True) as connection:
        rules = connection.execute(
            "select rule, runtime_lane, member, remedy from lane_rules order by position"
        ).fetchall()
        seen = connection.execute(f"select distinct lane_rule_id, runtime_lane from {STEM}")
        assert {*seen.fetchall()} <= {(rule, lane) for rule, lane, *_ in rules}
    *others, last = rules
    assert last == ("clean", "packet_hardening", None, None)
    assert [rule for rule, _, member, remedy in others if not (member and remedy)] == []
    assert {lane for _, lane, *_ in others} == {*STAGES} - {"packet_hardening"}


def test_the_database_explains_every_title_as_the_command_does(root: RootDir) -> None:
    with duckdb.connect(str(root.published(f"{STEM}.duckdb")), read_only=True) as connection:
        ends = dict(
            connection.execute("select title_id, what_ends_the_lane from explain_titles").fetchall()
        )
        patches = connection.execute(
            "select title_id, patch_id, outcome, code, author, file, line_number, member, after"
            " from explain_patches order by title_id, patch_seq"
        ).fetchall()
    assert ends.keys() == {"kept", "changed", "held", "came"}
    for title, found in ends.items():
        told = answer(root, "explain", title)["what_ends_the_lane"]
        assert [(e["rule"], e["remedy"], json.loads(e["value"])) for e in found] == [
            (e["rule"], e["remedy"], e["value"]) for e in told
        ]
    second = "semantic_patches/second.jsonl"
    assert patches == [
        ("came", "p4", "rejected", "path_not_found", "a curator", second, 3, None, None),
        ("changed", "p2", "applied", None, "rule:bake", second, 1, "learner_title", '"Baker"'),
        ("changed", "p3", "applied", None, "rule:bake", second, 2, "caveats", '["compound_title"]'),
        (
            *("kept", "p1", "applied", None, "a curator"),
            *("semantic_patches/log.jsonl", 1, "learner_title", '"Chef"'),
        ),
    ]


def test_two_generations_are_told_apart(root: RootDir) -> None:
    told = answer(root, "diff")
    assert (told["came"], told["went"], told["changed"]) == (1, 1, 1)
    moves = {(m["before"], m["after"]): m["titles"] for m in told["lanes"]}
    assert moves[("packet_hardening", "serviceable_with_caveat")] == 1
    assert moves[("(none)", "serviceable_with_caveat")] == 1
    assert moves[("packet_hardening", "(none)")] == 1
    lines = ask(root, "diff", "--lines").out.splitlines()
    rows = {found["title_id"]: found for found in map(json.loads, lines)}
    assert rows.keys() == {"came", "gone", "changed"}
    assert rows["changed"]["patches_added"] == ["p2", "p3"]
    members = {m["member"]: m for m in rows["changed"]["members"]}
    assert json.loads(members["learner_title"]["before"]) == HOSTILE
    assert json.loads(members["learner_title"]["after"]) == "Baker"
    backwards = answer(root, "diff", told["after"], told["before"][:16])
    assert (backwards["came"], backwards["went"]) == (1, 1)
    assert ask(root, "diff", "nosuch").status == 2


def test_a_title_from_which_only_a_patch_has_gone_differs() -> None:
    with duckdb.connect() as connection:
        for name, patches in (("before", "['p1', 'p2']"), ("after", "['p1']")):
            connection.execute(
                f"create table {name} as select 't1' as title_id, 'hold' as runtime_lane,"
                f" 'r' as lane_rule_id, {patches} as patches_applied, 'Cook' as learner_title"
            )
        connection.execute(_changes(connection))
        found = connection.execute("select patches_added, patches_removed from changes").fetchall()
    assert found == [([], ["p2"])]


def test_what_patches_touch_is_told_and_nothing_is_published(root: RootDir) -> None:
    before = root.published("").resolve()
    ended = run_engine("--root", str(root.path), "impact", "--rule", "bake", "--json")
    assert ended.status == 0, ended.err
    told = json.loads(ended.out)
    assert told["left_out"] == 2
    assert [found["title_id"] for found in told["first_rows"]] == ["changed"]
    assert told["first_rows"][0]["lane_before"] == "serviceable_with_caveat"
    assert told["first_rows"][0]["lane_after"] == "packet_hardening"
    assert told["after"] == "the log with these patches undone"
    assert root.published("").resolve() == before
    nobody = run_engine("--root", str(root.path), "impact", "--rule", "bakes", anew=True)
    assert nobody.status == 2
    assert "The log has no rule bakes. Did you mean bake?" in nobody.err
    assert ask(root, "impact").status == 2
    # By author, and in words: patches that never applied leave nothing to undo.
    ended = run_engine("--root", str(root.path), "impact", "--author", "a curator")
    undone = "Would revert 1 patch of 1 title (tried on a copy; nothing changed)\n"
    assert undone in ended.out
    assert '    learner_title: "Chef" -> "Cook"\n' in ended.out
    assert "/inputs/" not in ended.out
    for name in ("second.jsonl", "semantic_patches/second.jsonl"):
        ended = run_engine("--root", str(root.path), "impact", "--file", name, "--json")
        assert json.loads(ended.out)["first_rows"] == told["first_rows"]
    ended = run_engine("--root", str(root.path), "impact", "--id", "p4")
    assert ended.out.startswith("Nothing to revert. Of the patches named: 1 that never applied.\n")
    assert "Titles: 0 came, 0 went, 0 changed" in ended.out
    assert len(list((root.path / "inputs" / "semantic_patches").iterdir())) == 2
    late = ask(root, "as-of", "2026-12-31")
    kept = "(patches without created_at, or with an unreadable one, included)"
    assert f"up to 2026-12-31 {kept} is the whole log," in late.err


def test_what_patches_touch_is_not_told_of_a_replay_of_other_inputs(root: RootDir) -> None:
    """Otherwise what has been added to the log since would be attributed to them."""
    log = root.path / "inputs" / "semantic_patches" / "third.jsonl"
    root.patches(replace_title("p5", "kept", "Pastry Chef", patch_seq=9), name=log.name)
    try:
        ended = [ask(root, "impact", "--id", "p1"), ask(root, "as-of", "1")]
    finally:
        log.unlink()
    for told in ended:
        assert told.status == 2
        step = f"Run aina-data-engine --root {root.path} semantic-patch-replay first."
        assert told.err.endswith(f" was made. {step}\n")


def test_what_another_version_would_change_is_not_laid_to_an_undo(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "_run", lambda *_: Told(0))
    monkeypatch.setattr(Publication, "generation", lambda _, at: str(at.path))
    with pytest.raises(EngineError, match="by another version of the engine"):
        what_if.undo_with(Root(root.path), [("id", "p1")], "{}")


def test_a_point_of_the_log_is_a_number_or_a_time(root: RootDir, tmp_path_factory) -> None:
    def kept(condition: object) -> set[str]:
        other = Root(tmp_path_factory.mktemp("other"))
        _inputs_of(Root(root.path), other, condition, 1 << 20)
        text = (other.inputs / "semantic_patches" / "log.jsonl").read_text()
        return {*re.findall('"patch_id": "(.*?)"', text)}

    assert kept(up_to("1")) == {"p1", "p2"}
    # p3 and p4 have no created_at.
    assert kept(up_to("2026-01-01")) == {"p1", "p3", "p4"}
    for time in ("2026-01-01T09:00:00+00:00", "2026-01-01 09:00", "2026-01-01T10:59:59.9+01"):
        assert kept(up_to(time)) == {"p3", "p4"}


def test_only_patches_are_counted_as_left_out(tmp_path: Path) -> None:
    """Lines in quarantine were, and where they were all, nothing was compared with itself."""
    root = RootDir(tmp_path).title_rows(row())
    wrong = [patch("p2", patch_seq="99"), patch("p3", patch_seq=99, reason=" ")]
    root.patches(patch(), *wrong, patch("p4", patch_seq=5, created_at="05.01.2026"))
    assert root.replay().status == 0
    for point in ("5", "2026-01-03"):
        assert "is the whole log, so there is nothing to compare." in ask(root, "as-of", point).err
    ended = run_engine("--root", str(root.path), "as-of", "3")
    assert ended.out.startswith("1 patch left out.\n"), ended


def test_lines_are_as_long_as_the_replay_has_taken_them(tmp_path: Path) -> None:
    """By a limit of their own, commands that read the log took other patches than the replay."""
    root = RootDir(tmp_path)
    long = replace_title("long", "t2", "Chef", patch_seq=5, reason="x" * 500)
    # Its beginning, which is all that is kept, is a patch too.
    padded = json.dumps(replace_title("padded", "t2", "Waiter", patch_seq=6)) + " " * 1500
    root.title_rows(row("t1"), row("t2"))
    root.patches(patch(), long, padded, patch("p2", "t2", patch_seq=9))
    (proposals := tmp_path / "artifacts" / "proposals").mkdir(parents=True)
    given = ("--vars", "{max_line_bytes: 400}")
    assert root.replay(*given).status == 0
    assert root.summary()["quarantine_counts"]["semantic_patches"] == 2
    lines = [long | {"patch_id": f"proposed {name}", "reason": name * 300} for name in "lx"]
    lines[1]["reason"] = "x"
    (proposals / "a.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    told = answer(root, "explain", "t2")
    assert [one["patch_id"] for one in told["proposals"]] == ["proposed x"]
    assert [(p["patch_id"], p["line_number"]) for p in told["patches"]] == [("p2", 4)]
    assert answer(root, "status")["proposals"][0]["patches"] == 1
    for name in ("long", "padded", "proposed l"):
        declined = ask(root, "decline-patches", "--id", name, "--reviewer", "Jo")
        assert f"No patch {name} is proposed or in the log." in declined.err
    ended = run_engine("--root", str(root.path), "as-of", "1")
    assert ended.out.startswith("1 patch left out.\n"), ended
    assert "Titles: 0 came, 0 went, 1 changed" in ended.out
    # What is given goes before what the replay was given.
    ended = run_engine("--root", str(root.path), "as-of", "1", "--vars", "{max_line_bytes: 9999}")
    assert ended.out.startswith("3 patches left out.\n"), ended


def test_without_the_generation_in_force_a_comparison_says_what_is_missing(tmp_path: Path) -> None:
    """It ended in an internal error."""
    root, names = Root(tmp_path), ("a", "b", "c")
    place, link = (of(root) for of in (REPLAY_PUBLICATION.generations, REPLAY_PUBLICATION.link))
    for name in names[:2]:
        (place / name).mkdir(parents=True)
    link.symlink_to((place / "c").relative_to(link.parent))
    for before in (None, "a"):
        with pytest.raises(EngineError) as error:
            chosen(root, before, None)
        told = f"{place / 'c'} is missing, to which {link} leads. Run {root.call(REPLAY)} first, or"
        assert str(error.value).startswith(told)
    assert chosen(root, "a", "b") == (place / "a", place / "b")


def test_a_generation_is_named_by_what_means_no_other(tmp_path: Path) -> None:
    places = {"a": "0123456", "b": "0123457", "c": "0123457", "0123456": "f" * 7}
    for name, digest in places.items():
        (tmp_path / name).mkdir()
        told = json.dumps({"generation": f"sha256:{digest}"})
        (tmp_path / name / f"{STEM}.json").write_text(told)
    found = [tmp_path / name for name in places]

    def refused(name: str) -> str:
        with pytest.raises(EngineError) as caught:
            _named(found, name)
        return str(caught.value)

    assert _named(found, "0123456").name == "0123456"
    assert [_named(found, name).name for name in ("0123457", "sha256:ffffff")] == ["b", "0123456"]
    assert "No generation matches 01234. Give" in (short := refused("01234"))
    assert f"at least the first {MEANT} characters of the digest" in short
    several = refused("012345")
    assert "3 generations match 012345" in several
    assert re.findall("^  (.) ", several, re.M) == ["a", "b", "c"]
    assert f"first {MEANT} characters" in " ".join(call_engine("diff", "--help").out.split())


LOOSE = [
    *(
        "yesterday",
        "epoch",
        "infinity",
        "-infinity",
        "\u0663",
        "1" * 5_000,
        "1_0",
        "+1",
        " 1",
        "1\n",
    ),
    *("2026-1-5", "2026-1-05", " 2026-01-05", "2026-01-05\n", "2026-01", "2026-02-30"),
    *("2026-01-05T10", "2026-01-05T25:00", "2026-01-05T10:00 Europe/Berlin", "2026-01-05 (BC)"),
    *("2026-01-05T10:00+99:00", "2026-01-0\u0665", "12026-01-05"),
]


@pytest.mark.parametrize("point", LOOSE)
def test_what_is_no_point_of_the_log_is_not_taken_for_another(root: RootDir, point: str) -> None:
    ended = ask(root, "as-of", "--", point)
    assert ended.status == 2
    assert "is neither a patch_seq nor a date such as 2026-01-31." in ended.err


class Page(html.parser.HTMLParser):
    """What a browser would show of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_handoff_is_a_page_that_loads_nothing_and_shows_titles_as_text(root: RootDir) -> None:
    text = root.published(f"{STEM}.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert {a["href"] for tag, a in page.tags if tag == "a"} == {
        f.name for f in root.published("").iterdir() if f.suffix in (".jsonl", ".duckdb")
    }
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "<script>alert('x')</script>|`\\u001b[2J\\u202e" in page.text
    for lane in root.summary()["resources"]:
        assert lane["path"] in page.text
    assert str(root.path) not in text


def test_the_handoff_says_what_has_changed_since_the_generation_before(root: RootDir) -> None:
    newest, oldest = sorted(root.generations(), reverse=True)
    page = Page((newest / f"{STEM}.html").read_text(encoding="utf-8")).text
    first = Page((oldest / f"{STEM}.html").read_text(encoding="utf-8")).text
    assert "No generation was published before this one." in first
    told = ": 1 came, 1 went, 1 changed."
    assert told in " ".join(page.split())
    assert '"Baker"' in page
    assert told in ask(root, "handoff").out
    # A problem with the previous generation is no reason not to publish.
    database = oldest / f"{STEM}.duckdb"
    content = database.read_bytes()
    database.write_bytes(b"no database")
    try:
        assert "can no longer be read" in ask(root, "handoff").out
    finally:
        database.write_bytes(content)
    kept = oldest.rename(oldest.with_name(".former"))
    try:
        assert "\nThe generation before this one is no longer kept.\n" in ask(root, "handoff").out
    finally:
        kept.rename(oldest)


def test_the_handoff_agrees_with_its_page_about_the_generation_before(tmp_path: Path) -> None:
    """It compared with an older generation, of which the page knows nothing."""
    root = RootDir(tmp_path)
    for name in ("first", "second", "third"):
        assert root.title_rows(row(name)).replay().status == 0
        place = root.published("").resolve()
        page, told = Page((place / f"{STEM}.html").read_text("utf-8")).text, ask(root, "handoff")
        if name == "first":
            # Nothing leads to it any more, so that the next run has none before it.
            root.published("").unlink()
        elif name == "second":
            assert handoff.NONE_BEFORE in page
            assert handoff.NONE_BEFORE in told.out
            shutil.rmtree(place)
        else:
            assert handoff.UNREADABLE in page
            assert handoff.NOT_KEPT in told.out


def test_the_handoff_shows_a_member_that_is_not_there_as_null(root: RootDir) -> None:
    place = root.published("").resolve()
    content = handoff.read_content(Root(root.path), place, REPLAY_PUBLICATION)
    (changed,) = [one for one in content["change"]["first_rows"] if one["members"]]
    changed["members"] = [
        {"member": "hold_reason", "before": None, "after": '"wait"'},
        {"member": "hold_reason", "before": '"wait"', "after": None},
    ]
    page = Page(handoff.as_page(content)).text
    assert 'null → "wait"' in page
    assert '"wait" → null' in page
    assert "None" not in page


def test_the_handoff_prints_the_same_as_markdown(root: RootDir) -> None:
    ended = ask(root, "handoff")
    assert ended.status == 0
    heads = re.findall(r"^## (.*)$", ended.out, re.M)
    page = Page(root.published(f"{STEM}.html").read_text(encoding="utf-8"))
    for head in heads:
        assert head in page.text
    assert f"aina-data-engine --root {root.path} status" in ended.out
    tables = [line for line in ended.out.splitlines() if line.startswith("|")]
    assert any("&lt;script&gt;" in line for line in tables)


def test_the_handoff_says_how_many_groups_it_leaves_out(
    root: RootDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    authors = {outcome["author"] for outcome in root.records(f"{STEM}_patch_outcomes")}
    assert len(authors) > 1
    assert "and 1 more" not in ask(root, "handoff").out
    monkeypatch.setattr(handoff, "SHOWN_GROUPS", len(authors) - 1)
    text = ask(root, "handoff").out
    assert "… and 1 more" in text[text.index("## Patches") : text.index("## Holds")]


def test_verify_holds_the_page(root: RootDir) -> None:
    page = root.published(f"{STEM}.html")
    content = page.read_bytes()
    page.write_bytes(content.replace(b"Lanes", b"Lames"))
    try:
        changed = ask(root, "verify")
        page.unlink()
        missing = ask(root, "verify")
    finally:
        page.write_bytes(content)
    assert (changed.status, missing.status) == (1, 1)
    assert f"{STEM}.html" in changed.err
    assert f"{STEM}.html is missing" in missing.err
    assert ask(root, "verify").status == 0


def test_a_file_is_found_by_where_it_was_accepted_from_however_long_ago(tmp_path: Path) -> None:
    """Its receipt was removed with the others, and the file that a person named was unknown."""
    root = Root(tmp_path)
    (log := root.inputs / "semantic_patches").mkdir(parents=True)
    root.runs.mkdir(parents=True)
    for name in ("a", "b"):
        (log / f"{name}.jsonl").write_text("")
        receipt = Receipt(root, name)
        receipt.begin(JOBS[ACCEPT])
        accepted = {
            "from": str(tmp_path / f"mine-{name}.jsonl"),
            "as": f"semantic_patches/{name}.jsonl",
        }
        receipt.content["accepted"] = accepted
        receipt.close("accepted", "", 50)
    (log / "b.jsonl").unlink()
    for n in range(3):
        later = Receipt(root, f"later-{n}")
        later.begin(JOBS[REPLAY])
        later.close("unchanged", "", 1)
    assert {path.stem for path in root.runs.iterdir()} == {"a", "later-2"}
    files = [InputFile("semantic_patches", log / "a.jsonl", "semantic_patches/a.jsonl")]
    assert files_called(root, files, str(tmp_path / "mine-a.jsonl")) == [files[0].name]


def test_the_vars_of_a_replay_are_those_of_the_last_run(tmp_path: Path) -> None:
    runs = [
        {"job": REPLAY, "started_at": f"2026-01-0{n}", "vars": {"strict": n == 2}} for n in (1, 2)
    ]
    for found in (runs, runs[::-1]):
        assert vars_of_replay(Root(tmp_path), found) == {"strict": True}


def test_a_file_of_the_log_is_found_by_the_name_that_is_printed(tmp_path: Path) -> None:
    """It was refused, and yet suggested as the name that was meant."""
    path = tmp_path / "inputs" / "semantic_patches" / "a\x1b[31m.jsonl"
    log = [InputFile("semantic_patches", path, f"semantic_patches/{path.name}")]
    for asked in (path.name, "a\\u001b[31m.jsonl", "semantic_patches/a\\u001b[31m.jsonl"):
        assert files_called(Root(tmp_path), log, asked) == [log[0].name]


def test_where_a_link_of_the_log_leads_does_not_decide_which_file_is_meant(tmp_path: Path) -> None:
    """Under the name of one file, another was undone."""
    place, elsewhere = tmp_path / "inputs" / "semantic_patches", tmp_path / "elsewhere"
    for directory in (place, elsewhere):
        directory.mkdir(parents=True)
        (directory / "b.jsonl").write_text("")
    for name in ("a.jsonl", "c.jsonl"):
        (place / name).symlink_to(elsewhere / "b.jsonl")
    root = Root(tmp_path)
    names = ("a.jsonl", "b.jsonl", "c.jsonl")
    log = [InputFile("semantic_patches", place / n, f"semantic_patches/{n}") for n in names]
    for n, file in zip(names, log, strict=True):
        for asked in (n, file.name, f"inputs/{file.name}", str(file.path)):
            assert files_called(root, log, asked) == [file.name], asked
    linked = [log[0].name, log[2].name]
    assert files_called(root, log, str(elsewhere / "b.jsonl")) == linked
    # So it is where a link was accepted.
    (runs := tmp_path / "artifacts" / "runs").mkdir(parents=True)
    for n, file in zip(names, log, strict=True):
        (tmp_path / n).symlink_to(elsewhere / "offered.jsonl")
        accepted = {"from": str(tmp_path / n), "as": file.name}
        run = {"invocation_id": n, "job": "accept-patches", "outcome": "done"}
        (runs / f"{n}.json").write_text(json.dumps(run | {"accepted": accepted}))
    for n, file in zip(names, log, strict=True):
        assert files_called(root, log, str(tmp_path / n)) == [file.name]
    every = [file.name for file in log]
    assert files_called(root, log, str(elsewhere / "offered.jsonl")) == every


def test_a_name_that_means_two_files_of_the_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of that name in the log was undone, and not the one that a person saw."""
    (mine := tmp_path / "mine").mkdir()
    monkeypatch.chdir(mine)
    (runs := tmp_path / "artifacts" / "runs").mkdir(parents=True)
    root, log = Root(tmp_path), []
    for place, name in ((tmp_path / "others", "f.jsonl"), (mine, "f-2.jsonl")):
        path = root.inputs / "semantic_patches" / name
        log.append(InputFile("semantic_patches", path, f"semantic_patches/{name}"))
        accepted = {"from": str(place / "f.jsonl"), "as": log[-1].name}
        run = {"invocation_id": name, "job": "accept-patches", "outcome": "accepted"}
        (runs / f"{name}.json").write_text(json.dumps(run | {"accepted": accepted}))
    first, second = log
    with pytest.raises(EngineError) as error:
        files_called(root, log, "f.jsonl")
    assert all(str(file.path) in str(error.value) for file in log)
    for file in log:
        for asked in (file.name, str(file.path), f"inputs/{file.name}"):
            assert files_called(root, log, asked) == [file.name]
    for asked in ("./f.jsonl", str(mine / "f.jsonl"), "f-2.jsonl"):
        assert files_called(root, log, asked) == [second.name]
    assert files_called(root, log, str(tmp_path / "others" / "f.jsonl")) == [first.name]
    monkeypatch.chdir(tmp_path)
    assert files_called(root, log, "f.jsonl") == [first.name]


def test_a_patch_or_a_rule_is_found_by_its_name_whatever_that_begins_with(tmp_path: Path) -> None:
    """What stood before a colon was cut off, and the id that was asked for advised."""
    rules = ("rule:x", "rule:rule:x", "rule:y")
    lines = [patch(f"id:{n}", author=author) for n, author in enumerate(rules)]
    named = RootDir(tmp_path).title_rows(row()).patches(*lines)
    with duckdb.connect() as connection:
        read_log(connection, Root(named.path), 1 << 20)
        connection.execute(SCHEMA)
        asked = [("id", "id:1"), *(("rule", name) for name in ("x", "rule:x", "rule:y"))]
        name_reverted(connection, Root(named.path), [], asked)
        found = connection.execute("select value from engine.reverted").fetchall()
        assert found == [("id:1",), ("x",), ("rule:x",), ("y",)]
        with pytest.raises(EngineError, match="The log has no patch id:9"):
            name_reverted(connection, Root(named.path), [], [("id", "id:9")])
