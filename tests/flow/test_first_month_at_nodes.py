"""docs/how-to/run-a-node: the commands of the first month, as they stand on the page and in its order, on a small city.

What a page cannot say is done here: drafts are filled in, signers say yes, ports are free ones, and it is the day of
the delivery.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixed import ROOT
from tsunagu.cli.commands import app
from tsunagu.cli.ports import free_port
from tsunagu.example_city.city import write_example_city
from tsunagu.example_city.sharing import drafts
from tsunagu.municipality import approval_path, load_city
from tsunagu.purposes.agreement import as_mapping
from tsunagu.runs.folder import open_run

PAGES = ROOT / "docs" / "how-to"
ON = dt.date(2026, 9, 30)
CHILDREN = 60
SET = "attendance-and-mood.toml"
OWN = {"residents": ("jumin", "shien_sochi"), "school-board": ("gakumu", "school_roster", "shukketsu", "kokoro")}
_AS_IF = ("tsunagu node serve", "tsunagu node link ", "tsunagu run")


def commands(page: str, begins: str, ends: str) -> list[str]:
    text = (PAGES / page).read_text(encoding="utf-8")
    part = text[text.index(begins) : text.index(ends)]
    return [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
        for line in block.split("\n")
        if line
    ]


FIRST_MONTH = commands("run-a-node.md", "\n## はじめの一か月", "\n### 次の月から")


def test_both_languages_show_the_same_commands() -> None:
    assert commands("run-a-node.en.md", "\n## The first month", "\n### Every month after") == FIRST_MONTH
    after = commands("run-a-node.md", "\n### 次の月から", "\n## おわる日")
    assert commands("run-a-node.en.md", "\n### Every month after", "\n## Days to write") == after


class Desk:
    """A folder in which the commands are typed, one after the other."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.ports: dict[str, str] = {}
        programs = folder / "bin"
        programs.mkdir()
        shim = programs / "tsunagu"
        shim.write_text(
            f'#!/bin/sh\nexec {sys.executable} -c "from tsunagu.cli import main; main()" "$@"\n', encoding="utf-8"
        )
        shim.chmod(0o755)
        self.env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def types(self, line: str) -> None:
        line = re.sub(r"127\.0\.0\.1:(\d+)", lambda one: f"127.0.0.1:{self._port(one[1])}", line)
        if line.startswith(_AS_IF):
            line += f" --as-if {ON}"
        if line.startswith("tsunagu agreement check"):
            line += f" --on {ON}"
        if line.startswith("tsunagu node serve"):
            self._left_running(line)
            return
        if line.startswith("tsunagu agreement"):  # in this process: there are many, and a program starts slowly
            with chdir(self.folder):
                made = CliRunner().invoke(app, line.split()[1:], input="y\n")
            assert made.exit_code == 0, f"{line}\n{made.output}{made.exception!r}"
        else:
            done = subprocess.run(
                ["bash", "-c", line], cwd=self.folder, env=self.env, capture_output=True, encoding="utf-8", check=False
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if line.startswith("tsunagu agreement new"):
            self._fill_in(self.folder / line.split()[-1])

    def _port(self, written: str) -> str:
        return self.ports.setdefault(written, str(free_port()))

    def _left_running(self, line: str) -> None:
        process = subprocess.Popen(["bash", "-c", f"exec {line}"], cwd=self.folder, env=self.env)
        self.stack.callback(process.wait)
        self.stack.callback(process.terminate)
        holder = (self.folder / line.split()[3]).read_text(encoding="utf-8")
        port = re.search(r'^listen = ".*:(\d+)"', holder, re.MULTILINE)
        assert port
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert process.poll() is None, line
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(port[1]))) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(f"{line}: nobody listens")

    def _fill_in(self, draft: Path) -> None:
        """As the page on agreements says: what was decided, in the fields of the draft."""
        decided = {one.id: one for one in drafts(load_city(self.folder / "hinode-city"), ON, CHILDREN)}[draft.stem]
        if decided.granularity == "linkage":  # of those extracts that the page gives to the node
            decided = replace(decided, wanted=tuple(one for one in decided.wanted if one.id in OWN[decided.holder]))
        assert set(json.loads(draft.read_text(encoding="utf-8"))) == set(as_mapping(decided))
        draft.write_text(json.dumps(as_mapping(decided), ensure_ascii=False), encoding="utf-8")


@contextmanager
def a_small_city(folder: Path) -> Iterator[Desk]:
    """What the page takes for granted: the city's folder, and each department's own extracts on its machine."""
    city = shutil.copytree(ROOT / "examples" / "hinode-city", folder / "hinode-city")
    named = city / "municipality.toml"
    named.write_text(named.read_text(encoding="utf-8").replace("three-judgments.toml", SET), encoding="utf-8")
    criteria = load_city(city).criteria
    (approved,) = (city / "criteria" / "approvals").glob("*.json")
    record = json.loads(approved.read_text(encoding="utf-8"))
    digest = sha256((city / "criteria" / SET).read_bytes()).hexdigest()
    record |= {"criteria": criteria.id, "version": criteria.version, "file": SET, "sha256": digest}
    approval_path(city, criteria).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    write_example_city(folder / "all", children=CHILDREN, seed=3, on=ON, months=8)
    for office, extracts in OWN.items():
        own = folder / f"{office}-deliveries" / "2026-09"
        own.mkdir(parents=True)
        for path in (folder / "all" / "extracts").iterdir():
            if path.is_file():
                shutil.copy2(path, own)
            elif path.name in extracts:
                shutil.copytree(path, own / path.name)
    with ExitStack() as stack:
        yield Desk(folder, stack)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first-month")
    with a_small_city(folder) as desk:
        for line in FIRST_MONTH:
            desk.types(line)
    return folder


def test_the_commands_of_the_page_end_in_a_run_with_names(typed: Path) -> None:
    run = open_run(typed / "runs" / "2026-09")
    counts = run.manifest["counts"]
    assert counts["children"] > CHILDREN // 4  # those of municipal schools, of whom alone these criteria ask
    assert sum(counts["noticed"].values()) > 0
    assert counts["unnamed"] == 0
    assert set(run.manifest["agreements"]) == {"indicators-school-board"}


def test_the_copy_of_the_keys_is_for_its_owner_alone_and_is_whole(typed: Path) -> None:
    copy = typed / "school-board-keys.tar"
    assert copy.stat().st_mode & 0o077 == 0
    listed = subprocess.run(["tar", "-tf", str(copy)], capture_output=True, encoding="utf-8", check=True).stdout
    assert {"keys/store.key", "keys/signing.key", "keys/sealing.key", "keys/head.key"} <= set(listed.split())
