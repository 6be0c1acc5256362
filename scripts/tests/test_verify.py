"""`verify` finds what is wrong with a published generation, and says which file."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import STEM, Ended, RootDir, patch, row, run_engine

HOLDS, PACKETS = f"{STEM}_holds.jsonl", f"{STEM}_packet_hardening.jsonl"


@pytest.fixture(scope="module")
def two_generations(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """A root with a generation in force, and a former one."""
    root = RootDir(tmp_path_factory.mktemp("verify"))
    root.title_rows(row("t1"), row("t2", hold_reason="?"), row("t3"), "not JSON")
    assert root.replay().status == 0
    root.patches(patch("p1", "t1"))
    assert root.replay().status == 0
    return root


@pytest.fixture
def copied(two_generations: RootDir, tmp_path: Path) -> RootDir:
    """A copy that a test may damage."""
    shutil.copytree(two_generations.path, tmp_path / "root", symlinks=True)
    return RootDir(tmp_path / "root")


def verify(root: RootDir) -> Ended:
    return run_engine("--root", str(root.path), "verify")


def test_a_whole_generation_is_found_whole(two_generations: RootDir) -> None:
    ended = verify(two_generations)
    assert ended.status == 0, ended.err
    assert two_generations.summary()["generation"] in ended.out


def former(root: RootDir) -> Path:
    (found,) = [
        path
        for path in (root.path / "artifacts" / "generations" / "validation").iterdir()
        if path != root.published("").resolve()
    ]
    return found


def change_a_byte(root: RootDir) -> None:
    path = root.published(HOLDS)
    path.write_bytes(path.read_bytes().replace(b"Cook", b"Coot", 1))


def swap(root: RootDir) -> None:
    one, other = root.published(HOLDS), root.published(PACKETS)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def use_former(name: str) -> Callable[[RootDir], None]:
    return lambda root: shutil.copy(former(root) / name, root.published(name))


def edit_summary(change: Callable[[dict], None], *, redo_digest: bool = False) -> Callable:
    def edit(root: RootDir) -> None:
        summary = root.summary()
        change(summary)
        if redo_digest:
            del summary["generation"]
            text = json.dumps(summary, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            summary["generation"] = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        root.published(f"{STEM}.json").write_text(json.dumps(summary), encoding="utf-8")

    return edit


def put_in_another_lane(root: RootDir) -> None:
    """Move a row to another lane's file, with a summary that fits: only the row itself tells."""
    line = root.published(HOLDS).read_bytes()
    with root.published(PACKETS).open("ab") as stream:
        stream.write(line)
    root.published(HOLDS).write_bytes(b"")

    def fit(summary: dict) -> None:
        for resource in summary["resources"]:
            content = root.published(resource["path"]).read_bytes()
            resource["bytes"], resource["rows"] = len(content), content.count(b"\n")
            resource["hash"] = "sha256:" + hashlib.sha256(content).hexdigest()

    edit_summary(fit, redo_digest=True)(root)


def lose_a_table_row(root: RootDir) -> None:
    with duckdb.connect(str(root.published(f"{STEM}.duckdb"))) as connection:
        connection.execute(f"delete from {STEM} where title_id = 't1'")
    for receipt in (root.path / "artifacts" / "runs").iterdir():
        receipt.unlink()


DAMAGE: dict[str, tuple[Callable[[RootDir], object], list[str]]] = {
    "a changed byte": (change_a_byte, [HOLDS, "was changed"]),
    "a missing file": (lambda r: r.published(HOLDS).unlink(), [f"{HOLDS} is missing"]),
    "a missing summary": (lambda r: r.published(f"{STEM}.json").unlink(), ["json is missing"]),
    "a broken summary": (
        lambda r: r.published(f"{STEM}.json").write_text("{"),
        ["is not a summary"],
    ),
    "a missing database": (lambda r: r.published(f"{STEM}.duckdb").unlink(), ["duckdb is missing"]),
    "a swapped pair": (
        swap,
        [f"{HOLDS} holds what belongs in {PACKETS}", f"{PACKETS} holds what belongs in {HOLDS}"],
    ),
    "a file of another generation": (use_former(PACKETS), [f"{PACKETS} is not of this generation"]),
    "a database of another generation": (use_former(f"{STEM}.duckdb"), [f"{STEM}.duckdb"]),
    "a summary of another generation": (use_former(f"{STEM}.json"), ["is not of this generation"]),
    "a foreign file": (
        lambda r: r.published("notes.txt").write_text("?"),
        ["notes.txt does not belong"],
    ),
    "a count that was changed": (
        edit_summary(lambda s: s["lane_counts"].update(hold=2)),
        ["its generation is not its digest"],
    ),
    "a count that is wrong from the start": (
        edit_summary(lambda s: s["lane_counts"].update(hold=2), redo_digest=True),
        ["lane_counts are not those"],
    ),
    "a gate that failed": (
        edit_summary(lambda s: s["gates"][0].update(result="fail"), redo_digest=True),
        ["has the result fail"],
    ),
    "a row in another lane": (
        put_in_another_lane,
        ["title t2 is in the file of lane packet_hardening"],
    ),
    "a database that lost a row": (lose_a_table_row, [f"table {STEM} has 2 rows"]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_named(copied: RootDir, damage: str) -> None:
    harm, said = DAMAGE[damage]
    harm(copied)
    ended = verify(copied)
    assert ended.status == 1
    assert "Traceback" not in ended.err
    for words in said:
        assert words in ended.err


def test_a_root_with_nothing_published_says_so(root: RootDir) -> None:
    ended = verify(root)
    assert ended.status == 2
    assert "Nothing is published" in ended.err
