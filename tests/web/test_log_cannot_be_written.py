"""When the log cannot be written, for real causes: nothing is shown, nothing is changed, and the person is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

PROGRAM = Path(__file__).with_name("log_faults.py")
CAUSES = {
    "sqlite": ("full_disk", "locked_file", "read_only", "broken_trigger"),
    "postgresql": ("locked_chain", "locked_table", "slow_statement", "read_only", "broken_trigger"),
}


@pytest.mark.parametrize("place", range(5))
def test_nothing_is_shown_and_the_person_is_told(place: int, environment: dict[str, str], tmp_path: Path) -> None:
    causes = CAUSES[connection.vendor]
    if place >= len(causes):
        return  # SQLite has four ways to fail, PostgreSQL five
    paths = [str(PROGRAM.parents[1]), str(PROGRAM.parents[2] / "src"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), causes[place], str(tmp_path)],
        env={**environment, "PYTHONPATH": os.pathsep.join(paths)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("before") == 200
    assert told.pop("after") == [200, 302], "once it can be written again, all goes on"
    assert told.pop("decisions") == 0
    assert "whole" in done.stdout
    told.pop("rows")
    assert told == {asked: [503, False, True] for asked in ("child", "list", "search", "refused", "decide")}
