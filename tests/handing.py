"""An invented case that is handed over between two invented cities, with their stores, keys and people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.errors import PurposeError
from tsunagu.handover import document as d
from tsunagu.handover.package import AttachedFile
from tsunagu.handover.passage import Passage
from tsunagu.handover.people import Official
from tsunagu.handover.store import Draft, HandoverStore
from tsunagu.keys import name_of

HINODE, MIZUNO = "hinode-city", "mizuno-city"
SIGNING = {
    HINODE: Ed25519PrivateKey.from_private_bytes(b"h" * 32),
    MIZUNO: Ed25519PrivateKey.from_private_bytes(b"m" * 32),
}
#: A Tuesday; the Monday after next is a holiday (勤労感謝の日 2026-11-23).
AT = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 17)
WORKER = Official("staff-12", "lead_worker")
SUPERVISOR = Official("staff-7", "supervisor")
OTHER = Official("staff-9", "lead_worker")


class Book:
    """Whose keys these are, as a directory says; keys can be added to an organisation."""

    def __init__(self) -> None:
        self.known = {name_of(key.public_key()): (id, key.public_key()) for id, key in SIGNING.items()}

    def signing_key(self, name: str, now: datetime) -> tuple[str, Ed25519PublicKey]:
        if name not in self.known:
            raise PurposeError("no organisation has this key", to_do="Sign with another.")
        return self.known[name]

    def add(self, id: str, key: Ed25519PrivateKey) -> None:
        self.known[name_of(key.public_key())] = (id, key.public_key())


BOOK = Book()


def a_document(**changed: Any) -> d.CaseDocument:
    """An invented child of ten, with something in every list."""
    made = d.CaseDocument(
        on=TODAY,
        contact=d.Contact("ひので市こども家庭センター", "青木 みどり", "00-0000-0000"),
        child=d.HandedChild("大空　つばさ", "オオゾラ　ツバサ", ("小川　つばさ",), date(2016, 5, 3), "unknown"),
        household=(
            d.Member("大空　こずえ", "", "母", None),
            d.Member("大空　ひかる", "オオゾラ　ヒカル", "弟", date(2021, 2, 9)),
        ),
        outline=d.Outline(
            opened_on=date(2026, 6, 1),
            why="五月から欠席が続いていた。\n担任が家庭訪問し、母が体調をくずしていることがわかった。",
            now="週に二日登校している。",
            urgent="転居先での登校の見守り",
            council_since=date(2026, 7, 10),
        ),
        said=(d.Said(date(2026, 10, 2), "理科はすき。朝がつらい。", may_be_shown=False),),
        seen=(d.Seen(date(2026, 11, 4), "担任", "学校", "笑顔で話した"),),
        attempts=(d.Attempt(date(2026, 11, 1), "電話", reached=True, what=""),),
        found=(d.Found(date(2026, 7, 1), "主担当", "母の休養と朝の支度の助けがあれば登校できる。"),),
        plans=(
            d.HandedPlan(
                date(2026, 7, 1),
                date(2027, 3, 31),
                date(2026, 12, 1),
                "朝むかえに来てほしい",
                "",
                ("週に三日登校できる",),
                (d.PlannedService("家事の支援", "支援団体", date(2026, 7, 15), None),),
            ),
        ),
        supports=(d.Support("就学援助", date(2026, 4, 1), None),),
        notes=(d.HandedNote(date(2026, 11, 10), "主担当", "internal", "引っ越しは十二月一日の予定。"),),
        next_steps=(d.NextStep("新しい学校との打ち合わせ", date(2026, 12, 4)),),
    )
    return replace(made, **changed)


def a_file(size: int = 1_000, name: str = "支援プラン.pdf") -> AttachedFile:
    """Bytes that tell their place."""
    return AttachedFile(name, "pdf", b"".join(b"%08d" % at for at in range(0, size, 8))[:size])


def a_draft(**changed: Any) -> Draft:
    """The invented case on its way from Hinode to Mizuno."""
    given = Draft("case:12", MIZUNO, "ordinary", ("role:supervisor",), a_document(), (a_file(),))
    return replace(given, **changed)


def a_store(folder: Path, own: str) -> HandoverStore:
    """The store of a city, opened again where it is there; its key is made of its name."""
    return HandoverStore(folder / own / "handovers.sqlite3", own.encode()[:1] * 64, own)


def a_passage(store: HandoverStore, book: Book = BOOK) -> Passage:
    """The node's side of a store."""
    return Passage(store, SIGNING[store.own], lambda _now: book)


def carried(sender: Passage, receiver: Passage, id: str, at: datetime = AT) -> bytes:
    """All of a hand-over carried without a fault; how it stands at the receiving end."""
    standing = receiver.take_offer(sender.offer(id, at), HINODE, at)
    while (number := sender.take_standing(id, standing, MIZUNO, at)) is not None:
        _, part = sender.part(id, number, MIZUNO)
        standing = receiver.take_part(id, number, part, HINODE, at)
    return standing


def later(days: int) -> datetime:
    """So many days after AT."""
    return AT + timedelta(days=days)
