"""Nodes made by the commands that people call, and `serve` as a process whose console a test reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixed import ROOT
from nodes import free_port, wait_until

CITY = ROOT / "examples" / "hinode-city"
EXTRACTS = "shukketsu,gakumu,school_roster"


def ran(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of the node in a process of its own, to its end."""
    return subprocess.run(
        _command(arguments), env=_environment(), check=False, capture_output=True, encoding="utf-8", timeout=120
    )


def done(*arguments: object) -> str:
    """What a command prints that is to succeed."""
    end = ran(*arguments)
    assert end.returncode == 0, end.stderr
    return end.stdout


def a_node(folder: Path, organisation: str, *more: str, port: int = 0) -> Path:
    """A new node's file. port: where it listens; none: nowhere."""
    file = folder / organisation / "HOLDER.toml"
    given = ["--organisation", organisation, "--ja", "課", "--en", "Division", "--city", str(CITY)]
    listen = ["--listen", f"127.0.0.1:{port}"] if port else []
    done("new", file, *given, *listen, *more)
    return file


def published(folder: Path, *organisations: str) -> None:
    """The directory with these, and the authorities, where the nodes look for them."""
    entries = [part for one in organisations for part in ("--entry", folder / one / "entry.json")]
    if not (folder / "keeper.key").exists():
        done("keeper-key", folder / "keeper.key")
    done("directory", folder / "directory.json", *entries, "--key", folder / "keeper.key")
    certificates = [(folder / one / "tls" / "authority.pem").read_bytes() for one in organisations]
    (folder / "authorities.pem").write_bytes(b"".join(certificates))


def two_nodes(folder: Path) -> Path:
    """The file of a holder that listens and is known, beside a centre that is known too."""
    file = a_node(folder, "school-board", "--extracts", EXTRACTS, port=free_port())
    a_node(folder, "child-centre", port=free_port())
    published(folder, "school-board", "child-centre")
    return file


class Serving:
    """`tsunagu node serve` in the background. said: its console so far."""

    def __init__(self, file: Path, *more: str, said: Path) -> None:
        self._said = said
        with said.open("wb") as written:
            self.process = subprocess.Popen(
                _command(["serve", file, *more]), env=_environment(), stdout=written, stderr=subprocess.STDOUT
            )

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        def there() -> bool:
            assert words in self.said() or self.process.poll() is None, f"the node stopped: {self.said()}"
            return words in self.said()

        wait_until(there)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=30)


@contextmanager
def serving(file: Path, *more: str, ready: str = "answers at") -> Iterator[Serving]:
    """A node that has said so much; ended with the block."""
    node = Serving(file, *more, said=file.parent.parent / f"{file.parent.name}.said")
    try:
        node.wait_for(ready)
        yield node
    finally:
        node.end(signal.SIGKILL)


def _command(arguments: object) -> list[str]:
    assert isinstance(arguments, list | tuple)
    return [sys.executable, "-m", "tsunagu_node", *(str(one) for one in arguments)]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}
