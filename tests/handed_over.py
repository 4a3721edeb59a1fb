"""A desk that hands cases over and takes them on, between the two invented cities of `handing`."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from handing import MIZUNO, WORKER, a_draft, a_passage, a_store, carried
from municipalities import a_list
from tsunagu.handover.passage import Passage
from tsunagu.handover.store import HandoverStore
from tsunagu_web.transfers.offices import office, store_of


def set_up(folder: Path, monkeypatch: pytest.MonkeyPatch, own: str) -> HandoverStore:
    """This desk is of that city; gives its hand-overs."""
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, handover=a_list(folder, own)))
    return here()


def here() -> HandoverStore:
    """The hand-overs of this desk."""
    found = office()
    assert found is not None
    return store_of(found)


class OtherCity:
    """The other city with its node: what is carried there and back."""

    def __init__(self, folder: Path, own: str) -> None:
        self.own = own
        self.store = a_store(folder, own)

    @property
    def node(self) -> Passage:
        return a_passage(self.store)

    def carry(self, id: str) -> None:
        """All of a hand-over from Hinode to Mizuno, and how it stands back."""
        ours = a_passage(here())
        pair = (ours, self.node) if self.own == MIZUNO else (self.node, ours)
        standing = carried(*pair, id, timezone.now())
        pair[0].take_standing(id, standing, MIZUNO, timezone.now())

    def tell(self, id: str) -> None:
        """Only how it stands at the receiving end, to the sending one."""
        ours = a_passage(here())
        sender, receiver = (ours, self.node) if self.own == MIZUNO else (self.node, ours)
        sender.take_standing(id, receiver.standing(id), MIZUNO, timezone.now())

    def hand_over(self, **changed: Any) -> str:
        """A hand-over of the other city that has arrived here."""
        id = self.store.queue(a_draft(**changed), WORKER, timezone.now())
        self.carry(id)
        return id


def asking(**more: Any) -> dict[str, Any]:
    """An ordinary hand-over with everything but files, as its page sends it."""
    parts = ["household", "said", "found", "plans", "supports", "seen", "attempts", "notes", "next_steps"]
    said = {"to": MIZUNO, "kind": "ordinary", "why": "欠席が続いていた。", "now": "週に二日登校している。"}
    said |= {"urgent": "転居先での登校の見守り", "council_since": "2026-07-10", "parts": parts}
    return {**said, "seen": 0, "form": str(uuid.uuid4()), **more}


def a_step(client: Client, page: str, step: str, reason: str = "転居した") -> Any:
    """A step as the page of a hand-over sends it."""
    form = client.get(page).context["step"]
    marks = {name: form[name].value() for name in ("seen", "form", "ends")}
    return client.post(f"{page}step/", {"step": step, "reason": reason, **marks})


def sending(client: Client, page: str) -> Any:
    """Sends what the page shows."""
    form = client.get(page).context["sending"]
    return client.post(f"{page}send/", {name: form[name].value() for name in ("print", "seen", "form")})


def text_of(answer: Any) -> str:
    """The words of a page without its marks."""
    return re.sub(r"<[^>]+>", " ", answer.content.decode())
