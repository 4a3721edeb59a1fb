"""Starts the desk's own program as a process, so that the core never imports a web framework."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tsunagu.errors import EngineError, StateError


def desk(arguments: Sequence[str], *, folder: Path) -> int:
    """Runs `python -m tsunagu_web …` with the desk's folder, in the foreground; gives its exit code."""
    return subprocess.run(_command(arguments), env=_environment(folder), check=False).returncode


def desk_output(arguments: Sequence[str], *, folder: Path) -> str:
    """The same, giving what it prints; EngineError with the exit code when it fails (its own message is shown)."""
    done = subprocess.run(
        _command(arguments), env=_environment(folder), check=False, stdout=subprocess.PIPE, encoding="utf-8"
    )
    if done.returncode:
        error = EngineError(f"the desk stopped with exit code {done.returncode}", to_do="See the message above.")
        error.exit_code = done.returncode
        raise error
    return done.stdout


def start_desk(arguments: Sequence[str], *, folder: Path) -> subprocess.Popen[bytes]:
    """The same in the background; only its errors are shown."""
    return subprocess.Popen(_command(arguments), env=_environment(folder), stdout=subprocess.DEVNULL)


def _command(arguments: Sequence[str]) -> list[str]:
    if importlib.util.find_spec("django") is None:
        raise StateError(
            "the desk is not installed here (Django is missing)", to_do="Install it: pip install 'tsunagu[web]'."
        )
    return [sys.executable, "-m", "tsunagu_web", *arguments]


def _environment(folder: Path) -> dict[str, str]:
    # What is set outside wins, so that a city's own settings reach the desk through this command too.
    return {"TSUNAGU_DESK": str(folder), **os.environ}
