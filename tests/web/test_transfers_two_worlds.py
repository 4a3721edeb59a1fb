"""A restricted hand-over of a protected family: what nobody may see makes no byte of a page another.

At the sender two worlds differ in the hidden address alone: in the register, in a note, and in what the receiver does
with the case. At the receiver they differ in whether a hand-over came at all, for everybody whom it does not name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from planned import a_case
from routes import ask, routes_with_a_policy

from builders import a_child, a_household, a_run
from canary import hits
from handed_over import OtherCity, a_step, asking, here, sending, set_up
from handing import HINODE, MIZUNO, TODAY, WORKER, a_document, a_draft
from tsunagu.handover.document import HandedNote
from tsunagu.handover.people import Official
from tsunagu.handover.working_days import japan_day
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.models import Team
from tsunagu_web.access.terms import Label, Purpose, Role, Thing
from tsunagu_web.accounts.models import Staff
from tsunagu_web.intake.services import take_in
from tsunagu_web.notes.models import Note, NoteVersion
from tsunagu_web.transfers.models import Transfer
from two_worlds import HIDDEN, a_list, comparable, two_worlds, undone

AOI, MOTHER = a_household(a_child())
PAGE = f"/children/{AOI.person_id}/transfers/"
ONE = f"{PAGE}1/"
SUPPORT = Purpose.CASE_SUPPORT
NAMED = ("boss-1", "boss-2")
OF_PEOPLE = [f"account:{login}" for login in NAMED]
# Moments, and numbers that PostgreSQL's sequences do not take back.
_MOMENT = re.compile(rb"kin/?\d+|\d{1,2}:\d{2}(:\d{2})?|staff:\d+|\"staff_id\": ?\d+|(name|value)=\"[^\"]{30,}\"")
# Their bytes are drawn anew at each answer, as in the test of every page.
DRAWN_ANEW = {Thing.ACCOUNT, Thing.ACCESS_LOG, Thing.LOOKS}
Browser = Callable[..., Client]
People = Callable[..., Staff]
Pages = dict[str, bytes]


def _steady(answer: object) -> bytes:
    status, headers, body = comparable(answer)  # type: ignore[arg-type]  # an answer of the test's client
    return _MOMENT.sub(b"", f"{status} {headers}".encode() + body)


# At the sender


class Sender:
    """Hinode's desk in one world: the family lives at the hidden address, and the list protects it."""

    def __init__(self, folder: Path, address: str, as_role: Browser, staff: People) -> None:
        self.address, self.pages = address, Pages()
        people = (replace(AOI, address=address), replace(MOTHER, address=address))
        key = read_key(settings.ENVIRONMENT.address_key)
        run = a_run(folder / "run", *people, key=folder / "run.key", address_key=key)
        take_in(open_run(run), read_key(folder / "run.key"), address_key=key)
        a_list(settings.ENVIRONMENT.suppression_list, (MOTHER.resident_no, ""))
        self.other = OtherCity(folder, MIZUNO)
        worker = staff(Role.LEAD_WORKER)
        a_case(worker, stage="opened")
        for words in ("朝の支度を手伝う。", f"いまは{address}にいる。"):
            said = {"label": Label.INTERNAL, "number": 1}
            note = Note.objects.create(child_id=AOI.person_id, form=uuid.uuid4(), changed_at=timezone.now(), **said)
            NoteVersion.objects.create(note=note, text=words, by=worker, at=timezone.now(), **said)
        self.lead = as_role(Role.LEAD_WORKER, purpose=SUPPORT)
        self.boss = as_role(Role.SUPERVISOR, purpose=SUPPORT)

    def look(self, when: str, *more: str) -> None:
        """Every page of hand-overs as both see it now."""
        for who, client in (("lead", self.lead), ("boss", self.boss)):
            for path in ("/transfers/", PAGE, *more):
                answer = client.get(path)
                assert answer.status_code == 200 or when == "closed", (when, who, path)
                self.pages[f"{when} {who} {path}"] = _steady(answer)

    def walk(self) -> None:
        """The whole way: prepared, sent, arrived, taken on there and handed on from there, closed here."""
        self.prepare()
        assert sending(self.boss, ONE).status_code == 302
        self.look("sent", ONE)
        transfer = Transfer.objects.get()
        self.other.carry(transfer.handover)
        self.look("arrived", ONE)
        self._there(transfer.handover)
        self.other.tell(transfer.handover)
        self.look("accepted", ONE)
        assert a_step(self.boss, ONE, "close_handed_over").status_code == 302
        self.look("closed", ONE)

    def prepare(self) -> None:
        self.look("before", f"{PAGE}new/")
        ordinary = self.lead.post(f"{PAGE}new/", asking())
        self.pages["ordinary"] = _steady(ordinary)
        assert ordinary.status_code == 422, "only a restricted one is possible"
        restricted = asking(kind="restricted", people=[f"{MIZUNO}:{login}" for login in NAMED])
        assert self.lead.post(f"{PAGE}new/", restricted).status_code == 302
        self.look("draft", ONE)

    def _there(self, id: str) -> None:
        """The receiver's people take the child on, and hand the case on with where the family lives now."""
        by, at, store = Official("boss-1", "supervisor"), timezone.now(), self.other.store
        store.choose_readers(id, NAMED, by, at)
        came = store.open(id, by, at).document
        assert [note.words for note in came.notes] == ["朝の支度を手伝う。"]
        self.pages["document"] = Transfer.objects.get().contents.get().body.encode()
        store.accept(id, by, at)
        note = HandedNote(TODAY, "主担当", "internal", f"いまは{self.address}にいる。")
        store.queue(a_draft(work="case:77", to="third-city", document=a_document(notes=(note,))), WORKER, at)


@pytest.fixture
def sender(
    desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_role: Browser, staff: People
) -> Callable[[str], Pages]:
    """The pages of the whole way in a world with this hidden address."""
    create_key(tmp_path / "address.key")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key", suppression_list=tmp_path / "list.csv")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    numbers = count()

    def pages(address: str) -> Pages:
        folder = tmp_path / f"world-{next(numbers)}"
        folder.mkdir()
        with undone():
            set_up(folder, monkeypatch, HINODE)
            made = Sender(folder, address, as_role, staff)
            made.walk()
            return made.pages

    return pages


def test_the_sender_never_learns_where_a_protected_family_lives(sender: Callable[[str], Pages]) -> None:
    first, second = two_worlds(sender)
    for address, pages in zip(HIDDEN, (first, second), strict=True):
        for words in (address, address[3:6]):
            assert hits(words, list(pages.values())) == []
    assert "入れなかった記録: 1件" in first[f"draft boss {ONE}"].decode(), "the note is there, and stays"
    assert "移管先で引き受けられました".encode() in first[f"accepted lead {ONE}"]
    assert [where for where, page in first.items() if second[where] != page] == []


def test_control_a_note_that_travels_is_seen(sender: Callable[[str], Pages], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsunagu_web.transfers.leaving.looks_like_a_place", lambda _text: False)
    monkeypatch.setattr(Sender, "walk", Sender.prepare)
    first, second = two_worlds(sender)
    assert hits(HIDDEN[0], list(first.values()))
    assert first != second


# At the receiver


ROUTES = routes_with_a_policy()


class Receiver:
    """Mizuno's desk in one world: with a hand-over that came for two named people, or without.

    id  of the hand-over, in either world
    """

    def __init__(self, folder: Path, as_role: Browser, staff: People, *, has_come: bool) -> None:
        run = a_run(folder / "run", AOI, MOTHER, key=folder / "run.key")
        take_in(open_run(run), read_key(folder / "run.key"))
        Team.objects.create(key="east", name="東", schools=["201"])
        self.as_role, self.id = as_role, "h-" + "0" * 32
        for login in NAMED:
            staff(Role.SUPERVISOR, login=login)
        other = OtherCity(folder, HINODE)
        if has_come:
            self.id = other.hand_over(kind="restricted", recipients=tuple(OF_PEOPLE), files=())
            boss = as_role(Role.SUPERVISOR, login="boss-1", purpose=SUPPORT)
            chosen = {"readers": [staff(login="boss-1").pk]}
            assert boss.post(f"/transfers/in/{self.id}/readers/", chosen).status_code == 302
            assert boss.get(f"/transfers/in/{self.id}/contents/").status_code == 200
        assert len(here().incoming(japan_day(timezone.now()))) == has_come

    def pages(self, role: Role) -> Pages:
        """Everything that somebody of a role whom it does not name can ask for, and the hand-over by its address."""
        client, found = self.as_role(role, **({"purpose": SUPPORT} if role in _WORK_ON_CASES else {})), Pages()
        for route in ROUTES:
            thing = getattr(route.policy, "thing", None)
            if thing not in DRAWN_ANEW:
                found[route.path] = _steady(ask(client, "get", route.url(AOI.person_id)))
        for path in ("", "contents/", "files/1/"):
            found[f"in {path}"] = self._without_id(client.get(f"/transfers/in/{self.id}/{path}"))
        for path in ("readers/", "accept/", "decline/"):
            found[f"to {path}"] = self._without_id(client.post(f"/transfers/in/{self.id}/{path}", {"reason": "x"}))
        return found

    def _without_id(self, answer: object) -> bytes:
        return _steady(answer).replace(self.id.encode(), b"ID")


_WORK_ON_CASES = (Role.LEAD_WORKER, Role.SUPERVISOR)


@pytest.fixture
def receiver(
    desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_role: Browser, staff: People
) -> Callable[..., Pages]:
    numbers = count()

    def pages(role: Role, *, has_come: bool) -> Pages:
        folder = tmp_path / f"world-{next(numbers)}"
        folder.mkdir()
        with undone():
            set_up(folder, monkeypatch, MIZUNO)
            return Receiver(folder, as_role, staff, has_come=has_come).pages(role)

    return pages


@pytest.mark.parametrize("role", Role)
def test_whom_it_does_not_name_sees_no_sign_that_it_came(role: Role, receiver: Callable[..., Pages]) -> None:
    there, not_there = receiver(role, has_come=True), receiver(role, has_come=False)
    assert [where for where, page in there.items() if not_there[where] != page] == []


def test_control_a_list_of_everything_that_came_is_seen(
    receiver: Callable[..., Pages], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsunagu_web.transfers.arriving.is_for", lambda _one, _staff: True)
    there, not_there = receiver(Role.SUPERVISOR, has_come=True), receiver(Role.SUPERVISOR, has_come=False)
    differ = {where for where, page in there.items() if not_there[where] != page}
    assert {"transfers/", "in "} <= differ
