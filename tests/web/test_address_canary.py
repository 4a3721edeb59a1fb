"""A planted address, and every byte that a run, an intake and a served desk leave behind or send: it is nowhere."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from postgresql import ADMINISTRATOR, DESK, a_cluster, program

from canary import hits
from fixed import ROOT
from two_worlds import HIDDEN, a_delivery, a_list

HIDDEN_ADDRESS = HIDDEN[0]
WORDS = ("星影台", "三丁目77番地")
# The control: the same programs with encryption taken out of the desk.
WITHOUT_SEAL = (
    "import tsunagu_web.addresses.vault as v; v.encrypt = lambda key, plain, bound_to: plain; "
    "import sys; from tsunagu_web.__main__ import main; sys.exit(main(sys.argv))"
)


@dataclass
class Traces:
    """A desk's folder, and everything its programs said."""

    home: Path
    environment: dict[str, str]
    said: list[bytes]

    def run(self, *command: str) -> None:
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.said.append(done.stdout)
        assert done.returncode == 0, done.stdout.decode()[-2000:]

    def places(self) -> list[Path | bytes]:
        return [self.home / "run", self.home / "desk", self.home / "tmp", *self.said]


@pytest.fixture
def traces(tmp_path: Path) -> Traces:
    """A run of a delivery with the planted address, and a desk that is told where key and list lie."""
    a_delivery(tmp_path / "extracts", HIDDEN_ADDRESS)
    a_list(tmp_path / "list.csv", ("2", "例村　剛"))
    (tmp_path / "tmp").mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TSUNAGU_")}
    environment = {
        **kept,
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "TMPDIR": str(tmp_path / "tmp"),
        "TSUNAGU_DESK": str(tmp_path / "desk"),
        "TSUNAGU_ADDRESS_KEY": str(tmp_path / "address.key"),
        "TSUNAGU_SUPPRESSION_LIST": str(tmp_path / "list.csv"),
    }
    made = Traces(tmp_path, environment, [])
    extracts, out, names = (str(tmp_path / n) for n in ("extracts", "run", "identity.key"))
    made.run(
        *(sys.executable, "-c", "from tsunagu.cli import main; main()", "run", "examples/hinode-city"),
        *("--extracts", extracts, "--on", "2026-09-30", "--out", out, "--key", names),
        *("--address-key", environment["TSUNAGU_ADDRESS_KEY"]),
    )
    return made


def _take_in(traces: Traces, *program: str) -> None:
    run, key = str(traces.home / "run"), str(traces.home / "identity.key")
    traces.run(sys.executable, *(program or ("-m", "tsunagu_web")), "intake", run, "--key", key)


@contextmanager
def _served(traces: Traces) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (traces.home / "served.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tsunagu_web", "serve", "--port", str(port)],
            env=traces.environment,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)
    traces.said.append((traces.home / "served.log").read_bytes())


def _asked(url: str) -> bytes:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read()) + str(answer.headers).encode()
        except urllib.error.HTTPError as error:
            return error.read() + str(error.headers).encode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the desk does not answer")


def test_it_is_nowhere_in_a_run_a_desk_its_logs_and_its_answers(traces: Traces) -> None:
    _take_in(traces)
    traces.run(sys.executable, "-m", "tsunagu_web", "audit-export", str(traces.home / "desk" / "log.jsonl"))
    with _served(traces) as desk:
        traces.said += [_asked(desk + path) for path in ("/login/", "/children/", "/no-such-page/", "/addresses/show/")]
        # While it runs, its database has a write-ahead log beside it.
        while_served = [hits(needle, traces.places()) for needle in (HIDDEN_ADDRESS, *WORDS)]
    assert while_served == [[], [], []]
    assert [hits(needle, traces.places()) for needle in (HIDDEN_ADDRESS, *WORDS)] == [[], [], []]
    assert hits(HIDDEN_ADDRESS, traces.home / "extracts"), "the scanner finds it where it was planted"
    kept = [p.name for p in (traces.home / "desk").iterdir()]
    assert "desk.sqlite3" in kept
    for path in (traces.home / "run", traces.home / "desk"):
        key = (traces.home / "address.key").read_text().split()[1]
        assert hits(key, path) == [], "nor is the key"


def test_without_the_seal_it_would_be_found_in_the_database(traces: Traces) -> None:
    _take_in(traces, "-c", WITHOUT_SEAL)
    assert any("desk.sqlite3" in place for place in hits(HIDDEN_ADDRESS, traces.home / "desk"))


@pytest.mark.postgresql
@pytest.mark.parametrize("is_sealed", [True, False], ids=["sealed", "the control"])
def test_it_is_nowhere_in_a_dump_of_postgresql(traces: Traces, is_sealed: bool) -> None:
    with a_cluster() as address:
        traces.environment["TSUNAGU_DATABASE_URL"] = address
        _take_in(traces, *(() if is_sealed else ("-c", WITHOUT_SEAL)))
        # As whoever makes the copies: row-level security does not hold for the administrator.
        everything = address.replace(DESK, ADMINISTRATOR)
        command = [program("pg_dump"), "--format=plain", everything]
        dump = subprocess.run(command, check=True, capture_output=True).stdout
    assert b"addresses_addressrow" in dump
    assert bool(hits(HIDDEN_ADDRESS, dump)) is not is_sealed
    assert len(dump) > 50_000
