"""The pages on which a person decides, as text and in a browser.

The browser is the system's own Chromium; without one, the tests that need it are skipped.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import STEM, RootDir, run_engine
from mined import mined as mined_root
from test_asking import Page

from aina_data_engine.load import SCHEMA
from aina_data_engine.review_page import _digest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootDir:
    """Return a root whose titles are on hold, and mined."""
    return mined_root(tmp_path_factory.mktemp("pages") / "mined")


def run(root: RootDir, *command: str) -> str:
    ended = run_engine("--root", str(root.path), *command)
    assert ended.status == 0, ended.err
    return ended.out


def mined(root: RootDir, name: str) -> Path:
    return (root.path / "artifacts" / "mine-holds" / f"hold_mining_v1{name}").resolve()


def proposed(root: RootDir, name: str) -> Path:
    return root.path / "artifacts" / "proposals" / name


def sheet(root: RootDir) -> list[dict]:
    return records(mined(root, "_review.jsonl"))


def records(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def test_the_review_page_asks_what_the_sheet_asks_and_tells_nothing_more(root: RootDir) -> None:
    text = mined(root, "_review.html").read_text(encoding="utf-8")
    page = Page(text)
    asked = [json.loads(a["data-question"]) for _, a in page.tags if "data-question" in a]
    rows = sheet(root)
    assert [one["title_id"] for one in asked] == [row["title_id"] for row in rows]
    for one, row in zip(asked, rows, strict=True):
        assert one["title"] == row["title"]
        assert sorted(one["choices"]) == row["choices"]
    assert any(one["choices"] != sorted(one["choices"]) for one in asked)
    assert "score" not in text
    assert "verdict" not in text
    untouched = str(mined(root, "_review.jsonl"))
    assert run(root, "import-review", untouched) == "The sheet has no new decision.\n"


def test_a_review_page_is_another_one_once_the_log_has_changed() -> None:
    """A decision that was undone is asked again; the browser must not answer it."""
    digests = set()
    for log in ("", "('semantic_patches', 'a', 1, 'x')", "('semantic_patches', 'a', 1, 'y')"):
        with duckdb.connect() as connection:
            connection.execute(SCHEMA)
            if log:
                connection.execute(f"insert into inputs.files values {log}")
            digests |= {_digest(connection, asked) for asked in ([], [{"title_id": "t1"}])}
    assert len(digests) == 6


@pytest.mark.parametrize("name", ["mine-holds/hold_mining_v1_review", "proposals/first"])
def test_a_page_lets_no_script_run_but_its_own(root: RootDir, name: str) -> None:
    text = (root.path / "artifacts" / f"{name}.html").read_text(encoding="utf-8")
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not {"img", "link", "iframe", "object", "b"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    (policy,) = (a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/]+='", policy)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", text)


def test_a_proposal_says_what_matched_and_what_came_second(root: RootDir) -> None:
    def told(title: str) -> dict[str, str]:
        found = json.loads(run(root, "explain", title, "--json"))["proposals"]
        return {one["author"]: one["reason"] for one in found}

    one = r"(Receptionists|Secretaries) \(Glim Zitherist, score 0\.\d+\)"
    reason = told("f")["rule:near_evidence"]
    assert re.search(f"; the first is {one}, second {one}\\.$", reason)
    # A choice that is listed once is not ambiguous because its words are found too.
    near = told("e")
    assert near["rule:near_evidence"].startswith("The evidence is not sure of the title; the ")
    assert "nearest is Chefs and head cooks (Pastry Chef, score 0.9" in near["rule:near_evidence"]
    assert "rule:ambiguity" not in near
    # The Handbook lists it, though O*NET does not.
    assert ("rule:uncertainty" in near, "rule:near_only" in near) == (True, False)
    assert "Health Managers (Ward Manager, score 0." in told("c")["rule:near_evidence"]
    page = Page(proposed(root, "first.html").read_text(encoding="utf-8")).text
    text = run(root, "explain", "f")
    assert reason in page
    assert f"      rule:near_evidence: {reason}\n" in text


def test_a_stage_has_a_page_with_rows_of_each_of_its_files(root: RootDir) -> None:
    page = Page(mined(root, ".html").read_text(encoding="utf-8"))
    for resource in json.loads(mined(root, ".json").read_text(encoding="utf-8"))["resources"]:
        assert resource["path"] in page.text
        if resource.get("rows"):
            assert f"{min(resource['rows'], 5)} of {resource['rows']:,}" in page.text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Open the system's browser, once."""
    if not CHROMIUM:
        pytest.skip("no browser is installed: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def pages_of(root: RootDir) -> list[Path]:
    return [
        root.published(f"{STEM}.html"),
        mined(root, "_review.html"),
        mined(root, ".html"),
        proposed(root, "first.html"),
    ]


@pytest.fixture(scope="module")
def view(browser: Any) -> Iterator[Any]:
    """Open a page that shows one page after another; opening each costs as much as a test."""
    view = browser.new_page()
    yield view
    view.close()


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_anybody(root: RootDir, view: Any, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    view.emulate_media(color_scheme=scheme)
    view.set_viewport_size({"width": width, "height": 800})
    errors: list[str] = []
    view.on("pageerror", lambda error: errors.append(str(error)))
    for path in pages_of(root):
        view.goto(path.as_uri())
        for details in view.query_selector_all("details"):
            details.evaluate("found => found.open = true")
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name
        found = axe.run(view).response["violations"]
        assert not [(v["id"], v["nodes"][0]["html"]) for v in found], path.name
        assert errors == []
        assert view.title() != "taken"


def wait_until(view: Any, told: str) -> None:
    """Wait for a page's result; its policy blocks the driver's own way to wait."""
    for _ in range(600):
        if view.evaluate(told):
            return
        view.wait_for_timeout(50)
    raise AssertionError(told)


def opened_anew(view: Any) -> Any:
    """Open the page in another tab, which finds what this one has kept.

    A browser stores that when it likes, and occasionally loses what was kept a moment before, which
    is not the page's concern. So the other tab is given what this one kept before its script runs.
    """
    kept = json.dumps(view.evaluate("Object.entries(localStorage)"))
    other = view.context.new_page()
    other.add_init_script(f"for (const one of {kept}) localStorage.setItem(...one);")
    other.goto(view.url)
    view.close()
    return other


def test_a_review_is_made_by_keys_alone_and_taken_in(
    root: RootDir, browser: Any, tmp_path: Path
) -> None:
    rows = {row["title_id"]: row for row in sheet(root)}
    context = browser.new_context(accept_downloads=True)
    view = context.new_page()
    view.goto(mined(root, "_review.html").as_uri())
    asked = [
        json.loads(q)
        for q in view.evaluate(
            "[...document.querySelectorAll('[data-question]')].map((row) => row.dataset.question)"
        )
    ]
    keys = view.keyboard
    wanted = {}
    for place, question in enumerate(asked):
        if place == 0:
            keys.press("1")
            wanted[question["title_id"]] = question["choices"][0].split(" = ")[0]
        elif place == 1:
            keys.press("t")
            keys.type("Not a job: n, s, 1.")
            keys.press("Escape")
            keys.press("n")
            wanted[question["title_id"]] = "none"
        elif place == 2:
            keys.press("/")
            keys.type("oncology nurse")
            assert "Registered nurses (bls_ooh:registered-nurses): Oncology Registered Nurse" in (
                view.inner_text("#found")
            )
            view.fill("#search", "registered nurses")
            keys.press("Enter")
            wanted[question["title_id"]] = "bls_ooh:registered-nurses"
        else:
            keys.press("s")
    assert len(wanted) == 3
    view = opened_anew(view)
    keys = view.keyboard
    assert "3 decided" in view.inner_text("#progress")
    # What the browser keeps for this sheet decides no title of another.
    other = tmp_path / "other.html"
    text = mined(root, "_review.html").read_text(encoding="utf-8")
    other.write_text(re.sub('(data-digest=")[0-9a-f]{64}"', r'\1other"', text), encoding="utf-8")
    kept = json.dumps(view.evaluate("Object.entries(localStorage)"))
    another = context.new_page()
    another.add_init_script(f"for (const one of {kept}) localStorage.setItem(...one);")
    another.goto(other.as_uri())
    assert ": 0 decided, 0 skipped" in another.inner_text("#progress")
    another.close()
    keys.press("w")
    keys.type("Pat")
    keys.press("Escape")
    with view.expect_download() as download:
        keys.press("w")
    filled = tmp_path / "filled.jsonl"
    download.value.save_as(filled)
    context.close()
    written = {line["title_id"]: line for line in map(json.loads, filled.open(encoding="utf-8"))}
    assert {name: line["decision"] for name, line in written.items()} == wanted
    for name, line in written.items():
        assert line["title"] == rows[name]["title"]
        assert line["reviewer"] == "Pat"
    told = run(root, "import-review", str(filled), "--name", "by_keys")
    assert "3 patches" in told
    assert "left out" not in told
    patches = records(proposed(root, "by_keys.jsonl"))
    assert {patch["title_id"]: patch["evidence_ref"] for patch in patches} == wanted
    assert any("Not a job: n, s, 1." in patch["reason"] for patch in patches)


def test_proposals_are_decided_by_rule_and_singly_and_both_files_are_taken_in(
    root: RootDir, browser: Any, tmp_path: Path
) -> None:
    file = proposed(root, "first.jsonl")
    patches = records(file)
    shutil.copytree(root.path, tmp_path / "root", symlinks=True)
    context = browser.new_context(accept_downloads=True)
    view = context.new_page()
    view.goto(file.with_suffix(".html").as_uri())
    keys = view.keyboard
    rules = view.evaluate("rules.map((rule) => rule.id)")
    assert set(rules) == {patch["author"] for patch in patches}
    for _ in range(len(rules) + len(patches)):
        keys.press("ArrowDown")
        if view.evaluate("here().isRule"):
            keys.press("a")
    # The last patch of the page is declined, although its rule is accepted.
    keys.press("d")
    declined = view.evaluate("here().id")
    view = opened_anew(view)
    keys = view.keyboard
    told = view.inner_text("#progress")
    assert f"{len(rules)} of {len(rules)} rules decided, and 1 single" in told
    keys.press("w")
    assert "Choose the file" in view.inner_text("#wrong")
    edited = tmp_path / "edited.jsonl"
    edited.write_bytes(file.read_bytes().replace(b"Roofer", b"Reefer"))
    assert edited.stat().st_size == file.stat().st_size
    view.set_input_files("#file", edited)
    view.focus("#write")
    keys.press("w")
    wait_until(view, "$('wrong').textContent.includes('not the file')")
    view.set_input_files("#file", file)
    saved: list[Any] = []
    view.on("download", lambda download: saved.append(download))
    view.focus("#write")
    keys.press("w")
    wait_until(view, "$('progress').textContent.includes('declined, of')")
    for _ in range(600):
        if len(saved) < 2:
            view.wait_for_timeout(50)
    assert len(saved) == 2
    for download in saved:
        download.save_as(tmp_path / download.suggested_filename)
    context.close()
    accepted = tmp_path / "first-accepted.jsonl"
    assert accepted.read_bytes().splitlines() == [
        line
        for line, patch in zip(file.read_bytes().splitlines(), patches, strict=True)
        if patch["patch_id"] != declined
    ]
    assert [p["patch_id"] for p in records(tmp_path / "first-declined.jsonl")] == [declined]
    other = RootDir(tmp_path / "root")
    run(other, "decline-patches", str(tmp_path / "first-declined.jsonl"), "--reviewer", "Pat")
    assert "Accepted" in run(other, "accept-patches", str(accepted), "--partial")
