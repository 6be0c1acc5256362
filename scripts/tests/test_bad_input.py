"""Input that cannot be read ends with status 2 and one message; nothing is published.

Errors that are found before dbt starts are tested with the command line in this process, errors
found while files are loaded with the loading code; one case of each kind is a real command.
"""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import Ended, RootDir, call_engine, row

from aina_data_engine.errors import EngineError, told_by
from aina_data_engine.load import Reading, check_mapping, load_inputs
from aina_data_engine.messages import Member
from aina_data_engine.root import Root


def says(ended: Ended, *words: str) -> None:
    assert ended.status == 2, ended.err
    assert "Traceback" not in ended.out + ended.err
    assert ended.out == ""
    for word in words:
        assert word in ended.err
    assert ended.err.count("aina-data-engine:") == 1


def no_title_rows(root: RootDir) -> None:
    (root.path / "inputs").mkdir()


def two_files(root: RootDir) -> None:
    root.title_rows(row()).title_rows(row(), name="title_rows.csv")


def foreign_form(root: RootDir) -> None:
    root.title_rows(row(), name="title_rows.xlsx")


def directory_for_a_file(root: RootDir) -> None:
    (root.path / "inputs" / "title_rows.jsonl").mkdir(parents=True)


def file_for_a_directory(root: RootDir) -> None:
    root.title_rows(row()).write("semantic_patches", b"")


def directory_among_the_logs(root: RootDir) -> None:
    root.title_rows(row())
    (root.path / "inputs" / "semantic_patches" / "log.jsonl").mkdir(parents=True)


def dangling_link(root: RootDir) -> None:
    (root.path / "inputs").mkdir()
    (root.path / "inputs" / "title_rows.jsonl").symlink_to("gone.jsonl")


def broken_gzip(root: RootDir) -> None:
    root.write("title_rows.jsonl.gz", b"\x1f\x8b\x08 and no more")


def broken_log(root: RootDir) -> None:
    root.title_rows(row()).write("semantic_patches/log.jsonl.gz", b"no gzip at all")


def broken_parquet(root: RootDir) -> None:
    root.write("title_rows.parquet", b"PAR1 and no more")


def csv_without_a_column(root: RootDir) -> None:
    root.write("title_rows.csv", b"id,source_title\nt1,Cook\n")


def empty(root: RootDir) -> None:
    root.write("title_rows.jsonl", b"\n \n")


UNFIT: dict[str, tuple[Callable[[RootDir], object], list[str]]] = {
    "no inputs": (lambda root: None, ["inputs/title_rows.jsonl", "semantic_patches/*.jsonl"]),
    "no title rows": (no_title_rows, ["has no file of title rows", "exactly one"]),
    "two title row files": (two_files, ["title_rows.csv, title_rows.jsonl", "exactly one"]),
    "a form that is not read": (foreign_form, ["title_rows.xlsx", ".parquet"]),
    "a directory in place of a file": (
        directory_for_a_file,
        ["title_rows.jsonl cannot be read: a directory"],
    ),
    "a file in place of a directory": (file_for_a_directory, ["semantic_patches is a file"]),
    "a directory among the logs": (
        directory_among_the_logs,
        ["log.jsonl cannot be read: a directory"],
    ),
    "a link to nothing": (dangling_link, ["title_rows.jsonl cannot be read", "No such file"]),
}


@pytest.mark.parametrize("name", UNFIT)
def test_bad_input_is_said_and_nothing_published(root: RootDir, name: str) -> None:
    make, words = UNFIT[name]
    make(root)
    says(call_engine("--root", str(root.path), "semantic-patch-replay"), *words)
    assert not root.published("").exists()


UNREADABLE: dict[str, tuple[Callable[[RootDir], object], list[str]]] = {
    "a broken gzip file": (broken_gzip, ["title_rows.jsonl.gz cannot be read"]),
    "a broken log": (broken_log, ["log.jsonl.gz cannot be read"]),
    "a broken Parquet file": (broken_parquet, ["title_rows.parquet cannot be read"]),
    "a CSV file without a column": (
        csv_without_a_column,
        ["has no column title_id.", "\n  id,source_title"],
    ),
    "one object for an array": (
        lambda root: root.write("title_rows.json", b"{}"),
        ["it must be one array of objects", "first character is '{'"],
    ),
    "an array in another encoding": (
        lambda root: root.write("title_rows.json", "[{}]".encode("utf-16")),
        ["it must be one array of objects", "first character is '\\xff'"],
    ),
    "no title row": (empty, ["title_rows.jsonl is empty"]),
}
MEMBERS: list[Member] = [
    {"name": "title_id", "kind": "string", "required": True},
    {"name": "source_title", "kind": "string", "required": True},
]


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_loaded_is_said(root: RootDir, name: str) -> None:
    make, words = UNREADABLE[name]
    make(root)
    with duckdb.connect() as connection, pytest.raises(EngineError) as refused:
        load_inputs(connection, Root(root.path).input_files(), Reading({}, MEMBERS, None, 1 << 20))
    for word in words:
        assert word in str(refused.value)


def test_the_databases_advice_on_its_options_is_left_out() -> None:
    for advice in ("Possible solutions:\n* set x", "Try setting format='auto'."):
        assert told_by(duckdb.Error(f"It is no array. {advice}")) == "It is no array."


def test_what_cannot_be_loaded_ends_the_command_and_nothing_is_published(root: RootDir) -> None:
    """dbt passes on no name that is no text: the build broke then."""
    broken_log(root)
    log = root.path / "inputs" / "semantic_patches" / "log.jsonl.gz"
    log.rename(log.with_name(os.fsdecode(b"\xff") + log.name))
    says(root.replay(), "\\udcfflog.jsonl.gz cannot be read")
    assert not root.published("").exists()


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({"id": "title"}, "maps id to title"),
        ({"id": "title_id", "key": "title_id"}, "more than one column to title_id"),
        ({"nowhere": "title_id"}, "has no row with a field nowhere"),
    ],
)
def test_a_mapping_that_does_not_fit_is_said(
    root: RootDir, mapping: dict[str, str], word: str
) -> None:
    root.title_rows(row())
    with duckdb.connect() as connection, pytest.raises(EngineError, match=word):
        reading = Reading(check_mapping(mapping, MEMBERS), MEMBERS, None, 1 << 20)
        load_inputs(connection, Root(root.path).input_files(), reading)


def test_a_mapping_that_does_not_fit_ends_the_command(root: RootDir) -> None:
    root.title_rows(row())
    says(root.replay("--vars", "{title_row_columns: {id: title}}"), "maps id to title")
    assert not root.published("").exists()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{title_row_columns: [id]}", "title_row_columns"),
        ("{unclosed: ", "--vars is not YAML"),
        ("[" * 3000, "--vars cannot be read: it is nested too deeply"),
        ("{csv_encoding: 2026-13-45}", "or has an invalid number or date"),
        ("strict", "--vars must be a mapping"),
    ],
)
def test_vars_that_are_none_are_said(root: RootDir, text: str, word: str) -> None:
    root.title_rows(row())
    asked = ("--root", str(root.path), "semantic-patch-replay", "--vars", text)
    says(call_engine(*asked), word)
    assert not root.published("").exists()


def test_a_root_that_is_not_there_is_said(tmp_path: Path) -> None:
    says(RootDir(tmp_path / "nowhere").replay(), "nowhere is not a directory")


def test_a_file_without_permission_is_said(root: RootDir) -> None:
    root.title_rows(row())
    (root.path / "inputs" / "title_rows.jsonl").chmod(0)
    if os.geteuid() == 0:
        pytest.skip("a superuser may read everything")
    says(root.replay(), "title_rows.jsonl cannot be read: Permission denied")


@pytest.mark.parametrize("name", ["runs", "generations", "generations/validation", ".lock"])
def test_what_another_user_has_made_is_said(
    root: RootDir, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A superuser may write everywhere, so the system's answer is faked."""
    path = root.path / "artifacts" / name
    (path.parent if name == ".lock" else path).mkdir(parents=True)
    path.touch()
    monkeypatch.setattr(os, "access", lambda asked, _: asked != path)
    says(call_engine("--root", str(root.title_rows(row()).path), "propose-patches"), str(path))


def test_a_directory_in_the_way_of_what_is_published_is_said(root: RootDir) -> None:
    root.title_rows(row()).published("").mkdir(parents=True)
    says(root.replay(), "validation is in the way")


@pytest.mark.parametrize("arguments", [[], ["replay"], ["--root"], ["failing-rows"]])
def test_wrong_usage_is_said(arguments: list[str]) -> None:
    ended = call_engine(*arguments)
    assert ended.status == 2
    assert "Usage: aina-data-engine" in ended.err


@pytest.mark.parametrize(
    "words", [["--root", "", "status"], ["status", "--root", ""], ["init", ""]]
)
def test_an_empty_word_is_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    says(call_engine(*words), "the path is empty")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "command",
    ["accept-patches", "import-review", "impact --id", "revert-patches --file", "explain"],
)
def test_words_that_are_no_text_are_said(root: RootDir, command: str) -> None:
    root.title_rows(row())
    ended = call_engine("--root", str(root.path), *command.split(), os.fsdecode(b"\xff.jsonl"))
    says(ended, r"\udcff.jsonl has bytes that are not UTF-8")


def test_failing_rows_of_an_unknown_gate_are_said(root: RootDir) -> None:
    ended = call_engine("--root", str(root.path), "failing-rows", "no_such_gate")
    says(ended, "No build has run")


def test_a_title_row_file_of_many_forms_of_blank_is_empty_to_dbt_too(root: RootDir) -> None:
    empty(root)
    ended = root.build()
    assert ended.status != 0
    assert "title_rows.jsonl is empty" in ended.out
    assert "Traceback" not in ended.out
    assert not root.published("").exists()
