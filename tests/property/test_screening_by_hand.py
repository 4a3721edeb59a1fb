"""A third opinion: the same criteria written by hand for one day, on a generated city."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_compiled_text_and_the_hand_written_one_agree(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    command = [
        sys.executable,
        str(ROOT / "bench" / "screening.py"),
        "--children",
        "3000",
        "--rounds",
        "1",
        "--out",
        str(out),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(out.read_text(encoding="utf-8"))
    assert (result["judgments_differing"], result["reasons_differing"]) == (0, 0)
    assert result["reasons"] > 1000
