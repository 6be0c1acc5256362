"""Undo patches: find those that `revert-patches` is asked for, by any name, and undo them."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine.errors import EngineError
from aina_data_engine.files import entry_of
from aina_data_engine.patch_log import NEXT, add_to_log
from aina_data_engine.receipt import Receipt, receipts
from aina_data_engine.root import InputFile, Root
from aina_data_engine.say import counted, first, quoted, shown

SHOWN_NAMES = 10
"""How many of the existing names an error lists."""
PATCHES = "from inputs.lines where input = 'semantic_patches' and flaw is null"
_MEMBER = "case when json_valid(text) then text ->> '/{}' end"
NAMES = {
    "rule": "case when json_valid(text) and starts_with(text ->> '/author', 'rule:')"
    " then substr(text ->> '/author', 6) end",
    "id": _MEMBER.format("patch_id"),
    "written_by": _MEMBER.format("author"),
}
"""SQL for the names by which a patch can be given."""
IDS_OF_AUTHOR = f"select distinct 'id', {NAMES['id']} {PATCHES} and {NAMES['written_by']} = ?"
CALLED = {"rule": "rule", "id": "patch", "written_by": "author"}


def name_reverted(
    cursor: duckdb.DuckDBPyConnection,
    root: Root,
    files: list[InputFile],
    asked: list[tuple[str, str]],
) -> None:
    """Fill `engine.reverted` with what is asked for, once the log is loaded.

    EngineError for a file, rule or patch that is not in the log.
    """
    named = []
    for kind, value in asked:
        if kind == "file":
            named += [(kind, name) for name in files_called(root, files, value)]
        elif kind == "written_by":
            author = _known(cursor, kind, value)
            cursor.execute(f"insert into engine.reverted {IDS_OF_AUTHOR}", (author,))
        elif kind in ("rule", "id"):
            named.append((kind, _known(cursor, kind, value)))
        else:
            named.append((kind, value))
    if named:
        cursor.executemany("insert into engine.reverted values (?, ?)", named)


def files_called(root: Root, files: list[InputFile], asked: str) -> list[str]:
    """Return the files of the log that are meant: by name, path, or the file accepted as it.

    EngineError where there is none, and where in the working directory the name of one is the path
    of another one, or of what was accepted as that.
    """
    log = [file for file in files if file.input == "semantic_patches"]
    path = Path(asked)
    origins: dict[str, list[Path]] = {}
    for accepted in (run.get("accepted") or {} for run in receipts(root)):
        origins.setdefault(accepted.get("as", ""), []).append(Path(accepted.get("from", "")))
    places = [path, root.inputs / path, root.path / path]
    here, *within = (_files_at(place, log, origins) for place in places)
    called = [file for file in log if asked in _names(file)]
    called = called or [file for file in log if asked in map(shown, _names(file))]
    found = next(filter(None, [called, *within, here]), [])
    if here and not any(file in found for file in here):
        raise _two_meanings(path, found[0], here[0])
    artifacts = root.artifacts.resolve()
    if not found and any(place.resolve().is_relative_to(artifacts) for place in places):
        found = [file for file in log if Path(file.name).name == path.name]
    if found:
        return [file.name for file in found]
    raise _unknown("file", asked, [Path(file.name).name for file in log])


def _files_at(place: Path, log: list[InputFile], origins: dict[str, list[Path]]) -> list[InputFile]:
    """Return the files of the log that a path means; `origins` has what was accepted as which."""
    entry, target = entry_of(place), place.resolve()
    # By precedence: the target of a link counts only if no name matches.
    ways: list[Callable[[InputFile], bool]] = [
        lambda file: entry_of(file.path) == entry,
        lambda file: file.path.resolve() == target,
        lambda file: any(entry_of(origin) == entry for origin in origins.get(file.name, [])),
        lambda file: any(origin.resolve() == target for origin in origins.get(file.name, [])),
    ]
    return next((found for is_meant in ways if (found := [*filter(is_meant, log)])), [])


def _two_meanings(path: Path, named: InputFile, other: InputFile) -> EngineError:
    return EngineError(
        f"{shown(path)} means two files of the log: {shown(named.path)}, by its name, and"
        f" {shown(other.path)}, by the file {shown(path.absolute())}. Give the path of the one that"
        " is meant."
    )


def _names(file: InputFile) -> tuple[str, ...]:
    """Return the names that the engine uses for a file of the log."""
    return (Path(file.name).name, file.name, str(file.path))


def _known(cursor: duckdb.DuckDBPyConnection, kind: str, asked: str) -> str:
    """Return the name; EngineError if no patch of the log has it."""
    names = f"select distinct {NAMES[kind]} as name {PATCHES}"
    # Of a rule the prefix `rule:`, with which it is an author, may be given or not.
    ways = [asked, asked.removeprefix("rule:")] if kind == "rule" else [asked]
    for name in ways:
        if cursor.execute(f"select 1 from ({names}) where name = ?", (name,)).fetchall():
            return name
    asked = ways[-1]
    rows = cursor.execute(
        f"select name from ({names}) where name is not null"
        " order by jaro_winkler_similarity(name, ?) desc, name",
        (asked,),
    ).fetchmany(SHOWN_NAMES)
    raise _unknown(CALLED[kind], asked, [row[0] for row in rows])


def _unknown(kind: str, asked: str, names: list[str]) -> EngineError:
    told = shown(asked)
    if not names:
        return EngineError(f"The log has no {kind} {told}, nor any other {kind}.")
    nearest = get_close_matches(asked, names, 1, 0.6)
    hint = f" Did you mean {shown(nearest[0])}?" if nearest else ""
    listed = "".join(f"\n  {line}" for line in first([*map(shown, sorted(names))], SHOWN_NAMES))
    which = "The nearest are:" if kind == "patch" else "The log has:"
    return EngineError(f"The log has no {kind} {told}.{hint} {which}{listed}")


def revert(
    cursor: duckdb.DuckDBPyConnection, root: Root, receipt: Receipt, *, is_replayed: bool
) -> str:
    """Add the staged reversals to the log, and note what they undo; return the message.

    EngineError, with nothing added, where a reversal has no place left in the log.
    """
    staged = root.staging / "patch_reversals.jsonl"
    _refuse_titles_without_place(cursor)
    if not staged.stat().st_size:
        return _nothing_to_revert(cursor)
    patches, titles, unchanged = cursor.execute(
        """
        select sum(len(patch_ids) - len(fallen))::bigint, count(*), count(*) filter (not is_change)
        from reversed_titles
        """
    ).fetchall()[0]
    fallen = cursor.execute(
        "select title_id, unnest(fallen) from reversed_titles order by 1, 2"
    ).fetchall()
    undone = receipt.content["reverted"] = {
        "patches": patches,
        "titles": titles,
        "titles_unchanged": unchanged,
        "fallen": [{"title_id": title_id, "patch_id": patch_id} for title_id, patch_id in fallen],
        "files": _files_asked_for(cursor),
    }
    done, *others = describe_undone(undone)
    place = f"  as {shown(add_to_log(root, staged))}"
    others += _how_to_decline(cursor, root)
    return "\n".join([done, place, *others, *([] if is_replayed else [NEXT])])


def _how_to_decline(cursor: duckdb.DuckDBPyConnection, root: Root) -> list[str]:
    """Return how to keep what rules have proposed, and was undone, from being proposed again."""
    asked = cursor.execute(
        """
        with undone as (select title_id, unnest(patch_ids) as patch_id from reversed_titles)
        select distinct asked.kind, asked.value
        from engine.reverted as asked
        inner join log_patches as log on starts_with(log.author, 'rule:') and case asked.kind
            when 'rule' then log.author = 'rule:' || asked.value
            when 'id' then log.patch_id = asked.value
            when 'file' then log.file = asked.value
            else false
        end
        semi join undone on log.title_id = undone.title_id and log.patch_id = undone.patch_id
        order by 1, 2
        """
    ).fetchall()
    if not asked:
        return []
    query = "select value from engine.reverted where kind = 'author'"
    author = next((name for (name,) in cursor.execute(query).fetchall()), "NAME")
    files = [(root.inputs / name,) for kind, name in asked if kind == "file"]
    named = [word for kind, name in asked if kind != "file" for word in (f"--{kind}", name)]
    told_by = f"--reviewer {quoted(author)}"
    calls = [*files, *([tuple(named)] if named else [])]
    return [
        "  Rules can propose what they had proposed again. To prevent it:",
        *(
            " ".join([f"    {root.command} decline-patches", *map(quoted, call), told_by])
            for call in calls
        ),
    ]


def _files_asked_for(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select distinct value from engine.reverted where kind = 'file' order by 1"
    return [name for (name,) in cursor.execute(query).fetchall()]


def describe_undone(undone: dict[str, Any], *, is_trial: bool = False) -> list[str]:
    """Describe what is undone, as noted in the receipt, or, for a trial, what would be."""
    patches, titles = undone["patches"], undone["titles"]
    what = f"{counted(patches, 'patch', 'patches')} of {counted(titles, 'title')}"
    if files := undone["files"]:
        what += f", from {', '.join(first([*map(shown, files)], SHOWN_NAMES))}"
    lines = [
        f"Would revert {what} (tried on a copy; nothing changed)"
        if is_trial
        else f"Reverted {what}"
    ]
    if fallen := undone["fallen"]:
        lines.append(
            f"  {counted(len(fallen), 'patch', 'patches')} that depended on them no longer"
            f" {'applies' if len(fallen) == 1 else 'apply'}:"
        )
        names = [f"{shown(one['patch_id'])} of {shown(one['title_id'])}" for one in fallen]
        lines += [f"    {line}" for line in first(names, SHOWN_NAMES)]
    if unchanged := undone["titles_unchanged"]:
        lines.append(
            f"  {counted(unchanged, 'title')} {'does' if unchanged == 1 else 'do'} not change: the"
            " patches had no effect any more, for example because of a newer decision."
        )
    return lines


def _refuse_titles_without_place(cursor: duckdb.DuckDBPyConnection) -> None:
    """EngineError where no patch can be placed after those to be undone."""
    rows = cursor.execute(
        "select title_id, problem from reversed_titles where problem is not null order by 1"
    ).fetchall()
    if rows:
        told = [f"{shown(title_id)}: {shown(why)}" for title_id, why in rows]
        raise EngineError("\n  ".join(["Nothing is reverted.", *first(told, SHOWN_NAMES)]))


def _nothing_to_revert(cursor: duckdb.DuckDBPyConnection) -> str:
    """Return why there is nothing to undo."""
    undone, others = cursor.execute(
        """
        select count(*) filter (is_undone), count(*) filter (not is_undone)
        from log_patches
        where file in (select value from engine.reverted where kind = 'file')
            or author in (select 'rule:' || value from engine.reverted where kind = 'rule')
            or patch_id in (select value from engine.reverted where kind = 'id')
        """
    ).fetchall()[0]
    told = [f"{undone:,} already undone"] if undone else []
    told += [f"{others:,} that never applied"] if others else []
    return f"Nothing to revert. Of the patches named: {', '.join(told) or 'none is in the log'}."
