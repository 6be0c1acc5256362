"""`verify` finds what is wrong with a published generation, and names the file."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import STEM, RootDir, call_engine, patch, row, run_engine, written_elsewhere

from aina_data_engine.databases import locked
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.root import Root
from aina_data_engine.verify import Checked
from aina_data_engine.verify import verify as check

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


def verify(root: RootDir) -> Checked:
    return check(Root(root.path), REPLAY_PUBLICATION)


def test_a_whole_generation_is_found_whole(two_generations: RootDir) -> None:
    ended = run_engine("--root", str(two_generations.path), "verify")
    assert ended.status == 0, ended.err
    assert two_generations.summary()["generation"] in ended.out
    assert "not checked" not in ended.out
    assert verify(two_generations) == (two_generations.summary()["generation"], [], [])


@pytest.mark.parametrize(
    "place", ["verify._read", "verify_database._hold_table", "compare._changes"]
)
def test_a_query_that_is_stopped_is_no_damage(
    two_generations: RootDir, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def stopped(*_: object) -> None:
        """As a query does, in which the database checks for signals."""
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(f"aina_data_engine.{place}", stopped)
    command = "diff" if "compare" in place else "verify"
    ended = call_engine("--root", str(two_generations.path), command, "--json")
    assert (ended.status, ended.err.strip()) == (130, "aina-data-engine: stopped.")
    assert json.loads(ended.out)["error"] == "stopped."


def test_a_link_that_is_gone_is_a_finding(copied: RootDir) -> None:
    def found(*, publishing: bool = False) -> tuple[int, bool]:
        for path in (copied.path / "artifacts" / "runs").iterdir():
            outcome = "publishing" if publishing else "published"
            path.write_text(json.dumps(json.loads(path.read_text()) | {"outcome": outcome}))
        ended = call_engine("--root", str(copied.path), "verify")
        return ended.status, "is not whole, generation unknown:\n  the link is gone" in ended.err

    link = copied.path / "artifacts" / "validation"
    link.unlink()
    assert found() == (1, True)
    # A first run that was killed before it published does not count as a lost publication.
    assert found(publishing=True) == (2, False)
    # A stage depends on the replay.
    (stage := link.with_name("mine-holds")).symlink_to("generations/mine-holds/none")
    assert found(publishing=True) == (1, True)
    stage.unlink()
    for name in ("generations", "runs"):
        shutil.rmtree(link.with_name(name))
        link.with_name(name).mkdir()
    assert found() == (2, False)


def test_lines_of_many_megabytes_are_published_and_found_whole(root: RootDir) -> None:
    """The database's reader loses parts of some, or fails, if several threads read them."""
    root.title_rows(row("t1"), *("x" * (12 * 2**20 + n) for n in range(4)))
    ended = root.replay()
    assert ended.status == 0, ended.err
    assert verify(root) == (root.summary()["generation"], [], [])


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
        text = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
        root.published(f"{STEM}.json").write_text(text, encoding="utf-8")

    return edit


def put_in_another_lane(root: RootDir) -> None:
    """Move a row to another lane's file, with a matching summary: only the row itself shows it."""
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
        [f"{HOLDS} has the content of {PACKETS}", f"{PACKETS} has the content of {HOLDS}"],
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
    findings = "\n".join(verify(copied).findings)
    for words in said:
        assert words in findings


def test_damage_ends_the_command_with_status_1(copied: RootDir) -> None:
    change_a_byte(copied)
    ended = run_engine("--root", str(copied.path), "verify")
    assert ended.status == 1
    assert f"  {HOLDS} is not of this generation, or was changed" in ended.err


def test_a_root_with_nothing_published_says_so(root: RootDir) -> None:
    ended = run_engine("--root", str(root.path), "verify")
    assert ended.status == 2
    assert "Nothing is published" in ended.err


@contextmanager
def in_time() -> Iterator[None]:
    """Fail if something waits forever."""

    def stop(*_: object) -> None:
        raise AssertionError("it hangs")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def restored(path: Path) -> Iterator[bytes]:
    """Give a file for damage, and put it back afterwards."""
    content = path.read_bytes()
    try:
        yield content
    finally:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_bytes(content)


def replace(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 42)


def flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


CONTENTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda c: b"" if c else b"\n",
    "half": lambda c: c[: len(c) // 2] if c else b"{",
    "longer": lambda c: c + b"\n",
    "twice": lambda c: c + c if c else b"{}\n",
    "first byte": lambda c: flip(c, 0) if c else b"x",
    "middle byte": lambda c: flip(c, len(c) // 2) if c else b"x",
    "last byte": lambda c: flip(c, len(c) - 1) if c else b"x",
    "no text": lambda c: b"\xff" * (len(c) or 1),
    "no bytes": lambda c: b"\0" * (len(c) or 1),
    "deep": lambda c: b"[" * 500_000,
}
KINDS: dict[str, Callable[[Path], object]] = {
    "missing": lambda p: p.unlink(),
    "a directory": lambda p: replace(p, Path.mkdir),
    "a pipe": lambda p: replace(p, os.mkfifo),
    "a device": lambda p: replace(p, lambda q: q.symlink_to("/dev/zero")),
    "a link": lambda p: replace(p, lambda q: q.symlink_to(p.parents[3] / "same" / p.name)),
    "without end": sparse,
}
FILES = [f"{STEM}.json", f"{STEM}.duckdb"] + [
    f"{STEM}{name}.jsonl"
    for name in (
        "",
        "_packet_hardening",
        "_serviceable_with_caveat",
        "_source_ref_rerun",
        "_holds",
        "_patch_outcomes",
        "_quarantine",
    )
]


@pytest.fixture(scope="module")
def spare(two_generations: RootDir, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RootDir]:
    """A copy that is restored after each damage, with a second copy of the files beside it."""
    path = tmp_path_factory.mktemp("spare") / "root"
    shutil.copytree(two_generations.path, path, symlinks=True)
    root = RootDir(path)
    place = root.published("").resolve()
    shutil.copytree(place, path / "artifacts" / "same")
    # Opening a database takes half as long as verifying.
    with locked(place) as connection, pytest.MonkeyPatch.context() as patched:

        @contextmanager
        def kept(*places: Path) -> Iterator[duckdb.DuckDBPyConnection]:
            if places != (place,):
                with locked(*places) as other:
                    yield other
                return
            try:
                yield connection
            finally:
                connection.execute("use memory")
                for name in ("published", "own"):
                    connection.execute(f"detach database if exists {name}")

        patched.setattr("aina_data_engine.verify.locked", kept)
        yield root


@pytest.mark.parametrize("names", [FILES[:1], FILES[1:]], ids=["the summary", "the others"])
def test_whatever_has_become_of_a_file_is_a_finding(spare: RootDir, names: list[str]) -> None:
    """Each of the others is named, although all are damaged at once."""
    place = spare.published("").resolve()
    for damage, harm in {**{n: written(c) for n, c in CONTENTS.items()}, **KINDS}.items():
        with ExitStack() as stack, in_time():
            for name in names:
                stack.enter_context(restored(place / name))
                harm(place / name)
            findings = "\n".join(verify(spare).findings)
        assert [name for name in names if name not in findings] == [], damage
    assert verify(spare).findings == []


def written(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_the_content_of_another_is_a_finding(spare: RootDir, name: str) -> None:
    path = spare.published("").resolve() / name
    for other in FILES:
        with restored(path) as content, in_time():
            path.write_bytes((path.parent / other).read_bytes())
            if path.read_bytes() != content:
                assert name in "\n".join(findings_in(spare, name)), other
    assert verify(spare).findings == []


def findings_in(root: RootDir, name: str) -> list[str]:
    """Return what is wrong, with the database judged by the files alone, in a third of the time."""
    of_database = name.endswith(".duckdb")
    return check(Root(root.path), REPLAY_PUBLICATION, with_tables=of_database).findings


OF_ANOTHER_TYPE: list[Any] = [None, True, 1.5, -1, "?", [], {}, [None], {"": {}}, "\ud800"]


def with_digest(summary: dict) -> dict:
    """Return the summary with the digest of its content, as a forger would make it."""
    content = {key: value for key, value in summary.items() if key != "generation"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return {**content, "generation": f"sha256:{digest}"}


def places(summary: dict) -> Iterator[list]:
    """Return the paths of members: of the summary, and of the first of each list in it."""
    for key, value in summary.items():
        yield [key]
        if isinstance(value, list):
            yield [key, 0]
            yield from ([key, 0, member] for member in value[0])
        elif isinstance(value, dict):
            yield from ([key, member] for member in value)


IMMATERIAL = {
    "$schema",
    "title",
    "description",
    "inputs",
    "mediatype",
    "encoding",
    "type",
    "schema",
}
"""What a forged summary may say, for nothing in the generation tells what it was."""


def test_each_member_of_the_summary_missing_or_of_another_type_is_a_finding(
    spare: RootDir,
) -> None:
    path = spare.published("").resolve() / f"{STEM}.json"
    tried = 0
    for place in places(spare.summary()):
        for value in [..., *OF_ANOTHER_TYPE]:
            for is_forged in (False, True):
                summary = spare.summary()
                *way, last = place
                holder = summary
                for step in way:
                    holder = holder[step]
                if value is ...:
                    del holder[last]
                elif holder[last] == value and type(holder[last]) is type(value):
                    continue
                else:
                    holder[last] = value
                if is_forged and place != ["generation"]:
                    if IMMATERIAL & {*map(str, place)} or place[-1] == "name":
                        continue
                    if place == ["gates", 0] and value is ...:
                        continue
                    summary = with_digest(summary)
                with restored(path), in_time():
                    text = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
                    path.write_text(text, encoding="utf-8", errors="surrogatepass")
                    found = findings_in(spare, path.name)
                assert found, (place, value, is_forged)
                tried += 1
    assert tried > 300


def in_database(statement: str) -> Callable[[RootDir], None]:
    def change(root: RootDir) -> None:
        with duckdb.connect(str(root.published(f"{STEM}.duckdb"))) as connection:
            connection.execute(statement)

    return change


def cut_off(root: RootDir) -> None:
    path = root.published(f"{STEM}.duckdb")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DATABASES: dict[str, tuple[Callable[[RootDir], object], str]] = {
    "a value": (
        in_database(f"update {STEM} set learner_title = 'Coot' where title_id = 't1'"),
        f"table {STEM} has 3 rows, {STEM}.jsonl 3; only the table has",
    ),
    "a null": (
        in_database(f"update {STEM}_quarantine set reason = null"),
        f"table {STEM}_quarantine has",
    ),
    "an order of columns": (
        in_database(
            f"create or replace table {STEM} as select source_title, * exclude (source_title)"
            f" from {STEM}"
        ),
        f"table {STEM} has",
    ),
    "a type": (
        in_database(f"alter table {STEM}_quarantine alter line_number type varchar"),
        f"table {STEM}_quarantine has",
    ),
    "a lost row": (in_database(f"delete from {STEM} where title_id = 't1'"), "has 2 rows"),
    "a row too many": (in_database(f"insert into {STEM} from {STEM} limit 1"), "has 4 rows"),
    "a lost table": (
        in_database(f"drop table {STEM}_quarantine"),
        f"table {STEM}_quarantine is missing",
    ),
    "a lost view": (in_database(f"drop view {STEM}_holds"), f"table {STEM}_holds is missing"),
    "a view in a table's place": (
        in_database(
            f"drop table {STEM}_quarantine;"
            f" create view {STEM}_quarantine as select error('it was run') as title_id"
        ),
        f"table {STEM}_quarantine is a view that the engine has not made",
    ),
    "another view in a view's place": (
        in_database(
            f"create or replace view {STEM}_holds as"
            f" from {STEM} where runtime_lane = 'hold' or error('it was run')"
        ),
        f"table {STEM}_holds is a view that the engine has not made",
    ),
    "a table in a view's place": (
        in_database(f"drop view {STEM}_holds; create table {STEM}_holds as from {STEM} limit 0"),
        f"table {STEM}_holds has 0 rows, {STEM}_holds.jsonl 1; only the file has",
    ),
    "half of it": (cut_off, f"{STEM}.duckdb"),
    "a log beside it": (
        lambda r: r.published(f"{STEM}.duckdb.wal").write_bytes(b"?"),
        f"{STEM}.duckdb.wal",
    ),
}


@pytest.mark.parametrize("damage", DATABASES)
def test_the_database_is_held_against_the_files_without_a_receipt(
    copied: RootDir, damage: str
) -> None:
    change, said = DATABASES[damage]
    change(copied)
    shutil.rmtree(copied.path / "artifacts" / "runs")
    with in_time():
        found = verify(copied)
    assert said in "\n".join(found.findings)
    assert "it was run" not in str(found)


def test_what_is_not_checked_is_named(copied: RootDir) -> None:
    in_database("create view stranger as select error('it was run') as one")(copied)
    in_database("create macro helper() as error('it was run')")(copied)
    shutil.rmtree(copied.path / "artifacts" / "runs")
    _, findings, unchecked = verify(copied)
    assert findings == []
    told = "\n".join(unchecked)
    assert f"{STEM}.duckdb: view stranger" in told
    assert f"{STEM}.duckdb: macro helper" in told
    assert "does not say its hash" in told
    assert f"{STEM}.html: whether there was one" not in told
    copied.published(f"{STEM}.html").unlink()
    _, findings, unchecked = verify(copied)
    assert findings == []
    assert f"{STEM}.html: whether there was one" in "\n".join(unchecked)


def test_a_file_that_the_database_would_take_for_its_own_is_named(copied: RootDir) -> None:
    copied.published(f"{STEM}.duckdb.wal").write_bytes(b"x")
    _, findings, _ = verify(copied)
    assert f"{STEM}.duckdb is not read: {STEM}.duckdb.wal would change its content" in findings


def test_a_database_that_is_open_elsewhere_is_told_as_not_checked(copied: RootDir) -> None:
    """A publication that is whole was reported not to be."""
    with written_elsewhere(copied.published(f"{STEM}.duckdb")):
        _, findings, unchecked = verify(copied)
    assert findings == []
    assert unchecked == [f"{STEM}.duckdb, which another program has open for writing"]
    assert verify(copied).unchecked == []


RECEIPTS: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda p: replace(p, os.mkfifo),
    "a directory": lambda p: replace(p, Path.mkdir),
    "a device": lambda p: replace(p, lambda q: q.symlink_to("/dev/zero")),
    "without end": sparse,
    "deep": lambda p: p.write_bytes(b"[" * 500_000),
    "no text": lambda p: p.write_bytes(b"\xff"),
    "no object": lambda p: p.write_text("[]"),
    "nothing in it": lambda p: p.write_text("{}"),
    "a hash that is none": lambda p: p.write_text(
        json.dumps(json.loads(p.read_text()) | {"database": {"bytes": 1, "hash": 7}})
    ),
}


@pytest.mark.parametrize("damage", RECEIPTS)
def test_whatever_has_become_of_the_receipt_is_a_finding(copied: RootDir, damage: str) -> None:
    run_id = copied.published("").resolve().name.partition("Z-")[2]
    receipt = copied.path / "artifacts" / "runs" / f"{run_id}.json"
    RECEIPTS[damage](receipt)
    with in_time():
        assert f"runs/{run_id}.json is not a receipt" in "\n".join(verify(copied).findings)
