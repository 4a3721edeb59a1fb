"""A node beside each desk, as a process of its own with keys of its own, that carries hand-overs over TLS."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nodes import free_port, wait_until
from tsunagu.cli.node import node_output, start_node

CITY = Path(__file__).parents[2] / "examples" / "hinode-city"


@dataclass
class CarryingNodes:
    """Nodes made in a folder, known to each other by a directory.

    kept  organisation -> the file in which its desk keeps hand-overs, and the key of it
    """

    folder: Path
    kept: Mapping[str, tuple[Path, Path]]

    def __post_init__(self) -> None:
        self._ports = {own: free_port() for own in self.kept}
        for own, (store, key) in self.kept.items():
            given = ["--organisation", own, "--ja", own, "--en", own, "--city", str(CITY)]
            node_output(["new", str(self._file(own)), *given, "--listen", f"127.0.0.1:{self._ports[own]}"])
            with self._file(own).open("a", encoding="utf-8") as file:
                file.write(f'handovers = "{store}"\nhandovers_key = "{key}"\n')
        entries = [part for own in self.kept for part in ("--entry", str(self.folder / own / "entry.json"))]
        directory, keeper = str(self.folder / "directory.json"), str(self.folder / "keeper.key")
        node_output(["keeper-key", keeper])
        node_output(["directory", directory, *entries, "--key", keeper])
        authorities = [(self.folder / own / "tls" / "authority.pem").read_bytes() for own in self.kept]
        (self.folder / "authorities.pem").write_bytes(b"".join(authorities))

    @contextmanager
    def serving(self, own: str) -> Iterator[None]:
        """`tsunagu node serve` of an organisation, until the end of the block."""
        process = start_node(["serve", str(self._file(own))])
        try:
            wait_until(lambda: self._answers(own, process))
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)

    def _answers(self, own: str, process: subprocess.Popen[bytes]) -> bool:
        assert process.poll() is None, f"the node of {own} stopped"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._ports[own])) == 0

    def _file(self, own: str) -> Path:
        return self.folder / own / "HOLDER.toml"
