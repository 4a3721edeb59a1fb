"""What tests need that kill a process at its n-th system call."""

from __future__ import annotations

import os
import shutil

import pytest


def needs_strace() -> None:
    """Leaves a test out on a developer's machine without strace; with CI=true it fails there and says why."""
    if shutil.which("strace") is None:
        assert os.environ.get("CI") != "true", "strace is missing: .ci/system-packages installs it"
        pytest.skip("strace is not here; on Debian: apt-get install strace")
