"""The list of jobs: it defines the commands, what each reads and publishes, and the lanes' stages.

A job is also a selector in `selectors.yml`, which defines what it builds.
"""

from dataclasses import replace

from aina_data_engine.job import Job, LastStep, Publication

REPLAY = "semantic-patch-replay"
PROPOSE = "propose-patches"
ACCEPT = "accept-patches"
REVERT = "revert-patches"
ACCURACY = "rule-accuracy"
INTAKE = "packet-hardening-intake"
FIXTURES = "caveat-fixtures"
RERUN = "source-ref-rerun"
MINING = "mine-holds"
REVIEW = "import-review"


REPLAY_PUBLICATION = Publication(
    REPLAY, "semantic_patch_replay_v1", "Semantic patch replay", "summary_counts", "validation"
)

EFFECTS = f"{REPLAY_PUBLICATION.stem}_patch_effects"
"""The table of the published database that has no file beside it."""

JOBS = {
    job.name: job
    for job in (
        Job(
            REPLAY,
            "Replay the patches and publish the lanes.",
            """
            Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs,
            sorts the rows into lanes, and publishes them under ROOT/artifacts/validation when every
            gate has passed. It runs `dbt build` on the project and prints a summary.
            """,
            ("", "--root DIR --vars '{strict: true}'"),
            reads=("inputs",),
            publishes=REPLAY_PUBLICATION,
        ),
        Job(
            PROPOSE,
            "Propose patches from the rules and the harvest.",
            """
            Harvests the sources under ROOT/inputs/harvest, matches every title against them, and
            writes the patches that the rules derive from both, in the log's own format, under
            ROOT/artifacts/proposals. The log is not changed: look at the file, edit it if you like,
            then accept it. A patch that the log already has is not proposed again.
            """,
            ("--root DIR --name round-1",),
            reads=("inputs", "harvest", "declined"),
            last_step=LastStep.PROPOSE,
        ),
        Job(
            ACCEPT,
            "Check a file of patches and add it to the log.",
            """
            Replays the log together with FILE in memory. If every patch of FILE applies, adds the
            new ones to ROOT/inputs/semantic_patches, under a file name not yet in use; with
            --partial, adds those that apply. Declined patches are left out and reported. A patch
            that was undone is added again, under a new id.
            """,
            ("--root DIR DIR/artifacts/proposals/round-1.jsonl",),
            reads=("inputs", "declined"),
            last_step=LastStep.ACCEPT,
        ),
        Job(
            REVERT,
            "Append patches that undo patches of the log.",
            """
            Appends to the log, for every title that the named patches affect, a patch that makes
            the title what it would be without them. Nothing is removed from the log, and an undo
            can itself be undone. FILE is a file of the log, given by its name or path, or by the
            path of the file that was accepted as it. The published replay must be of the current
            inputs.
            """,
            ("--root DIR --rule company_suffix", "--root DIR --file round-1.jsonl --id p17"),
            reads=("inputs", "replayed"),
            last_step=LastStep.REVERT,
        ),
        Job(
            ACCURACY,
            "Measure how accurate the title rules are.",
            """
            Cleans the labelled titles that ship with the project and prints, for each rule, how
            many come out exactly as a person wants them. A rule that has become worse fails a gate.
            """,
            ("",),
            reads=(),
            last_step=LastStep.MEASURE,
        ),
        Job(
            INTAKE,
            "Make intake packets from the packet hardening candidates.",
            """
            Verifies and reads the published lane of packet hardening candidates, and publishes one
            packet per learner title and occupation, with its evidence and its checks, marked ready
            or blocked.
            """,
            ("--root DIR",),
            reads=("log", "harvest"),
            lane="packet_hardening",
            publishes=Publication(
                INTAKE, "packet_hardening_intake_v1", "Packet hardening intake", "intake_counts"
            ),
        ),
        Job(
            FIXTURES,
            "Make runtime fixtures for the titles with a caveat.",
            """
            Verifies and reads the published lane of titles that are serviceable with a caveat, and
            publishes one runtime fixture per title, with what learners are told, and the JSON
            Schema of the fixtures.
            """,
            ("--root DIR",),
            reads=("harvest",),
            lane="serviceable_with_caveat",
            publishes=Publication(
                FIXTURES, "caveat_runtime_fixtures_v1", "Caveat runtime fixtures", "fixture_counts"
            ),
        ),
        Job(
            RERUN,
            "Find the best candidate of each title, and with --accept attach it.",
            """
            Verifies and reads the published lane of titles that have only candidates, looks up each
            candidate in the evidence, and publishes which one is best, the patch that attaches it,
            and the resulting lane. The log is changed only with --accept. A run with --accept that
            was stopped continues when the command is run again.
            """,
            ("--root DIR", "--root DIR --accept"),
            reads=("log", "harvest", "declined"),
            lane="source_ref_rerun",
            publishes=Publication(RERUN, "source_ref_rerun_v1", "Source-ref rerun", "rerun_counts"),
        ),
        Job(
            MINING,
            "Look for evidence for the titles on hold.",
            """
            Verifies and reads the published lane of holds, searches every source, and publishes
            what was found: patches to accept, a review sheet for a person to fill in, and a list of
            titles for which there is nothing. What a rule holds as no job is not put up for review;
            to have it reviewed, revert that patch.
            """,
            ("--root DIR", "--root DIR --xlsx review.xlsx"),
            reads=("log", "harvest", "declined"),
            lane="hold",
            publishes=Publication(MINING, "hold_mining_v1", "Hold mining", "mining_counts"),
        ),
        Job(
            REVIEW,
            "Make patches from a review sheet.",
            """
            Reads a review sheet of mine-holds that a person has filled in, as CSV, workbook or JSON
            lines: decision is a source_ref of the evidence, or none; reviewer is the person who
            decided. Writes the patches under ROOT/artifacts/proposals, to be accepted: the newest
            decision about a title replaces earlier ones. A row that cannot be used is reported with
            its line; the other rows still count.
            """,
            ("--root DIR filled-in.csv --name reviewed",),
            reads=("inputs", "harvest"),
            last_step=LastStep.IMPORT_REVIEW,
        ),
    )
}

PARTIAL = replace(JOBS[REPLAY], reads=("inputs", "harvest", "declined"))
"""The job of a run with hand-selected nodes: it may need any input, and publishes nothing."""

PUBLICATIONS = {name: job.publishes for name, job in JOBS.items() if job.publishes}
"""The publications, by job."""

STAGES = {job.lane: name for name, job in JOBS.items() if job.lane}
"""The job that each lane feeds."""
