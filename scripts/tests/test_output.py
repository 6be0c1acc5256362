"""Printed text contains no terminal commands, and no stream affects a status."""

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from conftest import RootDir, row, run_engine
from mined import COMMANDS, HOSTILE, NAME, mined, told_of
from warm import ENGINE

from aina_data_engine import say
from aina_data_engine.root import PROJECT


def shows_all(text: str) -> bool:
    """Return whether no character is hidden or a control character; if one is, name it."""
    hidden = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert hidden <= {"\n"}, (sorted(map(ascii, hidden)), text[:2000])
    return True


@pytest.fixture
def hostile(tmp_path: Path) -> RootDir:
    """A root with hostile text in its name and in everything in it."""
    return mined(tmp_path / "mined")


def test_nothing_that_a_command_prints_or_reports_hides_or_commands(
    hostile: RootDir, tmp_path: Path
) -> None:
    at = ("--root", str(hostile.path))
    wrong = tmp_path / f"wrong {NAME}.csv"
    wrong.write_text(f'"{HOSTILE}",decision\nx,y\n')
    proposed = hostile.path / "artifacts" / "proposals" / "first.jsonl"
    commands: list[tuple[int | None, tuple[str, ...]]] = [
        (2, ("import-review", str(wrong))),
        (None, ("revert-patches", "--id", f"p1 {HOSTILE}")),
        (0, ("accept-patches", str(proposed))),
        (2, ("import-review", str(tmp_path / NAME))),
        (2, ("accept-patches", str(tmp_path / f"{NAME}.jsonl"))),
        (2, ("propose-patches", "--name", NAME)),
        (2, ("semantic-patch-replay", "--vars", f"[{HOSTILE}")),
        (2, (HOSTILE,)),
        (2, ("status", f"--{HOSTILE}")),
        (2, ("--root", str(tmp_path / NAME), "status")),
        (0, ("status", "--json")),
        (0, ("explain", "t1")),
        (2, ("explain", HOSTILE)),
        (2, ("diff",)),
        (2, ("diff", HOSTILE)),
        (0, ("generations",)),
        (0, ("handoff",)),
        (2, ("as-of", HOSTILE)),
        (2, ("impact", "--id", HOSTILE)),
    ]
    told = zip([*COMMANDS, (2, ("import-review",))], told_of(hostile), strict=True)
    told_now = ((asked, run_engine(*at, *asked[1])) for asked in commands)
    for (status, command), ended in (*told, *told_now):
        assert shows_all(ended.out + ended.err), command
        assert status in (None, ended.status), (command, ended)
        assert "Traceback" not in ended.err
        assert ended.out or ended.err, command
        if "--json" in command:
            assert json.loads(ended.out)["exit_status"] == 0
    (hostile.published("") / NAME).write_text("")
    ended = run_engine(*at, "verify")
    assert ended.status == 1
    assert shows_all(ended.out + ended.err)
    assert say.shown(NAME) in ended.err
    reports = [*hostile.path.glob("artifacts/proposals/*.md")]
    assert reports
    for path in [*reports, *hostile.path.glob("artifacts/runs/*.json")]:
        assert shows_all(path.read_text(encoding="utf-8")), path
    report = reports[0].read_text(encoding="utf-8")
    assert_tables_hold(report)
    # Markup is escaped where it would have an effect, and not on a terminal.
    printed = told_of(hostile)[COMMANDS.index((0, ("propose-patches", "--name", "first")))].out
    assert ("&lt;b&gt;" in report, "&lt;b&gt;" in printed, "<b>" in printed) == (True, False, True)


def assert_tables_hold(markdown: str) -> None:
    """Every row has the cells of the head, and nothing in a title acts as markup."""
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) > 2
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {5}
    assert not any("<b>" in line or re.search(r"(?<!\\)`", line) for line in rows)


def test_what_dbt_logs_of_an_error_hides_and_commands_nothing(tmp_path: Path) -> None:
    # Beyond the BMP, JSON's escapes are not valid in YAML.
    root = RootDir(tmp_path / NAME.replace("\U000e0041", ""))
    root.title_rows(row()).title_rows(name="title_rows.csv")
    ended = root.build()
    assert ended.status != 0
    assert f"{say.shown(root.path)}/inputs has 2 files of title rows" in ended.out
    dbts_own = "\x1b[0m"
    assert shows_all((ended.out + ended.err).replace(dbts_own, ""))


FULL = "/dev/full"


@pytest.mark.parametrize("words", ["status", "verify --help", "nonsense", "status --json"])
def test_a_stream_that_cannot_be_written_changes_no_status(root: RootDir, words: str) -> None:
    root.title_rows(row())
    asked = ("--root", str(root.path), *words.split())
    expected = run_engine(*asked).status
    ended = run_engine(*asked, into={"out": FULL})
    assert ended.status == expected
    assert "Traceback" not in ended.err
    assert "Exception" not in ended.err
    assert run_engine(*asked, into={"out": FULL, "err": FULL}).status == expected
    command = [sys.executable, "-m", ENGINE, *asked]
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert ended.returncode == expected
    assert b"Exception" not in ended.stderr
    closed = " ".join(["exec", '"$@"', ">&-", "2>&-", "<&-"])
    assert subprocess.run(["sh", "-c", closed, "sh", *command]).returncode == expected


def test_a_build_whose_words_nobody_can_read_has_published(tmp_path: Path) -> None:
    root = RootDir(tmp_path / "données")
    root.title_rows(row())
    at = ("--root", str(root.path))
    ended = run_engine(*at, "semantic-patch-replay", into={"out": FULL, "err": FULL})
    assert ended.status == 0
    assert root.summary()["lane_counts"]["packet_hardening"] == 1
    command = [sys.executable, "-m", ENGINE, *at]
    for encoding, shows in (("ascii", "donn\\u00e9es"), ("latin-1", "données")):
        ended = subprocess.run(
            [*command, "verify"],
            capture_output=True,
            env=os.environ | {"PYTHONIOENCODING": encoding},
        )
        assert ended.returncode == 0, ended.stderr
        assert shows in ended.stdout.decode(encoding)


def test_what_is_shown_as_json_stays_the_same_json() -> None:
    told = json.dumps({HOSTILE: HOSTILE}, ensure_ascii=False)
    assert json.loads(say.visible(told)) == {HOSTILE: HOSTILE}
    assert json.loads(say.fitting(told, io.TextIOWrapper(io.BytesIO(), "ascii"))) == json.loads(
        told
    )


@pytest.mark.parametrize("name", ["plain", "it's two", "$HOME `id`", f"a{HOSTILE}", "\udcff\n-"])
def test_a_printed_path_can_be_pasted_into_a_shell(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    told = say.visible(f"printf %s {say.quoted(path)}")
    assert subprocess.run(["bash", "-c", told], capture_output=True).stdout == os.fsencode(path)


def test_nothing_is_printed_but_in_one_place() -> None:
    prints = re.compile(r"\bprint\(|sys\.(__)?std(out|err)|click\.(secho|echo)|os\.write\(")
    for path in (PROJECT / "scripts" / "aina_data_engine").rglob("*.py"):
        found = prints.findall(path.read_text(encoding="utf-8"))
        # A signal handler writes the last message of a run that is stopped; dbt prints the
        # plugin's.
        assert path.name in ("say.py", "stopping.py", "dbt_plugin.py") or not found, path
