"""Starts a node's own program as a process, so that the core never imports what a node speaks with."""

from __future__ import annotations

import datetime as dt
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tsunagu.errors import EngineError, StateError
from tsunagu.purposes.waiting_answers import WaitingAnswer, read_answers


def node(arguments: Sequence[str]) -> int:
    """Runs `python -m tsunagu_node …` in the foreground; gives its exit code."""
    return subprocess.run(_command(arguments), check=False).returncode


def node_output(arguments: Sequence[str]) -> str:
    """The same, giving what it prints; EngineError with its exit code when it fails (its own message is shown)."""
    done = subprocess.run(_command(arguments), check=False, stdout=subprocess.PIPE, encoding="utf-8")
    _require_done(done.returncode)
    return done.stdout


def start_node(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """The same in the background; only its errors are shown."""
    return subprocess.Popen(_command(arguments), stdout=subprocess.DEVNULL)


class Requester:
    """A requester's node, asked for one run. folder: for what comes, of this run; more: options of its commands."""

    def __init__(self, holder_file: Path, on: dt.date, folder: Path, more: Sequence[str] = ()) -> None:
        self._file, self._on, self._folder, self._more = holder_file, on, folder, more

    def indicators(self) -> list[WaitingAnswer]:
        """What every holder answers of the indicators agreed; its own message and exit code where one does not."""
        out = self._folder / "indicators"
        self._run(["gather", str(self._file), "--on", self._on.isoformat(), "--out", str(out), *self._more])
        return read_answers(out)

    def names(self, tokens: Sequence[bytes]) -> list[WaitingAnswer]:
        """What holders say of who these persons are."""
        named, out = self._folder / "tokens.txt", self._folder / "names"
        named.write_text("".join(f"{token.hex()}\n" for token in tokens), encoding="ascii")
        given = ["names", str(self._file), str(named), "--on", self._on.isoformat(), "--out", str(out)]
        given += ["--reason", "notices"]
        self._run([*given, *self._more])
        return read_answers(out)

    def _run(self, arguments: Sequence[str]) -> None:
        node_output(arguments)


def _require_done(code: int) -> None:
    if code:
        error = EngineError(f"the node stopped with exit code {code}", to_do="See the message above.")
        error.exit_code = code
        raise error


def _command(arguments: Sequence[str]) -> list[str]:
    if importlib.util.find_spec("starlette") is None:
        raise StateError(
            "the node is not installed here (Starlette is missing)", to_do="Install it: pip install 'tsunagu[node]'."
        )
    return [sys.executable, "-m", "tsunagu_node", *arguments]
