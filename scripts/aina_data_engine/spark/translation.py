"""The models' SQL, which is DuckDB's, in Spark's words.

Functions of the project are spelled out where they are called, for no lambda of Spark's may call
one. What asks what a text of JSON says is put to DuckDB in Spark's workers, see `workers`. The rest
is `sqlglot`'s, but for `readings`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from sqlglot import exp, parse_one
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark

from aina_data_engine.spark.readings import ModelSql, call, in_spark, rebuilt


@dataclass(frozen=True)
class Function:
    """A function of the project: its arguments' names, the expression that it is, its type."""

    arguments: tuple[str, ...]
    sql: str
    returns: str


@dataclass(frozen=True)
class Question:
    """What is asked of DuckDB: an expression over columns `a0`, `a1`, and so on."""

    sql: str
    returns: str
    """Spark's type."""

    @property
    def name(self) -> str:
        """What the question is called in Spark."""
        return "asked_" + sha256(f"{self.sql} {self.returns}".encode()).hexdigest()[:16]


@dataclass
class Translation:
    """Translates queries.

    `functions` are those that are spelled out, `about_json` those that are put to DuckDB. A
    question is made known to Spark by `ask` before the query that has it.
    """

    functions: dict[str, Function]
    about_json: dict[str, Function]
    ask: Callable[[Question], None]

    def __call__(self, sql: str) -> str:
        """Return the query in Spark's words."""
        spelled = rebuilt(parse_one(sql, read=ModelSql), self._without_call)
        asking = self._with_questions(spelled)
        return rebuilt(asking, in_spark).sql(dialect=Spark, comments=False)

    def _without_call(self, node: exp.Expression) -> exp.Expression:
        """Put a function's own SQL in the place of a call of it."""
        called = _called(node)
        # With its schema a call is the end of a path, and the whole path is it.
        if called is None or (isinstance(node.parent, exp.Dot) and node.arg_key == "expression"):
            return node
        if called.name in self.about_json:
            return call(called.name, *called.expressions)
        if called.name not in self.functions:
            return node
        function = self.functions[called.name]
        values = dict(zip(function.arguments, called.expressions, strict=True))
        own = rebuilt(parse_one(function.sql, read=ModelSql), self._without_call)
        return exp.paren(rebuilt(own, lambda one: _with_values(one, values)), copy=False)

    def _with_questions(self, node: exp.Expression) -> exp.Expression:
        """Put a question in the place of what asks what JSON says; JSON itself is text."""
        if isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.JSON:
            return self._with_questions(node.this)
        returns = self._returned(node)
        if returns is None:
            for child in list(node.iter_expressions()):
                child.replace(self._with_questions(child))
            return node
        arguments: list[exp.Expression] = []
        question = Question(self._asked(node, arguments).sql(dialect=DuckDB), returns)
        self.ask(question)
        return call(question.name, *map(self._with_questions, arguments))

    def _asked(self, node: exp.Expression, arguments: list[exp.Expression]) -> exp.Expression:
        """Return what is asked; what is neither about JSON nor constant becomes an argument."""
        if self._returned(node) is not None or isinstance(node, exp.JSONObject | exp.Array):
            kept = node.copy()
            for child in list(kept.iter_expressions()):
                child.replace(self._asked(child.copy(), arguments))
            return kept
        if not list(node.find_all(exp.Column, exp.Identifier)):
            return node.copy()
        if node not in arguments:
            arguments.append(node.copy())
        return exp.column(f"a{arguments.index(node)}")

    def _returned(self, node: exp.Expression) -> str | None:
        """Return Spark's type of what asks what JSON says; None for all else."""
        if not isinstance(node, exp.Anonymous):
            return next((t(node) for kind, t in BY_CLASS.items() if isinstance(node, kind)), None)
        if function := self.about_json.get(node.name):
            return type_in_spark(function.returns)
        returns = BY_NAME.get(node.name.lower())
        return returns(node) if returns else None


def type_in_spark(kind: str) -> str:
    """Return Spark's name of a type of DuckDB's."""
    return str(exp.DataType.build(kind, dialect=DuckDB).sql(dialect=Spark))


def _called(node: exp.Expression) -> exp.Anonymous | None:
    """Return the call of a function that a node is, with or without its schema."""
    while isinstance(node, exp.Dot):
        node = node.expression
    return node if isinstance(node, exp.Anonymous) else None


def _with_values(node: exp.Expression, values: dict[str, exp.Expression]) -> exp.Expression:
    """Put what a function is called with in the place of its arguments."""
    if isinstance(node, exp.Column) and node.parts[0].name in values:
        first, *members = (part.name for part in node.parts)
        value = values[first].copy()
        for name in members:
            value = exp.Dot(this=value, expression=exp.to_identifier(name))
        return value
    # Within a lambda a path is no column.
    if isinstance(node.parent, exp.Dot) and node.arg_key == "this" and node.name in values:
        return values[node.name].copy() if isinstance(node, exp.Identifier) else node
    return node


def _one_or_many(node: exp.Expression) -> str:
    """Return the type of an answer in text, which is a list where many places are asked."""
    place = node.args.get("expression")
    many = isinstance(place, exp.Array) or bool(place and place.find(exp.JSONPathWildcard))
    return "array<string>" if many else "string"


def _as_told(node: exp.Expression) -> str:
    """Return the type that `json_transform` is told, of texts all."""
    names = re.findall(r'"(\w+)":', node.expressions[1].name)
    return f"struct<{', '.join(f'{name}: string' for name in names)}>"


BY_CLASS: dict[type[exp.Expression], Callable[[exp.Expression], str]] = {
    exp.JSONType: _one_or_many,
    exp.JSONExtract: _one_or_many,
    exp.JSONExtractScalar: _one_or_many,
    exp.JSONKeys: lambda _: "array<string>",
}
BY_NAME: dict[str, Callable[[exp.Expression], str]] = {
    "json_valid": lambda _: "boolean",
    "json_array_length": lambda _: "bigint",
    "json_merge_patch": lambda _: "string",
    "json_transform": _as_told,
    "to_json": lambda _: "string",
}
"""What asks what JSON says, as `sqlglot` has it, and the type of the answer."""
