"""Starts a node's own program as a process, so that the core never imports what a node speaks with."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tsunagu.errors import EngineError, StateError, TsunaguError
from tsunagu.purposes.waiting_answers import WaitingAnswer, read_answers


class ToldByTheNode(TsunaguError):
    """What the node's own program has told on this console: its exit code is passed on, and nothing is said again."""

    def __init__(self, exit_code: int) -> None:
        super().__init__("")
        self.exit_code = exit_code


def node(arguments: Sequence[str]) -> int:
    """Runs `python -m tsunagu_node …` in the foreground; gives its exit code, where it comes back.

    Where the system can, that program takes the place of this one: whoever ends the process that was called ends the
    node, however it is done.
    """
    command = _command(arguments)
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def node_output(arguments: Sequence[str]) -> str:
    """The same as a process of its own, giving what it prints; ToldByTheNode when it fails, as its message is shown."""
    done = subprocess.run(_command(arguments), check=False, stdout=subprocess.PIPE, encoding="utf-8")
    _require_done(done.returncode)
    return done.stdout


def start_node(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """As a process of its own in the background; only its errors are shown."""
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
    if code < 0:
        raise EngineError(f"the node's program was ended by signal {-code}", to_do="Call it again.")
    if code:
        raise ToldByTheNode(code)


def _command(arguments: Sequence[str]) -> list[str]:
    if importlib.util.find_spec("starlette") is None:
        raise StateError(
            "the node is not installed here (Starlette is missing)", to_do="Install it: pip install 'tsunagu[node]'."
        )
    return [sys.executable, "-m", "tsunagu_node", *arguments]
