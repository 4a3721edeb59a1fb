"""Names are for notices: of those alone of whom the holder answered in the run, and of a share of them in a period."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agreements import KEYS, ON, an_agreement, as_file, content, signed
from answered import CHILDREN, KEY, a_request, child
from registered import Register, about_names, granted, token
from tsunagu.errors import SourceError
from tsunagu.purposes import advice
from tsunagu.purposes.agreement import SharingAgreement, as_mapping, read_agreement
from tsunagu.purposes.answering import answer
from tsunagu.purposes.gate import History, Released
from tsunagu.purposes.grant import Grant, Refusal
from tsunagu.purposes.named import Run
from tsunagu.purposes.page import page
from tsunagu.purposes.signatures import Finding, findings

EVERYBODY = Run(ids=frozenset(child(n) for n in range(CHILDREN)))


def named(agreement: SharingAgreement, *numbers: int, run: Run | None = EVERYBODY, **before: Any) -> Released | Refusal:
    holder = Register({})
    given = granted(agreement, a_request(agreement, named=tuple(token(n) for n in numbers)), holder)
    assert isinstance(given, Grant)
    return answer(given, holder, KEY, History(run=run, **before))


def told_of(released: Released | Refusal) -> set[bytes]:
    assert isinstance(released, Released)
    assert released.named is not None
    return set(released.named.tokens)


def test_without_an_answer_of_the_run_nobody_is_named() -> None:
    refused = named(about_names("name"), 3, 4, run=None)
    assert refused == Refusal("of_no_run")
    assert isinstance(refused, Refusal)
    assert refused.counts == {"named": 2}
    assert "ask for the indicators of that day first" in advice.to_do(refused.code)


@pytest.mark.parametrize("run", [Run(tokens=frozenset({token(3), token(5)})), Run(ids=frozenset({child(3), child(5)}))])
def test_who_was_not_answered_about_in_the_run_is_not_named(run: Run) -> None:
    assert told_of(named(about_names("name", named_per_mille=500), 3, 8, run=run)) == {token(3)}


def test_more_than_the_agreed_share_of_the_run_is_refused_whole() -> None:
    agreement = about_names("name", named_per_mille=20)  # of 100 children
    assert told_of(named(agreement, 1, 2)) == {token(1), token(2)}
    refused = named(agreement, 1, 2, 3)
    assert refused == Refusal("too_many_named")
    assert isinstance(refused, Refusal)
    assert refused.counts == {"named": 3, "beside": 0, "of_period": 3, "at_most": 2}
    assert "how many of a thousand" in advice.to_do(refused.code)


def test_the_share_is_of_the_run_and_not_of_all_whom_the_holder_knows() -> None:
    half = Run(ids=frozenset(child(n) for n in range(50)))
    assert named(about_names("name", named_per_mille=20), 1, 2, run=half) == Refusal("too_many_named")


def test_each_is_counted_once_over_everything_that_was_asked_in_the_period() -> None:
    agreement, before = about_names("name", named_per_mille=20), frozenset({token(1)})
    again = named(agreement, 1, 2, named=before)
    assert isinstance(again, Released)
    assert again.named is not None
    assert again.named.counts() == {"named": 2, "beside": 0, "of_period": 2, "at_most": 2}
    assert named(agreement, 2, 3, named=before) == Refusal("too_many_named")


def test_who_lives_with_them_is_counted_apart() -> None:
    found = named(about_names("name", "household", named_per_mille=10), 4)
    assert isinstance(found, Released)
    assert found.named is not None
    assert found.named.counts() == {"named": 1, "beside": 1, "of_period": 1, "at_most": 1}


def test_in_a_village_one_child_may_be_named() -> None:
    ten = Run(ids=frozenset(child(n) for n in range(10)))
    assert told_of(named(about_names("name", named_per_mille=1), 4, run=ten)) == {token(4)}


def test_tokens_of_nobody_use_nothing_up() -> None:
    found = named(about_names("name", named_per_mille=10), 4, 200, 300, 400)
    assert told_of(found) == {token(4)}


@pytest.mark.parametrize("changed", [{"about": "named", "granularity": "item"}, {"named_per_mille": 60}])
def test_a_share_stands_where_persons_are_named_and_nowhere_else(changed: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match="named_per_mille: is from 1 to 1000 where persons are named, and 0 where"):
        an_agreement(**changed)


def test_an_agreement_of_before_says_that_the_share_is_missing() -> None:
    old = {key: value for key, value in content().items() if key != "named_per_mille"}
    with pytest.raises(SourceError, match="named_per_mille: is missing"):
        read_agreement(as_file(old), "f")


def found_of(agreement: SharingAgreement) -> list[Finding]:
    return findings(agreement, KEYS, ON)


@pytest.mark.parametrize(
    ("share", "stops", "told"),
    [
        (100, None, ""),
        (101, False, "101 of 1,000 children may be named in one period, more than one in ten"),
        (600, False, "600 of 1,000"),
        (601, True, "601 of 1,000 children may be named in one period: that is a register"),
    ],
)
def test_a_share_that_is_no_exception_is_told(share: int, stops: bool | None, told: str) -> None:
    found = found_of(about_names("name", named_per_mille=share))
    assert [one.stops for one in found] == ([] if stops is None else [stops])
    assert all(told in one.what for one in found)


def test_a_limit_of_rows_that_limits_nothing_is_told() -> None:
    assert found_of(about_names("name", "household", rows_at_most=5_000 * 10 * 2)) == []
    (found,) = found_of(about_names("name", "household", rows_at_most=5_000 * 10 * 2 + 1))
    assert found.stops
    assert "more than any request for names can need" in found.what
    assert found_of(about_names("name", rows_at_most=5_001))[0].stops
    (note,) = found_of(signed(an_agreement(rows_at_most=50_000_000)))
    assert not note.stops
    assert "the limit limits nothing" in note.what


def test_the_signer_reads_of_how_many_and_that_they_do_not_live_alone() -> None:
    shown = page(about_names("name", "household", named_per_mille=45))
    assert "1,000 人につき 45 人まで。" in shown
    assert "一緒に住む人についても渡します" in shown
    assert "一緒に住む人" not in page(about_names("name"))
    assert "人につき" not in page(an_agreement())
    assert "こども 6,000 人分" in page(an_agreement(rows_at_most=12_000))


def test_a_share_changed_after_signing_is_found() -> None:
    made = json.loads(as_file(as_mapping(about_names("name", named_per_mille=45))))
    widened = read_agreement(as_file({**made, "named_per_mille": 46}), "f")
    assert found_of(widened)[0].what == "the content is not what the holder signed"
