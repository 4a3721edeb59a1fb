"""A node is made whole or not at all: a wrong option is told by its name, and the command can be called again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_node_folder import CITY, called

from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu_node import entries
from tsunagu_node.node import open_node

RIGHT = {
    "organisation": "school-board",
    "ja": "課",
    "en": "Division",
    "city": str(CITY),
    "extracts": "gakumu",
    "listen": "127.0.0.1:18443",
}


def new(file: Path, **changed: str) -> str:
    given = [part for name, value in {**RIGHT, **changed}.items() for part in (f"--{name.replace('_', '-')}", value)]
    return called("new", str(file), *given)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("organisation", "学校", "'学校' is not an identifier"),
        ("organisation", "", "'' is not an identifier"),
        ("organisation", "School-board", "it has capital letters"),
        ("ja", "", "the name is empty"),
        ("ja", " 課", "holds blanks at an end"),
        ("en", "\t", "the name is empty"),
        ("city", "../no-city", "there is no city folder at '../no-city'"),
        ("city", "", "there is no city folder"),
        ("extracts", "gakum", r"(?s)no source of an extract 'gakum'.*Did you mean: gakumu"),
        ("listen", "18443", "'18443' is no place"),
        ("look_at", "tax,学校", "'学校' is not an identifier"),
        ("witnesses", "school-board,tax", "'school-board' is this node itself"),
        ("shared", "../nowhere", "there is no folder at '../nowhere'"),
    ],
)
def test_a_wrong_option_is_told_by_its_name_and_leaves_nothing(
    tmp_path: Path, option: str, value: str, told: str
) -> None:
    file = tmp_path / "school-board" / "HOLDER.toml"
    with pytest.raises(SourceError, match=told) as caught:
        new(file, **{option: value})
    assert caught.value.where == f"--{option.replace('_', '-')}"
    assert list(tmp_path.iterdir()) == []
    new(file)
    assert open_node(file).file.organisation == "school-board"


def test_a_city_that_was_named_from_where_one_stands_is_told_as_the_file_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nodes").mkdir()
    (tmp_path / "city").symlink_to(CITY)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=r"Write it as seen from there: \.\./\.\./city"):
        new(Path("nodes/school-board/HOLDER.toml"), city="city")
    new(Path("nodes/school-board/HOLDER.toml"), city="../../city")
    assert open_node(tmp_path / "nodes/school-board/HOLDER.toml").file.city.is_dir()


def test_whoever_stands_in_an_empty_folder_makes_the_node_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "school-board").mkdir()
    monkeypatch.chdir(tmp_path / "school-board")
    new(Path("HOLDER.toml"))
    assert {one.name for one in Path.cwd().iterdir()} == {"HOLDER.toml", "agreements", "entry.json", "keys", "tls"}
    assert [one.name for one in tmp_path.iterdir()] == ["school-board"]


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "school-board" / "HOLDER.toml"
    file.parent.mkdir()
    (file.parent / "a-list.csv").write_text("1", encoding="utf-8")
    with pytest.raises(StateError, match="the folder is not empty"):
        new(file)
    assert [one.name for one in file.parent.iterdir()] == ["a-list.csv"]


def test_what_fails_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f".school-board.{os.getpid()}.partial"
    left.mkdir()
    (left / "HOLDER.toml").write_text("half", encoding="utf-8")

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    file = tmp_path / "school-board" / "HOLDER.toml"
    with monkeypatch.context() as broken:
        broken.setattr(entries, "entry_of", full)
        with pytest.raises(EngineError, match=r"the node cannot be made \(No space left"):
            new(file)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "school-board").mkdir()
    with monkeypatch.context() as broken:
        moved: list[Path] = []
        rename = Path.rename

        def once(self: Path, target: Path) -> Path:
            if self.name == "keys" and target.parent.name == "school-board" and not moved:
                moved.append(target)
                full()
            return rename(self, target)

        broken.setattr(Path, "rename", once)
        with pytest.raises(EngineError, match="the node cannot be made"):
            new(file)
    assert list((tmp_path / "school-board").iterdir()) == []
    new(file)


def test_how_each_thing_is_changed_later_is_said(tmp_path: Path) -> None:
    said = new(tmp_path / "school-board" / "HOLDER.toml")
    for what in ("entry.json", "authority.pem", "tsunagu node entry", "tsunagu node renew-keys", "HOLDER.toml"):
        assert what in said
