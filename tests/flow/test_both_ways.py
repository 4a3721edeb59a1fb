"""The sample city with every department's data at its own node: real processes over TLS, to the same levels."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from both_ways import KEY as NODES_KEY
from both_ways import Compared, compare
from fixed import KEY, ON, ROOT
from tsunagu.audit.chain import EMPTY, head_of, seal
from tsunagu.audit.entry import Entry
from tsunagu.cli.distributed import Town
from tsunagu.cli.nodes_run import Asking, run_nodes
from tsunagu.errors import StateError, TsunaguError
from tsunagu.example_city.sharing import OFFICES, REGISTER, REQUESTER, SCHOOLS
from tsunagu.from_holders import HolderCounts
from tsunagu.municipality import City, load_city
from tsunagu.runs.folder import RunFolder, open_run
from tsunagu_node.holder_file import read_holder_file


@dataclass
class Running:
    """The town while its nodes run, after the first run."""

    town: Town
    city: City
    counts: HolderCounts
    run: RunFolder

    def log(self, office: str) -> list[tuple[str, str, dict[str, object]]]:
        """(actor, action, detail) of every entry of an office's log."""
        with sqlite3.connect(self.town.folder / office / "log.sqlite3") as db:
            bodies = [json.loads(body) for (body,) in db.execute("SELECT body FROM log ORDER BY number")]
        return [(one["actor"], one["action"], {**one["detail"], "object": one["object"]}) for one in bodies]

    def again(self, out: Path) -> HolderCounts:
        return run_nodes(self.city, self.town.holder_file(REQUESTER), out, Asking(ON, ON), NODES_KEY, None)


@pytest.fixture(scope="module")
def running(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    city = load_city(ROOT / "examples" / "hinode-city")
    town = Town(tmp_path_factory.mktemp("town"), city, ON, 1_500)
    town.make(sample / "extracts")
    with town.running():
        town.link()
        out = town.folder / "run"
        counts = run_nodes(city, town.holder_file(REQUESTER), out, Asking(ON, ON), NODES_KEY, None)
        yield Running(town, city, counts, open_run(out))


@pytest.fixture(scope="module")
def compared(run: RunFolder, running: Running) -> Compared:
    return compare(run, running.run, running.town, running.counts)


def test_the_levels_are_those_of_one_run_over_everything(compared: Compared) -> None:
    """The goal is 95 %; where a child differs, the cause is said."""
    assert compared.share > 0.995, compared.lines()
    assert sum(compared.rest.values()) == compared.children - compared.equal
    assert compared.counts.undecided == {}  # bands are cut where the criteria compare


def test_the_noticed_are_named_as_the_register_names_them(run: RunFolder, running: Running) -> None:
    whole = {_who(row): row for row in run.identities(KEY).to_pylist() if row["is_noticed"]}
    named = {_who(row): row for row in running.run.identities(NODES_KEY).to_pylist() if row["is_noticed"]}
    assert len(named) == running.run.table("notices").num_rows
    assert len(set(whole) & set(named)) > 0.99 * len(whole)
    for who in set(whole) & set(named):
        # Of a register row whose number is damaged, the one run takes what another department wrote of the child.
        of_register = ("relation", "address") if whole[who]["relation"] else ()
        for column in ("alias", "sex", "school", "school_name", "class_name", "grade", *of_register):
            assert whole[who][column] == named[who][column], column
    assert sum(1 for row in whole.values() if row["relation"]) > 0.99 * len(whole)


def _who(row: dict[str, object]) -> tuple[object, ...]:
    return (row["name"], row["kana"], row["birth_date"])


def test_their_households_are_the_same(run: RunFolder, running: Running) -> None:
    def homes(folder: RunFolder, key: bytes) -> set[frozenset[tuple[object, ...]]]:
        found: dict[object, set[tuple[object, ...]]] = {}
        for row in folder.identities(key).to_pylist():
            if row["household_id"]:
                found.setdefault(row["household_id"], set()).add(_who(row))
        return {frozenset(home) for home in found.values()}

    whole, named = homes(run, KEY), homes(running.run, NODES_KEY)
    assert len(whole & named) > 0.98 * len(whole)


def test_nobody_else_is_named_at_the_requester(run: RunFolder, running: Running, sample: Path) -> None:
    """Raw bytes of everything that the requester has: no name of a child who is neither noticed nor lives with one."""
    named = {row["name"] for row in running.run.identities(NODES_KEY).to_pylist()}
    pupils = {row["name"] for row in run.school("school_pupils", KEY).to_pylist() if row["name"]} - named
    assert len(pupils) > 100
    held = [path for path in (running.town.folder / REQUESTER).rglob("*") if path.is_file()]
    held += [path for path in running.run.path.rglob("*") if path.is_file()]
    for path in held:
        data = path.read_bytes()
        for name in pupils:
            assert name.encode("utf-8") not in data, path
            assert name.encode("utf-16-le") not in data, path
    # The same search finds them where they are.
    extracts = b"".join(path.read_bytes() for path in (sample / "extracts" / "jumin").iterdir())
    assert any(name.encode("utf-8") in extracts or name.encode("cp932", "ignore") in extracts for name in pupils)


def test_what_was_asked_and_answered_stands_in_the_logs_of_both(running: Running) -> None:
    asked = running.log(REQUESTER)
    for office in (one for one in OFFICES if one.extracts):
        answered = [
            d["payload_sha256"] for a, act, d in running.log(office.id) if act == "answered" and a == f"org:{REQUESTER}"
        ]
        received = [d["payload_sha256"] for _, act, d in asked if act == "received" and d["of"] == f"org:{office.id}"]
        assert answered
        assert sorted(map(str, answered)) == sorted(map(str, received))


def test_how_many_were_named_and_why_stands_in_the_logs_of_both(running: Running) -> None:
    """The register names those who are noticed, each once, and says how many live with them."""
    noticed = running.run.table("notices").num_rows
    (told,) = (d for _, act, d in running.log("residents") if act == "answered" and "named" in d)
    (asked,) = (d for _, act, d in running.log(REQUESTER) if act == "asking" and _of_names(d))
    (received,) = (d for _, act, d in running.log(REQUESTER) if act == "received" and _of_names(d))
    assert (told["named"], asked["named"], received["named"]) == (noticed, noticed, noticed)
    assert told["beside"] == received["beside"] != 0
    assert all((d["reason"], d["run"]) == ("notices", ON.isoformat()) for d in (told, asked, received))


def _of_names(detail: dict[str, object]) -> bool:
    return detail["object"] == "agreement:names-residents"


def test_the_same_question_has_the_same_answer(running: Running, tmp_path: Path) -> None:
    assert running.again(tmp_path / "run") == running.counts
    again = open_run(tmp_path / "run")
    for name in ("judgments", "notices", "reasons"):
        assert again.table(name).equals(running.run.table(name))
    assert any(action == "answered_again" for _, action, _ in running.log("tax"))


def test_a_holder_with_another_copy_answers_nothing_and_no_run_is_made(
    running: Running, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The requester's copy says more than was signed: nobody is asked. The holder's is another one: it refuses."""
    theirs = running.town.folder / REQUESTER / "agreements" / "indicators-tax.json"
    held = running.town.folder / "tax" / "agreements" / "indicators-tax.json"
    signed = held.read_text(encoding="utf-8")
    more = json.loads(signed)
    more["cohort"]["age_to"] = 24
    try:
        theirs.write_text(json.dumps(more), encoding="utf-8")
        with pytest.raises(TsunaguError):
            running.again(tmp_path / "run")
        assert "the content is not what the holder signed" in capfd.readouterr().err
        theirs.write_text(signed, encoding="utf-8")
        held.unlink()
        with pytest.raises(TsunaguError):
            running.again(tmp_path / "run")
        assert "there is no such agreement here" in capfd.readouterr().err
        assert [d["why"] for _, action, d in running.log("tax") if action == "refused"][-1] == "no_agreement"
        assert [d["why"] for _, action, d in running.log(REQUESTER) if action == "refused"][-1] == "no_agreement"
    finally:
        theirs.write_text(signed, encoding="utf-8")
        held.write_text(signed, encoding="utf-8")
    assert not (tmp_path / "run").exists()


def test_a_requester_without_agreements_is_told_so_in_one_message(running: Running, tmp_path: Path) -> None:
    folder = shutil.copytree(running.town.folder / REQUESTER, tmp_path / REQUESTER)
    written = (folder / "HOLDER.toml").read_text(encoding="utf-8").replace('"../', f'"{running.town.folder}/')
    (folder / "HOLDER.toml").write_text(written, encoding="utf-8")
    shutil.rmtree(folder / "agreements")
    program = [sys.executable, "-m", "tsunagu_node", "gather", str(folder / "HOLDER.toml"), "--on", ON.isoformat()]
    done = subprocess.run(
        [*program, "--out", str(tmp_path / "answers")], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode != 0
    assert done.stderr.count("\n") == 2
    assert "no agreement lets this node ask for indicators" in done.stderr
    assert not (tmp_path / "answers").exists()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "tsunagu_node", *arguments]
    return subprocess.run(program, capture_output=True, encoding="utf-8", check=False)


def test_a_log_is_held_against_what_two_other_offices_countersigned(running: Running, tmp_path: Path) -> None:
    folder = running.town.folder
    file = running.town.holder_file("tax")
    done = command("witness", str(file))
    assert done.returncode == 0, done.stderr
    assert "this log is sound: 2 of 2 witnesses countersigned it" in done.stdout
    given = []
    for witness in read_holder_file(file).witnesses:
        held = tmp_path / f"{witness}.heads"
        assert command("export-held", str(running.town.holder_file(witness)), "tax", str(held)).returncode == 0
        given += ["--held", str(held)]
    given += ["--directory", str(folder / "directory.json"), "--keeper", str(folder / "keeper.pub")]
    log = tmp_path / "log.jsonl"
    assert command("export-log", str(file), str(log)).returncode == 0
    assert command("verify-log", str(log), *given).returncode == 0
    # The administrator's own hand: one entry another, the chain made anew behind it.
    lines = log.read_text(encoding="utf-8").splitlines()
    assert len(given) == 8
    assert len(lines) > 3
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_text("\n".join([*_rewritten(lines, 2), ""]), encoding="utf-8")
    found = command("verify-log", str(spoilt), *given)
    assert found.returncode == StateError.exit_code
    assert "from row 2 on" in found.stderr
    cut = tmp_path / "cut.jsonl"
    cut.write_text("\n".join([*lines[:-1], ""]), encoding="utf-8")
    assert command("verify-log", str(cut), *given).returncode == StateError.exit_code


def _rewritten(lines: list[str], number: int) -> list[str]:
    """The log with the entry of that number another one, and every hash behind it made anew."""
    after, made = EMPTY, []
    for line in lines:
        row = json.loads(line)
        body = json.loads(row["body"])
        if row["number"] == number:
            body["detail"] = {**body["detail"], "request": "another"}
        entry = Entry(**{key: body[key] for key in ("at", "actor", "role", "action", "object", "purpose", "detail")})
        sealed = seal(entry, after)
        after = head_of(sealed)
        made.append(json.dumps({**row, "body": sealed.body, "hash": sealed.hash}, ensure_ascii=False))
    return made


def test_what_a_holder_corrected_is_answered_anew_within_the_month(
    running: Running, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One pupil's absences of one month were wrong. Nobody but the school and the register's holder links again."""
    town = running.town
    school = town.folder / SCHOOLS / "extracts"
    file = school / "shukketsu" / "出欠月集計_R08.csv"
    written, wrong, right = file.read_bytes(), b",00010926,21,0,3,1,0,", b",00010926,21,0,20,1,0,"
    assert written.count(wrong) == 1
    file.write_bytes(written.replace(wrong, right))
    day = ["--on", ON.isoformat()]
    assert command("import", str(town.holder_file(SCHOOLS)), str(school), *day).returncode == 0
    with pytest.raises(TsunaguError):
        running.again(tmp_path / "early")
    assert "were brought in anew after they were linked" in capfd.readouterr().err
    for office in (REGISTER, SCHOOLS):
        done = command("link", str(town.holder_file(office)), *day, "--as-if", ON.isoformat())
        assert done.returncode == 0, done.stderr
    running.again(tmp_path / "run")
    assert f"its answer number 2 of {ON:%Y-%m}" in capfd.readouterr().err
    before, after = (
        Counter(
            row["text"] for row in folder.table("indicators").to_pylist() if row["indicator"] == "absent_worst_month"
        )
        for folder in (running.run, open_run(tmp_path / "run"))
    )
    assert (after - before).total() == (before - after).total() == 1


def test_a_revoked_key_opens_nothing(running: Running, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Last of all, as no key is ever good again: the requester's own is revoked in the next directory."""
    directory = running.town.folder / "directory.json"
    organisations = json.loads(directory.read_text(encoding="utf-8"))["organisations"]
    (key,) = next(one for one in organisations if one["id"] == REQUESTER)["signing_keys"]
    keeper = ["--key", str(running.town.folder / "keeper.key")]
    program = [sys.executable, "-m", "tsunagu_node", "revoke", str(directory), key["id"], *keeper]
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
    with pytest.raises(TsunaguError):
        running.again(tmp_path / "run")
    assert "may not be relied on" in capfd.readouterr().err
    assert not (tmp_path / "run").exists()
