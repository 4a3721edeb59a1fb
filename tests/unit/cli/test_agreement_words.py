"""An agreement is shown in the words of the city's files, wherever they are found, with the id beside each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixed import ON, ROOT
from tsunagu.cli.agreement_words import IDENTITY_WORDS, words_for
from tsunagu.cli.commands import app
from tsunagu.errors import SourceError
from tsunagu.example_city.sharing import drafts
from tsunagu.municipality import load_city
from tsunagu.purposes.agreement import as_mapping
from tsunagu.purposes.linked_forms import IDENTITY, RESIDENT_COLUMNS

CITY = ROOT / "examples" / "hinode-city"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's folder with every agreement of the example city, and a directory of two."""
    made = tmp_path_factory.mktemp("node")
    (made / "agreements").mkdir()
    for one in drafts(load_city(CITY), ON, 3_000):
        (made / "agreements" / f"{one.id}.json").write_text(json.dumps(as_mapping(one)), encoding="utf-8")
    (made / "directory.json").write_text(
        json.dumps({"organisations": [{"id": "tax", "ja": "税務課", "en": "Tax"}]}), encoding="utf-8"
    )
    return made


def shown(*words: object) -> str:
    done = CliRunner().invoke(app, ["agreement", "show", *map(str, words)])
    assert done.exit_code == 0, done.exception
    return done.stdout


def test_every_thing_role_and_purpose_of_the_example_has_a_word(folder: Path) -> None:
    for file in sorted((folder / "agreements").iterdir()):
        told = shown(file, "--city", CITY, "--directory", folder / "directory.json")
        agreement = json.loads(file.read_text(encoding="utf-8"))
        for id in [agreement["purpose"], *agreement["roles"], *(one["id"] for one in agreement["wanted"])]:
            assert re.search(rf"\S\({id}\)", told), (file.name, id)
        for one in agreement["wanted"]:
            for value in one["values"]:
                assert f"({value})" in told, (file.name, one["id"], value)
    assert "税務課(tax)" in shown(folder / "agreements" / "linkage-tax.json", "--directory", folder / "directory.json")


def test_a_nodes_own_city_and_directory_are_found_beside_its_agreements(folder: Path) -> None:
    file = folder / "agreements" / "indicators-tax.json"
    assert "世帯の課税区分" not in shown(file)
    holder = folder / "HOLDER.toml"
    holder.write_text(f'organisation = "tax"\ncity = "{CITY}"\ndirectory = "directory.json"\n', encoding="utf-8")
    try:
        told = shown(file)
        assert "世帯の課税区分(tax_class)" in told
        assert "税務課(tax)" in told
        holder.write_text('organisation = "tax"\ncity = "gone"\ndirectory = "gone.json"\n', encoding="utf-8")
        assert "世帯の課税区分" not in shown(file)
    finally:
        holder.unlink()


@pytest.mark.parametrize("given", ["city", "directory"])
def test_what_was_named_and_is_not_there_is_told(folder: Path, given: str) -> None:
    file = folder / "agreements" / "indicators-tax.json"
    paths = {"city": None, "directory": None, given: folder / "gone"}
    with pytest.raises(SourceError) as error:
        words_for(file, paths["city"], paths["directory"])
    assert error.value.where.endswith("gone")


def test_what_is_no_directory_is_told(folder: Path) -> None:
    with pytest.raises(SourceError, match="no directory of organisations"):
        words_for(folder / "x.json", None, next((folder / "agreements").iterdir()))


def test_a_changed_text_is_told_above_the_page(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_bytes((folder / "agreements" / "indicators-tax.json").read_bytes())
    options: list[str] = []
    for side in ("holder", "requester"):
        key = tmp_path / f"{side}.key"
        made = ["agreement", "sign", str(file), "--side", side, "--key", str(key), "--new-key", "--yes"]
        CliRunner().invoke(app, made)
        options += [f"--{side}-key", f"{key}.pub"]
    assert shown(file, *options).count("この文面への署名です") == 2
    file.write_text(file.read_text(encoding="utf-8").replace('"age_to": 18', '"age_to": 17'), encoding="utf-8")
    for given in ([], options):
        assert shown(file, *given).startswith("【注意】渡す側の署名が合いません。")


def test_every_field_of_a_person_has_a_word() -> None:
    assert set(IDENTITY_WORDS) == {*IDENTITY, *RESIDENT_COLUMNS}
