"""What a person at the command line sees: a published replay, or one clear message."""

from conftest import RootDir, patch, row


def test_a_replay_publishes_lanes_and_keeps_what_it_cannot_take(root: RootDir) -> None:
    root.title_rows(row("t1", salary="x"), row("t2"), "not JSON", row("t3", source_refs=[]))
    root.patches(patch("p1", "t2"), patch("p2", "nobody"))
    ended = root.replay()
    assert ended.status == 0, ended.err
    lanes = {r["title_id"]: r["runtime_lane"] for r in root.records()}
    assert lanes == {"t1": "packet_hardening", "t2": "serviceable_with_caveat", "t3": "hold"}
    assert root.summary()["quarantine_counts"] == {"title_rows": 1, "semantic_patches": 0}
    assert root.summary()["patch_outcome_counts"]["orphaned"] == 1


def test_a_failed_gate_publishes_nothing_and_names_the_gate(root: RootDir) -> None:
    root.title_rows(row("t1"), "not JSON")
    ended = root.replay("--vars", "{strict: true}")
    assert ended.status == 1
    assert "strict_no_quarantined_lines" in ended.err
    assert not root.published("").exists()


def test_a_root_without_inputs_is_told_what_belongs_there(root: RootDir) -> None:
    ended = root.replay()
    assert ended.status == 2
    assert "inputs/title_rows.jsonl" in ended.err
    assert "Traceback" not in ended.err
