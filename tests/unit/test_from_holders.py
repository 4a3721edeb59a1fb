"""A run over what holders answered: what is refused, what stays open, and how a band reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from fixed import KEY, ROOT
from told_in_bands import ON, answered, calm, named
from tsunagu.errors import CriterionError, PurposeError, SourceError, TsunaguError
from tsunagu.from_holders import Asked, HolderCounts, run_from_holders
from tsunagu.municipality import City, load_city
from tsunagu.purposes.tokens import KeyMark
from tsunagu.purposes.waiting_answers import Doubt, WaitingAnswer, read_answers, write_answers
from tsunagu.runs.folder import open_run
from tsunagu.wording import basis, reason_sentence

CHILD, OTHER = b"\x01" * 32, b"\x02" * 32


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(ROOT / "examples" / "hinode-city")


def run(
    city: City, out: Path, *answers: WaitingAnswer, names: Sequence[WaitingAnswer] = ()
) -> tuple[HolderCounts, list[bytes]]:
    asked_for: list[bytes] = []

    def released(tokens: Sequence[bytes]) -> Sequence[WaitingAnswer]:
        asked_for.extend(tokens)
        return names

    return run_from_holders(city, Asked(answers, released, ON, out, KEY)), asked_for


def test_only_the_noticed_are_named(city: City, tmp_path: Path) -> None:
    told = {CHILD: calm(city, absent_worst_month="10+"), OTHER: calm(city)}
    names = named(
        (CHILD, {"person": "P1", "name": "瑞野 春", "household": "H1"}),
        (b"\x03" * 32, {"person": "P3", "household": "H1"}),
    )
    counts, asked_for = run(city, tmp_path / "run", answered(city, told), names=[names])
    assert asked_for == [CHILD]
    assert (counts.children, counts.undecided, counts.unnamed) == (2, {}, 0)
    folder = open_run(tmp_path / "run")
    assert folder.table("notices").column("person_id").to_pylist() == ["P1"]
    assert set(folder.table("persons").column("person_id").to_pylist()) == {"P1", OTHER.hex()}
    people = {row["person_id"]: row for row in folder.identities(KEY).to_pylist()}
    assert {id: (row["is_noticed"], row["name"]) for id, row in people.items()} == {
        "P1": (True, "瑞野 春"),
        "P3": (False, None),
    }


def test_a_reason_is_read_with_its_band(city: City, tmp_path: Path) -> None:
    told = {CHILD: calm(city, absent_worst_month="10+", assistance="1+")}
    run(city, tmp_path / "run", answered(city, told), names=[named((CHILD, {"person": "P1"}))])
    folder = open_run(tmp_path / "run")
    reasons = {row["code"]: row for row in folder.table("reasons").to_pylist()}
    words = folder.vocabulary
    assert reason_sentence(words, reasons["N1a"], "ja") == "欠席が多い月がある（10以上）"
    assert reason_sentence(words, reasons["N1a"], "en") == "A month with many absences (10 or more)"
    assert basis(words, reasons["N1a"], "ja") == "基準：直近3授業月のどれかで10日以上"
    assert reason_sentence(words, reasons["P1"], "ja") == "生活保護を受給しています"  # nothing of one child is in it
    assert reasons["N1a"]["source"] == "shukketsu"


def test_a_child_whom_nobody_named_is_counted_and_kept(city: City, tmp_path: Path) -> None:
    counts, _ = run(city, tmp_path / "run", answered(city, {CHILD: calm(city, absent_worst_month="10+")}))
    assert counts.unnamed == 1
    assert "named by nobody" in "\n".join(counts.lines())
    (row,) = open_run(tmp_path / "run").identities(KEY).to_pylist()
    assert (row["person_id"], row["name"], row["is_noticed"]) == (f"T{CHILD.hex()[:16]}", None, True)


def test_coarse_bands_leave_a_sign_open_and_are_told(city: City, tmp_path: Path) -> None:
    bands = {
        "absent_worst_month": ("0-4", "5-14", "15+"),
        "absent_total": ("0-99", "100+"),
        "absent_rising": ("0-99", "100+"),
    }
    told = {
        bytes([n]) * 32: calm(city, absent_worst_month="5-14", absent_total="0-99", absent_rising="0-99")
        for n in range(6)
    }
    counts, _ = run(city, tmp_path / "run", answered(city, told, bands=bands))
    assert counts.undecided == {"N1a": 6, "N1b": 6, "N1c": 6}
    assert counts.between == 6
    assert "the agreed bands do not decide every sign: N1a 6" in "\n".join(counts.lines())
    overall = [r for r in open_run(tmp_path / "run").table("judgments").to_pylist() if r["judgment"] == "overall"]
    assert all(row["at_least"] != row["at_most"] for row in overall)


def test_a_holder_that_does_not_know_a_child_leaves_it_open_and_missing(city: City, tmp_path: Path) -> None:
    """No row is not a no: whoever took it for one would read the worst case as nothing."""
    bands = calm(city)
    del bands["absent_worst_month"]
    counts, _ = run(city, tmp_path / "run", answered(city, {CHILD: bands}))
    assert set(counts.undecided) == {"N1a"}
    rows = open_run(tmp_path / "run").table("judgments").to_pylist()
    (overall,) = [row for row in rows if row["judgment"] == "overall"]
    assert overall["at_least"] != overall["at_most"]
    assert overall["waiting_for"]
    assert overall["level"] == city.criteria.overall.undecided.name


def test_a_run_over_nodes_says_what_it_cannot_tell(city: City, tmp_path: Path) -> None:
    """An empty list of offers, or of facts, would read as if nothing were there."""
    counts, _ = run(city, tmp_path / "run", answered(city, {CHILD: calm(city)}))
    told = "\n".join(counts.lines())
    for said in ("no programme is computed over nodes", "agreed bands stand in their place", "doubtful pairs"):
        assert said in told
    manifest = open_run(tmp_path / "run").manifest
    assert manifest["counts"]["not_told"] == ["programmes", "facts", "doubtful_pairs", "school_records"]
    assert counts.as_json()["not_told"] == manifest["counts"]["not_told"]


def test_a_run_records_and_says_whose_log_is_in_doubt(city: City, tmp_path: Path) -> None:
    """The same alarm once, from the answer of bands or of names; of holders without any nothing is said."""
    doubt = Doubt("rewritten", 7, "child-centre", "2026-09-20T01:02:03.000000Z", "checked with the audit office")
    one = replace(answered(city, {CHILD: calm(city, absent_worst_month="10+")}), doubts=(doubt,))
    names = replace(named((CHILD, {"person": "P1"})), doubts=(doubt, replace(doubt, kind="withheld", despite="")))
    counts, _ = run(city, tmp_path / "run", one, names=[names])
    holder = one.agreement.holder
    assert names.agreement.holder == holder
    manifest = open_run(tmp_path / "run").manifest
    assert [row["kind"] for row in manifest["doubted"][holder]] == ["rewritten", "withheld"]
    assert manifest["doubted"][holder][0] == {
        "kind": "rewritten",
        "row": 7,
        "seen_by": "child-centre",
        "since": "2026-09-20T01:02:03.000000Z",
        "despite": "checked with the audit office",
    }
    assert (
        f"the log of {holder}, whose answers are used, is in doubt: rewritten, from row 7 on, as child-centre knows it"
        ", since 2026-09-20T01:02:03.000000Z; used all the same: checked with the audit office"
    ) in counts.lines()
    assert counts.as_json()["doubted"] == manifest["counts"]["doubted"]
    run(city, tmp_path / "other", answered(city, {CHILD: calm(city)}))
    assert open_run(tmp_path / "other").manifest["doubted"] == {}


def refused(city: City, tmp_path: Path, *answers: WaitingAnswer) -> TsunaguError:
    with pytest.raises(TsunaguError) as error:
        run(city, tmp_path / "run", *answers)
    assert not (tmp_path / "run").exists()
    return error.value


def test_what_nobody_answers_is_named_and_no_run_is_made(city: City, tmp_path: Path) -> None:
    one = answered(city, {CHILD: calm(city)})
    wanted = tuple(w for w in one.agreement.wanted if w.id != "tax_class")
    error = refused(city, tmp_path, replace(one, agreement=replace(one.agreement, wanted=wanted)))
    assert isinstance(error, CriterionError)
    assert "nobody has answered what the criteria compare: tax_class" in error.what


def test_two_holders_of_one_indicator_are_refused(city: City, tmp_path: Path) -> None:
    one = answered(city, {CHILD: calm(city)})
    error = refused(city, tmp_path, one, replace(one, agreement=replace(one.agreement, id="B", holder="tax")))
    assert "was answered by two holders" in error.what


def test_another_version_of_the_criteria_is_refused(city: City, tmp_path: Path) -> None:
    one = answered(city, {CHILD: calm(city)})
    wanted = tuple(replace(w, version="2025.1.0") for w in one.agreement.wanted)
    error = refused(city, tmp_path, replace(one, agreement=replace(one.agreement, wanted=wanted)))
    assert "was answered in version 2025.1.0" in error.what


@pytest.mark.parametrize("changed", [{"join_set": "J-2"}, {"purpose": "statistics"}, {"cadence": "yearly"}])
def test_answers_of_two_sets_are_not_joined(city: City, tmp_path: Path, changed: dict[str, str]) -> None:
    one = answered(city, {CHILD: calm(city)})
    other = replace(one, agreement=replace(one.agreement, id="B", wanted=(), **changed))
    assert isinstance(refused(city, tmp_path, one, other), PurposeError)


def several(city: City, count: int, first: int = 0) -> dict[bytes, dict[str, str | None]]:
    return {bytes([n]) * 32: calm(city) for n in range(first, first + count)}


def from_two(city: City, children: int, others: int, first: int, **ages: int) -> tuple[WaitingAnswer, WaitingAnswer]:
    """Two holders' answers, the second about children of whom the first knows those that both numbers name."""
    one, other = answered(city, several(city, children)), answered(city, several(city, others, first))
    agreement = replace(other.agreement, id="B", holder="tax", wanted=())
    return one, replace(other, agreement=replace(agreement, cohort=replace(agreement.cohort, **ages)))


def test_answers_made_with_two_keys_make_no_run(city: City, tmp_path: Path) -> None:
    """The holder of names has another one: it would name nobody, and nobody would know why."""
    told = answered(city, {CHILD: calm(city, absent_worst_month="10+")})
    answer = replace(told, made_with=KeyMark("J-2026-03 early-support 2026-10", "a" * 64))
    names = replace(named(), made_with=KeyMark(answer.made_with.of, "b" * 64))
    names = replace(names, agreement=replace(names.agreement, holder="residents"))
    with pytest.raises(PurposeError, match="several keys") as caught:
        run(city, tmp_path / "run", answer, names=[names])
    assert "residents: J-2026-03 early-support 2026-10 (bbbbbbbb)" in caught.value.where
    assert not (tmp_path / "run").exists()
    run(city, tmp_path / "run", answer, names=[replace(names, made_with=answer.made_with)])


def test_an_answer_about_children_whom_nobody_else_knows_makes_no_run(city: City, tmp_path: Path) -> None:
    error = refused(city, tmp_path, *from_two(city, 30, 30, first=100))
    assert isinstance(error, SourceError)
    assert "answered about 30 children, and the others know 0 of them" in error.what
    assert "tsunagu node link" in error.to_do


@pytest.mark.parametrize(
    ("others", "first", "ages"),
    [
        (30, 29, {}),  # one child in common is enough
        (5, 100, {}),  # a few children say nothing
        (30, 100, {"age_from": 16, "age_to": 18}),  # nobody of those ages was asked of the other
    ],
)
def test_answers_that_share_little_may_be_judged_together(
    city: City, tmp_path: Path, others: int, first: int, ages: dict[str, int]
) -> None:
    run(city, tmp_path / "run", *from_two(city, 30, others, first, **ages))


def test_an_answer_of_another_day_is_refused(city: City, tmp_path: Path) -> None:
    one = answered(city, {CHILD: calm(city)})
    days = pa.array([dt.date(2026, 8, 31)] * one.table.num_rows, pa.date32())
    table = one.table.set_column(one.table.column_names.index("as_of"), one.table.schema.field("as_of"), days)
    assert isinstance(refused(city, tmp_path, replace(one, table=table)), SourceError)


def test_answers_wait_in_a_folder_for_its_owner_alone(city: City, tmp_path: Path) -> None:
    one = answered(city, {CHILD: calm(city)})
    folder = tmp_path / "answers"
    write_answers(folder, [one])
    assert [path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())] == [0, 0, 0, 0, 0]
    assert read_answers(folder) == [one]
    with pytest.raises(TsunaguError, match="is there already"):
        write_answers(folder, [])
    (folder / f"{one.agreement.id}.arrow").write_bytes(b"spoilt")
    with pytest.raises(SourceError, match="an answer cannot be read"):
        read_answers(folder)
