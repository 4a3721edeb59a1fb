"""The access log: any change to it is found, and named by the row and by what was done."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_logs import a_log, an_entry, resealed
from tsunagu.audit.chain import EMPTY, Head, SealedRow, head_of, seal
from tsunagu.audit.proof import head_text, read_head, verify_file, write_lines
from tsunagu.audit.verify import Fault, verify
from tsunagu.errors import PurposeError, SourceError


def test_an_untouched_log_is_whole() -> None:
    log = a_log(5)
    assert verify(log).is_whole
    assert verify(log).head == head_of(log[-1])
    assert verify([]).rows == 0


def test_a_log_that_grew_after_the_head_was_saved_is_whole() -> None:
    log = a_log(9)
    assert verify(log, saved=head_of(log[4])).is_whole


CHANGES = {
    "content edited": (lambda log: _put(log, 3, body=log[2].body.replace("child", "login")), Fault(3, "edited")),
    "hash edited": (lambda log: _put(log, 3, hash="0" * 64), Fault(3, "edited")),
    "number edited": (lambda log: [*log[:5], SealedRow(9, log[5].body, log[5].hash)], Fault(6, "edited")),
    "exchanged and hashed anew": (
        lambda log: [*log[:2], resealed(log[2], actor="staff:2"), *log[3:]],
        Fault(3, "edited"),
    ),
    "removed": (lambda log: [*log[:2], *log[3:]], Fault(3, "removed")),
    "removed at the start": (lambda log: log[1:], Fault(1, "removed")),
    "several removed": (lambda log: [*log[:1], *log[4:]], Fault(2, "removed", 3)),
    "removed and renumbered": (
        lambda log: [*log[:2], *[SealedRow(r.number - 1, r.body, r.hash) for r in log[3:]]],
        Fault(3, "removed"),
    ),
    "inserted": (lambda log: [*log[:3], seal(an_entry(9), head_of(log[2])), *log[3:]], Fault(4, "inserted")),
    "inserted and renumbered": (
        lambda log: [
            *log[:3],
            seal(an_entry(9), head_of(log[2])),
            *[SealedRow(r.number + 1, r.body, r.hash) for r in log[3:]],
        ],
        Fault(4, "inserted"),
    ),
    "an old row put in again": (lambda log: [*log[:5], log[1], *log[5:]], Fault(6, "inserted")),
    "two exchanged": (lambda log: [*log[:2], log[3], log[2], *log[4:]], Fault(3, "reordered")),
    "contents exchanged": (
        lambda log: [
            *log[:2],
            SealedRow(3, log[3].body, log[3].hash),
            SealedRow(4, log[2].body, log[2].hash),
            *log[4:],
        ],
        Fault(3, "reordered"),
    ),
    "not a row at all": (lambda log: _put(log, 2, body="{"), Fault(2, "edited")),
}


def _put(log: list[SealedRow], number: int, *, body: str | None = None, hash: str | None = None) -> list[SealedRow]:
    old = log[number - 1]
    new = SealedRow(old.number, old.body if body is None else body, old.hash if hash is None else hash)
    return [*log[: number - 1], new, *log[number:]]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_by_row_and_kind(name: str) -> None:
    change, expected = CHANGES[name]
    assert verify(change(a_log(6))).fault == expected


def test_a_log_cut_short_shows_against_a_saved_head() -> None:
    log = a_log(6)
    assert verify(log[:4]).is_whole, "without a head nobody can tell"
    assert verify(log[:4], saved=head_of(log[5])).fault == Fault(5, "truncated", 2)


def test_a_log_written_anew_shows_against_a_saved_head() -> None:
    log = a_log(6)
    forged: list[SealedRow] = []
    head = EMPTY
    for number in range(1, 7):
        forged.append(seal(an_entry(number, actor="staff:9"), head))
        head = head_of(forged[-1])
    assert verify(forged).is_whole, "without a head nobody can tell"
    assert verify(forged, saved=head_of(log[5])).fault == Fault(6, "rewritten")


@given(st.data())
def test_no_single_change_goes_unseen(data: st.DataObject) -> None:
    log = a_log(data.draw(st.integers(2, 8)))
    saved = head_of(log[-1])
    at = data.draw(st.integers(0, len(log) - 1))
    what = data.draw(st.sampled_from(["drop", "twice", "swap", "character", "reseal"]))
    changed = list(log)
    if what == "drop":
        del changed[at]
    elif what == "twice":
        changed.insert(data.draw(st.integers(0, len(log))), log[at])
    elif what == "swap":
        other = data.draw(st.integers(0, len(log) - 1).filter(lambda n: n != at))
        changed[at], changed[other] = changed[other], changed[at]
    elif what == "character":
        place = data.draw(st.integers(0, len(log[at].body) - 1))
        letter = data.draw(
            st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != log[at].body[place])
        )
        changed[at] = SealedRow(log[at].number, log[at].body[:place] + letter + log[at].body[place + 1 :], log[at].hash)
    else:
        changed[at] = resealed(log[at], actor="staff:7")
    verdict = verify(changed, saved)
    assert verdict.fault is not None
    assert 1 <= verdict.fault.row <= len(log) + 1


def test_the_exported_file_is_checked_without_the_database(tmp_path: Path) -> None:
    log = a_log(4)
    path = tmp_path / "log.jsonl"
    with path.open("w", encoding="utf-8") as out:
        assert write_lines(log, out) == 4
    assert verify_file(path)[0].head == head_of(log[-1])
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace("staff:1", "staff:2"), *lines[2:]]) + "\n", encoding="utf-8")
    assert verify_file(path)[0].fault == Fault(2, "edited")


def test_a_saved_head_is_read_back_and_anything_else_is_refused(tmp_path: Path) -> None:
    head = Head(12, "ab" * 32)
    path = tmp_path / "head.json"
    path.write_text(head_text(head), encoding="utf-8")
    assert read_head(path) == head
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(SourceError):
        read_head(path)
    with pytest.raises(SourceError):
        read_head(tmp_path / "none.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"persons": ("例川 あおい",)},
        {"actor": "職員A"},
        {"detail": {"query": "れいかわ"}},
        {"detail": {"note": "a sentence about a family"}},
        {"at": "yesterday"},
        {"object": ""},
    ],
)
def test_a_name_or_free_text_never_enters_the_log(changes: dict[str, object]) -> None:
    with pytest.raises(PurposeError) as refused:
        an_entry(1, **changes)
    assert "あおい" not in str(refused.value)


def test_every_fault_is_named_and_not_the_first_alone() -> None:
    log = a_log(400)
    changed = [
        *log[:9], resealed(log[9], actor="staff:2"), *log[10:99], *log[103:199],
        seal(an_entry(200, actor="staff:9"), head_of(log[198])), *log[199:299], log[300], log[299], *log[301:],
    ]  # fmt: skip
    verdict = verify(changed)
    assert verdict.faults == (
        Fault(10, "edited"),
        Fault(100, "removed", 4),
        Fault(200, "inserted"),
        Fault(300, "reordered"),
    )
    assert (verdict.rows, verdict.found) == (9, 4)


def test_twenty_faults_are_listed_and_all_are_counted() -> None:
    log = a_log(1_000)
    for number in range(20, 1_000, 20):
        log[number - 1] = SealedRow(number, "{", "")
    verdict = verify(log)
    assert verdict.found == 49
    assert [fault.row for fault in verdict.faults] == [20 * n for n in range(1, 21)]


def test_a_forged_row_at_the_end_is_inserted_and_not_a_sign_that_others_are_gone() -> None:
    log = a_log(6)
    forged = SealedRow(9_000_000_000_000, log[2].body.replace("child", "login"), log[2].hash)
    assert verify([*log, forged]).faults == (Fault(7, "inserted"),)


def test_an_enormous_number_is_named_and_costs_nothing() -> None:
    log = a_log(6)
    row = seal(an_entry(7), Head(10**15, log[5].hash))
    assert verify([*log, row]).faults == (Fault(7, "removed", 10**15 - 6),)
