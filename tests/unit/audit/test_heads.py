"""Signed heads: what they prove, what is said when one is changed, removed or contradicted, and how they are kept."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit_logs import KEY, a_log, heads_of, rechained
from tsunagu.audit.chain import head_of
from tsunagu.audit.heads import HeadFault, SignedHead, head_from, is_signed_by, sound_heads, text_of
from tsunagu.audit.proof import head_text, read_head, verify_file, write_lines
from tsunagu.audit.shelf import PUBLIC_KEY, AlreadyThere, Unreadable, newest_head, store_head, stored_heads
from tsunagu.audit.verify import Fault, verify
from tsunagu.errors import EngineError, PurposeError, SourceError
from tsunagu.keys import HEADS, name_of, own_signing_key, public_text, read_public_key, read_signing_key

PUBLIC = KEY.public_key()


def test_a_head_comes_back_as_it_was_written_and_is_signed() -> None:
    head = heads_of(a_log(7), 3, 7)[1]
    assert head_from(text_of(head)) == head
    assert is_signed_by(head, PUBLIC)
    assert (head.first, head.rows, len(head.prints), len(head.peaks)) == (4, 7, 32, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 8}, {"root": "0" * 64}, {"hash": "0" * 64}, {"prints": bytes(32)}, {"at": "2020-01-01T00:00:00Z"},
        {"previous": "0" * 64}, {"number": 3}, {"first": 1}, {"series": "other"}, {"signature": "AAAA"},
        {"signature": "not base64"}, {"peaks": ()},
    ],
)  # fmt: skip
def test_any_change_of_a_head_is_found(change: dict[str, object]) -> None:
    heads = heads_of(a_log(7), 3, 7)
    forged = replace(heads[1], **change)  # type: ignore[arg-type]  # fields of a head
    sound, faults = sound_heads([heads[0], forged], PUBLIC)
    assert sound == heads[:1]
    assert [(fault.kind, fault.row) for fault in faults] == [("edited", forged.first)]


def test_a_head_by_another_key_proves_nothing() -> None:
    log = a_log(5)
    other = Ed25519PrivateKey.generate()
    sound, faults = sound_heads(heads_of(log, 5, key=other), PUBLIC)
    assert (sound, faults) == ([], [HeadFault(1, 1, "edited")])


def test_a_head_that_is_gone_and_one_that_contradicts_are_named() -> None:
    log = a_log(9)
    heads = heads_of(log, 3, 5, 9)
    assert sound_heads([heads[0], heads[2]], PUBLIC)[1] == [HeadFault(3, 4, "removed")]
    assert sound_heads(heads[1:], PUBLIC)[1] == [HeadFault(2, 1, "removed")]
    other = heads_of(rechained(log, 4, actor="staff:9"), 3, 5, 9)
    assert sound_heads([*heads, other[1]], PUBLIC)[1] == [HeadFault(2, 4, "forked")]
    # A head that was signed over a rewritten log, and put where the next one belongs.
    assert [fault.kind for fault in sound_heads([*heads[:2], other[2]], PUBLIC)[1]] == ["forked"]


def test_the_root_decides_where_prints_would_agree() -> None:
    log = a_log(9)
    heads = heads_of(log, 3, 6, 9)
    # Nobody can make such prints; so the head is made wrong instead, by its own key.
    wrong = replace(heads_of(rechained(log, 5, actor="staff:9"), 3, 6)[1], prints=heads[1].prints)
    assert verify(log, heads=[heads[0], wrong]).faults == (Fault(4, "rewritten", 3),)


def test_rows_beyond_the_last_head_are_whole_by_the_chain() -> None:
    log = a_log(30)
    verdict = verify(log, heads=heads_of(log, 10, 20))
    assert (verdict.is_whole, verdict.rows, verdict.covered) == (True, 30, 20)


def test_a_log_without_rows_is_not_whole_when_a_head_says_otherwise() -> None:
    assert verify([], heads=heads_of(a_log(5), 5)).faults == (Fault(1, "truncated", 5),)


def test_log_and_heads_both_put_back_show_against_a_head_kept_elsewhere() -> None:
    log = a_log(30)
    heads = heads_of(log, 10, 20, 30)
    assert verify(log[:20], heads=heads[:2]).is_whole, "without it nobody can tell"
    verdict = verify(log[:20], saved=head_of(log[29]), heads=heads[:2])
    assert verdict.faults == (Fault(21, "rolled_back", 10, "head"), Fault(21, "rolled_back", 10))


def test_two_folders_that_contradict_each_other_are_told() -> None:
    log = a_log(10)
    other = heads_of(rechained(log, 4, actor="staff:9"), 10)
    assert Fault(4, "forked", of="head") in verify(log, heads=[*heads_of(log, 10), *other]).faults


def test_heads_are_stored_once_each_and_read_in_order(tmp_path: Path) -> None:
    heads = heads_of(a_log(9), 3, 5, 9)
    for number, head in enumerate(heads, start=1):
        store_head(tmp_path, head, number)
    with pytest.raises(AlreadyThere):
        store_head(tmp_path, heads[0], 3)
    assert list(stored_heads(tmp_path)) == heads
    assert newest_head(tmp_path) == (heads[2], 3)


def test_a_head_half_written_keeps_its_number_and_harms_nothing(tmp_path: Path) -> None:
    log = a_log(9)
    heads = heads_of(log, 3, 5, 9)
    store_head(tmp_path, heads[0], 1)
    store_head(tmp_path, heads[1], 2).write_text(text_of(heads[1])[:40])
    assert newest_head(tmp_path) == (heads[0], 2)
    following = heads_of(log, 3, 9)[1]
    store_head(tmp_path, following, 3)
    read = list(stored_heads(tmp_path))
    assert read == [heads[0], Unreadable(2), following]
    assert sound_heads([head for head in read if isinstance(head, SignedHead)], PUBLIC)[1] == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="folder of heads"):
        newest_head(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="TSUNAGU_HEADS"):
        store_head(tmp_path / "file", heads_of(a_log(1), 1)[0], 1)


def test_the_key_is_made_once_for_its_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "head.key"
    key = own_signing_key(path, HEADS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    written = path.read_bytes()
    assert name_of(own_signing_key(path, HEADS).public_key()) == name_of(key.public_key())
    assert path.read_bytes() == written
    assert [p.name for p in path.parent.iterdir()] == ["head.key"]
    path.chmod(0o640)
    with pytest.raises(PurposeError, match="chmod 600"):
        read_signing_key(path, HEADS)
    damaged = tmp_path / "damaged.key"
    damaged.write_text("nothing")
    damaged.chmod(0o600)
    with pytest.raises(SourceError):
        own_signing_key(damaged, HEADS)
    assert damaged.read_text() == "nothing", "a damaged key is told, not replaced"


def test_the_public_key_is_plain_and_anything_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / PUBLIC_KEY
    path.write_text(public_text(PUBLIC))
    assert name_of(read_public_key(path, HEADS)) == name_of(PUBLIC)
    assert "BEGIN PUBLIC KEY" in path.read_text()
    for text in ("", "nothing", text_of(heads_of(a_log(1), 1)[0])):
        path.write_text(text)
        with pytest.raises(SourceError):
            read_public_key(path, HEADS)


def test_an_exported_log_is_checked_with_the_folder_alone(tmp_path: Path) -> None:
    log = a_log(12)
    for number, head in enumerate(heads_of(log, 5, 10), start=1):
        store_head(tmp_path / "heads", head, number)
    (tmp_path / "heads" / PUBLIC_KEY).write_text(public_text(PUBLIC))
    path = tmp_path / "log.jsonl"
    with path.open("w") as out:
        write_lines(log, out)
    verdict, compared = verify_file(path, heads=tmp_path / "heads")
    assert (verdict.is_whole, verdict.covered, compared) == (True, 10, 2)
    with path.open("w") as out:
        write_lines(rechained(log, 7, actor="staff:9"), out)
    assert verify_file(path)[0].is_whole, "without heads nobody can tell"
    assert verify_file(path, heads=tmp_path / "heads")[0].faults == (Fault(7, "rewritten", 4),)
    # One signed head alone serves too, and a plain one still does.
    signed, plain = tmp_path / "signed.json", tmp_path / "plain.json"
    signed.write_text(text_of(heads_of(log, 10)[0]))
    plain.write_text(head_text(head_of(log[9])))
    assert verify_file(path, read_head(signed))[0].faults == (Fault(7, "rewritten", 4),)
    assert verify_file(path, read_head(plain))[0].faults == (Fault(10, "rewritten"),)


def test_without_the_public_key_a_folder_of_heads_is_not_believed(tmp_path: Path) -> None:
    log = a_log(3)
    store_head(tmp_path / "heads", heads_of(log, 3)[0], 1)
    path = tmp_path / "log.jsonl"
    with path.open("w") as out:
        write_lines(log, out)
    with pytest.raises(SourceError, match="public-key"):
        verify_file(path, heads=tmp_path / "heads")
