"""What the replay's published database answers by itself: rules, explaining views, questions.

The views give in SQL, for any number of titles, what `explain` gives for one. They use nothing that
the oldest client does not support, for example no lambda.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.messages import Lane
from aina_data_engine.root import PROJECT
from aina_data_engine.sql import identifier, literal

STEM = REPLAY_PUBLICATION.stem
RULES = "lane_rules"
"""The table of the lanes' rules."""
QUESTIONS = "questions"
"""The table of the questions worth asking."""
ENDS = f"""
select
    title_id,
    list(
        {{
            'rule': rule, 'member': member, 'value': json_extract(title, '/' || member)::varchar,
            'remedy': remedy
        }} order by position
    ) as what_ends_the_lane
from (
    select title_id, runtime_lane, unnest(lane_reasons) as rule, to_json(t) as title from {STEM} t
)
inner join {RULES} using (rule, runtime_lane)
where remedy is not null
group by title_id
"""
"""For each title, the rules that keep it in its lane, with the member's value and the remedy."""
QUESTION = re.compile(r"\*\*(.+?)\*\*\n\n((?:    .*\n)+)")
"""A question of the page, and the SQL that answers it."""
RULE_COLUMNS = {
    "position": ("integer", "From 1, in the order of precedence."),
    "rule": ("varchar", "The rule, as `lane_rule_id` and `lane_reasons` name it."),
    "runtime_lane": ("varchar", "The lane that it leads to."),
    "member": ("varchar", "The member that it tests; null for the last, which tests none."),
    "remedy": ("varchar", "What makes it no longer apply; null where there is no better lane."),
}
QUESTION_COLUMNS = {
    "question": ("varchar", "The question."),
    "sql": ("varchar", "The query that answers it."),
}


@dataclass(frozen=True)
class View:
    """One view: its SQL, and descriptions of its rows and of each column."""

    query: str
    description: str
    columns: dict[str, str]


def views() -> dict[str, View]:
    """Return the views by name."""
    key = "title_id, patch_seq, patch_id, outcome"
    return {
        "explain_titles": View(
            "select title_id, source_title, learner_title, runtime_lane, lane_rule_id,"
            " lane_reasons, patches_applied, patches_rejected,"
            f" coalesce(what_ends_the_lane, []) as what_ends_the_lane from {STEM}"
            f" left join ({ENDS}) using (title_id)",
            "One row per title: why it is in its lane, and what would move it to a better one.",
            {
                "title_id": "The title.",
                "source_title": "As the source gave it.",
                "learner_title": "What a learner is shown.",
                "runtime_lane": "Its lane.",
                "lane_rule_id": "The rule that put it there, the first that applies.",
                "lane_reasons": "Every rule that applies.",
                "patches_applied": "Ids of the patches that changed it, in replay order.",
                "patches_rejected": "The patches that were rejected, each with code and op_index.",
                "what_ends_the_lane": "By rule: the member that decides it, its value as JSON, and"
                " what to do; empty where there is no better lane.",
            },
        ),
        "explain_patches": View(
            f"select e.*, o.code, o.op_index, o.author, o.reason from {STEM}_patch_effects e"
            f" left join (select {key}, any_value(code) as code, any_value(op_index) as op_index,"
            " string_agg(distinct author, '; ' order by author) as author,"
            " string_agg(distinct reason, '; ' order by reason) as reason"
            f" from {STEM}_patch_outcomes group by {key}) o using ({key})",
            "One row per accepted line of the log and member that it changed; a single row where it"
            " changed none.",
            {
                "title_id": "The title that the patch names.",
                "patch_seq": "Its place among the title's patches.",
                "patch_id": "The patch.",
                "outcome": "Its outcome.",
                "file": "The file of the log that it is in.",
                "line_number": "Its line in that file.",
                "member": "The member that it changed.",
                "before": "The member's value before it, as JSON.",
                "after": "The member's value after it, as JSON.",
                "code": "Why it was rejected.",
                "op_index": "The first operation that failed, from 0.",
                "author": "Who wrote it; for a patch_id_conflict, every author.",
                "reason": "Why it was written; for a patch_id_conflict, every reason.",
            },
        ),
    }


def questions() -> list[tuple[str, str]]:
    """Return the questions worth asking, each with its SQL, from the page of questions."""
    text = (PROJECT / "models" / "questions.md").read_text(encoding="utf-8")
    return [
        (question, re.sub(r"^    ", "", query, flags=re.M).strip())
        for question, query in QUESTION.findall(text)
    ]


def add_answers(cursor: duckdb.DuckDBPyConnection, lanes: Iterable[Lane], generation: str) -> None:
    """Add rules, views and questions to the published database, which is in use and has its tables.

    `lanes` are in the order of precedence.
    """
    rules = [
        (position, rule["name"], lane["name"], rule["member"], rule["remedy"])
        for position, (lane, rule) in enumerate(
            ((lane, rule) for lane in lanes for rule in lane["rules"]), start=1
        )
    ]
    _add_table(cursor, RULES, "One row per rule of the lanes", RULE_COLUMNS, rules, generation)
    asked = "One row per question worth asking, with the SQL that answers it"
    _add_table(cursor, QUESTIONS, asked, QUESTION_COLUMNS, questions(), generation)
    for name, view in views().items():
        cursor.execute(f"create view {identifier(name)} as {view.query}")
        _comment(cursor, "view", name, f"{view.description}\n{generation}", view.columns)


def _add_table(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    description: str,
    columns: dict[str, tuple[str, str]],
    rows: Sequence[tuple[object, ...]],
    generation: str,
) -> None:
    """Create a small table of `rows`; each of `columns` has a type and a description."""
    typed = ", ".join(f"{identifier(column)} {kind}" for column, (kind, _) in columns.items())
    cursor.execute(f"create table {identifier(name)} ({typed})")
    places = ", ".join("?" for _ in columns)
    cursor.executemany(f"insert into {identifier(name)} values ({places})", rows)
    told = {column: text for column, (_, text) in columns.items()}
    _comment(cursor, "table", name, f"{description}.\n{generation}", told)


def _comment(
    cursor: duckdb.DuckDBPyConnection, kind: str, name: str, text: str, columns: dict[str, str]
) -> None:
    cursor.execute(f"comment on {kind} {identifier(name)} is {literal(text)}")
    for column, told in columns.items():
        where = f"{identifier(name)}.{identifier(column)}"
        cursor.execute(f"comment on column {where} is {literal(told)}")
