"""What is to be joined was made with one key, and joins somebody: else every child would be there twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_bound_links import NAMES, ON, RULES, Holder

from agreements import ON as ASKED
from agreements import signed
from answered import KEY as JOIN
from answered import a_request, a_school, granted
from fixed import ROOT
from keyed import GROUP, KEY, a_link_key, source_records
from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.linkage.keyed_values import linkage_key
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.answering import Parts, answer
from tsunagu.purposes.gate import History, Released
from tsunagu.purposes.grant import Grant
from tsunagu.purposes.manifest import AnswerManifest, manifest_bytes, manifest_of, read_manifest, received
from tsunagu.purposes.tokens import JoinKey, KeyMark, LinkKey, Tokens, join_key, join_mark
from tsunagu.purposes.waiting_answers import read_answers
from tsunagu.records.stage_tables import SOURCE_FACTS
from tsunagu_node import rounds
from tsunagu_node.group_keys import give_link_id_key, give_round_key
from tsunagu_node.inquiry import Taken
from tsunagu_node.node import open_node
from tsunagu_node.store import Brought

STRANGE = join_key(LinkKey(b"s" * 32), JOIN.join_set, JOIN.purpose)


# ---------------------------------------------------------------- marks


def test_a_mark_is_of_one_key_and_period_and_is_no_token() -> None:
    mark = join_mark(JOIN, "2026-10")
    assert mark == join_mark(replace(JOIN), "2026-10")
    others = [
        join_mark(STRANGE, "2026-10"),
        join_mark(JOIN, "2026-11"),
        join_mark(join_key(LinkKey(b"k" * 32), "J-2", JOIN.purpose), "2026-10"),
        linkage_key(KEY, GROUP, "2026-09").mark,
        linkage_key(KEY, GROUP, "2026-10").mark,
    ]
    assert len({one.mark for one in (mark, *others)}) == 1 + len(others)
    tried = ["which key this is", "mark", "", "2026-10", mark.of]
    tokens = {token.hex() for period in ("2026-10", "mark") for token in Tokens(JOIN, period).of(tried)}
    assert mark.mark not in tokens | {JOIN.value.hex()}


# ---------------------------------------------------------------- answers


def answered(agreement: SharingAgreement, key: JoinKey) -> rounds.Asked:
    """What a holder of that agreement answers with that key, as the other end takes it."""
    request = a_request(agreement)
    given = granted(request, agreement)
    assert isinstance(given, Grant)
    told = answer(given, a_school(), key, History())
    assert isinstance(told, Released)
    manifest = read_manifest(manifest_bytes(manifest_of(told)))
    return rounds.Asked(agreement, request, Taken(received(manifest, told.payload, request, agreement), manifest))


def asking(monkeypatch: pytest.MonkeyPatch, *asked: rounds.Asked, linking: Any = None) -> Any:
    """A node whose holders have answered so."""
    monkeypatch.setattr(rounds, "ask_all", lambda *_given, **_named: list(asked))
    monkeypatch.setattr(rounds, "doubts_of", lambda *_given: {})  # nobody has an alarm about their logs
    agreements = [one.agreement for one in asked]
    node = SimpleNamespace(relied_on=lambda *_given, **_named: agreements, linking=linking)
    node.store = linking and linking.store
    return node


def of_three_holders() -> list[SharingAgreement]:
    agreement = signed()
    return [replace(agreement, id=f"A-{holder}", holder=holder) for holder in ("tax", "welfare", "school-board")]


def test_answers_made_with_two_keys_are_not_kept_and_it_is_said_who_has_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tax, welfare, school = of_three_holders()
    node = asking(monkeypatch, answered(tax, JOIN), answered(welfare, JOIN), answered(school, STRANGE))
    with pytest.raises(PurposeError, match="several keys") as caught:
        rounds.gather(node, ASKED, tmp_path / "out")
    own, strange = (join_mark(key, "2026-10").mark[:8] for key in (JOIN, STRANGE))
    assert f"tax, welfare: J-2026-03 early-support 2026-10 ({own}); school-board: " in caught.value.where
    assert caught.value.where.endswith(f"({strange})")
    assert "group-key" in caught.value.to_do
    assert not (tmp_path / "out").exists()


def test_answers_made_with_one_key_wait_with_its_mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = asking(monkeypatch, *(answered(one, JOIN) for one in of_three_holders()))
    assert rounds.gather(node, ASKED, tmp_path / "out") == 3
    assert {one.made_with for one in read_answers(tmp_path / "out")} == {join_mark(JOIN, "2026-10")}


def test_an_answer_that_says_another_set_or_nothing_of_its_key_is_not_taken() -> None:
    agreement = signed()
    asked = answered(agreement, JOIN)
    given = granted(asked.request, agreement)
    assert isinstance(given, Grant)
    told = answer(given, a_school(), JOIN, History())
    assert isinstance(told, Released)
    other = join_mark(join_key(LinkKey(b"k" * 32), "J-2", JOIN.purpose), "2026-10")
    for mark in (other, join_mark(JOIN, "2026-11"), KeyMark()):
        manifest: AnswerManifest = replace(asked.taken.manifest, made_with=mark)
        with pytest.raises(PurposeError, match="a key of another join set"):
            received(manifest, told.payload, asked.request, agreement)


# ---------------------------------------------------------------- linkage


@pytest.fixture
def register(tmp_path: Path) -> Holder:
    made = Holder(tmp_path / "residents", RULES.register)
    made.bring()
    return made


def sent(parts: Parts, holder: str, id: str, mark: KeyMark) -> tuple[rounds.Asked, Parts]:
    """What a holder sent to be linked, as it was taken."""
    agreement = replace(signed(), id=id, holder=holder, granularity="linkage")
    manifest = SimpleNamespace(made_with=mark)
    return rounds.Asked(agreement, a_request(agreement), Taken(id, manifest)), parts  # type: ignore[arg-type]


def linked(monkeypatch: pytest.MonkeyPatch, register: Holder, *given: tuple[rounds.Asked, Parts]) -> dict[str, int]:
    parts = {asked.agreement.id: one for asked, one in given}
    monkeypatch.setattr(rounds, "parts_in", lambda _table, agreement: parts[agreement.id])
    node = asking(monkeypatch, *(asked for asked, _ in given), linking=register.linking)
    return rounds.link(node, ON)


def two_extracts(tmp_path: Path) -> tuple[Holder, Holder]:
    roster = Holder(tmp_path / "roster", RULES.roster, linkage_key(KEY, GROUP, "2026-08"))
    roster.bring()
    school = Holder(tmp_path / "school", "gakumu")
    school.bring()
    return school, roster


def test_records_under_another_rounds_key_are_not_linked_and_it_is_said_whose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, register: Holder
) -> None:
    """Of one of a holder's two extracts alone: the others would be linked, and each child of this one be doubled."""
    school, roster = two_extracts(tmp_path)
    given = [
        sent(one.linking.keyed([one.extract], ON), "school-board", one.extract, one.linking.round_key.mark)
        for one in (school, roster)
    ]
    with pytest.raises(SourceError, match="another round's key") as caught:
        linked(monkeypatch, register, *given)
    own, strange = (one.linking.round_key for one in (register, roster))
    assert caught.value.where == f"school-board (school_roster): {GROUP} 2026-08 ({strange.mark.mark[:8]})"
    assert f"{GROUP} {own.round} ({own.mark.mark[:8]})" in caught.value.what
    assert register.store.days() == []
    assert register.store.answers(register.store.brought(ON)) is None


def test_two_agreements_of_one_holder_are_linked_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, register: Holder
) -> None:
    school, roster = two_extracts(tmp_path)
    roster.linking = replace(roster.linking, round_key=register.linking.round_key)
    given = [
        sent(one.linking.keyed([one.extract], ON), "school-board", one.extract, one.linking.round_key.mark)
        for one in (school, roster)
    ]
    linked(monkeypatch, register, *given)
    found = register.store.answers(register.store.brought(ON))
    assert found is not None
    assert set(found[0]) == {"school-board|gakumu", "school-board|school_roster"}


def test_a_node_with_keys_of_two_rounds_links_with_neither(tmp_path: Path) -> None:
    """By the names of the files one would be taken, and whichever it is, nobody would know."""
    folder = tmp_path / "school-board"
    folder.mkdir()
    settings = {
        "organisation": "school-board",
        "city": str(ROOT / "examples" / "hinode-city"),
        "extracts": ["gakumu"],
        "directory": "directory.json",
        "keeper": "keeper.pub",
        "authorities": "authorities.pem",
        "listen": "",
        "look_at": [],
        "witnesses": [],
    }
    text = "\n".join(f"{key} = {value!r}".replace("'", '"') for key, value in settings.items())
    (folder / "HOLDER.toml").write_text(text, encoding="utf-8")
    key = a_link_key(tmp_path / "link.key")
    for name, round in (("a", "2026-08"), ("b", "2026-09"), ("c", "2026-09")):
        give_round_key(folder / "keys" / f"{name}.groupkey", key, GROUP, round)
    with pytest.raises(StateError, match=f"2 keys of rounds of linkage: {GROUP} 2026-08, {GROUP} 2026-09"):
        _ = open_node(folder / "HOLDER.toml").linking
    (folder / "keys" / "a.groupkey").unlink()
    linking = open_node(folder / "HOLDER.toml").linking
    assert linking is not None
    assert linking.round_key.round == "2026-09"
    for name in ("first", "second"):
        give_link_id_key(folder / "keys" / f"{name}.groupkey", a_link_key(tmp_path / f"{name}.key"), GROUP)
    with pytest.raises(StateError, match="2 keys of link ids"):
        _ = open_node(folder / "HOLDER.toml").linking


# ---------------------------------------------------------------- shares


def rows(holder: str, *, numbered: bool, named: int = 30) -> list[dict[str, Any]]:
    """Thirty children; without numbers, and but so many with their names, as where a column is mistaken."""
    found = []
    for n in range(30):
        surname, given = NAMES[n % 6].split()[0], NAMES[n // 6].split()[1]
        name = f"{surname} {given}" if n < named else f"誤り {n}"
        row: dict[str, Any] = {
            "holder": holder,
            "file": f"{holder}/list.csv",
            "record_key": str(100 + n),
            "state": "read",
            "name": name,
            "birth_date": dt.date(2016, 1 + n % 12, 1 + n % 28) if n < named else dt.date(1950, 1, 1),
            "sex": "1",
        }
        if holder == RULES.register:
            row |= {"resident_no": str(100 + n), "household_no": str(500 + n)}
        elif numbered:
            row |= {"resident_no": str(100 + n), "local_no": str(100 + n)}
        else:
            row |= {"local_no": str(900 + n)}
        found.append(row)
    return found


def brought(holder: Holder, **changed: Any) -> Parts:
    records = source_records(rows(holder.extract, **{"numbered": True, **changed}))
    holder.store.bring(Brought(ON, records, SOURCE_FACTS.empty(), (), {}))
    return holder.linking.keyed([holder.extract], ON)


@pytest.fixture
def many(tmp_path: Path) -> tuple[Holder, Holder]:
    register, school = Holder(tmp_path / "residents", RULES.register), Holder(tmp_path / "school", "gakumu")
    brought(register)
    return register, school


def test_an_extract_that_joins_almost_nobody_is_not_linked(many: tuple[Holder, Holder]) -> None:
    """A mistaken column: the key is right, and its mark shows nothing."""
    register, school = many
    wrong = brought(school, numbered=False, named=0)
    with pytest.raises(SourceError, match="joins almost nobody") as caught:
        register.linking.link_all({"school-board": wrong}, ON)
    assert caught.value.where == "school-board gakumu: 0 of 30 were linked"
    assert "--joins-few" in caught.value.to_do
    assert register.store.days() == []
    assert register.linking.link_all({"school-board": wrong}, ON, ["gakumu"])["not_found"] == 30
    assert register.store.days() == [ON]


def test_an_extract_that_joins_far_fewer_than_before_is_not_linked(many: tuple[Holder, Holder]) -> None:
    register, school = many
    register.linking.link_all({"school-board": brought(school)}, ON)
    with pytest.raises(SourceError, match="joins almost nobody") as caught:
        register.linking.link_all({"school-board": brought(school, numbered=False, named=10)}, ON)
    assert "of 30 were linked, and 30 of 30 before" in caught.value.where
    found = register.store.answers(register.store.brought(ON))
    assert found is not None
    assert found[0]["school-board|gakumu"].column("state").to_pylist() == ["linked"] * 30


def test_a_share_that_was_seen_and_said_before_is_expected(many: tuple[Holder, Holder]) -> None:
    register, school = many
    few = brought(school, numbered=False, named=0)
    register.linking.link_all({"school-board": few}, ON, ["gakumu"])
    register.linking.link_all({"school-board": few}, ON)
