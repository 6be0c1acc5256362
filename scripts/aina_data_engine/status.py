"""The state of a root: what is published, what waits in which stage, which command comes next."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

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
from aina_data_engine.root import InputFile, Root
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
            told = {
                "blocked": "blocked",
                "review": "for review",
                "no_job": "no job",
                "nothing_found": "not found",
                "not_looked_up": "not looked up",
            }
            waits = ", ".join(
                f"{self.counts[k]:,} {what}" for k, what in told.items() if self.counts.get(k)
            )
            state = f"done{f', {waits}' if waits else ''}"
        else:
            state = "outdated, made from a former generation or harvest" if self.made else "not run"
        return f"{lane}  {self.job}: {state if self.titles else '-'}"


@dataclass(frozen=True)
class Offer:
    """A file of proposals that can be read, and how much of it the log accepts."""

    path: Path
    count: int
    applying: int
    """How many of its patches would be accepted, as far as is known."""
    is_whole: bool
    """Whether it would be accepted as it is."""


@dataclass(frozen=True)
class Standing:
    """The state of a root that has been replayed."""

    place: Path
    """Where the replay is published."""
    summary: Summary
    stages: list[Stage]
    whole: list[Offer]
    refused: list[Offer]
    unread: list[WaitingFile]
    review: int
    """How many titles wait in a review sheet."""
    is_current: bool
    """Whether the replay is of the current inputs."""
    step: str | None
    """The next command, with those that follow it; None if nothing waits."""

    @classmethod
    def of(
        cls,
        root: Root,
        summary: Summary,
        runs: list[dict[str, Any]],
        files: list[InputFile],
        inputs: dict[str, str],
        limit: int,
    ) -> Self:
        """Return the state, for hashes of inputs by name and a limit on the bytes of a line."""
        evidence = harvest.noted_files(root)
        lanes = counts_of(summary)["lane_counts"]
        stages = [_stage(root, lane, summary, evidence) for lane in lanes]
        places = [PUBLICATIONS[s.job].link(root) for s in stages if s.job and s.is_done]
        log = [f for f in files if f.input == "semantic_patches"]
        there = waiting_files(root, places, log, limit)
        found = [_offer(f, refusal(runs, f.path, inputs)) for f in there if f.count]
        whole, refused = [f for f in found if f.is_whole], [f for f in found if not f.is_whole]
        review = sum(s.counts.get("review", 0) for s in stages if s.job == MINING and s.is_done)
        is_current = is_replayed(root, inputs, runs=runs)
        step: str | None = root.call(REPLAY)
        if is_current:
            step = _next(root, runs, stages, _waiting(whole, refused), inputs, evidence)
        return cls(
            REPLAY_PUBLICATION.link(root),
            summary,
            stages,
            whole,
            refused,
            [f for f in there if f.problem],
            review,
            is_current,
            step,
        )

    def lines(self) -> list[str]:
        """Return the state as lines of text, for a person."""
        is_listed = self.refused or self.unread
        others = " except what is listed above" if is_listed else ": the log has every proposal"
        return [
            f"{shown(self.place)}, generation {shown(self.summary['generation'])}",
            *map(str, self.stages),
            *(f"  waiting to be accepted, {f.count:,}: {shown(f.path)}" for f in self.whole),
            *map(_refused, self.refused),
            *(f"  {shown(f.problem)}" for f in self.unread),
            *([f"  a review sheet waits, {counted(self.review, 'title')}"] if self.review else []),
            *([] if self.is_current else ["  the inputs have changed since"]),
            f"Next: {self.step}" if self.step else f"Nothing waits{others}.",
        ]

    def content(self) -> dict[str, Any]:
        """Return the state as data, for a program."""
        return {
            "generation": self.summary["generation"],
            "is_of_the_inputs": self.is_current,
            "stages": [
                {"lane": s.lane, "command": s.job, "titles": s.titles, "is_done": s.is_done}
                for s in self.stages
            ],
            "proposals": [
                {"file": str(f.path), "patches": f.count, "applies": f.applying}
                for f in _waiting(self.whole, self.refused)
            ],
            "unread": [{"file": str(f.path), "problem": f.problem} for f in self.unread],
            "next": self.step and self.step.split("\n")[0],
        }


def describe(root: Root) -> Told:
    """Describe the root's state. EngineError where it has no inputs, or no job can run on it."""
    root.refuse_its_name()
    files, runs = root.input_files(), receipts(root)
    variables = vars_of_replay(root, runs)
    root = replace(root, variables=as_text(variables))
    inputs, failure = hashes(files), _last_failure(runs)
    summary = _summary(root, REPLAY_PUBLICATION)
    if not summary:
        replay = root.call(REPLAY)
        nothing = f"Nothing is published on {shown(root.path)}."
        told = "\n".join([*failure, nothing, f"Next: {replay}"])
        return Told(0, told, content={"generation": None, "next": replay})
    standing = Standing.of(root, summary, runs, files, inputs, line_limit(variables))
    return Told(0, "\n".join([*failure, *standing.lines()]), content=standing.content())


def _waiting(whole: list[Offer], refused: list[Offer]) -> list[Offer]:
    """Return the files of which something can be accepted, the first to be accepted first."""
    return [*whole, *(file for file in refused if file.applying)]


def _offer(file: WaitingFile, refused: dict[str, int] | None) -> Offer:
    """Return the offer, by what was noted when the file was refused; if it was not, by its rows."""
    applying = file.applying if refused is None else min(refused.get("applies", 0), file.count)
    is_whole = refused is None and file.applying == file.count and not file.problem
    return Offer(file.path, file.count, applying, is_whole)


def _refused(file: Offer) -> str:
    """Return, for a file that would not be accepted as it is, what does not apply, and a remedy."""
    if file.applying == file.count:
        # Its other lines are reported separately.
        what = f"waiting to be accepted in part, {file.count:,}"
        return f"  {what}: {shown(file.path)}; {ACCEPT} --partial"
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
