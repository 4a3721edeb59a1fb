"""What travels: read strictly, written in one way, with no place for what must not travel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handing import a_document, a_file
from tsunagu.errors import SourceError
from tsunagu.handover import document as d
from tsunagu.handover.package import PART, SALT, AttachedFile, opened, parts_of, with_files
from tsunagu.handover.reading import document_bytes, hints, plain, read_document
from tsunagu.purposes.canonical import canonical
from tsunagu_node.sealed import PIECE

#: Levels of judgments as criteria write them, and words for what a machine says.
OF_A_MACHINE = {"0", "1", "2", "U", "NA", "priority", "preventive", "watch", "undecided", "none", "high", "low"}
JUDGING = (
    "level", "levels", "score", "scores", "points", "rank", "estimate", "notices", "notice", "judgment", "judgments",
    "reasons", "sign", "at_least", "at_most", "matrix", "probability", "priority", "risk",
)  # fmt: skip
LOCATING = ("address", "new_address", "住所", "postcode", "residence", "school", "moved_to", "location", "map")


def objects(read: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document with its place."""
    if isinstance(read, dict):
        yield path, read
        for key, value in read.items():
            yield from objects(value, f"{path}{key}.")
    elif isinstance(read, list):
        for place, one in enumerate(read):
            yield from objects(one, f"{path.removesuffix('.')}[{place + 1}].")


def whole() -> d.CaseDocument:
    return with_files(a_document(), (a_file(),))


def refused(read: dict[str, Any]) -> str:
    with pytest.raises(SourceError) as error:
        read_document(canonical(read), "document")
    return str(error.value)


PLACES = [path for path, _ in objects(plain(whole()))]


def test_it_is_read_as_it_was_written() -> None:
    written = document_bytes(whole())
    assert read_document(written, "document") == whole()
    assert document_bytes(read_document(written, "document")) == written


def test_every_class_of_the_form_is_in_the_example() -> None:
    seen = {type(value).__name__ for value in walked(whole())}
    assert seen == {kind.__name__ for kind in vars(d).values() if is_dataclass(kind) and kind is not d.Length}


def walked(value: Any) -> Iterator[Any]:
    if is_dataclass(value):
        yield value
        for one in fields(value):
            yield from walked(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from walked(one)


@pytest.mark.parametrize("place", PLACES)
def test_there_is_no_place_for_what_a_machine_judged_nor_for_where_they_live(place: str) -> None:
    for key in (*JUDGING, *LOCATING):
        read = plain(whole())
        next(one for path, one in objects(read) if path == place)[key] = 1
        said = refused(read)
        assert f"{place}{key}: is not known" in said, key


def kinds(kind: Any) -> Iterator[tuple[str, Any]]:
    """(key, kind) of every value that the form has, at whatever depth."""
    for key, hint in hints(kind).items():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if is_dataclass(inner):
            yield from kinds(inner)
        else:
            yield key, inner


def test_no_value_of_the_form_is_a_figure_or_a_code_of_a_machine() -> None:
    found = list(kinds(d.CaseDocument))
    assert len(found) > 50
    assert [key for key, hint in found if hint is int] == ["size"]  # of an attachment
    assert float not in {hint for _, hint in found}
    codes = {code for _, hint in found if get_origin(hint) is Literal for code in get_args(hint)}
    assert len(codes) > 8
    assert not codes & OF_A_MACHINE
    assert "sealed" not in codes  # a note that is sealed stays
    texts = [hint for _, hint in found if get_origin(hint) is Annotated]
    assert all(get_args(hint)[0] is str for hint in texts)


@pytest.mark.parametrize("place", PLACES)
def test_nothing_may_be_absent_or_of_another_kind(place: str) -> None:
    for key in next(one for path, one in objects(plain(whole())) if path == place):
        read = plain(whole())
        there = next(one for path, one in objects(read) if path == place)
        del there[key]
        assert f"{place}{key}: is missing" in refused(read)
        there[key] = {"of": "another kind"} if not isinstance(plain(whole()).get(key), dict) else "another kind"
        assert f"{place}{key}: " in refused(read)


def test_a_mistake_names_its_place_and_never_what_stands_there() -> None:
    read = plain(whole())
    read["child"]["born_on"] = "ひみつ"
    read["child"]["name"] = "ひみつ\x07"
    read["child"]["sex"] = "ひみつ"
    read["outline"]["opened_on"] = "2026-02-30"
    said = refused(read)
    for place in ("child.born_on", "child.name", "child.sex", "outline.opened_on"):
        assert place in said
    assert "ひみつ" not in said
    assert "02-30" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "says nothing"),
        (" ", "says nothing"),
        ("a ", "begins or ends with a blank"),
        ("a\nb", "cannot be seen, U+000A"),
        ("a\u202eb", "cannot be seen, U+202E"),
        ("a\x00b", "cannot be seen, U+0000"),
        ("\ue000", "外字"),
        ("あ" * 201, "201 signs"),
    ],
)
def test_a_name_holds_signs_that_the_other_side_shows_alike(text: str, said: str) -> None:
    child = replace(a_document().child, name=text)
    with pytest.raises(SourceError, match=r"child\.name") as error:
        document_bytes(a_document(child=child))
    assert said in str(error.value)


@pytest.mark.parametrize("name", ["髙橋　𠮷郎", "葛\U000e0100城 みか", "O’Brien Zoë"])
def test_names_as_they_are_written_in_japan_pass(name: str) -> None:
    child = replace(a_document().child, name=name)
    assert read_document(document_bytes(a_document(child=child)), "document").child.name == name


def test_a_half_sign_is_refused_before_it_is_written() -> None:
    with pytest.raises(SourceError, match=r"outline\.now"):
        document_bytes(a_document(outline=replace(a_document().outline, now="\ud800")))


def test_only_the_canonical_form_is_read() -> None:
    written = document_bytes(whole())
    loose = json.dumps(json.loads(written), ensure_ascii=False, indent=1).encode()
    with pytest.raises(SourceError, match="canonical"):
        read_document(loose, "document")
    with pytest.raises(SourceError, match="twice"):
        read_document(written.replace(b'{"attachments"', b'{"form":"tsunagu-case-1","attachments"', 1), "document")


def test_a_document_of_another_version_is_refused_by_name() -> None:
    assert "form: is none of tsunagu-case-1" in refused({**plain(whole()), "form": "tsunagu-case-2"})


def test_too_many_notes_are_told_before_anything_is_queued() -> None:
    many = a_document(notes=tuple(replace(a_document().notes[0], words="あ" * 8_000) for _ in range(50)))
    with pytest.raises(SourceError, match="attach them as a PDF"):
        document_bytes(many)
    with pytest.raises(SourceError, match="more than 1,000 entries"):
        document_bytes(a_document(notes=a_document().notes * 1_001))


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(words, words, days, st.lists(st.builds(d.Said, days, words, st.booleans()), max_size=3))
def test_whatever_is_written_is_read_again(name: str, urgent: str, day: date, said: list[d.Said]) -> None:
    made = a_document(
        child=replace(a_document().child, name=name, born_on=day),
        outline=replace(a_document().outline, urgent=urgent),
        said=tuple(said),
    )
    assert read_document(document_bytes(made), "document") == made


def test_files_travel_in_salted_parts_and_come_out_whole() -> None:
    files = (a_file(PART + 5), a_file(3, "二.pdf"))
    document = with_files(a_document(), files)
    parts = parts_of(document, files)
    assert [len(part) for part in parts] == [PART + SALT, len(document_bytes(document)) + 8 + 8 + SALT]
    assert PART + SALT == PIECE
    assert opened(parts, "x").files == files
    again = parts_of(document, files)
    assert [part[SALT:] for part in again] == [part[SALT:] for part in parts]
    assert all(one[:SALT] != two[:SALT] for one, two in zip(again, parts, strict=True))  # nobody can try a guess


@pytest.mark.parametrize("harm", ["shorter", "longer", "another byte", "swapped", "beyond"])
def test_contents_that_are_not_what_they_say_are_refused(harm: str) -> None:
    files = (a_file(1_000), AttachedFile("二.pdf", "pdf", b"2" * 1_000))
    (part,) = parts_of(with_files(a_document(), files), files)
    harmed = {
        "shorter": part[:-1],
        "longer": part + b"x",
        "another byte": part[:-1] + bytes([part[-1] ^ 1]),
        "swapped": part[:-2000] + part[-1000:] + part[-2000:-1000],
        "beyond": part[:SALT] + (1 << 40).to_bytes(8, "big") + part[SALT + 8 :],
    }[harm]
    with pytest.raises(SourceError):
        opened((harmed,), "x")


def test_files_have_their_limits() -> None:
    with pytest.raises(SourceError, match="file 1 has 0 bytes"):
        with_files(a_document(), (a_file(0),))
    with pytest.raises(SourceError, match="101 files"):
        with_files(a_document(), (a_file(1),) * 101)
    with pytest.raises(SourceError, match="file 1 has"):
        with_files(a_document(), (a_file((20 << 20) + 1),))
