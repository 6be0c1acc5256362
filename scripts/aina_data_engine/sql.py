"""Literals and identifiers for the few statements that Python composes."""


def literal(text: object) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def path_literal(path: object) -> str:
    """Return a file's path as a literal for a reader, which would take *, ? and [ as patterns."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in str(path)))


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_of(value: str) -> str:
    """Return SQL for a value as JSON; JSON stays as it is, since `to_json` rewrites its numbers."""
    return f"if(typeof({value}) = 'JSON', {value}::varchar, to_json({value})::varchar)"
