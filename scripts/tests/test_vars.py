"""A var has a valid value, or is refused before anything is read."""

import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml
from conftest import RootDir, call_engine, copy_of_project, row, run_engine
from dbt.config.project import VarProvider
from jinja2 import Environment

from aina_data_engine import dbt_plugin, variables
from aina_data_engine.errors import EngineError
from aina_data_engine.root import PROJECT
from aina_data_engine.variables import VARS, Text

WRONG: list[tuple[str, object, str]] = [
    ("strickt", True, "Did you mean strict?"),
    ("Strict", True, "Did you mean strict?"),
    ("nothing_like_it", 1, "There is no var nothing_like_it."),
    ("strict", "true", "true or false, not 'true'"),
    ("strict", 1, "true or false, not 1"),
    ("keep_generations", "lots", "a whole number from 0 to"),
    ("keep_generations", -1, "a whole number from 0 to"),
    ("keep_generations", 2.0, "a whole number from 0 to"),
    ("keep_generations", True, "a whole number from 0 to"),
    ("keep_receipts", 0, "a whole number from 1 to"),
    ("max_line_bytes", 0, "a whole number from 1 to 2,147,483,647"),
    ("max_line_bytes", 10**20, "a whole number from 1 to 2,147,483,647"),
    ("max_residual_noise", 1.5, "a number from 0 to 1"),
    ("near_threshold", float("nan"), "a number from 0 to 1"),
    ("near_threshold", "0.7); drop table x; --", "a number from 0 to 1"),
    ("company_field", "", "a string without"),
    ("company_field", None, "a string"),
    ("csv_encoding", 1252, "a string without {{, {% or {#, or null"),
    ("occupation_taxonomy", "bls_oohh", "one of bls_ooh, esco, onet, not 'bls_oohh'. Did you mean"),
    ("root", 5, "a directory, not 5"),
    ("request", 5, "The var request must be set by the command line alone, not 5."),
    ("request", {"name": "x"}, "set by the command line alone"),
    ("title_row_columns", ["id"], "a mapping of names to names"),
    ("title_row_columns", {1: "title_id"}, "a mapping of names to names"),
]


@pytest.mark.parametrize(("name", "value", "told"), WRONG)
def test_what_a_var_may_not_be_is_refused_with_what_it_may(
    name: str, value: object, told: str
) -> None:
    with pytest.raises(EngineError) as refused:
        variables.check({name: value})
    assert name in str(refused.value)
    assert told in str(refused.value)


def test_the_projects_defaults_are_the_declared_ones_and_may_be() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert {name: var.default for name, var in VARS.items()} == {
        name: value for name, value in project.items() if name not in variables.SET_BY_THE_ENGINE
    }
    variables.check(project)


def test_the_models_use_no_other_var_and_every_var_is_used() -> None:
    places = [PROJECT / name for name in ("models", "macros", "tests")]
    files = [path for place in places for path in place.rglob("*.sql")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert all(f"var('{name}')" in text for name in VARS)
    assert text.count("var(") == sum(
        text.count(f"var('{name}')") for name in (*VARS, *variables.SET_BY_THE_ENGINE)
    )


@pytest.mark.parametrize("text", ["it's", "two\nlines", "' or 'a' = 'a", "a -- b"])
def test_no_text_of_a_var_is_sql(text: str) -> None:
    """Wherever SQL is made from a var, the var ends up inside a string."""
    macros = "".join(
        (PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8")
        for name in ("text", "json", "evidence")
    )
    jinja = Environment(extensions=["jinja2.ext.do"])
    texts = "|".join(name for name, var in VARS.items() if isinstance(var.kind, Text))
    made = re.compile(rf"'?\{{\{{-?[^{{}}]*\bvar\('(?:{texts})'\).*?\}}\}}'?")
    found = [
        place
        for folder in ("models", "macros", "functions", "tests")
        for path in (PROJECT / folder).rglob("*.sql")
        for place in made.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(found) == 3
    for place in found:
        sql = jinja.from_string(f"{macros}select {place}").render(var=lambda _: text)
        assert text in duckdb.sql(sql).fetchall()[0][0]


def test_help_lists_every_var() -> None:
    told = run_engine("semantic-patch-replay", "--help").out
    for var in VARS.values():
        assert f"  {var.name} " in told
        assert var.meaning in told


def test_a_wrong_var_is_refused_by_both_before_anything_is_read(root: RootDir) -> None:
    root.path.mkdir(exist_ok=True)
    ended = root.replay("--vars", "{strickt: true}")
    assert ended.status == 2
    assert "There is no var strickt. Did you mean strict?" in ended.err
    assert not (root.path / "artifacts").exists()
    for arguments in (["build"], ["test", "--select", "semantic_patch_replay_v1"]):
        dbt = root.dbt(*arguments, strickt=True)
        assert dbt.status == 2
        assert "There is no var strickt. Did you mean strict?" in dbt.out
        assert not (root.path / "artifacts").exists()
    assert "see --root" in root.replay("--vars", "{root: elsewhere}").err


def test_a_wrong_var_of_the_project_is_refused_by_dbt(root: RootDir, tmp_path: Path) -> None:
    project = copy_of_project(tmp_path / "project")
    config = project / "dbt_project.yml"
    text = config.read_text(encoding="utf-8").replace(
        "  keep_generations: 3\n", "  strickt: true\n"
    )
    config.write_text(text, encoding="utf-8")
    ended = root.title_rows(row()).build(project=project)
    assert ended.status == 2
    assert "There is no var strickt. Did you mean strict?" in ended.out
    assert not (root.path / "artifacts").exists()


@pytest.mark.parametrize(
    ("project", "given", "used"),
    [
        ({"near_threshold": "lots"}, {}, "lots"),
        ({"near_threshold": 0.1, "of_this": {"near_threshold": "lots"}}, {}, "lots"),
        ({"near_threshold": "lots"}, {"near_threshold": 0.5}, 0.5),
    ],
)
def test_the_vars_checked_are_those_that_dbt_uses(
    monkeypatch: pytest.MonkeyPatch,
    project: dict[str, object],
    given: dict[str, object],
    used: object,
) -> None:
    config = SimpleNamespace(project_name="of_this", vars=VarProvider(project))
    adapters = {"duckdb": SimpleNamespace(config=config)}
    monkeypatch.setattr(dbt_plugin, "FACTORY", SimpleNamespace(adapters=adapters))
    monkeypatch.setattr(dbt_plugin, "get_flags", lambda: SimpleNamespace(VARS=given))
    assert dbt_plugin._vars() == {"near_threshold": used}


def test_a_root_that_is_no_text_is_refused_by_dbt_in_the_same_words(root: RootDir) -> None:
    ended = root.title_rows(row()).build(root=5)
    assert ended.status == 2
    assert "The var root must be a directory, not 5." in ended.out


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{strict: true, strict: false}", "strict"),
        ("{strict: true, 'strict': true}", "strict"),
        ("{title_row_columns: {id: title_id, title: source_title, id: x}}", "id"),
    ],
)
def test_a_name_that_stands_twice_is_refused(text: str, name: str) -> None:
    with pytest.raises(EngineError, match=f"--vars: {name} is given more than once"):
        variables.parse(text)
    assert variables.parse("{title_row_columns: {strict: title_id}, strict: true}")


def test_what_is_no_yaml_is_told_in_lines() -> None:
    told = call_engine("semantic-patch-replay", "--vars", "{strict: true").err
    assert "\n  expected ',' or '}'" in told


@pytest.mark.parametrize("text", ["{{ env_var('HOME') }}", "{% set x %}", "{# x #}"])
def test_a_text_that_dbt_would_run_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="a string without"):
        variables.check({"company_field": text})
