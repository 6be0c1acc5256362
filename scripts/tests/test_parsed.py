"""What dbt parsed is kept for every root if only its user can write there; otherwise it is not."""

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from conftest import PARSED, copy_of_project, parsed_once, warm
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

from aina_data_engine import parsed, selection
from aina_data_engine.jobs import JOBS, REPLAY
from aina_data_engine.root import Root

MODEL = "model.aina_data_engine.semantic_patch_replay_v1"


@cache
def project() -> Manifest:
    """Return the project as dbt parsed it, for tests to read."""
    content = (parsed_once() / PARSED).read_bytes()
    return Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder)


@cache
def one_model() -> bytes:
    """Return a project of one model, in the form in which it is kept: it is quick to handle."""
    nodes = {MODEL: project().nodes[MODEL]}
    small = Manifest(nodes=nodes, metadata=project().metadata)
    return small.to_msgpack(extended_mashumaro_encoder)  # type: ignore[no-any-return]


class Parser:
    """Parses like dbt, and counts; it finds one model, which the job needs."""

    def __init__(self, place: Path, root: Root) -> None:
        self.place, self.root, self.times = place, root, 0

    def __call__(self, asked: list[str], *_: object) -> object:
        if asked[0] == "ls":
            return [json.dumps({"unique_id": MODEL})]
        self.times += 1
        return Manifest.from_msgpack(one_model(), decoder=extended_mashumuro_decoder)

    def run(self) -> int:
        """Ask for the parsed project like a build; return how often it was parsed for that."""
        before = self.times
        # As in another process.
        parsed.hash_of_files.cache_clear()
        found = parsed.parsed_project(self.root, REPLAY, self.place / "scratch")
        assert MODEL in found.nodes
        return self.times - before

    @property
    def kept(self) -> list[Path]:
        return list((self.place / "cache" / "aina-data-engine").iterdir())


@pytest.fixture
def parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parser]:
    (tmp_path / "root").mkdir()
    found = Parser(tmp_path, Root(tmp_path / "root"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(parsed, "_ask_dbt", found)
    # Reads the selectors with the flags of dbt's previous command.
    monkeypatch.setattr(selection, "tests_of_no_job", lambda _: set())
    yield found
    parsed.hash_of_files.cache_clear()


def test_a_second_build_of_any_root_parses_nothing(parser: Parser, tmp_path: Path) -> None:
    assert parser.run() == 1
    parser.root = Root(tmp_path / "another")
    assert parser.run() == 0
    # The whole project, and the part that the job needs.
    assert len(parser.kept) == 2
    assert [path.stat().st_mode & 0o077 for path in parser.kept] == [0, 0]


def test_a_project_that_was_changed_is_parsed_anew(
    parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_of_project(tmp_path / "project")
    monkeypatch.setattr(parsed, "PROJECT", project)
    code = Path(shutil.copy(parsed.__file__, tmp_path))
    monkeypatch.setattr(parsed, "__file__", str(code))
    assert parser.run() == 1
    for change in (
        lambda: code.open("a").write("\n"),
        lambda: (project / "models" / "one.sql").write_text("select 1 as one"),
        lambda: (project / "models" / "one.sql").rename(project / "models" / "two.sql"),
        lambda: (project / "dbt_project.yml").open("a").write("\n"),
        lambda: (project / "macros" / "lanes.sql").unlink(),
    ):
        change()
        assert (parser.run(), parser.run()) == (1, 0)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def link(path: Path) -> None:
    other = path.with_name(f"elsewhere-{path.name}")
    path.rename(other)
    path.symlink_to(other)


def open_to_others(path: Path) -> None:
    path.chmod(0o666)


def directory_open_to_others(path: Path) -> None:
    path.parent.chmod(0o777)


def directory_a_link(path: Path) -> None:
    other = path.parent.with_name("elsewhere")
    if not other.exists():
        path.parent.rename(other)
        path.parent.symlink_to(other)


@pytest.mark.parametrize(
    "spoil", [flip, cut, link, open_to_others, directory_open_to_others, directory_a_link]
)
def test_what_others_may_have_written_is_not_run(parser: Parser, spoil: object) -> None:
    assert parser.run() == 1
    for path in parser.kept:
        spoil(path)  # type: ignore[operator]
    assert parser.run() == 1


def test_without_a_place_of_ones_own_every_run_parses(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = parser.root.path / "cache"
    for place in (inside, "/dev/null/cache"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        assert (parser.run(), parser.run()) == (1, 1)
    assert not inside.exists()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(parser.place / "home"))
    assert (parser.run(), parser.run()) == (1, 0)
    assert (parser.place / "home" / ".cache" / "aina-data-engine").is_dir()


def test_several_builds_at_once_leave_whole_files(parser: Parser) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: parser.run(), range(8)))
    assert len(parser.kept) == 2
    assert parser.run() == 0


def test_only_the_latest_are_kept(parser: Parser) -> None:
    assert parser.run() == 1
    for number in range(2 * parsed.KEPT):
        shutil.copy(parser.kept[0], parser.kept[0].with_name(f"former-{number}"))
    assert parser.kept
    parsed._write(parser.kept[0].with_name("newest"), b"")
    assert len(parser.kept) == parsed.KEPT
    assert "newest" in {path.name for path in parser.kept}


@pytest.mark.parametrize("job", JOBS)
def test_a_jobs_part_of_the_project_has_the_macros_that_its_gates_call(
    job: str, tmp_path: Path
) -> None:
    # As dbt reads it back: during the first run, dbt knows the macros of the whole.
    warm()
    part = parsed.parsed_project(Root(tmp_path), job, tmp_path)
    names = {macro.name for macro in part.macros.values()}
    gates = [node for node in part.nodes.values() if node.resource_type == "test"]
    assert gates
    generic = [gate.test_metadata.kwargs for gate in gates if hasattr(gate, "test_metadata")]
    called = {*re.findall(r"{{ *(\w+)\(", json.dumps(generic))}
    assert called - {"ref", "source"} <= names


def test_the_replay_depends_on_no_stage() -> None:
    nodes = project().nodes
    waiting = [key for key, node in nodes.items() if node.fqn[1:3] == ["published", "replay"]]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in nodes and key not in seen and nodes[key].resource_type == "model":
            seen.add(key)
            waiting += nodes[key].depends_on.nodes
    flow = {"staging/inputs", "replay", "lanes", "published/replay"}
    assert {"/".join(nodes[key].fqn[1:-1]) for key in seen} == flow


def test_a_twin_reads_the_twins_of_what_its_model_reads() -> None:
    nodes = project().nodes
    twins = {}
    for key, node in nodes.items():
        if found := re.search(r"twin_of\('(\w+)', '(\w+)'\)", getattr(node, "raw_code", "")):
            twins[key] = found.groups()
    assert len(twins) > 10
    for key, (name, prefix) in twins.items():
        model = nodes[f"model.aina_data_engine.{name}"]
        assert nodes[key].name == f"{prefix}_{name}"
        # dbt reads no configuration from the model's SQL either.
        assert nodes[key].config.materialized == model.config.materialized
        read = model.depends_on.nodes
        own = [key.replace(f".{n}", f".{prefix}_{n}") for key in read for n in [key.split(".")[-1]]]
        pairs = zip(own, read, strict=True)
        assert set(nodes[key].depends_on.nodes) == {o if o in nodes else r for o, r in pairs}


def test_no_model_asks_which_job_builds_it() -> None:
    manifest = project()
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    assert [model.name for model in models if model.tags] == []
    asking = {"macro.aina_data_engine.current_job"}
    while more := {
        key
        for key, macro in manifest.macros.items()
        if key not in asking and asking & {*macro.depends_on.macros}
    }:
        asking |= more
    assert [model.name for model in models if asking & {*model.depends_on.macros}] == []


def test_a_seeds_columns_have_the_types_that_they_are_loaded_with() -> None:
    nodes = project().nodes.values()
    for seed in [node for node in nodes if node.resource_type == "seed"]:
        told = {name: column.data_type for name, column in seed.columns.items()}
        assert told == {name: seed.config.column_types[name] for name in told}, seed.name
