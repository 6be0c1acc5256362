"""A root that has been through the most expensive stages, made once for tests of several files."""

import fcntl
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from conftest import Ended, RootDir, patch, row, run_engine, shared_cache

HOSTILE = (
    "\x1b]0;pwned\x07\x1b[2J\x9b31m\x7f\u202eabc\u2066\u200b\u2028\u00ad\ufeff\U000e0041|`<b>é"
)
"""A window's title, a cleared screen, both forms of CSI, turned text, what hides, what marks up."""
NAME = HOSTILE.replace("/", "")
SCRIPT = "</script><script>document.title = 'taken'</script><img src=x onerror=alert(1)> Nurse"

PRINTED = [
    row("t1", source_title=f"Cook - {HOSTILE}", company=HOSTILE, location=HOSTILE),
    row(f"t2 {HOSTILE}", source_title=f"Roofer (m/w/d) {HOSTILE}", source_refs=[HOSTILE]),
    row(f"t3 {HOSTILE}", source_title=f"Roofer / Barber {HOSTILE}", source_refs=[]),
    row("t4", source_title=f"Associate {HOSTILE}", source_refs=[], hold_reason=HOSTILE),
    row("t5", source_title="Roofer", source_refs=[], candidate_source_refs=["bls_ooh:roofers"]),
    f'{{"title_id": "{NAME}"}}',
]
"""Titles of `test_output.py`; the last is none."""
SHOWN = {
    'a "quoted" <b>\u0007\u2028': ("Sales Associate\u202e", "<b>Soma</b>"),
    "b": (SCRIPT, ""),
    "c": ("Nurse Manager of the Ward", "Soma & Sons"),
    "d": ("Associate", ""),
    "e": ("Pastry Chef", ""),
    # No other title has its words, so none supports one of its occupations.
    "f": ("Glim Zitherist", ""),
}
"""Titles and employers of `test_pages.py`."""
AGREES = {"source_title": "Cooks", "candidate_source_refs": ["bls_ooh:cooks", "?:2"]}
STRANGE = {"source_title": "Xylomancer", "candidate_source_refs": ["?:1", "bls_ooh:cooks"]}
STAGED = {
    "declined held": {"source_title": "Health Manager"},
    "declined near": {"source_title": "Roofer", "candidate_source_refs": ["bls_ooh:roofers"]},
    # A candidate that does not agree with its title is not attached.
    "strange": STRANGE,
    "strange and unknown": STRANGE | {"candidate_source_refs": ["?:1"]},
    "strange with a caveat": STRANGE | {"caveats": ["near_evidence_only"]},
    "agrees": AGREES,
    "agrees with a caveat": AGREES | {"caveats": ["generic_title"], "occupation_code": "x"},
    "agrees with a rejected patch": AGREES,
}
"""Titles of `test_decisions.py`."""
ONET = {
    "Occupation Data": (
        "O*NET-SOC Code\tTitle\tDescription",
        "43-4051.00\tReceptionists\tx",
        "43-6013.00\tSecretaries\tx",
        "11-9111.00\tHealth Managers\tx",
    ),
    "Alternate Titles": (
        "O*NET-SOC Code\tAlternate Title\tShort Title\tSource(s)",
        "43-4051.00\tGlim Zitherist\tn/a\t08",
        "43-6013.00\tGlim Zitherist\tn/a\t08",
        # Two spellings of one key: which of them is reported does not depend on the order of rows
        # or threads.
        "11-9111.00\tWard Managers\tn/a\t08",
        "11-9111.00\tWard Manager\tn/a\t08",
    ),
}
COMMANDS: list[tuple[int, tuple[str, ...]]] = [
    (1, ("semantic-patch-replay", "--vars", "{strict: true}")),
    (0, ("failing-rows", "strict_no_quarantined_lines")),
    (0, ("failing-rows", "strict_no_quarantined_lines", "--json")),
    (2, ("failing-rows", HOSTILE)),
    (0, ("semantic-patch-replay",)),
    (0, ("propose-patches", "--name", "first")),
    (0, ("status",)),
    (0, ("mine-holds",)),
    (0, ("source-ref-rerun",)),
]
"""What makes it, with the status of each; then a review of `SHEET` comes in."""
LINES_OF_A_SHEET = {
    f'"{HOSTILE}",none,x,y,': "",
    "nobody,bls_ooh:cooks,a curator,,": "nobody: there is no such title",
    "t1,bls_ooh:cooks,,,": "t1: no reviewer is named",
    "t4,onet:0,a curator,,": "t4: onet:0 is neither a source_ref of the evidence nor none",
    "t5,none": "2 fields",
}
"""Lines that cannot be taken, with what is told of each."""
SHEET = "\n".join([f'title_id,decision,reviewer,note,"{HOSTILE}"', *LINES_OF_A_SHEET]) + "\n"


def mined(place: Path) -> RootDir:
    """Return a copy of the root, whose name is hostile too."""
    shared = shared_cache() / "mined"
    with (shared_cache() / "mined.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "told.json").exists():
            told = make(RootDir(shared / f"it's {NAME}"))
            (shared / "told.json").write_text(json.dumps([asdict(ended) for ended in told]))
    shutil.copytree(shared, place, symlinks=True)
    return RootDir(place / f"it's {NAME}")


def told_of(root: RootDir) -> list[Ended]:
    """Return the result of each command, and of the review."""
    text = (root.path.parent / "told.json").read_text()
    return [Ended(**ended) for ended in json.loads(text)]


def make(root: RootDir) -> list[Ended]:
    """Make it with dbt alone: results from notes are compared with it."""
    shown = (
        {"title_id": name, "source_title": title, "company": company, "location": "Boston"}
        for name, (title, company) in SHOWN.items()
    )
    staged = ({"title_id": name, **title} for name, title in STAGED.items())
    root.title_rows(*PRINTED, *shown, *staged)
    root.patches(
        patch(f"p1 {HOSTILE}", "t1", author=f"rule:{HOSTILE}", reason=HOSTILE),
        patch("p2", f"t {HOSTILE}", author=HOSTILE),
        patch("p3", "agrees with a rejected patch", {"op": "remove", "path": "/caveats"}),
        f"not JSON {HOSTILE}",
        name=f"{NAME}.jsonl",
    )
    for name, lines in ONET.items():
        root.write(f"harvest/onet/{name}.txt", ("\n".join(lines) + "\n").encode())
    told = []
    for status, command in COMMANDS:
        ended = run_engine("--root", str(root.path), *command, anew=True)
        assert ended.status == status, (command, ended)
        told.append(ended)
    filled = root.path.parent / f"{NAME}.csv"
    filled.write_text(SHEET)
    review = ("import-review", str(filled))
    return [*told, run_engine("--root", str(root.path), *review, anew=True)]
