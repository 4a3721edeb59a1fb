"""An agreement is read strictly, signed by both sides, and relied on only as both signed it."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import agreements as a
from tsunagu.errors import SourceError, StateError
from tsunagu.purposes import signatures
from tsunagu.purposes.agreement import SharingAgreement, as_mapping, content_of, read_agreement
from tsunagu.purposes.canonical import LARGEST, canonical, read_object
from tsunagu.purposes.page import Words, page, page_hash
from tsunagu.purposes.signatures import findings, sign


def stopping(agreement: SharingAgreement, **more: Any) -> list[str]:
    """What stops it, with both keys and on a day within."""
    found = findings(agreement, more.pop("keys", a.KEYS), more.pop("on", a.ON), **more)
    return [one.what for one in found if one.stops]


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every text and number of the content, with where it stands."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list) and value:
        for place, one in enumerate(value):
            yield from leaves(one, (*path, place))
    else:
        yield path, value


def changed_at(data: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    made = copy.deepcopy(data)
    here: Any = made
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return made


LEAVES = [path for path, _ in leaves(a.CONTENT) if path[0] != "signatures"]


def test_what_both_signed_may_be_relied_on_and_reads_back_as_it_was() -> None:
    made = a.signed()
    assert findings(made, a.KEYS, a.ON) == []
    assert read_agreement(a.as_file(as_mapping(made)), "f") == made
    assert made.hash == a.an_agreement().hash  # signatures are no part of what is agreed


def changed_somewhere(data: dict[str, Any], path: tuple[str | int, ...]) -> SharingAgreement:
    """The agreement with one value another one, and still an agreement."""
    texts = {
        "granularity": "item", "cadence": "daily", "rounding": "none", "suppression": "leave_out_person",
        "replaces": "c" * 64, "valid_from": "2026-09-30", "valid_until": "2027-10-01", "decided_on": "2026-09-02",
        "provision": "61-2", "sha256": "d" * 64,
    }  # fmt: skip
    value = dict(leaves(data))[path]
    bands = {"0-9": "0-10", "10-29": "10-30", "30+": "30-90", "10+": "10-90"}
    other: object
    if isinstance(value, list):
        other = ["other-office"]
    elif "values" in path:
        other = bands[str(value)]
    else:
        other = value + 1 if isinstance(value, int) else texts.get(str(path[-1]), f"{value}x")
    made = changed_at(data, path, other)
    if path in (("about",), ("named_per_mille",)):  # only items are told of named persons, and of a share of them
        made |= {"about": "named", "granularity": "item", "named_per_mille": 60}
    if path in (("replaces",), ("version",)):  # a later version names the one before
        made |= {"version": 2, "replaces": "c" * 64}
    return read_agreement(a.as_file(made), "f")


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_a_change_anywhere_after_signing_is_found(path: tuple[str | int, ...]) -> None:
    found = stopping(changed_somewhere(json.loads(a.as_file(as_mapping(a.signed()))), path))
    assert [f"the content is not what the {side} signed" for side in ("holder", "requester")] == found[:2]


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_a_change_anywhere_changes_the_page(path: tuple[str | int, ...]) -> None:
    assert page_hash(changed_somewhere(a.content(), path)) != page_hash(a.an_agreement())


def test_each_bit_of_a_signature_counts() -> None:
    made = a.signed()
    holder, requester = made.signatures
    raw = base64.b64decode(holder.value)
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        other = replace(holder, value=base64.b64encode(bytes(flipped)).decode("ascii"))
        assert stopping(replace(made, signatures=(other, requester))) == ["the content is not what the holder signed"]


def test_a_signature_of_one_side_is_none_of_the_other() -> None:
    holder = sign(a.an_agreement(), "holder", a.HOLDER).signatures[0]
    forged = replace(a.an_agreement(), signatures=(holder, replace(holder, side="requester")))
    same = {"holder": a.HOLDER.public_key(), "requester": a.HOLDER.public_key()}
    assert stopping(forged, keys=same) == ["the content is not what the requester signed"]


def test_another_key_a_missing_one_and_a_missing_signature_stop_it() -> None:
    made, stranger = a.signed(), Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    assert stopping(made, keys={**a.KEYS, "holder": stranger.public_key()})[0].startswith("the holder signed with")
    assert stopping(made, keys={"requester": a.KEYS["requester"]})[0].startswith("the signature of the holder was not")
    assert stopping(sign(a.an_agreement(), "holder", a.HOLDER)) == ["the requester has not signed"]


def test_nobody_signs_a_version_twice() -> None:
    with pytest.raises(StateError, match="has signed this version") as error:
        sign(a.signed(), "holder", a.HOLDER)
    assert "--from" in error.value.to_do


@pytest.mark.parametrize(
    ("on", "stops"),
    [
        (dt.date(2026, 9, 30), True),
        (dt.date(2026, 10, 1), False),
        (dt.date(2027, 9, 30), False),
        (dt.date(2027, 10, 1), True),
    ],
)
def test_it_holds_from_its_first_day_to_its_last(on: dt.date, stops: bool) -> None:
    assert bool(stopping(a.signed(), on=on)) is stops


def test_a_version_follows_the_one_that_it_names() -> None:
    first = a.signed()
    second = a.signed(a.an_agreement(version=2, replaces=first.hash, rows_at_most=1000))
    assert findings(second, a.KEYS, a.ON, before=first) == []
    (told,) = findings(second, a.KEYS, a.ON)
    assert not told.stops
    for other in (
        a.signed(a.an_agreement(version=3, replaces=first.hash)),
        a.signed(a.an_agreement(version=2, replaces="c" * 64)),
        a.signed(a.an_agreement(version=2, replaces=first.hash, holder="another-board")),
    ):
        assert stopping(other, before=first) == ["it does not follow the version that was given as the one before"]


@pytest.mark.parametrize(
    ("law", "provision", "cadence", "warned"),
    [
        ("個人情報の保護に関する法律", "69-2-2", "monthly", True),
        ("個人情報の保護に関する法律", "69-2", "daily", True),
        ("個人情報の保護に関する法律", "69-2-3", "once", False),
        ("個人情報の保護に関する法律", "69-1", "monthly", False),
        ("個人情報の保護に関する法律", "61-3", "monthly", False),
        ("児童福祉法", "69-2-2", "monthly", False),
    ],
)
def test_a_basis_for_single_occasions_is_told_where_use_goes_on(
    law: str, provision: str, cadence: str, warned: bool
) -> None:
    basis = [{**a.CONTENT["legal_basis"][0], "law": law, "provision": provision}]
    found = findings(a.signed(a.an_agreement(legal_basis=basis, cadence=cadence)), a.KEYS, a.ON)
    assert [one.stops for one in found] == ([False] if warned else [])
    assert all("single occasions" in one.what for one in found)


def test_a_page_that_reads_otherwise_today_is_told_and_the_content_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(signatures, "page_hash", lambda _: "e" * 64)  # the words of another day
        old = sign(a.an_agreement(), "holder", a.HOLDER)
    told = findings(sign(old, "requester", a.REQUESTER), a.KEYS, a.ON)
    assert [(one.stops, "page that the holder read" in one.what) for one in told] == [(False, True)]


def test_the_hash_of_the_page_is_under_the_signature() -> None:
    holder, requester = a.signed().signatures
    changed = replace(a.signed(), signatures=(replace(holder, page_sha256="e" * 64), requester))
    assert stopping(changed) == ["the content is not what the holder signed"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"purpose": None}, "purpose: is not a text"),
        ({"porpose": "x"}, "porpose: is not known. Did you mean: purpose"),
        ({"version": True}, "version: is not a whole number"),
        ({"version": 2}, "replaces: names the version before"),
        ({"replaces": "c" * 64}, "replaces: names the version before"),
        ({"holder": "child-centre"}, "requester: is the holder itself"),
        ({"holder": "学校"}, "holder: '学校' is not an identifier"),
        ({"legal_basis": []}, "legal_basis: names nothing"),
        ({"legal_basis": [{}]}, "legal_basis[1].law: is missing; nothing stands for it by default"),
        ({"legal_basis": ["61-3"]}, "legal_basis[1]: is not an object"),
        ({"granularity": "items"}, "granularity: 'items' is not known. Did you mean: item"),
        ({"wanted": []}, "wanted: names nothing"),
        ({"wanted": [*a.CONTENT["wanted"], a.CONTENT["wanted"][0]]}, "wanted: 'absent_total' stands twice"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["0-9"]}]}, "wanted[1].values: names fewer than two"),
        ({"cohort": {"age_from": 16, "age_to": 6}}, "cohort.age_to: is below age_from"),
        ({"cohort": {"age_from": 6, "age_to": 15, "school": "x"}}, "cohort.school: is not known"),
        ({"cohort": []}, "cohort: is not an object"),
        ({"rows_at_most": 0}, "rows_at_most: 0 is not from 1 to"),
        ({"minimum_cell": 9}, "minimum_cell: 9 is not from 10 to"),
        ({"granularity": "aggregate", "rounding": "none"}, "rounding: must be midpoint_6"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["0-9", "many"]}]}, "some are bands of numbers and some"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["0-9", "5-20"]}]}, "'5-20' does not follow the band before"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["0-9", "20+"]}]}, "'20+' does not follow the band before"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["under 0", "1+"]}]}, "'1+' does not follow the band before"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["0+", "10-20"]}]}, "'0+' ends before it begins, or goes on"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["9-0", "10+"]}]}, "'9-0' ends before it begins"),
        ({"wanted": [{**a.CONTENT["wanted"][0], "values": ["0-9", "under 0"]}]}, "'under 0' is not the first"),
        ({"onward_use": ["child-centre"]}, "onward_use: names 'child-centre', which is a side"),
        ({"roles": []}, "roles: names nothing"),
        ({"roles": ["manager", "manager"]}, "roles: says the same twice"),
        ({"roles": [1]}, "roles: is not a list of texts"),
        ({"valid_from": "2026-10-1"}, "valid_from: '2026-10-1' is not a day"),
        ({"valid_until": "2026-09-30"}, "valid_until: lies before valid_from"),
        ({"signatures": [{"side": "holder", "key": "x", "page_sha256": "", "value": ""}]}, "signatures[1].key: 'x' is"),
    ],
)
def test_a_mistake_is_named_and_there_is_no_agreement(change: dict[str, object], told: str) -> None:
    with pytest.raises(SourceError) as error:
        a.an_agreement(**change)
    assert told in error.value.what
    assert error.value.where == "agreement.json"


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(SourceError, match="3 mistakes") as error:
        a.an_agreement(cadence="hourly", rows_at_most=-1, suppression="")
    assert [line.split(":")[0].strip() for line in error.value.what.splitlines()[1:]] == [
        "cadence", "rows_at_most", "suppression",
    ]  # fmt: skip


@pytest.mark.parametrize("key", [key for key in a.CONTENT if key != "signatures"] + ["signatures"])
def test_a_key_that_is_left_out_is_a_mistake_and_no_default(key: str) -> None:
    data = a.content()
    del data[key]
    with pytest.raises(SourceError, match=rf"{key}: is missing"):
        read_agreement(a.as_file(data), "f")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b'{"b": {"a": 1, "a": 1}}', "'a' stands twice"),
        (b'{"a": 1.0}', "1.0 is not a whole number"),
        (b'{"a": 1e3}', "1e3 is not a whole number"),
        (b'{"a": NaN}', "NaN is not a whole number"),
        (b'{"a": 1', "this is not JSON"),
        (b"[1]", "not a JSON object"),
        (b"\xff", "not UTF-8"),
        (b'{"a":' + b"[" * 100_000, "this is not JSON"),
        (b" " * (LARGEST + 1), "larger than"),
    ],
)
def test_what_two_readers_might_read_differently_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(SourceError, match="f") as error:
        read_object(data, "f")
    assert told in error.value.what


def test_the_canonical_form_does_not_depend_on_how_the_file_is_written() -> None:
    made = a.an_agreement()
    reordered = dict(reversed(list(a.content().items())))
    assert canonical(content_of(read_agreement(json.dumps(reordered).encode(), "f"))) == canonical(content_of(made))


def test_the_page_says_everything_that_is_agreed() -> None:
    made = a.an_agreement(onward_use=["ward-office"])
    text = page(made, Words(organisations={"school-board": "瑞野市教育委員会"}))
    assert "瑞野市教育委員会(school-board)" in text
    for path, value in leaves(json.loads(a.as_file(a.content(onward_use=["ward-office"])))):
        if path[0] in (
            "signatures",
            "replaces",
            "granularity",
            "about",
            "cadence",
            "rounding",
            "suppression",
            "valid_from",
        ):
            continue
        if path[-1] == "provision":
            assert "第61条第3項" in text
        else:
            assert (f"{value:,}" if isinstance(value, int) else str(value)) in text, path


@pytest.mark.parametrize("data", [b"", b"\n", "# まだ何も書いていない\n".encode()])
def test_a_file_without_anything_in_it_is_told_in_one_sentence(data: bytes) -> None:
    with pytest.raises(SourceError) as refused:
        read_agreement(data, "x.toml")
    assert refused.value.message().startswith("x.toml: nothing is written in this file")
