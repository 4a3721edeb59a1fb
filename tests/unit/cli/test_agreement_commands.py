"""`tsunagu agreement`: a draft decides nothing, a signer reads the page first, and a check says what it found."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import agreements as a
from fixed import ROOT
from tsunagu.cli.commands import app
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.example_city.sharing import drafts
from tsunagu.indicators.definition import item_hash
from tsunagu.keys import AGREEMENTS, name_of, read_public_key
from tsunagu.municipality import load_city
from tsunagu.purposes.agreement import as_mapping, read_agreement
from tsunagu.sources.spec_loading import load_items


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agreements" / "attendance.json"
    path.parent.mkdir()
    path.write_bytes(a.as_file(a.CONTENT))
    return path


def call(*words: object, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, ["agreement", *map(str, words)], input=answer)


def signed_by_both(file: Path) -> list[object]:
    """Signs the file for both sides; gives the options that check it."""
    options: list[object] = []
    for side in ("holder", "requester"):
        key = file.parent.parent / "keys" / f"{side}.key"
        assert call("sign", file, "--side", side, "--key", key, "--new-key", "--yes").exit_code == 0
        options += [f"--{side}-key", f"{key}.pub"]
    return [*options, "--on", a.ON.isoformat()]


def test_from_a_draft_to_what_may_be_relied_on(file: Path) -> None:
    checked = call("check", file, *signed_by_both(file))
    assert checked.exit_code == 0
    assert checked.stdout == f"A-2026-014 version 1 may be relied on: {a.an_agreement().hash}\n"
    shown = call("show", file).stdout
    assert "渡す側の署名" in shown
    assert "まだありません" not in shown


def test_an_empty_draft_is_no_agreement_and_says_all_that_is_missing(tmp_path: Path) -> None:
    draft = tmp_path / "new" / "draft.json"
    assert call("new", draft).exit_code == 0
    assert set(json.loads(draft.read_text(encoding="utf-8"))) == set(a.CONTENT)
    error = call("show", draft).exception
    assert isinstance(error, SourceError)
    for key in a.CONTENT:
        if key not in ("version", "replaces", "onward_use", "signatures"):
            assert f"  {key}" in error.what, key


def test_the_next_version_names_the_one_before_and_nobody_has_signed_it(file: Path) -> None:
    options, second = signed_by_both(file), file.with_name("second.json")
    assert call("new", second, "--from", file).exit_code == 0
    read = read_agreement(second.read_bytes(), "f")
    assert (read.version, read.replaces, read.signatures) == (2, a.an_agreement().hash, ())
    for side in ("holder", "requester"):
        call("sign", second, "--side", side, "--key", file.parent.parent / "keys" / f"{side}.key", "--yes")
    assert call("check", second, *options, "--before", file).exit_code == 0
    assert "note: the version before was not given" in call("check", second, *options).stdout


def test_no_agreement_is_written_over(file: Path) -> None:
    before = file.read_bytes()
    assert isinstance(call("new", file).exception, StateError)
    assert file.read_bytes() == before


def test_a_signer_reads_the_page_and_may_say_no(file: Path, tmp_path: Path) -> None:
    before, key = file.read_bytes(), tmp_path / "holder.key"
    refused = call("sign", file, "--side", "holder", "--key", key, "--new-key", answer="n\n")
    assert isinstance(refused.exception, StateError)
    assert "データ提供の取り決め  A-2026-014  第1版" in refused.stdout
    assert (file.read_bytes(), key.exists()) == (before, False)
    assert call("sign", file, "--side", "holder", "--key", key, "--new-key", answer="y\n").exit_code == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    (signature,) = read_agreement(file.read_bytes(), "f").signatures
    assert signature.key == name_of(read_public_key(tmp_path / "holder.key.pub", AGREEMENTS))


def test_a_side_signs_once_and_only_a_side_signs(file: Path, tmp_path: Path) -> None:
    signed_by_both(file)
    before = file.read_bytes()
    again = call("sign", file, "--side", "holder", "--key", tmp_path / "y.key", "--yes")
    assert isinstance(again.exception, StateError)
    assert not (tmp_path / "y.key").exists()
    other = call("sign", file, "--side", "holders", "--key", tmp_path / "x.key", "--yes").exception
    assert isinstance(other, SourceError)
    assert "holder" in other.to_do
    assert (file.read_bytes(), (tmp_path / "x.key").exists()) == (before, False)


def test_a_side_whose_key_was_revoked_signs_the_same_version_again_with_another(file: Path, tmp_path: Path) -> None:
    options = signed_by_both(file)
    before, hash_before = file.read_bytes(), read_agreement(file.read_bytes(), "f").hash
    told = call("sign", file, "--side", "holder", "--key", tmp_path / "keys" / "holder.key", "--yes").exception
    assert isinstance(told, StateError)
    assert "--again" in told.to_do
    same = call(
        "sign", file, "--side", "holder", "--key", tmp_path / "keys" / "holder.key", "--again", "--yes"
    ).exception
    assert isinstance(same, StateError)
    assert "this very key" in same.what
    both = call(
        "sign", file, "--side", "holder", "--key", tmp_path / "n.key", "--new-key", "--again", "--yes"
    ).exception
    assert isinstance(both, SourceError)
    assert (file.read_bytes(), (tmp_path / "n.key").exists()) == (before, False)
    # The key that takes its place, as a node makes it.
    other = tmp_path / "other.json"
    other.write_bytes(a.as_file(a.CONTENT))
    new = tmp_path / "keys" / "signing.new.key"
    assert call("sign", other, "--side", "holder", "--key", new, "--new-key", "--yes").exit_code == 0
    unsigned = call("sign", other, "--side", "requester", "--key", new, "--again", "--yes").exception
    assert isinstance(unsigned, StateError)
    assert "has not signed" in unsigned.what
    assert call("sign", file, "--side", "holder", "--key", new, "--again", "--yes").exit_code == 0
    made = read_agreement(file.read_bytes(), "f")
    assert made.hash == hash_before
    assert [one.side for one in made.signatures] == ["holder", "requester"]
    assert call("check", file, *options).exit_code != 0
    options[1] = f"{new}.pub"
    assert call("check", file, *options).exit_code == 0


def test_what_was_changed_after_signing_stops_with_its_own_exit_code(file: Path) -> None:
    options = signed_by_both(file)
    file.write_text(file.read_text(encoding="utf-8").replace("12000", "12001"), encoding="utf-8")
    checked = call("check", file, *options)
    assert isinstance(checked.exception, PurposeError)
    assert checked.stdout.splitlines() == [
        f"stops: the content is not what the {side} signed" for side in ("holder", "requester")
    ]


def test_without_keys_nothing_is_taken_on_trust(file: Path) -> None:
    signed_by_both(file)
    checked = call("check", file, "--on", a.ON.isoformat())
    assert isinstance(checked.exception, PurposeError)
    assert "no key of it was given" in checked.stdout


@pytest.mark.parametrize("verb", ["show", "check"])
def test_a_file_that_is_not_there_is_named(verb: str, tmp_path: Path) -> None:
    error = call(verb, tmp_path / "none.json").exception
    assert isinstance(error, SourceError)
    assert error.where.endswith("none.json")


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "agreements").write_text("a file, not a folder", encoding="utf-8")
    error = call("new", tmp_path / "agreements" / "draft.json").exception
    assert isinstance(error, EngineError)
    assert "cannot be written" in error.what


def test_a_mistyped_key_is_told_and_makes_no_new_one(file: Path, tmp_path: Path) -> None:
    signed_by_both(file)
    second = file.with_name("second.json")
    call("new", second, "--from", file)
    before, mistyped = second.read_bytes(), tmp_path / "keys" / "holdr.key"
    told = call("sign", second, "--side", "holder", "--key", mistyped, "--yes").exception
    assert isinstance(told, SourceError)
    assert "Did you mean: holder.key" in told.to_do
    assert "--new-key" in told.to_do
    key = (tmp_path / "keys" / "holder.key").read_bytes()
    other = call("sign", second, "--side", "holder", "--key", mistyped.with_name("holder.key"), "--new-key", "--yes")
    assert isinstance(other.exception, StateError)
    assert (second.read_bytes(), mistyped.exists()) == (before, False)
    assert (tmp_path / "keys" / "holder.key").read_bytes() == key


# What an agreement can name.


CITY = ROOT / "examples" / "hinode-city"
SCHOOLS = "gakumu,school_roster,shukketsu,gakuryoku,shitsumonshi,hokenshitsu,kokoro,kyushoku,shugaku_enjo"


def printed(*words: object) -> list[dict[str, object]]:
    done = call("wanted", CITY, *words)
    assert done.exit_code == 0, done.exception
    found: list[dict[str, object]] = json.loads("{" + done.stdout.strip().removesuffix(",") + "}")["wanted"]
    return found


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("indicators-school-board", ["--extracts", SCHOOLS]),
        ("linkage-school-board", ["--extracts", SCHOOLS, "--granularity", "linkage"]),
        ("names-school-board", ["--extracts", SCHOOLS, "--granularity", "item", "--named"]),
        ("names-residents", ["--extracts", "jumin,shien_sochi", "--granularity", "item", "--named"]),
        ("residents-tax", ["--extracts", "jumin,shien_sochi", "--granularity", "residents"]),
    ],
)
def test_what_is_printed_is_what_the_example_city_has_agreed(id: str, words: list[str]) -> None:
    [agreed] = [one for one in drafts(load_city(CITY), a.ON, 3_000) if one.id == id]
    assert printed(*words) == json.loads(json.dumps(as_mapping(agreed)))["wanted"]


def test_items_are_named_as_their_holder_computes_them() -> None:
    items = {id: one for id, one in load_items(CITY).items() if one.holder == "shukketsu"}
    expected = [{"id": i, "version": "1", "sha256": item_hash(one), "values": []} for i, one in items.items()]
    assert printed("--extracts", "shukketsu", "--granularity", "item") == expected


def test_an_indicator_that_rests_on_others_too_is_told() -> None:
    done = call("wanted", CITY, "--extracts", "gakumu,school_roster,shukketsu")
    assert "left out: score, which rests on items of gakuryoku too" in done.stderr
    assert '"absent_total"' in done.stdout
    assert '"score"' not in done.stdout
    alone = call("wanted", CITY, "--extracts", "shukketsu").exception
    assert isinstance(alone, SourceError)
    assert "rests on items of gakumu, school_roster too" in alone.to_do


def test_it_is_written_into_a_draft_and_into_nothing_that_was_signed(file: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    call("new", draft)
    done = call("wanted", CITY, "--extracts", SCHOOLS, "--granularity", "item", "--named", "--into", draft)
    assert done.exit_code == 0
    read = json.loads(draft.read_text(encoding="utf-8"))
    assert (read["granularity"], read["about"]) == ("item", "named")
    assert [one["id"] for one in read["wanted"]] == ["school", "school_name", "class_name"]
    assert read["holder"] == ""
    signed_by_both(file)
    before = file.read_bytes()
    assert isinstance(call("wanted", CITY, "--extracts", SCHOOLS, "--into", file).exception, StateError)
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    assert isinstance(call("wanted", CITY, "--extracts", SCHOOLS, "--into", other).exception, SourceError)
    assert (file.read_bytes(), other.read_text(encoding="utf-8")) == (before, "{}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--extracts", "gakum"], "no source of an extract 'gakum'"),
        (["--extracts", SCHOOLS, "--granularity", "indicators"], "no granularity 'indicators'"),
        (["--extracts", SCHOOLS, "--named"], "--named goes with items alone"),
        (["--extracts", ""], "nothing can be agreed"),
        (["--extracts", "zeimu", "--granularity", "residents"], "nothing can be agreed of these extracts"),
    ],
)
def test_a_wrong_question_is_told(words: list[str], told: str) -> None:
    error = call("wanted", CITY, *words).exception
    assert isinstance(error, SourceError)
    assert told in error.what
