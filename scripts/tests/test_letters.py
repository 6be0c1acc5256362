r"""Letters in the patterns of rules, which have fewer ranges there than `\pL`."""

from unicodedata import category

import duckdb
import pytest
from jinja2 import Environment

from aina_data_engine.root import PROJECT


def in_short(pattern: str) -> str:
    """Return what `with_letters_in_short` makes of a pattern."""
    source = (PROJECT / "macros" / "rule_seeds.sql").read_text(encoding="utf-8")
    macros = Environment(extensions=["jinja2.ext.do"]).from_string(source).module
    sql = f"select {macros.with_letters_in_short('?')}"
    return duckdb.execute(sql, (pattern,)).fetchall()[0][0]


def met(pattern: str, texts: list[str]) -> list[str]:
    sql = "select list_filter(?, lambda t: regexp_full_match(t, ?, 'i'))"
    return duckdb.execute(sql, (texts, pattern)).fetchall()[0][0]


def test_short_letters_are_letters_and_none_that_titles_have_is_missing() -> None:
    """Signs, marks, digits and blanks with which people separate words are not letters."""
    texts = [chr(point) for point in range(0x40000) if category(chr(point)) not in ("Cs", "Cn")]
    said, meant = (set(met(pattern, texts)) for pattern in (in_short(r"\pL"), r"\pL"))
    assert len(meant) > 130_000
    # Modifier letters, and letters that stand for a unit: no word consists of them.
    assert {category(t) for t in meant - said if ord(t) < 0x2000} == {"Lm"}
    assert all(0x2000 < ord(t) < 0x3100 or category(t) == "Lm" for t in meant - said)
    # Letters of one script only: not Latin, no punctuation that all scripts use, no emoji.
    assert min(map(ord, said - meant)) > 0x370
    assert {t for t in said - meant if 0x1FFF < ord(t) < 0x2C00 or ord(t) > 0x1EFFF} == set()
    apart = "،؛؟٠٩\u3000、。・「」（），／：；｜～｟●★→–—•·™€×÷²½\u200b\u2028"
    assert not said & {*apart}


@pytest.mark.parametrize(
    "pattern",
    [
        r"\pL",
        r"a\pL+",
        r"[^\pL]x",
        r"[\pL)\]-]\pL",
        r"\[\pL\]",
        r"[]\pL]{2}",
        r"\\[\PL\pL]",
        r"\PL",
    ],
)
def test_a_pattern_in_short_meets_what_it_met(pattern: str) -> None:
    texts = ["é", "1", "aéß", "a1", "1x", "éx", ")é", "]é", "-1", "[é]", "[1]", "]]", "\\é", "\\1"]
    assert met(in_short(pattern), texts) == met(pattern, texts) != []
    assert r"\pL" not in in_short(pattern)
