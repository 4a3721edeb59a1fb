"""Settings: each mistake names its variable, and no value of a secret is ever shown."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tsunagu.cli.commands import app
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.runs.crypt import read_key
from tsunagu_web import environment
from tsunagu_web.environment import read_environment

KEYS = [
    "criteria.key",
    "handovers.key",
    "link-review.key",
    "notifiers.key",
    "offers.key",
    "school-boards.key",
    "search.key",
    "secret.key",
]


def test_one_variable_is_enough(tmp_path: Path) -> None:
    first = read_environment({"TSUNAGU_DESK": str(tmp_path / "desk")})
    again = read_environment({"TSUNAGU_DESK": str(tmp_path / "desk")})
    assert first == again, "the key made at the first start is kept"
    assert len(first.secret_key) >= 50
    assert stat.S_IMODE((tmp_path / "desk" / "secret.key").stat().st_mode) == 0o600
    assert first.database["NAME"].endswith("desk.sqlite3")


def test_the_key_of_searched_words_is_made_once_and_kept(tmp_path: Path) -> None:
    variables = {"TSUNAGU_DESK": str(tmp_path / "desk")}
    path = read_environment(variables).search_key
    key = read_key(path)
    assert path == tmp_path / "desk" / "search.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(read_environment(variables).search_key) == key
    assert sorted(p.name for p in (tmp_path / "desk").iterdir()) == KEYS
    elsewhere = tmp_path / "keys" / "words.key"
    assert read_environment({**variables, "TSUNAGU_SEARCH_KEY": str(elsewhere)}).search_key == elsewhere
    assert read_key(elsewhere) != key


def test_a_key_that_others_may_read_or_that_is_none_stops_the_start(tmp_path: Path) -> None:
    variables = {"TSUNAGU_DESK": str(tmp_path)}
    path = read_environment(variables).search_key
    before = path.read_bytes()
    path.chmod(0o644)
    with pytest.raises(PurposeError, match=r"search\.key"):
        read_environment(variables)
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(SourceError, match=r"search\.key"):
        read_environment(variables)
    assert path.read_text() == "no key", "what is there is never written over"
    path.write_bytes(before)
    read_environment(variables)


def test_two_first_starts_agree_on_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another start makes the key between the moment this one looks and the moment it writes."""
    variables = {"TSUNAGU_DESK": str(tmp_path)}
    make = environment.create_key

    def overtaken(beside: Path) -> bytes:
        if not (tmp_path / "search.key").exists():
            make(tmp_path / "search.key")
        return make(beside)

    monkeypatch.setattr(environment, "create_key", overtaken)
    first = read_key(read_environment(variables).search_key)
    assert read_key(read_environment(variables).search_key) == first
    assert sorted(p.name for p in tmp_path.iterdir()) == KEYS


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
        ("TSUNAGU_GUIDANCE_CENTRE", "maybe"),
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


def test_the_commands_are_told_before_anything_is_set(tmp_path: Path) -> None:
    told = {k: v for k, v in os.environ.items() if not k.startswith(("TSUNAGU_", "DJANGO_"))}
    for ask in ([], ["--help"]):
        asked = [sys.executable, "-m", "tsunagu_web", *ask]
        done = subprocess.run(asked, check=False, env=told, cwd=tmp_path, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        names = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
        assert {"serve", "staff-add", "audit-verify", "intake"} <= names
    serving = [sys.executable, "-m", "tsunagu_web", "serve"]
    without = subprocess.run(serving, check=False, env=told, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert (without.returncode != 0, "TSUNAGU_DESK" in without.stderr) == (True, True), "any command still needs it"


def test_the_command_of_the_desk_says_where_all_commands_are() -> None:
    told = CliRunner().invoke(app, ["desk", "--help"]).output
    assert "tsunagu_web" in told
