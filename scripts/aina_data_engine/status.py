"""Where a root stands: what is published, what waits in which stage, which command comes next."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aina_data_engine.databases import opened
from aina_data_engine.errors import EngineError
from aina_data_engine.job import Publication
from aina_data_engine.jobs import (
    ACCEPT,
    MINING,
    PROPOSE,
    PUBLICATIONS,
    REPLAY,
    REPLAY_PUBLICATION,
    REVIEW,
    STAGES,
)
from aina_data_engine.receipt import are_inputs, hashes, is_replayed, receipts
from aina_data_engine.root import Root
from aina_data_engine.say import Told, counted, quoted, shown
from aina_data_engine.shapes import Summary, counts_of, read_summary
from aina_data_engine.sql import identifier
from aina_data_engine.waiting import WaitingFile, refusal, waiting_files


@dataclass(frozen=True)
class Stage:
    """A lane, and what its stage has made of the generation in force."""

    lane: str
    job: str | None
    """The command that the lane feeds; None where it feeds none."""
    titles: int
    made: Summary | None
    """Its summary; None where it has not run."""
    is_done: bool

    @property
    def counts(self) -> dict[str, int]:
        """Return what its summary counts, by name."""
        sections = counts_of(self.made).values() if self.made else ()
        return {name: count for counts in sections for name, count in counts.items()}

    def __str__(self) -> str:
        """Say it in a line."""
        lane = f"  {shown(self.lane):<24}{self.titles:>9,}"
        if not self.job:
            return f"{lane}  feeds no command"
        if self.is_done:
            told = {"blocked": "blocked", "review": "for review", "nothing_found": "without a find"}
            waits = ", ".join(
                f"{self.counts[k]:,} {what}" for k, what in told.items() if self.counts.get(k)
            )
            state = f"done{f', {waits}' if waits else ''}"
        else:
            state = "of a former generation" if self.made else "not run"
        return f"{lane}  {self.job}: {state if self.titles else '-'}"


def describe(root: Root) -> Told:
    """Say where the root stands. EngineError where it has no inputs."""
    files = root.input_files()
    inputs = hashes(files)
    summary, runs = _summary(root, REPLAY_PUBLICATION), receipts(root)
    if not summary:
        step = f"Next: {root.command} {REPLAY}"
        nothing = f"Nothing is published on {shown(root.path)}."
        told = "\n".join([*_last_failure(runs), nothing, step])
        return Told(0, told, content={"generation": None, "next": step.removeprefix("Next: ")})
    place = REPLAY_PUBLICATION.link(root)
    stages = [_stage(root, lane, summary) for lane in counts_of(summary)["lane_counts"]]
    log = [f.path for f in files if f.input == "semantic_patches"]
    places = [PUBLICATIONS[s.job].link(root) for s in stages if s.job and s.is_done]
    there = waiting_files(root, places, log)
    unread, found = [f for f in there if f.problem], [f for f in there if not f.problem]
    refusals = {f.path: refusal(runs, f.path, inputs) for f in found}
    is_refused = {f.path: f.applying < f.count or refusals[f.path] is not None for f in found}
    waiting = [(f.path, f.count) for f in found if not is_refused[f.path]]
    review = sum(s.counts.get("review", 0) for s in stages if s.job == MINING and s.is_done)
    is_current = is_replayed(root, inputs)
    step = f"Next: {root.command} {REPLAY}"
    if is_current:
        step = _next(root, runs, stages, waiting, inputs)
    lines = [
        *_last_failure(runs),
        f"{shown(place)}, generation {shown(summary['generation'])}",
        *map(str, stages),
        *(f"  to be accepted, {count:,}: {shown(path)}" for path, count in waiting),
        *(_refused(f, refusals[f.path]) for f in found if is_refused[f.path]),
        *(f"  {shown(f.problem)}" for f in unread),
        *([f"  a review sheet waits, {counted(review, 'title')}"] if review else []),
        *([] if is_current else ["  the inputs have changed since"]),
        step,
    ]
    content = {
        "generation": summary["generation"],
        "is_of_the_inputs": is_current,
        "stages": [
            {"lane": s.lane, "command": s.job, "titles": s.titles, "is_done": s.is_done}
            for s in stages
        ],
        "proposals": [{"file": str(path), "patches": count} for path, count in waiting],
        "unread": [{"file": str(f.path), "problem": f.problem} for f in unread],
        "next": step.removeprefix("Next: ").split("\n")[0],
    }
    return Told(0, "\n".join(lines), content=content)


def _refused(file: WaitingFile, told: dict[str, int] | None) -> str:
    """Say of a file that is not taken as it is how much does not apply, and what can be done."""
    applying = file.applying if told is None else min(told.get("applies", 0), file.count)
    step = (
        f"{applying:,} {'does' if applying == 1 else 'do'}: {ACCEPT} --partial"
        if applying
        else f"make it anew ({REVIEW}, {PROPOSE}) or remove it"
    )
    fails = f"{file.count - applying:,}: {shown(file.path)}"
    return f"  no longer applies as it is, {fails}; {step}"


def _last_failure(runs: list[dict[str, Any]]) -> list[str]:
    """Say of the last run that it failed, or did not end; nothing where it did what it is for."""
    last = max(runs, key=lambda run: str(run.get("started_at", "")), default={})
    outcome = last.get("outcome")
    if outcome in ("failed", "input_error"):
        why = shown(_first_sentences(str(last.get("message", ""))))
    elif outcome in ("started", "publishing"):
        why = "it did not end: it was stopped, or is still running"
    else:
        return []
    at = shown(last.get("started_at", "?"))
    return [f"The last run, {shown(last.get('job', '?'))} at {at}: {why}"]


def _first_sentences(message: str) -> str:
    """Return the first line without a sentence that leads to what stands on the next ones."""
    first = message.split("\n", 1)[0]
    whole, end, _ = first.rpartition(". ")
    return first if first.endswith(".") or not end else f"{whole}."


def _next(
    root: Root,
    runs: list[dict[str, Any]],
    stages: list[Stage],
    waiting: list[tuple[Path, int]],
    inputs: dict[str, str],
) -> str:
    """Return which command comes next, on a root whose replay is of its inputs."""
    undone = [s.job for s in stages if s.job and s.titles and not s.is_done]
    proposed = [run for run in runs if run.get("job") == PROPOSE]
    if waiting:
        return f"Next: {root.command} {ACCEPT} {quoted(waiting[0][0])}"
    # A stage looks for evidence of titles as they are: first the rules clean them.
    if undone and (proposed or _rules_have_patched(root)):
        return f"Next: {root.command} {undone[0]}"
    if not any(are_inputs(run, inputs) for run in proposed):
        return f"Next: {root.command} {PROPOSE}"
    if any(s.job == MINING and s.titles and s.counts.get("review") for s in stages):
        sheet = "review.xlsx"
        return (
            f"Next: {root.command} {MINING} --xlsx {sheet}"
            f"\n      and, filled in by a person, {root.command} {REVIEW} {sheet}"
        )
    return "Nothing waits: the log has every proposal."


def _rules_have_patched(root: Root) -> bool:
    """Return whether the log that is published has a rule's patch, whoever has moved it here."""
    stem = REPLAY_PUBLICATION.stem
    table = f"{stem}_patch_outcomes"
    database = REPLAY_PUBLICATION.published(root) / f"{stem}.duckdb"
    # Of a database that cannot be read verify tells.
    with suppress(EngineError), opened({table: (database, table)}) as connection:
        query = f"select 1 from {identifier(table)} where starts_with(author, 'rule:') limit 1"
        return bool(connection.execute(query).fetchall())
    return False


def _stage(root: Root, lane: str, summary: Summary) -> Stage:
    job = STAGES.get(lane)
    made = _summary(root, PUBLICATIONS[job]) if job else None
    read = made["inputs"].get(REPLAY_PUBLICATION.stem, {}) if made else {}
    titles = counts_of(summary)["lane_counts"][lane]
    return Stage(lane, job, titles, made, read.get("generation") == summary["generation"])


def _summary(root: Root, publication: Publication) -> Summary | None:
    """Return what a publication's summary says; None where there is none."""
    place = publication.in_force(root)
    if not place:
        return None
    path = place / f"{publication.stem}.json"
    counts = ("lane_counts",) if publication is REPLAY_PUBLICATION else ()
    try:
        return read_summary(place, publication.stem, counts)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise EngineError(f"{shown(path)} cannot be read: {error}. Run verify.") from error


def is_outdated(root: Root) -> bool:
    """Return whether a replay is published, and not of the inputs as they are."""
    inputs = hashes(root.input_files())
    return bool(REPLAY_PUBLICATION.in_force(root)) and not is_replayed(root, inputs)
