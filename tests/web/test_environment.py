"""Settings: each mistake names its variable, and no value of a secret is ever shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tsunagu.errors import EngineError, StateError
from tsunagu_web.environment import read_environment


def test_one_variable_is_enough(tmp_path: Path) -> None:
    first = read_environment({"TSUNAGU_DESK": str(tmp_path / "desk")})
    again = read_environment({"TSUNAGU_DESK": str(tmp_path / "desk")})
    assert first == again, "the key made at the first start is kept"
    assert len(first.secret_key) >= 50
    assert stat.S_IMODE((tmp_path / "desk" / "secret.key").stat().st_mode) == 0o600
    assert first.database["NAME"].endswith("desk.sqlite3")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TSUNAGU_DESK", ""),
        ("TSUNAGU_SECRET_KEY", "short"),
        ("TSUNAGU_DATABASE_URL", "mysql://user:hidden@host/name"),
        ("TSUNAGU_DATABASE_URL", "postgresql://user:hidden@host:port/name"),
        ("TSUNAGU_DATABASE_URL", "postgresql://host"),
        ("TSUNAGU_HOSTS", "*"),
        ("TSUNAGU_HOSTS", " , "),
        ("TSUNAGU_HTTPS", "maybe"),
        ("TSUNAGU_SESSION_MINUTES", "0"),
        ("TSUNAGU_SESSION_MINUTES", "soon"),
        ("TSUNAGU_LOCKOUT_TRIES", "-1"),
        ("TSUNAGU_LOCKOUT_MINUTES", "٣"),
        ("TSUNAGU_LANGUAGE", "fr"),
        ("TSUNAGU_SUPPRESSION_HOURS", "0"),
        ("TSUNAGU_SUPPRESSION_HOURS", "169"),
    ],
)
def test_a_mistake_names_its_variable(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(StateError) as refused:
        read_environment({"TSUNAGU_DESK": str(tmp_path), name: value})
    assert name in str(refused.value)
    assert "hidden" not in str(refused.value)
    assert refused.value.to_do


def test_key_and_list_of_addresses_need_not_be_there(tmp_path: Path) -> None:
    """What is missing hides addresses; the desk starts, since everything else is needed all the same."""
    bare = read_environment({"TSUNAGU_DESK": str(tmp_path)})
    assert (bare.address_key, bare.suppression_list, bare.suppression_hours) == (None, None, 24)
    told = {"TSUNAGU_ADDRESS_KEY": str(tmp_path / "no.key"), "TSUNAGU_SUPPRESSION_LIST": str(tmp_path / "no.csv")}
    named = read_environment({"TSUNAGU_DESK": str(tmp_path), **told})
    assert (named.address_key, named.suppression_list) == (tmp_path / "no.key", tmp_path / "no.csv")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="TSUNAGU_DESK"):
        read_environment({"TSUNAGU_DESK": str(tmp_path / "file" / "desk")})


def test_a_postgresql_address(tmp_path: Path) -> None:
    url = "postgresql://desk:p%40ss@db.example:5433/tsunagu"
    database = read_environment({"TSUNAGU_DESK": str(tmp_path), "TSUNAGU_DATABASE_URL": url}).database
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("tsunagu", "desk", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db.example", "5433")
    socket = "postgresql://desk@%2Frun%2Fpg/tsunagu"
    assert (
        read_environment({"TSUNAGU_DESK": str(tmp_path), "TSUNAGU_DATABASE_URL": socket}).database["HOST"] == "/run/pg"
    )
