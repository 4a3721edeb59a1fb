"""`tsunagu demo`: an invented city, the whole flow, the desk with one account per role."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tsunagu.cli.desk import desk, desk_output, start_desk
from tsunagu.cli.distributed import Town
from tsunagu.cli.nodes_run import Asking, run_nodes
from tsunagu.cli.patterns import Pattern
from tsunagu.cli.ports import free_port
from tsunagu.cli.progress import progress
from tsunagu.errors import EngineError, StateError
from tsunagu.example_city.city import write_example_city
from tsunagu.example_city.sharing import REQUESTER
from tsunagu.municipality import load_city, require_approved
from tsunagu.pipeline import Order, Report, run_city
from tsunagu.runs.crypt import create_key, read_key

ON = dt.date(2026, 9, 30)
MONTHS = 12
SEED = 20260930
_WAIT_S = 60


def open_demo(*, children: int, port: int, city: Path, folder: Path, stop: bool, pattern: Pattern) -> int:
    """Makes what is not there yet, then serves until Ctrl-C; gives the exit code.

    children  size of the city; each size has a folder of its own, and a finished one is opened again as it was
    stop      stop once the desk has answered (for checks)
    pattern   each has folders of its own; the extracts are the same
    """
    port = port or free_port()
    _require_port(port)
    home = folder / (str(children) if pattern is Pattern.TOGETHER else f"{children}-{pattern}")
    with progress() as report:
        key, address_key = _key(home / "identity.key"), _key(home / "address.key")
        if not (home / "extracts").exists():
            print(f"Making an invented city of {children:,} children in {home} …", flush=True)
            _make_whole(home, children, report)
        if not (home / "run").exists() and pattern is Pattern.DISTRIBUTED:
            _run_distributed(home, city, key, children)
        elif not (home / "run").exists():
            print("Running the flow: extracts → links → indicators → screening → run folder …", flush=True)
            loaded = load_city(city, with_programmes=True)
            require_approved(city, loaded.criteria_path, loaded.criteria)
            counts = run_city(loaded, Order(home / "extracts", ON, home / "run", key, address_key), report)
            (home / "counts.txt").write_text("\n".join(counts.lines()) + "\n", encoding="utf-8")
    print((home / "counts.txt").read_text(encoding="utf-8").rstrip(), flush=True)
    desk_folder = (home / "desk").absolute()
    _give_the_desk_its_list_key_and_city(home.absolute(), city.absolute())
    print("Taking the run into the desk …", flush=True)
    taken = desk_output(
        ["intake", str((home / "run").absolute()), "--key", str((home / "identity.key").absolute())], folder=desk_folder
    )
    print(taken.rstrip(), flush=True)
    print("Adding invented decisions, cases and notes of the last months …", flush=True)
    # 8,000 open cases in a city of 60,000 children.
    history = ["demo-history", "--everybody-is-invented", "--cases", str(round(children * 8 / 60))]
    if code := desk(history, folder=desk_folder):
        return code
    accounts = desk_output(["demo-accounts"], folder=desk_folder)
    # A demo that is told to end (not only by Ctrl-C) takes its server with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = start_desk(["serve", "--port", str(port)], folder=desk_folder)
    try:
        _wait_until_it_answers(server, port)
        print(f"\nThe desk answers at http://localhost:{port}/\n", flush=True)
        print(_as_table(accounts), flush=True)
        print("Signing in asks for the password and then for a code. Let an authenticator app make the code from the")
        print(f"secret, or ask here, in another window: {_program()} desk totp SECRET\n", flush=True)
        if stop:
            return 0
        print("Stop with Ctrl-C. Decisions are kept for the next start.", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait(timeout=20)


def _run_distributed(home: Path, city: Path, key: bytes, children: int) -> None:
    """Six holders and the office that judges, each a process of its own; the run is made of what they answer."""
    nodes = home / "nodes"
    shutil.rmtree(nodes, ignore_errors=True)
    loaded = load_city(city)
    require_approved(city, loaded.criteria_path, loaded.criteria)
    town = Town(nodes, loaded, ON, children)

    def said(line: str) -> None:
        print(f"  {line}", flush=True)

    print("Setting up a node for every department: keys, agreements, and its own extracts …", flush=True)
    town.make(home / "extracts", said)
    print("Starting the nodes, and linking their records without names …", flush=True)
    with town.running():
        town.link(said)
        print("Asking the holders for what is agreed, and for the names of those who are noticed …", flush=True)
        counts = run_nodes(loaded, town.holder_file(REQUESTER), home / "run", Asking(ON, ON), key, None)
    (home / "counts.txt").write_text("\n".join(counts.lines()) + "\n", encoding="utf-8")


def _give_the_desk_its_list_key_and_city(home: Path, city: Path) -> None:
    """The register department's own list, as if just written, the key of the addresses, and the city's forms.

    What is set outside wins, so that a list of one's own can be tried.
    """
    listed = next((home / "extracts" / "shien_sochi").glob("支援措置対象者一覧*"), None)
    live = home / "register" / "list.csv"
    if listed is not None:
        live.parent.mkdir(exist_ok=True)
        live.write_bytes(listed.read_bytes())
    os.environ.setdefault("TSUNAGU_SUPPRESSION_LIST", str(live))
    os.environ.setdefault("TSUNAGU_ADDRESS_KEY", str(home / "address.key"))
    os.environ.setdefault("TSUNAGU_CITY", str(city))


def _make_whole(home: Path, children: int, report: Report) -> None:
    """The extracts appear in one step, so that a demo stopped half-way starts again at the right place."""
    partial = home / "extracts.partial"
    shutil.rmtree(partial, ignore_errors=True)
    stages: list[str] = []

    def made(stage: str, _done: int, _total: int) -> None:
        stages.append(stage)
        report("writing the departments' extracts", len(dict.fromkeys(stages)), 0)

    counts = write_example_city(
        partial, children=children, seed=SEED, on=ON, months=MONTHS, faults="usual", progress=made
    )
    print(
        f"{counts.residents:,} residents in {counts.households:,} households; {counts.files:,} files with "
        f"{counts.rows:,} rows, {counts.bad_rows:,} of them damaged on purpose",
        flush=True,
    )
    shutil.rmtree(home / "truth", ignore_errors=True)
    (partial / "truth").rename(home / "truth")
    (partial / "extracts").rename(home / "extracts")
    shutil.rmtree(partial)


def _as_table(accounts: str) -> str:
    """The lines `login, password, role, secret` of the desk as columns."""
    rows = [("role", "login", "password", "secret")]
    for line in accounts.splitlines():
        login, password, role, secret = line.split("\t")
        rows.append((role, login, password, secret))
    return "\n".join(f"  {role:<28}{login:<16}{password:<18}{secret}" for role, login, password, secret in rows) + "\n"


def _key(path: Path) -> bytes:
    return read_key(path) if path.exists() else create_key(path)


def _require_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StateError(
                f"port {port} is in use on this machine",
                where="127.0.0.1",
                to_do=f"Close the other program, or choose another port: make demo PORT={port + 1}",
            ) from error


def _program() -> str:
    """This program as it was called: whoever has not put it on the path copies what works."""
    return sys.argv[0] if Path(sys.argv[0]).name == "tsunagu" else "tsunagu"


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise EngineError(f"the desk stopped with exit code {server.returncode}", to_do="See the message above.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    sys.stderr.write("The desk has not answered for a minute.\n")
    raise EngineError("the desk does not answer", where=f"127.0.0.1:{port}", to_do="Look at the messages above.")
