"""The last step of a job, once all of its gates have passed: publish, propose or add to the log."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from aina_data_engine import export, patch_log, proposals_page, publish, report, review, undo
from aina_data_engine.artifacts import remove
from aina_data_engine.errors import EngineError
from aina_data_engine.files import write_atomically
from aina_data_engine.generations import name_of
from aina_data_engine.job import INPUTS, Job, LastStep, Publication
from aina_data_engine.jobs import ACCEPT, REPLAY, REPLAY_PUBLICATION
from aina_data_engine.messages import Gate, Lane
from aina_data_engine.published_database import Staged
from aina_data_engine.receipt import Receipt, receipt_of, settle_killed_runs, warning
from aina_data_engine.request import Request
from aina_data_engine.root import InputFile, Root
from aina_data_engine.say import cell, shown
from aina_data_engine.shapes import Summary, counts_of
from aina_data_engine.verify import verify


@dataclass
class Run:
    """The state that the hooks of one dbt invocation share."""

    job: Job
    receipt: Receipt
    files: list[InputFile] = field(default_factory=list)
    exported: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    described: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each exported or kept model, its description (under '') and those of its columns."""
    longest_line: int = 32 * 1024
    """The length of the longest line of the staged files, in bytes."""
    sorted_hashes: str = export.SORTED_HASHES
    """SQL for the hashes of the lines of the inputs."""


@dataclass(frozen=True)
class Finish:
    """The last step of one run; a call returns the outcome and the message."""

    cursor: duckdb.DuckDBPyConnection
    root: Root
    run: Run
    request: Request

    def __call__(
        self, gates: list[Gate], keep_generations: int, lanes: list[Lane]
    ) -> tuple[str, str]:
        """Do the job's last step."""
        if publication := self.run.job.publishes:
            run, told = self.run, self._told_inputs()
            by_file = {lane["model"]: lane for lane in lanes}
            staged = Staged(run.exported, run.kept, run.described, by_file, gates, told)
            return self._publish(publication, staged, keep_generations, lanes)
        return {
            LastStep.PROPOSE: self._propose,
            LastStep.IMPORT_REVIEW: self._import_review,
            LastStep.ACCEPT: self._accept,
            LastStep.REVERT: self._revert,
            LastStep.MEASURE: self._measure,
        }[self.run.job.last_step]()

    def _propose(self) -> tuple[str, str]:
        staged = self.root.staging / "patch_proposals.jsonl"

        def tell(path: Path) -> None:
            page = report.describe_proposals(self.cursor, path, cell)
            write_atomically(path.with_suffix(".md"), page.encode())
            proposals_page.write_page(self.cursor, staged, path.with_suffix(".html"))

        path = patch_log.write_proposals(self.root, staged, self.request.name, tell)
        told = report.describe_proposals(self.cursor, path, shown)
        if path:
            step = self.root.call(ACCEPT, path)
            told += f"\nLook at them: {shown(path.with_suffix('.html'))}"
            told += f"\nAccept them, edited or as they are: {step}"
        return "proposed", told

    def _import_review(self) -> tuple[str, str]:
        if not self.request.sheet:
            raise EngineError("No review sheet is given. Run aina-data-engine import-review FILE.")
        review.refuse_useless_sheet(self.cursor, self.request.sheet)
        staged = self.root.staging / "reviewed_patches.jsonl"
        path = patch_log.write_proposals(self.root, staged, self.request.name)
        told = review.describe_review(self.cursor, self.root, path)
        return "proposed", told

    def _accept(self) -> tuple[str, str]:
        if not self.request.offered:
            raise EngineError(
                "No file of patches is given. Run aina-data-engine accept-patches FILE."
            )
        told = patch_log.accept(
            self.cursor,
            self.root,
            self.request.offered,
            self.run.receipt,
            is_replayed=self.request.is_replayed,
        )
        return "accepted", told

    def _revert(self) -> tuple[str, str]:
        if not self.request.reverted:
            raise EngineError(
                "No patches to revert are given. See aina-data-engine revert-patches --help."
            )
        is_replayed = self.request.is_replayed
        told = undo.revert(self.cursor, self.root, self.run.receipt, is_replayed=is_replayed)
        return "reverted", told

    def _measure(self) -> tuple[str, str]:
        return "measured", report.describe_accuracy(self.cursor)

    def _publish(
        self,
        publication: Publication,
        staged: Staged,
        keep_generations: int,
        lanes: list[Lane],
    ) -> tuple[str, str]:
        """Publish the staged files, unless the same result is published already."""
        receipt, staging = self.run.receipt, self.root.staging
        link = shown(publication.link(self.root))
        with receipt.timed("publish"):
            settle_killed_runs(self.root, publication)
            summary = publish.prepare(self.cursor, staging, publication, staged)
            told = report.describe_publication(summary, lanes)
            if quarantine := self.run.exported.get(f"{publication.stem}_quarantine"):
                reasons = report.commonest_reasons(self.cursor, quarantine)
                receipt.content["quarantine_reasons"] = reasons
                line_count = sum(counts_of(summary)["quarantine_counts"].values())
                told = "\n".join([told, *report.describe_reasons(reasons, line_count)])
            if same := self._published_already(publication, summary):
                outcome, name = "unchanged", same.name
                first = f"Unchanged {link}: this result is published there already"
                remove(staging)
                warnings = publish.tidy(self.root, publication, same, keep_generations)
            else:
                outcome, name = "published", name_of(receipt.invocation_id)
                first = f"Published {link}"
                former = publication.in_force(self.root)
                made = publish.complete(self.cursor, staging, publication, staged, summary, former)
                receipt.content |= {"outcome": "publishing", **made}
                receipt.write()
                warnings = publish.publish(self.root, publication, name, keep_generations)
        receipt.content |= {"directory": name, "warnings": warnings}
        return outcome, "\n".join([first, told]) + "".join(map(warning, warnings))

    def _published_already(self, publication: Publication, summary: Summary) -> Path | None:
        """Return the generation in force if it is whole, has this result, and is of this code.

        Another version of the code may write other tables into its database, or another page.
        """
        place = publication.in_force(self.root)
        if not place or publication.digest_in(place) != summary["generation"]:
            return None
        made, run = receipt_of(self.root, place), self.run.receipt.content
        is_of_this_code = all(made.get(key) == run.get(key) for key in ("versions", "code"))
        is_same = is_of_this_code and not verify(self.root, publication).findings
        return place if is_same else None

    def _told_inputs(self) -> dict[str, Any]:
        """Return what was read, as it goes into the summary."""
        told: dict[str, Any] = {}
        if self.run.job.name == REPLAY:
            scratch = self.root.staging / "line_hashes"
            for name in INPUTS:
                told[name] = export.digest_lines(self.cursor, name, scratch, self.run.sorted_hashes)
        if "harvest" in self.run.job.reads:
            told["harvest"] = self.run.receipt.content["harvest"]
        if generation := self.run.receipt.content.get("read_generation"):
            told[REPLAY_PUBLICATION.stem] = {"generation": generation}
        return told
