"""Messages of a hand-over that are not what they should be: each is refused by name, and nothing is taken."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from handing import (
    AT,
    BOOK,
    HINODE,
    MIZUNO,
    SIGNING,
    SUPERVISOR,
    TODAY,
    WORKER,
    Book,
    a_document,
    a_draft,
    a_file,
    a_passage,
    a_store,
    carried,
    later,
)
from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.handover import passage as passages
from tsunagu.handover.kept import Kept
from tsunagu.handover.manifest import Manifest, read_manifest
from tsunagu.handover.package import hash_of_parts, size_of
from tsunagu.handover.passage import Passage
from tsunagu.handover.people import Act
from tsunagu.handover.receipts import Receipt, read_receipt
from tsunagu.handover.signing import read_signed, signed
from tsunagu.handover.store import HandoverStore
from tsunagu.purposes.canonical import canonical

STRANGER = "hinode-police"
Two = tuple[HandoverStore, HandoverStore, Passage, Passage]


@pytest.fixture
def two(tmp_path: Path) -> Two:
    sender, receiver = a_store(tmp_path, HINODE), a_store(tmp_path, MIZUNO)
    return sender, receiver, a_passage(sender), a_passage(receiver)


def content_of(message: bytes) -> dict[str, Any]:
    return dict(json.loads(message)["content"])


def by(own: str, content: dict[str, Any]) -> bytes:
    return signed(content, SIGNING[own])


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "form": lambda c: c.update(form="tsunagu-handover-2"),
    "id": lambda c: c.update(id="h-1"),
    "from": lambda c: c.update({"from": "大空"}),
    "kind": lambda c: c.update(kind="secret"),
    "recipients": lambda c: c.update(recipients=[]),
    "made_at": lambda c: c.update(made_at="2026-13-01T00:00:00Z"),
    "respond_by": lambda c: c.update(respond_by="2026-02-30"),
    "expires_on": lambda c: c.update(expires_on="2020-01-01"),
    "size": lambda c: c.update(size=0),
    "sha256": lambda c: c.update(sha256="0"),
    "parts": lambda c: c.update(parts=[*c["parts"], "0" * 64]),
    "name": lambda c: c.update(name="大空 つばさ"),
    "address": lambda c: c.update(address="ひので市"),
    "to": lambda c: c.pop("to"),
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_manifest_is_read_strictly(two: Two, key: str) -> None:
    sender, receiver, out, into = two
    content = content_of(out.offer(sender.queue(a_draft(), WORKER, AT), AT))
    CHANGES[key](content)
    with pytest.raises(SourceError, match=f"{key}: "):
        into.take_offer(by(HINODE, content), HINODE, AT)
    assert receiver.incoming(TODAY) == []


def test_a_restricted_manifest_with_one_name_is_refused_at_the_receiver_too(two: Two) -> None:
    sender, _, out, into = two
    content = content_of(out.offer(sender.queue(a_draft(), WORKER, AT), AT))
    content["kind"] = "restricted"
    with pytest.raises(SourceError, match="2 accounts"):
        into.take_offer(by(HINODE, content), HINODE, AT)


def test_only_its_sender_offers_a_hand_over_and_only_to_its_receiver(two: Two) -> None:
    sender, receiver, out, into = two
    offer = out.offer(sender.queue(a_draft(), WORKER, AT), AT)
    with pytest.raises(PurposeError, match="between others"):
        into.take_offer(offer, "somebody-else", AT)
    with pytest.raises(PurposeError, match="between others"):
        out.take_offer(offer, HINODE, AT)
    with pytest.raises(PurposeError, match="another organisation signed"):
        into.take_offer(by(MIZUNO, content_of(offer)), HINODE, AT)
    content = {**content_of(offer), "size": content_of(offer)["size"] + 1}
    with pytest.raises(PurposeError, match="not of this message"):
        into.take_offer(canonical({**json.loads(offer), "content": content}), HINODE, AT)
    assert receiver.incoming(TODAY) == []


@pytest.mark.parametrize("value", ["", "x", "A" * 85 + "=", "A" * 86 + "==", "あ" * 88, 1, None])
def test_a_signature_of_another_form_is_refused_as_such(two: Two, value: object) -> None:
    sender, receiver, out, into = two
    offer = json.loads(out.offer(sender.queue(a_draft(), WORKER, AT), AT))
    offer["signature"]["value"] = value
    with pytest.raises((SourceError, PurposeError)):
        into.take_offer(canonical(offer), HINODE, AT)
    assert receiver.incoming(TODAY) == []


def test_one_signature_is_written_in_one_way_only(two: Two) -> None:
    sender, _, out, into = two
    offer = json.loads(out.offer(sender.queue(a_draft(), WORKER, AT), AT))
    value = offer["signature"]["value"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    offer["signature"]["value"] = value[:-3] + letters[letters.index(value[-3]) | 1] + "=="
    with pytest.raises(SourceError, match="one way"):
        into.take_offer(canonical(offer), HINODE, AT)


def test_an_id_stands_for_one_hand_over(two: Two) -> None:
    sender, _, out, into = two
    offer = out.offer(sender.queue(a_draft(), WORKER, AT), AT)
    into.take_offer(offer, HINODE, AT)
    with pytest.raises(StateError, match="another hand-over"):
        into.take_offer(by(HINODE, {**content_of(offer), "respond_by": "2026-11-24"}), HINODE, AT)


def test_a_message_of_one_kind_does_not_pass_for_another(two: Two) -> None:
    sender, _, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    receipt = json.loads(into.standing(id))["receipts"][0]
    with pytest.raises(SourceError, match="form: "):
        into.take_offer(canonical(receipt), HINODE, AT)
    with pytest.raises(SourceError, match="form: "):
        read_receipt(content_of(out.offer(id, AT)), id)
    with pytest.raises(SourceError, match="form: "):
        into.take_withdrawal(
            canonical({"manifest": json.loads(out.offer(id, AT)), "withdrawal": json.loads(out.offer(id, AT))}),
            HINODE,
            AT,
        )


def standing_with(two: Two, id: str, **changed: Any) -> bytes:
    """A standing that holds one receipt of the receiver's making."""
    sender, _, _, into = two
    manifest = sender.get(id, TODAY).manifest
    given: dict[str, Any] = {"what": "accepted", "reason": "", "by": "staff:staff-7", "at": AT, **changed}
    receipt = Receipt(id, given.pop("manifest_sha256", manifest.hash), **given)
    read = json.loads(into.standing(id))
    return canonical({**read, "receipts": [json.loads(signed(receipt.content, SIGNING[MIZUNO]))]})


def test_a_receipt_counts_for_its_manifest_alone(two: Two) -> None:
    sender, _, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    with pytest.raises(PurposeError, match="another hand-over"):
        out.take_standing(id, standing_with(two, id, manifest_sha256="0" * 64), MIZUNO, AT)
    assert (sender.get(id, TODAY).state, sender.get(id, TODAY).is_ours) == ("stored", True)
    other = sender.queue(a_draft(work="case:13"), WORKER, AT)
    carried(out, into, other)
    moved = canonical({**json.loads(into.standing(id)), "receipts": json.loads(into.standing(other))["receipts"]})
    with pytest.raises(PurposeError, match="another hand-over"):
        out.take_standing(id, moved, MIZUNO, AT)


def test_nobody_else_and_no_program_accepts(two: Two) -> None:
    sender, _, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    with pytest.raises(SourceError, match="only people accept"):
        out.take_standing(id, standing_with(two, id, by="system"), MIZUNO, AT)
    with pytest.raises(PurposeError, match="nothing was handed over to them"):
        out.take_standing(id, standing_with(two, id), "somebody-else", AT)
    read = json.loads(standing_with(two, id))
    read["receipts"][0] = json.loads(by(HINODE, read["receipts"][0]["content"]))
    with pytest.raises(PurposeError, match="another organisation signed"):
        out.take_standing(id, canonical(read), MIZUNO, AT)
    assert sender.get(id, TODAY).is_ours


def test_a_second_end_contradicts_the_first_and_is_not_taken(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    receiver.decline(id, SUPERVISOR, AT, "not_resident")
    out.take_standing(id, into.standing(id), MIZUNO, AT)
    for changed, said in (({}, "was 'declined' before"), ({"what": "stored", "by": "staff:x"}, "something else")):
        with pytest.raises(PurposeError, match=said):
            out.take_standing(id, standing_with(two, id, **changed), MIZUNO, AT)
    assert (sender.get(id, TODAY).state, sender.get(id, TODAY).is_ours) == ("declined", True)
    assert "contradicted" in sender.shelf.log()[-1].body


def test_an_acceptance_alone_is_enough_and_the_receipt_before_it_may_come_later(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    into.take_offer(out.offer(id, AT), HINODE, AT)
    into.take_part(id, 0, out.part(id, 0, MIZUNO)[1], HINODE, AT)
    receiver.accept(id, SUPERVISOR, AT)
    read = json.loads(into.standing(id))
    stored, accepted = read["receipts"]
    out.take_standing(id, canonical({**read, "receipts": [accepted]}), MIZUNO, AT)
    assert sender.get(id, TODAY).state == "sealed"
    out.take_standing(id, canonical({**read, "receipts": [stored, accepted]}), MIZUNO, AT)
    assert [one.what for one in sender.get(id, TODAY).receipts] == ["accepted", "stored"]


def test_what_never_left_takes_no_receipt(two: Two) -> None:
    sender = two[0]
    id = sender.queue(a_draft(), WORKER, AT)
    manifest = sender.get(id, TODAY).manifest
    receipt = Receipt(id, manifest.hash, "accepted", "", "staff:staff-7", AT)
    standing = canonical(
        {
            "form": passages.STANDING_FORM,
            "handover": id,
            "manifest_sha256": manifest.hash,
            "next": 0,
            "receipts": [json.loads(signed(receipt.content, SIGNING[MIZUNO]))],
        }
    )
    with pytest.raises(PurposeError, match="nothing was handed over"):
        a_passage(sender).take_standing(id, standing, MIZUNO, AT)
    assert sender.get(id, TODAY).state == "queued"


def a_hand_made(parts: tuple[bytes, ...], **changed: Any) -> Manifest:
    """A manifest of any parts, as a sender with another program could make it."""
    made = Manifest(
        id="h-" + "5" * 32,
        sender=HINODE,
        receiver=MIZUNO,
        kind="ordinary",
        recipients=("role:supervisor",),
        made_at=AT,
        respond_by=TODAY,
        expires_on=TODAY,
        size=size_of(parts),
        sha256=hash_of_parts(parts),
        parts=tuple(hash_of_parts((part,)) for part in parts),
    )
    return replace(made, **changed)


@pytest.mark.parametrize(
    ("contents", "changed"),
    [
        (b"x" * 40, {}),
        ((5).to_bytes(8, "big") + b"{}   ", {}),
        (b"x" * 40, {"sha256": "0" * 64}),
    ],
    ids=["no document", "another document", "another hash of the whole"],
)
def test_what_cannot_be_read_is_declined_by_a_receipt_and_nothing_of_it_is_kept(
    two: Two, contents: bytes, changed: dict[str, Any]
) -> None:
    _, receiver, _, into = two
    part = b"s" * 16 + contents
    manifest = a_hand_made((part,), **changed)
    into.take_offer(by(HINODE, manifest.content), HINODE, AT)
    standing = json.loads(into.take_part(manifest.id, 0, part, HINODE, AT))
    (receipt,) = standing["receipts"]
    assert (receipt["content"]["what"], receipt["content"]["reason"]) == ("declined", "unreadable")
    there = receiver.get(manifest.id, TODAY)
    assert (there.state, there.has_contents, there.is_ours) == ("declined", False, False)
    with receiver.shelf.transaction() as db:
        assert db.execute("SELECT count(*) FROM parts").fetchone() == (0,)


def test_what_waited_is_signed_anew_with_a_new_key_and_is_the_same(tmp_path: Path) -> None:
    book = Book()
    sender, receiver = a_store(tmp_path, HINODE), a_store(tmp_path, MIZUNO)
    out, into = a_passage(sender, book), a_passage(receiver, book)
    id = sender.queue(a_draft(), WORKER, AT)
    before = out.offer(id, AT)
    into.take_offer(before, HINODE, AT)
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    newer = Ed25519PrivateKey.from_private_bytes(b"N" * 32)
    book.known.clear()
    book.add(HINODE, new)
    book.add(MIZUNO, newer)
    with pytest.raises(PurposeError, match="no organisation has this key"):
        into.take_offer(before, HINODE, AT)
    out = Passage(sender, new, lambda _now: book)
    into = Passage(receiver, newer, lambda _now: book)
    carried(out, into, id)
    receiver.accept(id, SUPERVISOR, AT)
    out.take_standing(id, into.standing(id), MIZUNO, AT)
    assert sender.get(id, TODAY).state == "sealed"


def test_a_sender_cannot_fill_the_receivers_disk_without_end(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, receiver, out, into = two
    monkeypatch.setattr(passages, "MOST_OPEN", 2)
    for number in range(3):
        offer = out.offer(sender.queue(a_draft(work=f"case:{number}"), WORKER, AT), AT)
        if number < 2:
            into.take_offer(offer, HINODE, AT)
    with pytest.raises(StateError, match="wait here"):
        into.take_offer(offer, HINODE, AT)
    assert len(receiver.incoming(TODAY)) == 2


def test_a_withdrawal_that_overtakes_its_offer_is_kept(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    offer = out.offer(id, AT)
    sender.withdraw(id, WORKER, AT)
    out.take_standing(id, into.take_withdrawal(out.withdrawal(id, AT), HINODE, AT), MIZUNO, AT)
    assert sender.get(id, TODAY).state == "withdrawn"
    assert b'"withdrawn"' in into.take_offer(offer, HINODE, AT)
    assert receiver.get(id, TODAY).state == "withdrawn"


def test_a_step_that_is_not_in_the_table_is_refused_with_the_state(two: Two) -> None:
    sender, _, _, _ = two
    id = sender.queue(a_draft(), WORKER, AT)
    with sender.shelf.transaction() as db:
        kept: Kept = sender.shelf.get(db, id, "out")
    with pytest.raises(StateError, match="'queued' cannot 'accepted'"), sender.shelf.transaction() as db:
        sender.shelf.step(db, kept, "accepted", Act.program(AT))
    assert sender.get(id, TODAY).state == "queued"


def test_a_manifest_reads_as_it_was_written(two: Two) -> None:
    sender, _, out, _ = two
    id = sender.queue(a_draft(files=(a_file(2_000_000),), document=a_document()), WORKER, AT)
    read = read_signed(out.offer(id, AT), "offer")
    read.require_by(HINODE, BOOK, AT)
    assert read_manifest(read.content, "offer") == sender.get(id, TODAY).manifest


def test_each_of_many_that_wait_is_told_of_before_long(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, _, out, into = two
    waiting = [sender.queue(a_draft(work=f"case:{number}"), WORKER, AT) for number in range(6)]
    for id in waiting:
        carried(out, into, id)
    new = sender.queue(a_draft(work="case:new"), WORKER, AT)
    monkeypatch.setattr(passages, "MOST_WAITING", 3_000)
    seen = set()
    for _ in range(60):
        told = passages.read_waiting(out.waiting(MIZUNO, AT), HINODE)
        ids = [one["manifest"]["content"]["id"] for one in told]  # type: ignore[index]  # as it was read
        assert ids[0] == new
        assert len(ids) < 1 + len(waiting)
        seen |= set(ids)
    assert seen == {new, *waiting}
    assert out.waiting("somebody-else", AT) == b'{"form":"tsunagu-handover-waiting-1","handovers":[]}'


#: All that a text on the way back can be: an id, a hash, a code, a moment, an account, a key's name, a signature.
COMES_BACK = re.compile(
    r"h-[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{16}|[a-z_]{0,16}|tsunagu-handover-[a-z]+-1|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    r"|staff:[A-Za-z0-9._-]{1,80}|[A-Za-z0-9+/]{86}=="
)


def texts(read: object) -> Iterator[str]:
    if isinstance(read, dict):
        for one in read.values():
            yield from texts(one)
    elif isinstance(read, list):
        for one in read:
            yield from texts(one)
    elif isinstance(read, str):
        yield read


@pytest.mark.parametrize("end", ["accept", "decline", "expire", "withdraw"])
def test_nothing_that_comes_back_has_room_for_where_the_family_is(two: Two, end: str) -> None:
    sender, receiver, out, into = two
    recipients = ("account:staff-7", "account:staff-8")
    id = sender.queue(a_draft(kind="restricted", recipients=recipients), WORKER, AT)
    standings = [carried(out, into, id)]
    if end == "accept":
        receiver.accept(id, SUPERVISOR, AT)
    elif end == "decline":
        receiver.decline(id, SUPERVISOR, AT, "not_resident")
    elif end == "expire":
        assert receiver.expire(later(60)) == 1
    else:
        sender.withdraw(id, WORKER, AT)
        standings.append(into.take_withdrawal(out.withdrawal(id, AT), HINODE, AT))
    standings.append(into.standing(id))
    for standing in standings:
        found = list(texts(json.loads(standing)))
        assert len(found) > 8
        assert [one for one in found if not COMES_BACK.fullmatch(one)] == []


def test_a_hand_over_of_others_is_told_as_one_that_is_not_there(two: Two) -> None:
    """In the very words: who asks with ids that it guesses is not told which of them there are."""
    sender, _receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    into.take_offer(out.offer(id, AT), HINODE, AT)
    part = out.part(id, 0, MIZUNO)[1]
    nowhere = id[:-4] + ("0000" if id[-4:] != "0000" else "1111")
    standing = json.loads(into.standing(id))

    def of(which: str) -> list[Callable[[], object]]:
        told = canonical({**standing, "handover": which})
        return [
            lambda: out.part(which, 0, STRANGER),
            lambda: out.take_standing(which, told, STRANGER, AT),
            lambda: into.take_part(which, 0, part, STRANGER, AT),
            lambda: into.expected(which, 0, STRANGER),
        ]

    for foreign, unknown in zip(of(id), of(nowhere), strict=True):
        said = []
        for ask in (foreign, unknown):
            with pytest.raises((PurposeError, StateError)) as error:
                ask()
            said.append((type(error.value), error.value.what, error.value.to_do))
        assert said[0] == said[1]
