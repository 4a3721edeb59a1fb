"""`make bench`: every benchmark after the other, each against a floor measured in the same run.

Prints ratios and writes bench/results.json. Absolute seconds depend on the machine and are only kept beside the ratio.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = ("linkage", "screening", "screening_growth", "whatif", "audit", "exchange", "month_of_a_city", "desk")


def main() -> int:
    """Runs each part as a process of its own, so that none inherits the other's memory."""
    for part in PARTS:
        print(f"== {part}", flush=True)
        done = subprocess.run([sys.executable, str(HERE / f"{part}.py"), *sys.argv[1:]], check=False)
        if done.returncode:
            return done.returncode
    results = {part: json.loads((HERE / f"results-{part}.json").read_text(encoding="utf-8")) for part in PARTS}
    results["machine"] = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    (HERE / "results.json").write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
