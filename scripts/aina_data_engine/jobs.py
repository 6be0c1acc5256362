"""The jobs, one list: from it come the commands, what each reads and publishes, the lanes' stages.

A job is also a selector of `selectors.yml`, which says what it builds.
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
"""The table of the published database that has no file."""

JOBS = {
    job.name: job
    for job in (
        Job(
            REPLAY,
            "Replay the patches and publish the lanes.",
            """
            Replays the patches of ROOT/inputs/semantic_patches over the title rows of ROOT/inputs,
            sorts the rows into lanes, and publishes them under ROOT/artifacts/validation when every
            gate has passed. It is `dbt build` on the project, with the output of a person's tool.
            """,
            ("", "--root DIR --vars '{strict: true}'"),
            reads=("inputs",),
            publishes=REPLAY_PUBLICATION,
        ),
        Job(
            PROPOSE,
            "Propose patches by rule and harvest.",
            """
            Harvests the sources under ROOT/inputs/harvest, matches every title against them, and
            writes what the rules make of both, in the log's own format, under
            ROOT/artifacts/proposals. The log is not touched: look at the file, edit it, then accept
            it. What the log has is not proposed again.
            """,
            ("--root DIR --name first",),
            reads=("inputs", "harvest", "declined"),
            last_step=LastStep.PROPOSE,
        ),
        Job(
            ACCEPT,
            "Check a file of patches and add it to the log.",
            """
            Replays the log with FILE in memory and adds what is new of it to
            ROOT/inputs/semantic_patches, under a name that no file has, when every patch of it
            applies; with --partial, what applies. What was declined is left out and named. A patch
            that was undone comes in again, under a new id.
            """,
            ("--root DIR DIR/artifacts/proposals/first.jsonl",),
            reads=("inputs", "declined"),
            last_step=LastStep.ACCEPT,
        ),
        Job(
            REVERT,
            "Append what undoes patches of the log.",
            """
            Appends to the log, for every title that the named patches have a part in, the patch
            that makes it what it would be without them. Nothing is taken out of the log, and an
            undo can be undone. FILE is a file of the log by its name or path, or what was accepted
            as it. The replay must be published and of these inputs.
            """,
            ("--root DIR --rule company_suffix", "--root DIR --file first.jsonl --id p17"),
            reads=("inputs", "replayed"),
            last_step=LastStep.REVERT,
        ),
        Job(
            ACCURACY,
            "Say how good the title rules are.",
            """
            Cleans the labelled titles that the project ships and says, by rule, how many come out
            exactly as a person wants them. A rule that has become worse fails a gate.
            """,
            ("",),
            reads=(),
            last_step=LastStep.MEASURE,
        ),
        Job(
            INTAKE,
            "Make intake packets of the packet hardening candidates.",
            """
            Reads the published lane of packet hardening candidates, verified, and publishes one
            packet per learner title and occupation, with its evidence and its checks, ready or
            blocked.
            """,
            ("--root DIR",),
            reads=("harvest",),
            lane="packet_hardening",
            publishes=Publication(
                INTAKE, "packet_hardening_intake_v1", "Packet hardening intake", "intake_counts"
            ),
        ),
        Job(
            FIXTURES,
            "Make runtime fixtures of the titles with a caveat.",
            """
            Reads the published lane that is serviceable with a caveat, verified, and publishes one
            runtime fixture a title, with what learners are told, and the JSON Schema of fixtures.
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
            "Attach the best candidate of each title.",
            """
            Reads the published lane of titles with candidates only, verified, looks each candidate
            up in the evidence, and publishes which one is best, the patch that attaches it, and the
            lane that follows. The log is not touched without --accept. A run with --accept that was
            stopped goes on when it is run again.
            """,
            ("--root DIR", "--root DIR --accept"),
            reads=("log", "harvest", "declined"),
            lane="source_ref_rerun",
            publishes=Publication(RERUN, "source_ref_rerun_v1", "Source-ref rerun", "rerun_counts"),
        ),
        Job(
            MINING,
            "Look for evidence of the titles that are held.",
            """
            Reads the published lane of holds, verified, looks in every source, and publishes what
            was found: patches to accept, a review sheet for a person to fill in, a list of the
            others.
            """,
            ("--root DIR", "--root DIR --xlsx review.xlsx"),
            reads=("log", "harvest", "declined"),
            lane="hold",
            publishes=Publication(MINING, "hold_mining_v1", "Hold mining", "mining_counts"),
        ),
        Job(
            REVIEW,
            "Make patches of a review sheet.",
            """
            Reads a review sheet of mine-holds that a person has filled in, as CSV, workbook or JSON
            lines: decision is a source_ref of the evidence, or none; reviewer is whose decision it
            is. Writes the patches under ROOT/artifacts/proposals, to be accepted: the newest
            decision about a title replaces the former ones. A row that cannot be taken is named
            with its line, the others count.
            """,
            ("--root DIR filled-in.csv --name reviewed",),
            reads=("inputs", "harvest"),
            last_step=LastStep.IMPORT_REVIEW,
        ),
    )
}

PARTIAL = replace(JOBS[REPLAY], reads=("inputs", "harvest", "declined"))
"""What a run is that picks nodes by itself: it may need any input, and publishes nothing."""

PUBLICATIONS = {name: job.publishes for name, job in JOBS.items() if job.publishes}
"""What is published, by job."""

STAGES = {job.lane: name for name, job in JOBS.items() if job.lane}
"""The job that each lane feeds."""
