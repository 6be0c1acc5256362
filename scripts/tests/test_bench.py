import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench.py"


def test_the_bench_compares_what_writes_the_same(tmp_path: Path) -> None:
    """A loop that left something out would be fast, and the comparison worthless."""
    command = [sys.executable, str(BENCH), "all", "300", "400", "1", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    table = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert [line.split(" ")[1] for line in table.splitlines()[4:8]] == [
        "floor",
        "hand",
        "jsonpatch",
        "engine",
    ]
    assert (tmp_path / "bench.svg").read_text(encoding="utf-8").count("<rect") == 4
