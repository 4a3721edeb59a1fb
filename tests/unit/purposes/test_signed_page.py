"""Under the page each signature says whether it is one of this text, and a broken one is told first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import agreements as a
from tsunagu.purposes import signed_page
from tsunagu.purposes.page import Words, page, page_hash
from tsunagu.purposes.signatures import sign
from tsunagu.purposes.signed_page import signatures_say, signed_by, warning

TAMPERED = replace(a.signed(), rows_at_most=12_001)


def said(side: str, agreement: object = None, **keys: object) -> str:
    found = signatures_say(agreement or a.signed(), keys)  # type: ignore[arg-type]
    return next(one.said for one in found if one.side == side)


def test_a_sound_signature_says_that_it_is_of_this_text() -> None:
    assert signed_by(a.signed(), a.KEYS).count("この文面への署名です") == 2
    assert warning(a.signed(), a.KEYS) == ""


def test_without_a_key_the_signature_itself_is_said_to_be_unchecked() -> None:
    assert "確かめていません" in said("holder")
    assert warning(a.signed(), {}) == ""


def test_after_a_change_every_signature_is_said_to_be_of_another_text_with_keys_and_without() -> None:
    for keys, told in ((a.KEYS, "この内容への署名ではありません"), ({}, "読んだのは、この文面ではありません")):
        assert signed_by(TAMPERED, keys).count(told) == 2
        above = warning(TAMPERED, keys)
        assert above.startswith("【注意】渡す側の署名が合いません。")
        assert "この取り決めは使わず" in above


def test_a_broken_one_is_told_before_a_sound_one() -> None:
    holder = sign(TAMPERED.__class__(**{**TAMPERED.__dict__, "signatures": ()}), "holder", a.HOLDER).signatures[0]
    mixed = replace(TAMPERED, signatures=(holder, a.signed().signatures[1]))
    assert [(one.side, one.is_broken) for one in signatures_say(mixed, a.KEYS)] == [
        ("requester", True),
        ("holder", False),
    ]
    assert "受け取る側の署名が合いません" in warning(mixed, a.KEYS)
    assert "渡す側の署名が" not in warning(mixed, a.KEYS)


def test_another_key_and_a_missing_signature_are_told_apart() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32).public_key()
    assert "手もとの公開鍵" in said("holder", holder=stranger)
    assert "署名の鍵" in warning(a.signed(), {"holder": stranger})
    assert said("holder", a.an_agreement()) == "まだありません"
    assert warning(a.an_agreement(), {}) == ""


def test_words_of_the_page_that_changed_since_are_no_broken_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_page, "page_hash", lambda _: "0" * 64)
    assert "言い回しだけが変わりました" in said("holder", **a.KEYS)
    assert warning(a.signed(), a.KEYS) == ""


def test_words_stand_before_the_ids_and_are_no_part_of_what_is_signed() -> None:
    words = Words(
        organisations={"school-board": "教育委員会"},
        purposes={"early-support": "早期支援"},
        roles={"manager": "所長"},
        things={("absent_total", "a" * 64): "欠席日数", ("late_total", "f" * 64): "遅刻"},
    )
    shown = page(a.an_agreement(), words)
    for told in ("教育委員会(school-board)", "早期支援(early-support)", "所長(manager)", "欠席日数(absent_total)"):
        assert told in shown
        assert told not in page(a.an_agreement())
    assert "late_total(手もとの市の設定では、別の定義です)" in shown
    assert page_hash(a.an_agreement()) == a.signed().signatures[0].page_sha256


def test_bands_and_codes_are_read_in_words() -> None:
    bands = ("under 0", "0-9", "10+")
    wanted = replace(a.an_agreement().wanted[0], values=bands)
    assert Words().values(wanted) == "0未満(under 0)、0から9(0-9)、10以上(10+)"
    coded = replace(wanted, values=("full", "partial"))
    assert Words(codes={"absent_total": {"full": "全部"}}).values(coded) == "全部(full)、partial"
