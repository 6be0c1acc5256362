"""What the replay's published database answers by itself: views that explain, and questions.

The views say in SQL, for any number of titles, what `explain` says of one. They use nothing that
the oldest client does not know: no lambda, for one.
"""

import re
from dataclasses import dataclass

import duckdb

from aina_data_engine.explain import REMEDIES
from aina_data_engine.jobs import REPLAY_PUBLICATION
from aina_data_engine.root import PROJECT
from aina_data_engine.sql import identifier, literal

STEM = REPLAY_PUBLICATION.stem
QUESTION = re.compile(r"\*\*(.+?)\*\*\n\n((?:    .*\n)+)")
"""A question of the page, and the SQL that answers it."""


@dataclass(frozen=True)
class View:
    """One view: its SQL, what a row of it is, and what each of its columns is."""

    query: str
    description: str
    columns: dict[str, str]


def views() -> dict[str, View]:
    """Return the views by name."""
    ends = " || ".join(
        f"case when runtime_lane = {literal(lane)} and list_contains(lane_reasons, {literal(rule)})"
        f" then [{{'rule': {literal(rule)}, 'member': {literal(member)},"
        f" 'value': to_json({member})::varchar, 'remedy': {literal(remedy)}}}] else [] end"
        for rule, (lane, member, remedy) in REMEDIES.items()
    )
    key = "title_id, patch_seq, patch_id, outcome"
    return {
        "explain_titles": View(
            "select title_id, source_title, learner_title, runtime_lane, lane_rule_id,"
            f" lane_reasons, patches_applied, patches_rejected, {ends} as what_ends_the_lane"
            f" from {STEM}",
            "One row per title: why it is in its lane, and what would lead to a better one.",
            {
                "title_id": "The title.",
                "source_title": "As the source gave it.",
                "learner_title": "What a learner reads.",
                "runtime_lane": "Its lane.",
                "lane_rule_id": "The rule that put it there, the first that holds.",
                "lane_reasons": "Every rule that holds.",
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
            "One row per accepted line of the log and member that it changed; one alone where it"
            " changed none.",
            {
                "title_id": "The title that the patch names.",
                "patch_seq": "Its place among the title's patches.",
                "patch_id": "The patch.",
                "outcome": "What became of it.",
                "file": "The file of the log that it stands in.",
                "line_number": "Its line in that file.",
                "member": "The member that it changed.",
                "before": "The member's value before it, as JSON.",
                "after": "The member's value after it, as JSON.",
                "code": "Why it was rejected.",
                "op_index": "The first operation that failed, from 0.",
                "author": "Who wrote it; of a patch_id_conflict all who did.",
                "reason": "Why; of a patch_id_conflict all reasons.",
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


def add_answers(cursor: duckdb.DuckDBPyConnection, generation: str) -> None:
    """Add views and questions to the published database, which is in use and has its tables."""
    for name, view in views().items():
        cursor.execute(f"create view {identifier(name)} as {view.query}")
        told = literal(f"{view.description}\n{generation}")
        cursor.execute(f"comment on view {identifier(name)} is {told}")
        for column, text in view.columns.items():
            cursor.execute(f"comment on column {name}.{column} is {literal(text)}")
    cursor.execute('create table questions (question varchar, "sql" varchar)')
    cursor.executemany("insert into questions values (?, ?)", questions())
    told = literal(
        f"One row per question worth asking, with the SQL that answers it.\n{generation}"
    )
    cursor.execute(f"comment on table questions is {told}")
    cursor.execute("comment on column questions.question is 'What is asked.'")
    cursor.execute("comment on column questions.\"sql\" is 'The query that answers it.'")
