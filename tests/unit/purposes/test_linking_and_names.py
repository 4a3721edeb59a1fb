"""What is agreed beside items and indicators: records to be linked, the register's columns, names of named persons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from agreements import CONTENT, ON, an_agreement
from answered import KEY, OnlyIndicators, a_request, child
from registered import EXTRACTS, OF_ALL, Register, about_names, agreed, granted, token
from tsunagu.errors import PurposeError, SourceError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.answering import answer
from tsunagu.purposes.gate import History, Released, release_parts
from tsunagu.purposes.grant import Grant, Refusal
from tsunagu.purposes.linked_forms import (
    IDENTITY,
    RESIDENT_COLUMNS,
    identity_definitions,
    linking_definitions,
    resident_definitions,
)
from tsunagu.purposes.manifest import manifest_of, parts_in, received
from tsunagu.purposes.request import bytes_of, read_request
from tsunagu.records.keyed_tables import KEYED_FORMS


def rows_of(agreement: SharingAgreement, *named: int, holder: Register | None = None) -> list[dict[str, Any]]:
    holder = holder or Register({})
    request = a_request(agreement, named=tuple(token(n) for n in named))
    given = granted(agreement, request, holder)
    assert isinstance(given, Grant)
    found = answer(given, holder, KEY, OF_ALL)
    assert isinstance(found, Released)
    return received(manifest_of(found), found.payload, request, agreement).to_pylist()


def test_nobody_is_named_whom_the_request_does_not_name() -> None:
    holder = Register({})
    rows = rows_of(about_names("name"), 3, 8, holder=holder)
    assert {row["token"]: row["text"] for row in rows} == {token(3): "名C003", token(8): "名C008"}
    assert holder.told == [[child(3), child(8)]]  # nobody else's name was read for it


def test_a_token_of_nobody_here_brings_nothing() -> None:
    agreement = about_names("name")
    request = a_request(agreement, named=(b"\x00" * 32, token(200)))
    given = granted(agreement, request, Register({}))
    assert isinstance(given, Grant)
    found = answer(given, Register({}), KEY, OF_ALL)
    assert isinstance(found, Released)
    assert found.rows == 0


def test_who_lives_with_them_is_named_where_the_household_is_agreed() -> None:
    assert {row["token"] for row in rows_of(about_names("name"), 4)} == {token(4)}
    rows = rows_of(about_names("name", "household"), 4)
    assert {row["token"] for row in rows} == {token(4), token(5)}


def test_a_protected_address_never_leaves() -> None:
    rows = rows_of(about_names("name", "address", "household"), 4)
    assert [row["text"] for row in rows if row["item"] == "address"] == ["住C004"]  # child 5 is protected
    assert sum(row["item"] == "name" for row in rows) == 2


def test_the_smallest_count_holds_for_everybody_and_not_for_named_persons() -> None:
    assert len(rows_of(about_names("name"), 4)) == 1


@pytest.mark.parametrize(
    ("about", "named", "code"),
    [("named", (), "names_nobody"), ("cohort", (b"\x01" * 32,), "names_somebody")],
)
def test_an_agreement_is_about_named_persons_or_about_none(about: str, named: tuple[bytes, ...], code: str) -> None:
    share = 60 if about == "named" else 0
    agreement = agreed(identity_definitions(["name"]), granularity="item", about=about, named_per_mille=share)
    assert granted(agreement, a_request(agreement, named=named), Register({})) == Refusal(code)


def test_names_under_another_key_name_nobody() -> None:
    agreement = about_names("name", join_set="another-set")
    given = granted(agreement, a_request(agreement, named=(token(3),)), Register({}))
    assert isinstance(given, Grant)
    assert answer(given, Register({}), KEY, History()) == Refusal("no_key")


def test_a_request_reads_back_as_it_was_and_takes_tokens_only() -> None:
    request = a_request(about_names("name"), named=(token(3),))
    assert read_request(bytes_of(request)) == request
    assert request.question != replace(request, named=(token(4),)).question
    with pytest.raises(SourceError, match="named: 'child-00' is not a token"):
        read_request(bytes_of(request).replace(token(3).hex().encode(), b"child-003"))


# ---------------------------------------------------------------- linkage


def linked(agreement: SharingAgreement, holder: Register) -> Grant:
    given = granted(agreement, a_request(agreement), holder)
    assert isinstance(given, Grant)
    return given


def test_only_agreed_extracts_are_sent_to_be_linked() -> None:
    holder, agreement = Register({}), agreed(linking_definitions(["shukketsu"]), granularity="linkage")
    given = linked(agreement, holder)
    found = answer(given, holder, None, History())
    assert isinstance(found, Released)
    table = received(manifest_of(found), found.payload, a_request(agreement), agreement)
    assert set(parts_in(table, agreement)) == {("shukketsu", p) for p in ("signatures", "forms", "neighbours")}
    for other in (("gakumu", "forms"), ("shukketsu", "names"), ("shukketsu", "residents")):
        with pytest.raises(PurposeError, match="was not granted"):
            release_parts(given, {other: KEYED_FORMS.empty()}, 0)


def test_only_agreed_columns_of_the_register_are_told() -> None:
    told = resident_definitions()
    agreement = agreed({key: told[key] for key in told if key[0] == "birth_date"}, granularity="residents")
    holder = Register({})
    given = linked(agreement, holder)
    found = answer(given, holder, None, History())
    assert isinstance(found, Released)
    table = received(manifest_of(found), found.payload, a_request(agreement), agreement)
    (row,) = parts_in(table, agreement)["residents", "residents"].to_pylist()
    assert row == {**dict.fromkeys(RESIDENT_COLUMNS), "link_id": "L1", "birth_date": ON}
    more = Register({}).residents(RESIDENT_COLUMNS, None, "child-centre", ON)
    with pytest.raises(PurposeError, match="columns that were not granted: sex, household"):
        release_parts(given, more, 1)


def test_who_was_not_linked_yet_is_told_so() -> None:
    agreement = agreed(resident_definitions(), granularity="residents", requester="tax")
    assert answer(linked(agreement, Register({})), Register({}), None, History()) == Refusal("not_linked_yet")


def test_an_answer_with_more_rows_than_agreed_stays() -> None:
    agreement = agreed(resident_definitions(), granularity="residents", rows_at_most=1)
    holder = Register({})
    two = {**holder.residents(RESIDENT_COLUMNS, None, "child-centre", ON)}
    two["residents", "residents"] = pa.concat_tables([two["residents", "residents"]] * 2)
    assert release_parts(linked(agreement, holder), two, 2) == Refusal("too_many_rows")


def test_a_table_that_is_not_the_one_it_says_is_not_taken() -> None:
    holder, agreement = Register({}), agreed(linking_definitions(["shukketsu"]), granularity="linkage")
    found = answer(linked(agreement, holder), holder, None, History())
    assert isinstance(found, Released)
    table = received(manifest_of(found), found.payload, a_request(agreement), agreement)
    rows = table.to_pylist()
    rows[0]["stream"], rows[1]["stream"] = rows[1]["stream"], rows[0]["stream"]
    with pytest.raises(PurposeError, match="its columns are not the ones"):
        parts_in(pa.Table.from_pylist(rows, schema=table.schema), agreement)
    rows[0]["stream"] = b"no table"
    with pytest.raises(PurposeError, match="is no table"):
        parts_in(pa.Table.from_pylist(rows, schema=table.schema), agreement)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"about": "named"}, "about: names persons, which an agreement on items alone can do"),
        ({"cohort": {"age_from": 0, "age_to": 25}}, "cohort.age_to: is above 24"),
        ({"about": "everyone"}, "about: 'everyone' is not known"),
    ],
)
def test_mistakes_in_an_agreement_are_told(changed: dict[str, object], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        an_agreement(**changed)


def test_linkage_may_be_about_grown_ups_too() -> None:
    wanted = [{"id": "zeimu", "version": "linked-1", "sha256": "a" * 64, "values": []}]
    made = an_agreement(granularity="linkage", wanted=wanted, cohort={"age_from": 0, "age_to": 150})
    assert made.cohort.age_to == 150
    assert CONTENT["cohort"]["age_to"] == 15


def test_one_name_may_mean_two_things_and_has_two_versions() -> None:
    both = [*identity_definitions(IDENTITY), *resident_definitions(), *linking_definitions(EXTRACTS)]
    assert len(set(both)) == len(both)


def test_a_holder_that_names_nobody_answers_with_no_row() -> None:
    assert OnlyIndicators().identity(["name"], [child(1)], ON).num_rows == 0
