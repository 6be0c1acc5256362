"""The models' SQL, which is DuckDB's, translated to Spark's.

Functions of the project are inlined where they are called, since a Spark lambda cannot call one.
Expressions about the content of JSON text are evaluated by DuckDB in Spark's workers, see
`workers`. `sqlglot` does the rest, except what is in `readings`.
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
    """A function of the project: its arguments' names, its expression, its type."""

    arguments: tuple[str, ...]
    sql: str
    returns: str


@dataclass(frozen=True)
class Question:
    """An expression for DuckDB over columns `a0`, `a1`, and so on."""

    sql: str
    returns: str
    """Spark's type."""

    @property
    def name(self) -> str:
        """The name of the question in Spark."""
        return "asked_" + sha256(f"{self.sql} {self.returns}".encode()).hexdigest()[:16]


@dataclass
class Translation:
    """Translates queries.

    `functions` are inlined, `about_json` are evaluated by DuckDB. `ask` registers a question with
    Spark before the query that uses it.
    """

    functions: dict[str, Function]
    about_json: dict[str, Function]
    ask: Callable[[Question], None]

    def __call__(self, sql: str) -> str:
        """Return the query in Spark's SQL."""
        spelled = rebuilt(parse_one(sql, read=ModelSql), self._without_call)
        asking = self._with_questions(spelled)
        return rebuilt(asking, in_spark).sql(dialect=Spark, comments=False)

    def _without_call(self, node: exp.Expression) -> exp.Expression:
        """Replace a call of a function by the function's own SQL."""
        called = _called(node)
        # With a schema the call is the end of a path, and the whole path is replaced.
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
        """Replace expressions about JSON's content by questions; JSON itself is text."""
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
        """Return the question's expression; parts neither about JSON nor constant are arguments."""
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
        """Return Spark's type of an expression about JSON's content; None for any other."""
        if not isinstance(node, exp.Anonymous):
            return next((t(node) for kind, t in BY_CLASS.items() if isinstance(node, kind)), None)
        if function := self.about_json.get(node.name):
            return type_in_spark(function.returns)
        returns = BY_NAME.get(node.name.lower())
        return returns(node) if returns else None


def type_in_spark(kind: str) -> str:
    """Return Spark's name for a DuckDB type."""
    return str(exp.DataType.build(kind, dialect=DuckDB).sql(dialect=Spark))


def _called(node: exp.Expression) -> exp.Anonymous | None:
    """Return the function call that a node is, with or without a schema; else None."""
    while isinstance(node, exp.Dot):
        node = node.expression
    return node if isinstance(node, exp.Anonymous) else None


def _with_values(node: exp.Expression, values: dict[str, exp.Expression]) -> exp.Expression:
    """Replace a function's arguments by the values of a call."""
    if isinstance(node, exp.Column) and node.parts[0].name in values:
        first, *members = (part.name for part in node.parts)
        value = values[first].copy()
        for name in members:
            value = exp.Dot(this=value, expression=exp.to_identifier(name))
        return value
    # Within a lambda a path is not a column.
    if isinstance(node.parent, exp.Dot) and node.arg_key == "this" and node.name in values:
        return values[node.name].copy() if isinstance(node, exp.Identifier) else node
    return node


def _one_or_many(node: exp.Expression) -> str:
    """Return the type of an answer as text, or as a list where the path matches many places."""
    place = node.args.get("expression")
    many = isinstance(place, exp.Array) or bool(place and place.find(exp.JSONPathWildcard))
    return "array<string>" if many else "string"


def _as_told(node: exp.Expression) -> str:
    """Return the type given to `json_transform`, with all members as text."""
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
"""The expressions about JSON's content, as `sqlglot` parses them, and the type of the answer."""
