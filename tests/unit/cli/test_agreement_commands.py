"""`tsunagu agreement`: a draft decides nothing, a signer reads the page first, and a check says what it found."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import agreements as a
from tsunagu.cli.commands import app
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.keys import AGREEMENTS, name_of, read_public_key
from tsunagu.purposes.agreement import read_agreement


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
        assert call("sign", file, "--side", side, "--key", key, "--yes").exit_code == 0
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
    refused = call("sign", file, "--side", "holder", "--key", key, answer="n\n")
    assert isinstance(refused.exception, StateError)
    assert "データ提供の取り決め  A-2026-014  第1版" in refused.stdout
    assert (file.read_bytes(), key.exists()) == (before, False)
    assert call("sign", file, "--side", "holder", "--key", key, answer="y\n").exit_code == 0
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
