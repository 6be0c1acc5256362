"""Section by section: the published files, counted and hashed again from their bytes alone."""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import oracle
import pytest
from conftest import STEM, RootDir, patch, row, run

from aina_data_engine import answers
from aina_data_engine.errors import EngineError
from aina_data_engine.export import SCHEMA, digest_lines, export_jsonl
from aina_data_engine.files import file_hash
from aina_data_engine.publish import _resource as resource_of
from aina_data_engine.published_database import Staged, used
from aina_data_engine.shapes import OUTCOMES

LANES = {
    "packet_hardening": f"{STEM}_packet_hardening",
    "serviceable_with_caveat": f"{STEM}_serviceable_with_caveat",
    "source_ref_rerun": f"{STEM}_source_ref_rerun",
    "hold": f"{STEM}_holds",
}
TITLE_KEYS = [
    "title_id",
    "source_title",
    "learner_title",
    "occupation_code",
    "source_refs",
    "candidate_source_refs",
    "caveats",
    "hold_reason",
    "runtime_lane",
    "lane_rule_id",
    "lane_reasons",
    "patches_applied",
    "patches_rejected",
    "source_row_sha256",
    "attributes",
]
KEYS = {
    **dict.fromkeys([STEM, *LANES.values()], TITLE_KEYS),
    f"{STEM}_patch_outcomes": (
        ["title_id", "patch_seq", "patch_id", "outcome", "code", "op_index", "author", "reason"]
    ),
    f"{STEM}_quarantine": ["input", "file", "line_number", "reason", "text"],
}

# Ids whose order by code point differs from that of a language and from that of UTF-16.
IDS = ["a", "B", "Z", "é", "e\u0301", "\uff41", "𝕏", "10", "9", "ß", "_"]
ROWS = [
    *(row(f"{i}-clean", pay=1.0, shift=None, tags=[{"a": 1}]) for i in IDS),
    *(row(f"{i}-caveat", caveats=["compound_title"]) for i in IDS[:3]),
    *(row(f"{i}-hold", hold_reason="?", source_refs=[]) for i in IDS),
    row("blank", learner_title="\u2003"),
    row("refused"),
]
WRONG = {"op": "replace", "path": "/caveats", "value": None}
PATCHES = [
    *(patch(f"p{i}", f"{i}-clean", patch_seq=n % 2) for n, i in enumerate(IDS[:-3])),
    patch("p-refused", "refused", {"op": "test", "path": "/hold_reason", "value": None}, WRONG),
    patch("p-nobody", "nobody", evidence_ref="x", created_at="yesterday"),
    patch("pa", "a-clean", patch_seq=0),
    patch("same", "B-hold", {"op": "test", "path": "/hold_reason", "value": "?"}),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    root = RootDir(tmp_path_factory.mktemp("published"))
    root.title_rows(*ROWS, "no JSON", '{"title_id": "later"}').patches(*PATCHES, "", "[]")
    ended = root.replay()
    assert ended.status == 0, ended.err
    return root


def as_json(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True)


def test_nothing_else_is_published(root: RootDir) -> None:
    expected = {f"{stem}.jsonl" for stem in KEYS} | {
        f"{STEM}.{kind}" for kind in ("json", "duckdb", "html")
    }
    assert {path.name for path in root.published("").iterdir()} == expected


@pytest.mark.parametrize("stem", KEYS)
def test_lines_end_and_keys_stand_as_the_contract_says(root: RootDir, stem: str) -> None:
    content = root.published(f"{stem}.jsonl").read_bytes()
    if stem == LANES["source_ref_rerun"]:
        assert content == b""
        return
    assert content.endswith(b"\n")
    lines = content[:-1].split(b"\n")
    assert len(lines) > 1
    assert all(list(json.loads(line.decode())) == KEYS[stem] for line in lines)


def test_titles_are_in_the_order_of_code_points(root: RootDir) -> None:
    for stem in [STEM, *LANES.values()]:
        ids = [record["title_id"] for record in root.records(stem)]
        assert ids == sorted(set(ids))


def test_outcomes_and_quarantine_are_in_the_order_of_their_keys(root: RootDir) -> None:
    outcomes = root.records(f"{STEM}_patch_outcomes")
    assert [o["patch_id"] for o in outcomes if o["title_id"] == "a-clean"] == ["pa", "pa"]
    keys = [[(v is not None, v or 0) for v in o.values()] for o in outcomes]
    assert keys == sorted(keys)
    quarantine = root.records(f"{STEM}_quarantine")
    keys = [[q["input"], q["file"], q["line_number"]] for q in quarantine]
    assert keys == sorted(keys)
    assert [q["text"] for q in quarantine] == ["[]", "no JSON", '{"title_id": "later"}']


def test_rows_and_outcomes_are_those_of_the_oracle(root: RootDir) -> None:
    titles, outcomes, _ = oracle.replay(ROWS, PATCHES)
    found = root.records()
    for record in found:
        line = next(line for line in input_lines(root) if f'"{record["title_id"]}"' in line)
        assert record.pop("source_row_sha256") == hashlib.sha256(line.encode()).hexdigest()
    assert sorted(map(as_json, found)) == sorted(map(as_json, titles))
    found = root.records(f"{STEM}_patch_outcomes")
    assert sorted(map(as_json, found)) == sorted(map(as_json, outcomes))


def input_lines(root: RootDir) -> list[str]:
    return (root.path / "inputs" / "title_rows.jsonl").read_text(encoding="utf-8").split("\n")


def test_each_lane_is_its_rows_of_the_whole(root: RootDir) -> None:
    for lane, stem in LANES.items():
        whole = root.published(f"{STEM}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        own = root.published(f"{stem}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        assert own == [line for line in whole if json.loads(line)["runtime_lane"] == lane]


def test_the_summary_is_a_data_package(root: RootDir) -> None:
    report = frictionless.validate(root.published(f"{STEM}.json"))
    assert report.valid, report.flatten(["type", "message"])
    assert report.stats["tasks"] == len(KEYS)


def test_the_summary_says_what_the_files_hold(root: RootDir) -> None:
    summary = root.summary()
    resources = {r["name"]: r for r in summary["resources"]}
    assert resources.keys() == KEYS.keys()
    for stem, resource in resources.items():
        content = root.published(resource["path"]).read_bytes()
        assert resource["path"] == f"{stem}.jsonl"
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert resource["rows"] == content.count(b"\n")


def test_the_summary_counts_what_the_files_hold(root: RootDir) -> None:
    summary = root.summary()
    lanes = [record["runtime_lane"] for record in root.records()]
    assert summary["lane_counts"] == {lane: lanes.count(lane) for lane in LANES}
    outcomes = [record["outcome"] for record in root.records(f"{STEM}_patch_outcomes")]
    told = [(name, outcomes.count(name)) for name in OUTCOMES]
    assert list(summary["patch_outcome_counts"].items()) == told
    inputs = [record["input"] for record in root.records(f"{STEM}_quarantine")]
    names = ("title_rows", "semantic_patches")
    assert summary["quarantine_counts"] == {name: inputs.count(name) for name in names}


@pytest.mark.parametrize(
    ("name", "file"),
    [("title_rows", "title_rows.jsonl"), ("semantic_patches", "semantic_patches/log.jsonl")],
)
def test_the_input_digest_is_that_of_the_sorted_lines(root: RootDir, name: str, file: str) -> None:
    lines = [line for line in (root.path / "inputs" / file).read_bytes().split(b"\n") if line]
    hashes = sorted(hashlib.sha256(line).hexdigest() for line in lines)
    digest = hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert root.summary()["inputs"][name] == {"lines": len(lines), "hash": f"sha256:{digest}"}


def test_the_digest_of_many_lines_needs_little_memory(tmp_path: Path) -> None:
    """As a single text, 25 million hashes take gigabytes."""
    with duckdb.connect(config={"temp_directory": str(tmp_path)}) as connection:
        connection.execute("create schema inputs")
        connection.execute(
            "create table inputs.lines as"
            " select 'title_rows' as input, sha256(i::varchar) as sha256 from range(400000) t(i)"
        )
        connection.execute("set memory_limit = '80MB'")
        found = digest_lines(connection, "title_rows", tmp_path / "scratch")
    hashes = sorted(hashlib.sha256(str(i).encode()).hexdigest() for i in range(400000))
    digest = hashlib.sha256("".join(hashes).encode()).hexdigest()
    assert found == {"lines": 400000, "hash": f"sha256:{digest}"}
    assert not (tmp_path / "scratch").exists()


def test_a_staged_file_that_was_changed_after_it_was_read_is_not_published(tmp_path: Path) -> None:
    staged = Staged({"numbers": "numbers"}, {}, {}, {}, [], {})
    path = tmp_path / "numbers.jsonl"
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        connection.execute("create table numbers as select '1' as number")
        export_jsonl(connection, "numbers", ["number"], path)
        resource = resource_of(connection, tmp_path, "numbers", "numbers", staged)
        assert resource["hash"] == file_hash(path)
        os.utime(path, (0, 0))
        assert resource_of(connection, tmp_path, "numbers", "numbers", staged) == resource
        found = path.stat()
        path.write_text(path.read_text().replace("1", "2"))
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        with pytest.raises(EngineError, match="is not what was exported"):
            resource_of(connection, tmp_path, "numbers", "numbers", staged)


def test_the_generation_is_the_digest_of_the_rest(root: RootDir) -> None:
    summary = root.summary()
    generation = summary.pop("generation")
    text = json.dumps(summary, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert generation == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_every_gate_is_named_and_passed(root: RootDir) -> None:
    gates = root.summary()["gates"]
    names = [gate["name"] for gate in gates]
    assert names == sorted(set(names))
    assert {gate["result"] for gate in gates} == {"pass"}
    singular = {
        path.stem for path in (Path(__file__).parents[2] / "tests" / "replay").glob("*.sql")
    }
    assert singular < set(names)


@pytest.mark.parametrize("stem", KEYS)
def test_the_published_database_holds_the_same_rows(root: RootDir, stem: str) -> None:
    with duckdb.connect(root.published(f"{STEM}.duckdb"), read_only=True) as connection:
        found = connection.execute(f"select to_json(t)::varchar from {stem} t").fetchall()
    lines = [json.dumps(json.loads(line), sort_keys=True) for (line,) in found]
    assert sorted(lines) == sorted(map(as_json, root.records(stem)))


OLDEST_CLIENT = Path(sys.prefix) / "oldest-client"
"""DuckDB 1.1.0, where `make test` has put it."""
ASK = """
import duckdb, sys
assert duckdb.__version__ == "1.1.0", duckdb.__version__
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    for (name,) in connection.execute("show tables").fetchall():
        print(name, len(connection.execute(f"select * from {name}").fetchall()))
"""


def test_a_database_that_cannot_be_filled_leaves_the_builds_own_in_use() -> None:
    """Otherwise the failure would be reported as a missing table in the wrong database."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as fresh")
        with pytest.raises(OSError, match="No space"), used(connection, "fresh"):
            raise OSError("No space left")
        assert connection.execute("select current_database()").fetchall() == [("memory",)]


def test_the_database_is_of_the_oldest_format_that_can_be_written(root: RootDir) -> None:
    header = root.published(f"{STEM}.duckdb").read_bytes()[8:20]
    assert header[:4] == b"DUCK"
    assert int.from_bytes(header[4:], "little") == 64, "the storage version of DuckDB 1.0"


@pytest.mark.skipif(not (OLDEST_CLIENT / "duckdb").is_dir(), reason="no wheel of DuckDB 1.1.0 here")
def test_the_oldest_client_opens_the_database(root: RootDir) -> None:
    database = str(root.published(f"{STEM}.duckdb"))
    ended = run([sys.executable, "-c", ASK, database], PYTHONPATH=os.fspath(OLDEST_CLIENT))
    assert ended.status == 0, ended.err
    found = dict(line.rsplit(" ", 1) for line in ended.out.splitlines())
    assert {stem: int(found[stem]) for stem in KEYS} == {s: len(root.records(s)) for s in KEYS}


def test_the_published_database_holds_every_row_once(root: RootDir) -> None:
    """The lanes are views of the rows, under whatever name the database is opened."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{root.published(f'{STEM}.duckdb')}' as mine (read_only)")
        kinds = connection.execute(
            "select table_name, table_type from information_schema.tables"
            " where table_catalog = 'mine'"
        ).fetchall()
        explaining = set(answers.views())
        assert {name for name, kind in kinds if kind == "VIEW"} == {*LANES.values(), *explaining}
        others = {f"{STEM}_patch_effects", "lane_rules", "questions", *explaining}
        assert {name for name, _ in kinds} == KEYS.keys() | others
        for stem in LANES.values():
            (count,) = connection.execute(f"select count(*) from mine.{stem}").fetchone()
            assert count == len(root.records(stem))


def test_what_is_published_says_what_it_is_in_the_models_own_words(root: RootDir) -> None:
    summary = root.summary()
    with duckdb.connect(str(root.published(f"{STEM}.duckdb")), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
        tables = dict(
            connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
    said = {(table, column): text for table, column, text in found}
    assert all(said.values())
    assert all(text.endswith(f"\n{summary['generation']}") for text in tables.values())
    for resource in (r for r in summary["resources"] if r["type"] == "table"):
        assert resource["description"]
        for field in resource["schema"]["fields"]:
            assert field["description"] == said[resource["name"], field["name"]]
