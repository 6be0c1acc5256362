"""Make the shipped sample: `seeds/title_rows.jsonl` and the logs in `seeds/semantic_patches`.

The sample has the shape of a hand-off of job titles, not its rows. Titles and occupations are facts
from the Occupational Outlook Handbook (`seeds/bls_ooh_titles.csv`); companies are made up; the
noise is the kind that employers put around a title. `RECIPE` sets the number of rows of each kind.
The engine's rules decide in which lane a row ends.

`rules.jsonl` is what `propose-patches` proposes for the rows, `curated.jsonl` is what a person
would add. Nothing here is random: the same facts and rules give the same bytes.
"""

import csv
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).resolve().parents[1] / "seeds"

Operation = dict[str, Any]

COMPANIES = ("Alder Works", "Birchline", "Copperfield Foods", "Dunmore Health", "Elmgate Stores")
PLACES = (
    "Austin, TX",
    "Boise, ID",
    "Columbus, OH",
    "Denver, CO",
    "Erie, PA",
    "Fresno, CA",
    "Remote",
)
GRADES = ("Senior {}", "Lead {}", "Junior {}", "{} II", "{} III", "{} Trainee", "Principal {}")
NO_TITLES = (
    "Team Member",
    "Crew Member",
    "Associate",
    "Specialist",
    "Staff",
    "Worker",
    "Operator I",
)
NO_JOBS = ("Talent Community", "General Application", "Future Openings", "Join Our Talent Network")
UNREADABLE = ("See Attached", "As Discussed", "Various", "Same as Last Year")

MARKS = r"[^A-Za-z '-]| and | or |^(?:Junior|Senior|Lead|Head|Staff) "

NOISE: dict[str, Callable[[str, str, str], str]] = {
    "as_found": lambda title, company, place: title,
    "company_suffix": lambda title, company, place: f"{title} - {company}",
    "working_time": lambda title, company, place: f"Part-Time {title}",
    "place_suffix": lambda title, company, place: f"{title} ({place})",
    "contract": lambda title, company, place: f"{title} (Temporary)",
    "pay": lambda title, company, place: f"{title} - $1,500 Sign-On Bonus",
    "shift": lambda title, company, place: f"{title} - Night Shift",
    "requisition": lambda title, company, place: f"{title} - R0{len(title) * 137}",
    "gender_marker": lambda title, company, place: f"{title} (m/w/d)",
    "letter_case": lambda title, company, place: title.upper(),
    "white_space": lambda title, company, place: "  " + title.replace(" ", "  ", 1) + "\t",
}
"""The noise around a title, by the rule that removes it."""


@dataclass
class Sample:
    """The rows, and the log that a curator writes, as they are made."""

    facts: Iterator[tuple[str, str]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    by_hand: list[dict[str, Any]] = field(default_factory=list)

    def add_row(self, source_title: str, company: str, place: str, **members: object) -> str:
        """Add a row; return its title_id, which is derived from its content."""
        content = f"{source_title}|{company}|{place}|{len(self.rows)}"
        title_id = "title-" + hashlib.sha256(content.encode()).hexdigest()[:10]
        row = {"title_id": title_id, "source_title": source_title, **members}
        self.rows.append({**row, "company": company, "location": place})
        return title_id

    def hand(self, title_id: str, reason: str, *ops: Operation, seq: int = 100) -> None:
        """Add a patch that a curator writes, after those of the rules."""
        number = len(self.by_hand) + 1
        self.by_hand.append(patch(f"curated-{number:04}", seq, title_id, "curator", reason, ops))


def patch(
    patch_id: str, seq: int, title_id: str, author: str, reason: str, ops: tuple[Operation, ...]
) -> dict[str, Any]:
    """Return one line of a patch log."""
    head = {"patch_id": patch_id, "patch_seq": seq, "title_id": title_id}
    return {**head, "author": author, "reason": reason, "ops": list(ops)}


def op(name: str, path: str, *value: object, from_: str = "") -> Operation:
    """Return an operation; `value` is left out where there is none, since null is a value."""
    source = {"from": from_} if from_ else {}
    return {"op": name, **source, "path": path} | ({"value": value[0]} if value else {})


def key(occupation: str) -> str:
    """Return the occupation's code, its hyphenated title: the Handbook has no codes."""
    return re.sub(r"[^a-z0-9]+", "-", occupation.lower()).strip("-")


def noisy_row(sample: Sample, title: str, occupation: str, number: int) -> str:
    """Add a row with the noise that `number` asks for; return its title_id."""
    noise = list(NOISE.values())[number % len(NOISE)]
    company, place = COMPANIES[number % len(COMPANIES)], PLACES[number % len(PLACES)]
    return sample.add_row(noise(title, company, place), company, place)


def known(sample: Sample, number: int) -> None:
    """Add a title of the Handbook, with or without noise."""
    noisy_row(sample, *next(sample.facts), number)


def graded(sample: Sample, number: int) -> None:
    """Add a title with a grade that the evidence does not mention."""
    title, occupation = next(sample.facts)
    noisy_row(sample, GRADES[number % len(GRADES)].format(title), occupation, number)


def compound(sample: Sample, number: int) -> None:
    """Add two titles in one posting."""
    (first, occupation), (second, _) = next(sample.facts), next(sample.facts)
    noisy_row(sample, f"{first} / {second}", occupation, number)


def chosen(sample: Sample, number: int) -> None:
    """Add a title with two candidates: a curator attached one and dropped the other."""
    title, occupation = next(sample.facts)
    _, other = next(sample.facts)
    company, place = COMPANIES[number % len(COMPANIES)], PLACES[number % len(PLACES)]
    candidates = [f"bls_ooh:{key(occupation)}", f"bls_ooh:{key(other)}"]
    title_id = sample.add_row(f"Relief {title}", company, place, candidate_source_refs=candidates)
    sample.hand(
        title_id,
        "The first candidate is the title's occupation, the second is another job.",
        op("test", "/candidate_source_refs/0", candidates[0]),
        op("move", "/source_refs/-", from_="/candidate_source_refs/0"),
        op("remove", "/candidate_source_refs/0"),
        op("replace", "/occupation_code", key(occupation)),
        op("replace", "/caveats", []),
    )


def restored(sample: Sample, number: int) -> None:
    """Add a title that a rule made too short and a curator put back."""
    title, _ = next(sample.facts)
    title_id = sample.add_row(f"{title} - Overnight", COMPANIES[number % len(COMPANIES)], "Remote")
    reason = "The employer has the job by day too, as another one."
    sample.hand(title_id, reason, op("copy", "/learner_title", from_="/source_title"))


def unheld(sample: Sample, number: int) -> None:
    """Add a title that was held with a caveat, looked at and let go."""
    title, occupation = next(sample.facts)
    title_id = noisy_row(sample, title, occupation, number)
    reason = "The posting's duties were not known."
    sample.hand(
        title_id,
        reason,
        op("add", "/hold_reason", "duties not known"),
        op("add", "/caveats/-", "compound_title"),
    )
    let_go = (op("replace", "/hold_reason", None), op("remove", "/caveats/0"))
    sample.hand(title_id, "The duties are those of the occupation.", *let_go, seq=110)


def unfit(sample: Sample, number: int) -> None:
    """Add a title with a patch that does not fit: each of the codes in its turn."""
    title_id = noisy_row(sample, *next(sample.facts), number)
    stale = op("test", "/learner_title", "a title that the row no longer has")
    wrong: list[tuple[str, Operation]] = [
        ("Written for a former title.", stale),
        ("Written with a misspelt operation.", op("update", "/learner_title", "Cook")),
        ("Written for a caveat that is not there.", op("remove", "/caveats/7")),
        ("Would rewrite the evidence.", op("replace", "/source_title", "Cook")),
        ("Would take a member away.", op("remove", "/hold_reason")),
        ("Would put a text where a list belongs.", op("replace", "/caveats", "compound_title")),
    ]
    reason, operation = wrong[number % len(wrong)]
    sample.hand(title_id, reason, op("add", "/caveats/-", "never_seen"), operation)


def disputed(sample: Sample, number: int) -> None:
    """Add a title for which one patch_id stands on two different patches."""
    title_id = noisy_row(sample, *next(sample.facts), number)
    sample.hand(title_id, "One says so.", op("add", "/caveats/-", "compound_title"))
    other = dict(
        sample.by_hand[-1], reason="The other says so.", ops=[op("add", "/hold_reason", "?")]
    )
    sample.by_hand.append(other)


def unchanged(sample: Sample, number: int) -> None:
    """Add a title with a patch that changes nothing and was sent twice."""
    title_id = noisy_row(sample, *next(sample.facts), number)
    sample.hand(title_id, "It is not held.", op("add", "/hold_reason", None))
    sample.by_hand.append(dict(sample.by_hand[-1]))


def withdrawn(sample: Sample, number: int) -> None:
    """Add a title, and a patch for another whose posting was withdrawn."""
    noisy_row(sample, *next(sample.facts), number)
    gone = f"title-withdrawn-{number:02}"
    sample.hand(gone, "The posting says so.", op("add", "/hold_reason", "no duties named"))


def no_title(sample: Sample, number: int) -> None:
    """Add words that name no occupation, so that there is no evidence."""
    title = NO_TITLES[number % len(NO_TITLES)]
    sample.add_row(title, COMPANIES[number % len(COMPANIES)], PLACES[number % len(PLACES)])


def no_job(sample: Sample, number: int) -> None:
    """Add a posting that offers no job."""
    title = NO_JOBS[number % len(NO_JOBS)]
    sample.add_row(title, COMPANIES[number % len(COMPANIES)], "Remote")


def unreadable(sample: Sample, number: int) -> None:
    """Add a field that has no title in it: a learner is shown none."""
    title = UNREADABLE[number % len(UNREADABLE)]
    title_id = sample.add_row(title, COMPANIES[number % len(COMPANIES)], "Remote")
    sample.hand(title_id, "No title can be read from it.", op("replace", "/learner_title", None))


def by_name(sample: Sample, number: int) -> None:
    """Add a title that the Handbook does not list, attached by a curator."""
    source_title, company, occupation = (
        ("Support Associate - Soma", "Soma", "Retail sales workers"),
        (
            "Director of Business Intelligence",
            "Birchline",
            "Computer and information systems managers",
        ),
        ("Part-Time Retail Sales Associate", "Elmgate Stores", "Retail sales workers"),
    )[number]
    title_id = sample.add_row(source_title, company, PLACES[number])
    sample.hand(
        title_id,
        f"The Handbook does not list the title; the work is that of {occupation.lower()}.",
        op("add", "/source_refs/-", f"bls_ooh:{key(occupation)}"),
        op("replace", "/occupation_code", key(occupation)),
    )


def open_candidate(sample: Sample, number: int) -> None:
    """Add a title that is only near to one of the Handbook."""
    sample.add_row("Wind Turbine Blade Technician", COMPANIES[number], PLACES[number])


RECIPE: tuple[tuple[Callable[[Sample, int], None], int], ...] = (
    (by_name, 3),
    (known, 240),
    (chosen, 20),
    (restored, 10),
    (unheld, 12),
    (unchanged, 6),
    (withdrawn, 4),
    (graded, 471),
    (compound, 180),
    (unfit, 17),
    (disputed, 2),
    (open_candidate, 1),
    (no_title, 20),
    (no_job, 10),
    (unreadable, 4),
)
"""How many rows of each kind."""


def spread(facts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the facts in an order that mixes occupations, the same one every time."""
    return sorted(facts, key=lambda fact: hashlib.sha256(fact[0].encode()).hexdigest())


def make() -> Sample:
    """Return the sample."""
    with (SEEDS / "bls_ooh_titles.csv").open(encoding="utf-8", newline="") as stream:
        facts = [(fact["title"], fact["occupation"]) for fact in csv.DictReader(stream)]
    # An occupation's own title is a plural, unlike postings; one with marks looks like two titles.
    plain = [fact for fact in facts if fact[0] != fact[1] and not re.search(MARKS, fact[0])]
    sample = Sample(iter(spread(plain)))
    for kind, count in RECIPE:
        for number in range(count):
            kind(sample, number)
    sample.rows.sort(key=lambda row: row["title_id"])
    return sample


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    """Write JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def proposals(rows: list[dict[str, Any]]) -> bytes:
    """Return the rules' proposals for the rows, as a log."""
    with tempfile.TemporaryDirectory() as directory:
        write(Path(directory) / "inputs" / "title_rows.jsonl", rows)
        engine = [sys.executable, "-m", "aina_data_engine.cli", "--root", directory]
        command = [*engine, "propose-patches", "--name", "rules"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        return (Path(directory) / "artifacts" / "proposals" / "rules.jsonl").read_bytes()


def main(directory: Path = SEEDS) -> None:
    """Write the sample to `directory`."""
    sample = make()
    write(directory / "title_rows.jsonl", sample.rows)
    write(directory / "semantic_patches" / "curated.jsonl", sample.by_hand)
    (directory / "semantic_patches" / "rules.jsonl").write_bytes(proposals(sample.rows))


if __name__ == "__main__":
    main()
