"""The same promises on PostgreSQL: every test of the desk once more, on a server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from postgresql import a_cluster

HERE = Path(__file__).parent


@pytest.mark.postgresql
def test_every_promise_of_the_desk_holds_on_postgresql() -> None:
    with a_cluster() as address:
        command = [sys.executable, "-m", "pytest", str(HERE), "-q", "-p", "no:cacheprovider", "-m", "not postgresql"]
        environment = {**os.environ, "TSUNAGU_DATABASE_URL": address}
        done = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, cwd=HERE.parents[1]
        )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
