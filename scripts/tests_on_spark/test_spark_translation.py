"""The models' SQL in Spark's dialect: every reading gives the same answer as DuckDB."""

import json
import re
from collections.abc import Iterator

import duckdb
import pytest
from pyspark.sql import SparkSession

from aina_data_engine.root import PROJECT, Root
from aina_data_engine.spark.session import start, stop
from aina_data_engine.spark.translation import Function, Translation
from aina_data_engine.spark.workers import asking

LISTS = ["[1, 2, 3]", "[1]", "[]::bigint[]", "null::bigint[]", "[null, 2]"]
PLACES = ["0", "1", "2", "3", "4", "999999999999999999", "null::bigint"]
OF_LISTS = [
    "items[1]",
    "items[place]",
    "items[place:]",
    "items[:2]",
    "items[2:place]",
    "len(items)",
    "list_slice(items, place, 2)",
    "list_slice(items, 1, place)",
    "list_concat(items, [7])",
    "list_concat([7], items, items)",
    "list_contains(items, place)",
    "items[list_position(items, place)]",
    "case when place is not null then coalesce(list_position(items, place), 99) end",
    "list_transform(items, lambda one: one + place)",
    "list_transform(items, lambda one, nth: one * nth + nth)",
    "list_filter(items, lambda one: one > 1)",
    "list_min(items)",
    "list_sort(list_distinct(list_filter(items, lambda one: one is not null)))",
    "list_transform(generate_series(1, least(place, 5)), lambda nth: nth)",
    "list_reduce(list_filter(items, lambda one: one > 0), lambda s, one: s * 2 + one, 1::bigint)",
    "flatten([items, list_filter(items, lambda one: one > 1)])",
    "coalesce(nullif(items, []), [place])",
    "items <> [1]",
    "items is distinct from [1]",
    "part(items, 1, place)",
    "'[1, 2]'::bigint[]",
    "list_transform('[{a: 1, b: [x, y]}]'::struct(a bigint, b varchar[])[], lambda one: one.b[2])",
    "place // 2",
    "try_cast(place::varchar || 'x' as bigint)",
]
TEXTS = [
    "",
    "a",
    "a\n",
    "\n",
    "12",
    "12\n",
    "-0",
    "~1",
    "~2",
    "~",
    "\u00a0",
    "\u0085",
    "\u2028",
    "\x1c",
    " \t",
]
TEXTS += [
    "x\r",
    "\ud7ff\U0010ffff",
    "n0",
    "n12\n",
    "K",
    "\u212a",
    "é",
    "e\u0301",
    "a\\b",
    "'",
    '"q"',
    "\x00",
]
FUNCTIONS = {
    "part": Function(
        ("all_of", "start", "span"), "list_slice(all_of, start, start + span)", "bigint[]"
    )
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    root = Root(tmp_path_factory.mktemp("spark"))
    root.artifacts.mkdir()
    session = start(root, "local[2]", {"spark.sql.ansi.enabled": "true"})
    yield session
    stop(session)


def translation(spark: SparkSession) -> Translation:
    def ask(question) -> None:
        spark.udf.register(question.name, asking(question.sql, (), question.returns))

    return Translation(FUNCTIONS, {}, ask)


def both(spark: SparkSession, sql: str) -> tuple[list, ...]:
    """Return a query's rows from DuckDB and from Spark, by their first column."""
    with duckdb.connect() as here:
        for name, function in FUNCTIONS.items():
            here.execute(
                f"create macro {name}({', '.join(function.arguments)}) as ({function.sql})"
            )
        expected = here.execute(f"select to_json(columns(*))::varchar from ({sql})").fetchall()
    found = [
        tuple(None if value is None else json.dumps(value, separators=(",", ":")) for value in row)
        for row in spark.sql(translation(spark)(sql)).collect()
    ]
    return tuple(sorted(rows, key=lambda row: json.loads(row[0])) for rows in (expected, found))


def test_lists_are_counted_cut_and_folded_alike(spark: SparkSession) -> None:
    given = [(one, place) for one in LISTS for place in PLACES]
    values = ", ".join(f"({nth}, {one}, {place})" for nth, (one, place) in enumerate(given))
    expressions = ", ".join(f"{sql} as e{number}" for number, sql in enumerate(OF_LISTS))
    sql = f"select nth, {expressions} from (values {values}) as given(nth, items, place)"
    expected, found = both(spark, sql)
    for there, here in zip(expected, found, strict=True):
        for number, text in enumerate(OF_LISTS):
            assert (text, here[number + 1]) == (text, there[number + 1])


def test_a_query_is_made_of_the_same(spark: SparkSession) -> None:
    """Columns replaced, CTEs materialized, row numbers of 64 bits, whole matches, JSON lists."""
    sql = r"""
        with
        given as materialized (
            select * replace (nth + 1 as nth)
            from (values (1, '12'), (2, '12\n'), (3, 'n7')) as t(nth, text)
        )
        select
            nth,
            row_number() over (order by nth) + 2147483647 as far,
            regexp_extract(text, '^[0-9]+$') as whole,
            regexp_extract(text, '^n([0-9])', 1) as part,
            null::json[] as none
        from given
    """.replace("\\n", "\n")
    expected, found = both(spark, sql)
    names = [list(map(json.loads, filter(None, row))) for row in expected]
    assert names == [[2, 2**31, "12", ""], [3, 2**31 + 1, "", ""], [4, 2**31 + 2, "", "7"]]
    assert found == expected


def patterns() -> list[str]:
    """Return every pattern that Spark itself evaluates, in models, functions and gates."""
    places = ["models/staging/inputs", "models/replay", "models/lanes", "models/published/replay"]
    places += ["functions/text", "functions/lists", "functions/replay", "tests/replay"]
    files = [file for place in places for file in (PROJECT / place).glob("*.sql")]
    files += [PROJECT / "macros" / f"{n}.sql" for n in ("lanes", "patch_envelopes", "json")]
    called = re.compile(
        r"regexp_(?:matches|extract|replace|extract_all)\s*\((?:[^']|'(?=s))*?'((?:[^']|'')*)'"
    )
    found = {match for file in files for match in called.findall(file.read_text(encoding="utf-8"))}
    return sorted(found)


def test_patterns_meet_the_same_texts(spark: SparkSession) -> None:
    found = patterns()
    assert len(found) > 5
    literals = ", ".join(
        "(" + "'" + text.replace("'", "''") + "')" for text in TEXTS if "\x00" not in text
    )
    asked = ", ".join(
        f"regexp_matches(text, '{p}'), regexp_replace(text, '{p}', '<>', 'g')" for p in found
    )
    columns = ", ".join(f"{sql} as e{n}" for n, sql in enumerate(re.split(r", (?=regexp_)", asked)))
    expected, here = both(spark, f"select text, {columns} from (values {literals}) as given(text)")
    assert [json.loads(row[0]) for row in expected] == [json.loads(row[0]) for row in here]
    for row, other in zip(expected, here, strict=True):
        assert [json.loads(value) for value in row] == [json.loads(value) for value in other]


def test_no_model_asks_which_engine_it_is_for() -> None:
    for file in (PROJECT / "models").rglob("*.sql"):
        asked = re.search(r"target\s*\.\s*(type|name)", file.read_text(encoding="utf-8"))
        assert not asked, file
