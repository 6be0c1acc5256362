"""The state of a root: what is published, what waits in which stage, which command comes next."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aina_data_engine import harvest
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
from aina_data_engine.receipt import (
    are_inputs,
    hashes,
    is_replayed,
    line_limit,
    receipts,
    vars_of_replay,
)
from aina_data_engine.root import Root
from aina_data_engine.say import Told, counted, shown
from aina_data_engine.shapes import Summary, counts_of, read_summary
from aina_data_engine.sql import identifier
from aina_data_engine.variables import as_text
from aina_data_engine.waiting import WaitingFile, refusal, waiting_files


@dataclass(frozen=True)
class Stage:
    """A lane, and what its stage has made from the generation in force."""

    lane: str
    job: str | None
    """The command that the lane feeds; None where it feeds none."""
    titles: int
    made: Summary | None
    """Its summary; None where it has not run."""
    is_done: bool
    """Whether it was made from the generation in force and from the current harvest."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the counts of its summary, by name."""
        sections = counts_of(self.made).values() if self.made else ()
        return {name: count for counts in sections for name, count in counts.items()}

    def __str__(self) -> str:
        """Return it in one line."""
        lane = f"  {shown(self.lane):<24}{self.titles:>9,}"
        if not self.job:
            return f"{lane}  feeds no command"
        if self.is_done:
            told = {"blocked": "blocked", "review": "for review", "nothing_found": "not found"}
            waits = ", ".join(
                f"{self.counts[k]:,} {what}" for k, what in told.items() if self.counts.get(k)
            )
            state = f"done{f', {waits}' if waits else ''}"
        else:
            state = "outdated, made from a former generation or harvest" if self.made else "not run"
        return f"{lane}  {self.job}: {state if self.titles else '-'}"


def describe(root: Root) -> Told:
    """Describe the root's state. EngineError where it has no inputs, or no job can run on it."""
    root.refuse_its_name()
    files, runs = root.input_files(), receipts(root)
    given = vars_of_replay(root, runs)
    root = replace(root, variables=as_text(given))
    inputs = hashes(files)
    summary = _summary(root, REPLAY_PUBLICATION)
    replay = root.call(REPLAY)
    if not summary:
        nothing = f"Nothing is published on {shown(root.path)}."
        told = "\n".join([*_last_failure(runs), nothing, f"Next: {replay}"])
        return Told(0, told, content={"generation": None, "next": replay})
    place = REPLAY_PUBLICATION.link(root)
    evidence = harvest.noted_files(root)
    stages = [_stage(root, lane, summary, evidence) for lane in counts_of(summary)["lane_counts"]]
    log = [f for f in files if f.input == "semantic_patches"]
    places = [PUBLICATIONS[s.job].link(root) for s in stages if s.job and s.is_done]
    there = waiting_files(root, places, log, line_limit(given))
    unread = [f for f in there if f.problem]
    found = [_offer(f, refusal(runs, f.path, inputs)) for f in there if f.count]
    whole, refused = [f for f in found if f.is_whole], [f for f in found if not f.is_whole]
    waiting = [*whole, *(f for f in refused if f.applying)]
    review = sum(s.counts.get("review", 0) for s in stages if s.job == MINING and s.is_done)
    is_current = is_replayed(root, inputs, runs=runs)
    step = _next(root, runs, stages, waiting, inputs, evidence) if is_current else replay
    others = " except what is listed above" if refused or unread else ": the log has every proposal"
    lines = [
        *_last_failure(runs),
        f"{shown(place)}, generation {shown(summary['generation'])}",
        *map(str, stages),
        *(f"  waiting to be accepted, {f.count:,}: {shown(f.path)}" for f in whole),
        *map(_refused, refused),
        *(f"  {shown(f.problem)}" for f in unread),
        *([f"  a review sheet waits, {counted(review, 'title')}"] if review else []),
        *([] if is_current else ["  the inputs have changed since"]),
        f"Next: {step}" if step else f"Nothing waits{others}.",
    ]
    content = {
        "generation": summary["generation"],
        "is_of_the_inputs": is_current,
        "stages": [
            {"lane": s.lane, "command": s.job, "titles": s.titles, "is_done": s.is_done}
            for s in stages
        ],
        "proposals": [
            {"file": str(f.path), "patches": f.count, "applies": f.applying} for f in waiting
        ],
        "unread": [{"file": str(f.path), "problem": f.problem} for f in unread],
        "next": step and step.split("\n")[0],
    }
    return Told(0, "\n".join(lines), content=content)


@dataclass(frozen=True)
class Offer:
    """A file of proposals that can be read, and how much of it the log accepts."""

    path: Path
    count: int
    applying: int
    """How many of its patches would be accepted, as far as is known."""
    is_whole: bool
    """Whether it would be accepted as it is."""


def _offer(file: WaitingFile, refused: dict[str, int] | None) -> Offer:
    """Return the offer, by what was noted when the file was refused; if it was not, by its rows."""
    applying = file.applying if refused is None else min(refused.get("applies", 0), file.count)
    is_whole = refused is None and file.applying == file.count and not file.problem
    return Offer(file.path, file.count, applying, is_whole)


def _refused(file: Offer) -> str:
    """Return, for a file that would not be accepted as it is, what does not apply, and a remedy."""
    if file.applying == file.count:
        # Its other lines are reported separately.
        return f"  waiting to be accepted in part, {file.count:,}: {shown(file.path)}; {ACCEPT} --partial"
    step = (
        f"{file.applying:,} {'does' if file.applying == 1 else 'do'}: {ACCEPT} --partial"
        if file.applying
        else f"make it again ({REVIEW}, {PROPOSE}) or remove it"
    )
    fails = f"{file.count - file.applying:,}: {shown(file.path)}"
    return f"  no longer applies as it is, {fails}; {step}"


def _last_failure(runs: list[dict[str, Any]]) -> list[str]:
    """Return that the last run failed, or did not end; nothing where it did its job."""
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
    """Return the first line without a sentence that introduces the lines after it."""
    first = message.split("\n", 1)[0]
    whole, end, _ = first.rpartition(". ")
    return first if first.endswith(".") or not end else f"{whole}."


def _next(
    root: Root,
    runs: list[dict[str, Any]],
    stages: list[Stage],
    waiting: list[Offer],
    inputs: dict[str, str],
    evidence: list[dict[str, Any]] | None,
) -> str | None:
    """Return the next command, on a root whose replay is of its current inputs; None if none."""
    undone = [s.job for s in stages if s.job and s.titles and not s.is_done]
    proposed = [run for run in runs if run.get("job") == PROPOSE]
    if waiting:
        part = () if waiting[0].is_whole else ("--partial",)
        return root.call(ACCEPT, waiting[0].path, *part)
    # A stage looks for evidence for titles as they are, so the rules clean them first.
    if undone and (proposed or _rules_have_patched(root)):
        return root.call(undone[0])
    if not any(are_inputs(run, inputs) and run.get("harvest") == evidence for run in proposed):
        return root.call(PROPOSE)
    for stage in stages:
        if stage.job == MINING and stage.titles and stage.made and stage.counts.get("review"):
            # Each round has its own file: the last one may still be there, with its decisions.
            round_of = stage.made["generation"].removeprefix("sha256:")[:8]
            sheet = f"review-{round_of}.xlsx"
            return (
                f"{root.call(MINING, '--xlsx', sheet)}"
                f"\n      and, filled in by a person, {root.call(REVIEW, sheet)}"
            )
    return None


def _rules_have_patched(root: Root) -> bool:
    """Return whether the published log has a rule's patch, even if it came from another root."""
    stem = REPLAY_PUBLICATION.stem
    table = f"{stem}_patch_outcomes"
    database = REPLAY_PUBLICATION.published(root) / f"{stem}.duckdb"
    # A database that cannot be read is reported by verify.
    with suppress(EngineError), opened({table: (database, table)}) as connection:
        query = f"select 1 from {identifier(table)} where starts_with(author, 'rule:') limit 1"
        return bool(connection.execute(query).fetchall())
    return False


def _stage(root: Root, lane: str, summary: Summary, evidence: list[dict[str, Any]] | None) -> Stage:
    job = STAGES.get(lane)
    made = _summary(root, PUBLICATIONS[job]) if job else None
    read = made["inputs"] if made else {}
    titles = counts_of(summary)["lane_counts"][lane]
    replayed = read.get(REPLAY_PUBLICATION.stem, {}).get("generation")
    # What a source contains may put a title into another lane.
    is_done = replayed == summary["generation"] and read.get("harvest") == evidence
    return Stage(lane, job, titles, made, is_done)


def _summary(root: Root, publication: Publication) -> Summary | None:
    """Return a publication's summary; None where there is none."""
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
    """Return whether a replay is published that was not made from the current inputs."""
    inputs = hashes(root.input_files())
    return bool(REPLAY_PUBLICATION.in_force(root)) and not is_replayed(root, inputs)
