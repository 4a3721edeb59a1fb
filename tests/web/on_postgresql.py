"""The same promises on PostgreSQL: every test of the desk once more, on a server of its own.

`make unit` starts this.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from postgresql import a_cluster

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Runs pytest with these arguments, each worker with a database of its own; gives its exit code."""
    try:
        with a_cluster() as address:
            return subprocess.run(
                [sys.executable, "-m", "pytest", *(arguments or [str(HERE)])],
                env={**os.environ, "TSUNAGU_DATABASE_URL": address},
                check=False,
            ).returncode
    except pytest.fail.Exception as why:  # with CI=true a missing server is a failure
        sys.stderr.write(f"{why}\n")
        return 1
    except pytest.skip.Exception as why:
        sys.stderr.write(f"left out: {why}\n")
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
