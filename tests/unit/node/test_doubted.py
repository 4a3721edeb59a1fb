"""Answers of a holder of whose log this node keeps an alarm: nobody is asked, or a person says why, and all is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from agreements import ON, an_agreement
from nodes import HOLDER, REQUESTER
from served_nodes import a_node, published
from tsunagu.errors import StateError
from tsunagu.purposes.agreement import as_mapping
from tsunagu.purposes.signatures import sign
from tsunagu.purposes.tokens import NO_KEY
from tsunagu.purposes.waiting_answers import Doubt, read_answers
from tsunagu.records.answer_tables import ANSWERS
from tsunagu_node import rounds
from tsunagu_node.alarms import Alarm, keep_alarm
from tsunagu_node.node import Node, open_node

SINCE = "2026-09-20T01:02:03.000000Z"
WHY = "監査担当と確かめた"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The requester's, who has an agreement to ask under; an answer comes at once."""
    files = {one: a_node(tmp_path, one) for one in (HOLDER, REQUESTER)}
    published(tmp_path, HOLDER, REQUESTER)
    opened = {one: open_node(path, today=ON) for one, path in files.items()}
    signed = an_agreement()
    for side, one in (("holder", HOLDER), ("requester", REQUESTER)):
        signed = sign(signed, side, opened[one].signing_key)
    folder = opened[REQUESTER].file.agreements
    folder.mkdir(exist_ok=True)
    (folder / f"{signed.id}.json").write_text(json.dumps(as_mapping(signed)), encoding="utf-8")
    answer = SimpleNamespace(
        agreement=signed,
        taken=SimpleNamespace(table=ANSWERS["indicator"].empty(), manifest=SimpleNamespace(made_with=NO_KEY)),
    )
    monkeypatch.setattr(rounds, "ask_all", lambda *_, **__: [answer])
    return files[REQUESTER]


@pytest.fixture
def opened(file: Path) -> Iterator[Node]:
    with rounds.opened(open_node(file, today=ON)) as node:
        yield node


def alarmed(node: Node, kind: str, log: str = HOLDER) -> None:
    with node.log.transaction() as db:
        keep_alarm(db, Alarm(log, REQUESTER, kind, 7, 3, SINCE, "head"))


def actions(node: Node) -> list[str]:
    return [json.loads(row.body)["action"] for row in node.log.rows()]


@pytest.mark.parametrize("kind", ["edited", "forked", "rolled_back", "rewritten", "cut"])
def test_nobody_is_asked_whose_log_is_not_what_was_signed(
    opened: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(rounds, "ask_all", asked)
    alarmed(opened, kind)
    with pytest.raises(StateError) as error:
        rounds.gather(opened, ON, tmp_path / "out")
    assert f"since {SINCE} {HOLDER}: {kind}, from row 7 on, as {REQUESTER} knows it" in error.value.what
    assert "--despite-alarms" in error.value.to_do
    assert not (tmp_path / "out").exists()


def test_who_goes_on_says_why_and_it_travels_with_the_answer(file: Path, tmp_path: Path) -> None:
    said: list[str] = []
    with rounds.opened(open_node(file, today=ON, despite=f" {WHY} ")) as node:
        alarmed(node, "rewritten")
        rounds.gather(node, ON, tmp_path / "out", said=said.append)
        assert actions(node)[-1] == "despite_alarm"
        assert WHY not in list(node.log.rows())[-1].body
    assert said == [
        f"warning: a log of those who answer has an alarm, since {SINCE} {HOLDER}: rewritten, from row 7 on, as "
        f"{REQUESTER} knows it"
    ]
    (answer,) = read_answers(tmp_path / "out")
    assert answer.doubts == (Doubt("rewritten", 7, REQUESTER, SINCE, WHY),)


@pytest.mark.parametrize("kind", ["withheld", "contradicts"])
def test_what_is_no_other_log_is_told_and_stops_nobody(opened: Node, tmp_path: Path, kind: str) -> None:
    said: list[str] = []
    alarmed(opened, kind)
    rounds.gather(opened, ON, tmp_path / "out", said=said.append)
    assert f"{HOLDER}: {kind}" in said[0]
    assert SINCE in said[0]
    assert "despite_alarm" not in actions(opened)
    (answer,) = read_answers(tmp_path / "out")
    assert [(one.kind, one.despite) for one in answer.doubts] == [(kind, "")]


def test_an_alarm_about_somebody_who_is_not_asked_is_no_matter(opened: Node, tmp_path: Path) -> None:
    said: list[str] = []
    alarmed(opened, "rewritten", "tax")
    rounds.gather(opened, ON, tmp_path / "out", said=said.append)
    assert said == []
    (answer,) = read_answers(tmp_path / "out")
    assert answer.doubts == ()
