"""The differences between DuckDB ("there") and Spark ("here") in the models' SQL.

`sqlglot` knows the syntax of both. This module has the differences that syntax does not show: how
each counts places, and what each does with nulls and with values out of range.
"""

import re
from collections.abc import Callable

import duckdb
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark

Reading = Callable[[exp.Expression], exp.Expression]

LAST_PLACE = 2**31 - 1
"""Spark counts a list's places in 32 bits."""


class ModelSql(DuckDB):
    """DuckDB's SQL as the models use it: `len` is for lists, `length` for text."""

    class Parser(DuckDB.Parser):
        """DuckDB's parser, which treats the two as the same."""

        FUNCTIONS = {  # noqa: RUF012 - as in the class that it is of
            **DuckDB.Parser.FUNCTIONS,
            "LEN": lambda args: call("array_size", *args),
        }


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """Return the call of a function."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def rebuilt(node: exp.Expression, way: Reading) -> exp.Expression:
    """Return a tree with each node rewritten by `way`, children first."""
    for child in list(node.iter_expressions()):
        child.replace(rebuilt(child, way))
    return way(node)


def in_spark(node: exp.Expression) -> exp.Expression:
    """Return a node of DuckDB's SQL rewritten for Spark; its children are rewritten already."""
    for kind, reading in READINGS.items():
        if isinstance(node, kind):
            return reading(node)
    return node


def pattern_in_java(pattern: str) -> str:
    r"""Return a regular expression of RE2 in the form that Java reads in the same way.

    `$` is the end of the text (`\z`), not also the place before a last line end; and the only line
    end is the line feed, which `.` does not match: (?d).
    """
    ended = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda found: found[1] or r"\z", pattern)
    return f"(?d){ended}"


def _matched(node: exp.Expression) -> exp.Expression:
    """`regexp_extract(text, pattern)` is the whole match there, the first group here."""
    node.expression.set("this", pattern_in_java(node.expression.this))
    if isinstance(node, exp.RegexpExtract) and not node.args.get("group"):
        node.set("group", _number(0))
    return node


def _number(value: int) -> exp.Expression:
    return exp.Literal.number(value)


def _element(node: exp.Expression) -> exp.Expression:
    """`list[place]`: from 1 there, from 0 here, null out of range; or `list[first:last]`."""
    (place,) = node.expressions
    if isinstance(place, exp.Slice):
        return _part(node.this, place.this, place.expression)
    # The parser counts a literal from 0 already.
    if isinstance(place, exp.Literal):
        return call("get", node.this, place)
    return call("get", node.this, _place(exp.Sub(this=exp.paren(place), expression=_number(1))))


def _part(
    items: exp.Expression, first: exp.Expression | None, last: exp.Expression | None
) -> exp.Expression:
    """`list[first:last]` by first and last there, by first and length here."""
    begin = _bounded("greatest", first, 1) if first else _number(1)
    end = last or call("array_size", items.copy())
    after = exp.Add(this=exp.paren(end), expression=_number(1))
    span = _bounded("greatest", exp.Sub(this=after, expression=begin.copy()), 0)
    return call("slice", items, _place(begin), _place(span))


def _place(number: exp.Expression) -> exp.Expression:
    """Return a number of 64 bits as one of 32: any larger place is beyond every list."""
    return exp.cast(_bounded("least", number, LAST_PLACE), "int")


def _bounded(which: str, number: exp.Expression, bound: int) -> exp.Expression:
    """Return the greatest or least of both; null if one is null, which Spark would ignore."""
    bounded = call(which, number, _number(bound))
    if isinstance(number, exp.Literal):
        return bounded
    is_none = exp.Is(this=exp.paren(number.copy()), expression=exp.null())
    return exp.If(this=is_none, true=exp.null(), false=bounded)


def _joined(node: exp.Expression) -> exp.Expression:
    """`list_concat`: a null list counts as empty there, makes the result null here."""
    lists = [node.this, *node.expressions]
    return call("concat", *(exp.Coalesce(this=one, expressions=[exp.Array()]) for one in lists))


def _flattened(node: exp.Expression) -> exp.Expression:
    """`flatten` skips null lists there, is null if there is one here."""
    one = exp.to_identifier("one_list")
    is_one = exp.Is(this=one.copy(), expression=exp.null()).not_()
    return call("flatten", call("filter", node.this, exp.Lambda(this=is_one, expressions=[one])))


def _contained(node: exp.Expression) -> exp.Expression:
    """`list_contains`: for a missing value in a list with nulls, false there, null here."""
    is_none = exp.Is(this=node.copy(), expression=exp.null())
    is_asked = exp.and_(
        exp.Is(this=node.this.copy(), expression=exp.null()).not_(),
        exp.Is(this=exp.paren(node.expression.copy()), expression=exp.null()).not_(),
    )
    return exp.If(this=exp.and_(is_none, is_asked), true=exp.false(), false=node.copy())


def _held(node: exp.Expression) -> exp.Expression:
    """`as materialized`: for a CTE that is read twice there; Spark finds that by itself."""
    node.set("materialized", None)
    return node


def _read(node: exp.Expression) -> exp.Expression:
    """`'[1, 2]'::bigint[]`: text is cast to a list or struct there, only parsed as JSON here."""
    if not (node.to.args.get("nested") and isinstance(node.this, exp.Literal)):
        return node
    with duckdb.connect() as database:
        asked = f"select to_json(cast(? as {node.to.sql(dialect=DuckDB)}))::varchar"
        ((json,),) = database.execute(asked, [node.this.this]).fetchall()
    kind = exp.Literal.string(node.to.sql(dialect=Spark))
    return call("from_json", exp.Literal.string(json), kind)


def _typed(node: exp.Expression) -> exp.Expression:
    """JSON is a type there, a text here."""
    return exp.DataType.build("text") if node.this is exp.DataType.Type.JSON else node


def _series(node: exp.Expression) -> exp.Expression:
    """`generate_series(1, 0)` is empty there, counts down here."""
    start, end = node.args["start"], node.args["end"]
    is_any = exp.GTE(this=end.copy(), expression=start.copy())
    return exp.If(this=is_any, true=call("sequence", start, end), false=call("array"))


def _transformed(node: exp.Expression) -> exp.Expression:
    """`list_transform` with each element's place: from 1 there, from 0 here."""
    step = node.expression
    for name in [place.name for place in step.expressions[1:]]:
        for used in list(step.this.find_all(exp.Identifier)):
            if used.name == name and not isinstance(used.parent, exp.Dot):
                used.replace(exp.paren(exp.Add(this=used.copy(), expression=_number(1))))
    return node


def _windowed(node: exp.Expression) -> exp.Expression:
    """`row_number()` has 64 bits there, 32 here."""
    return exp.cast(node, "bigint") if isinstance(node.this, exp.RowNumber) else node


def _selected(node: exp.Expression) -> exp.Expression:
    """`* replace (value as name)`: here all other columns, then the replaced ones."""
    projections = []
    for one in node.expressions:
        projections.append(one)
        star = one.this if isinstance(one, exp.Column) else one
        if isinstance(star, exp.Star) and (replaced := star.args.get("replace")):
            star.set("replace", None)
            star.set("except_", [exp.column(alias.alias) for alias in replaced])
            projections += replaced
    node.set("expressions", projections)
    return node


def _folded(items: exp.Expression, step: exp.Expression, start: exp.Expression) -> exp.Expression:
    return call("aggregate", items, start, step)


def _position(items: exp.Expression, value: exp.Expression) -> exp.Expression:
    """`list_position`: null there, 0 here, for a missing value; no model looks for null."""
    return exp.Nullif(this=call("array_position", items, value), expression=_number(0))


BY_NAME: dict[str, Callable[..., exp.Expression]] = {
    "list_reduce": _folded,
    "list_slice": _part,
    "list_position": _position,
}
"""Functions for which `sqlglot` has no class."""


def _named(node: exp.Expression) -> exp.Expression:
    reading = BY_NAME.get(node.name.lower())
    return reading(*node.expressions) if reading else node


READINGS: dict[type[exp.Expression], Reading] = {
    exp.DataType: _typed,
    exp.Cast: _read,
    exp.CTE: _held,
    exp.Select: _selected,
    exp.Bracket: _element,
    exp.RegexpLike: _matched,
    exp.RegexpExtract: _matched,
    exp.RegexpReplace: _matched,
    exp.ArrayConcat: _joined,
    exp.Flatten: _flattened,
    exp.ArrayContains: _contained,
    exp.GenerateSeries: _series,
    exp.Transform: _transformed,
    exp.Window: _windowed,
    exp.Anonymous: _named,
}
