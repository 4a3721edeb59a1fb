"""A node made, its file read, keys given, extracts brought in, by the commands that its people call."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agreements import ON, an_agreement
from audit_logs import KEY, a_log, heads_of, rechained
from fixed import ROOT
from keyed import a_link_key
from nodes import HOLDER, REQUESTER, a_directory, raw
from tsunagu.audit.entry import Entry
from tsunagu.audit.witness import Countersignature
from tsunagu.errors import PurposeError, SourceError, StateError, TsunaguError
from tsunagu.keys import read_public_key
from tsunagu.purposes.agreement import SharingAgreement, as_mapping
from tsunagu.purposes.signatures import sign
from tsunagu_node.__main__ import app
from tsunagu_node.directory import dated, read_directory
from tsunagu_node.group_keys import give_join_key, give_round_key, read_group_keys
from tsunagu_node.holder_file import read_holder_file
from tsunagu_node.importing import items_needed
from tsunagu_node.keyfiles import MESSAGES
from tsunagu_node.log import moment
from tsunagu_node.node import Node, open_node
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.rounds import gather, link, opened
from tsunagu_node.running import look_at_own_rows

CITY = ROOT / "examples" / "hinode-city"
EXTRACTS = "shukketsu,gakumu,school_roster"


def called(*arguments: str) -> str:
    """What a command prints; what it raises, raised."""
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if isinstance(done.exception, TsunaguError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def made(folder: Path, organisation: str, *more: str) -> Path:
    file = folder / organisation / "HOLDER.toml"
    given = ["--organisation", organisation, "--ja", "課", "--en", "Division", "--city", str(CITY)]
    called("new", str(file), *given, *more)
    return file


@pytest.fixture
def school(tmp_path: Path) -> Path:
    return made(tmp_path, "school-board", "--extracts", EXTRACTS, "--listen", "127.0.0.1:18443")


def published(folder: Path, *organisations: str) -> None:
    entries = [part for one in organisations for part in ("--entry", str(folder / one / "entry.json"))]
    if not (folder / "keeper.key").exists():
        called("keeper-key", str(folder / "keeper.key"))
    called("directory", str(folder / "directory.json"), *entries, "--key", str(folder / "keeper.key"))
    certificates = [(folder / one / "tls" / "authority.pem").read_bytes() for one in organisations]
    (folder / "authorities.pem").write_bytes(b"".join(certificates))


def agreed(node: Node, other: Node, agreement: SharingAgreement) -> SharingAgreement:
    """Signed by the keys of both, and lying at both."""
    sides = {agreement.holder: "holder", agreement.requester: "requester"}
    for one in (node, other):
        agreement = sign(agreement, sides[one.file.organisation], one.signing_key)
    for one in (node, other):
        one.file.agreements.mkdir(exist_ok=True)
        (one.file.agreements / f"{agreement.id}.json").write_text(json.dumps(as_mapping(agreement)), encoding="utf-8")
    return agreement


def test_a_new_node_has_keys_of_its_own_that_nobody_else_reads(school: Path) -> None:
    secrets = [*school.parent.glob("keys/*.key"), *school.parent.glob("tls/*.key"), school.parent / "HOLDER.toml"]
    assert {path.name for path in secrets} >= {"signing.key", "sealing.key", "authority.key", "node.key"}
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    entry = json.loads((school.parent / "entry.json").read_text(encoding="utf-8"))
    assert entry["endpoint"] == "https://127.0.0.1:18443"
    assert entry["signing_keys"][0]["valid_from"] == dt.datetime.now(dt.UTC).date().isoformat()


def test_a_node_is_not_made_over_another(school: Path, tmp_path: Path) -> None:
    before = (school.parent / "keys" / "signing.key").read_bytes()
    with pytest.raises(StateError, match="is there already"):
        made(tmp_path, "school-board")
    assert (school.parent / "keys" / "signing.key").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.replace("listen", "lisen"), "setting in the holder's file 'lisen' is not known"),
        (lambda t: t.replace("127.0.0.1:18443", "18443"), "'listen' is '18443'"),
        (lambda t: t.replace("127.0.0.1:18443", "127.0.0.1:99999"), "'listen' is '127.0.0.1:99999'"),
        (lambda t: t.replace('"school-board"', '"学校"'), "is not an identifier"),
        (lambda t: f"{t}peers_needed = 1\n", "'peers_needed' is 1, and 'witnesses' names 0"),
        (lambda t: f"{t}peers_needed = -1\n", "'peers_needed' is -1"),
        (lambda t: f'{t}peers_needed = "1"\n', "peers_needed"),
        (lambda t: f"{t}peers_needed = true\n", "peers_needed"),
        (lambda t: t.replace("gakumu", "gakum"), "no source of an extract 'gakum'"),
        (lambda t: t.replace(str(CITY), f"{CITY}-2"), "there is no such city folder"),
        (lambda t: "\n".join(line for line in t.splitlines() if not line.startswith("keeper")), "keeper"),
    ],
)
def test_a_mistake_in_the_file_is_told_where_it_stands(school: Path, change: Callable[[str], str], told: str) -> None:
    school.write_text(change(school.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(SourceError, match=told) as error:
        open_node(school)
    assert "HOLDER.toml" in error.value.where or "hinode" in error.value.where


def test_a_directory_names_what_the_entries_say_and_keeps_what_was_revoked(school: Path, tmp_path: Path) -> None:
    made(tmp_path, "child-centre")
    published(tmp_path, "school-board", "child-centre")
    keeper = read_public_key(tmp_path / "keeper.pub", MESSAGES)
    file = tmp_path / "directory.json"
    first = read_directory(file.read_bytes(), "d", keeper)
    assert {one.id: bool(one.endpoint) for one in first.organisations} == {"school-board": True, "child-centre": False}
    (key,) = first.organisation("school-board").signing_keys
    called("revoke", str(file), key.id, "--key", str(tmp_path / "keeper.key"))
    published(tmp_path, "school-board", "child-centre")
    later = read_directory(file.read_bytes(), "d", keeper)
    assert later.version == 3
    assert later.is_revoked(key.id, dt.datetime.now(dt.UTC))
    with pytest.raises(SourceError, match="no organisation has a key"):
        called("revoke", str(file), "0" * 16, "--key", str(tmp_path / "keeper.key"))


def test_an_entry_that_is_none_is_told(school: Path, tmp_path: Path) -> None:
    (school.parent / "entry.json").write_text('{"id": "school-board"}', encoding="utf-8")
    with pytest.raises(SourceError, match="the entry cannot be read"):
        published(tmp_path, "school-board")
    assert not (tmp_path / "directory.json").exists()


def test_a_key_is_revoked_once_and_the_directory_stays_readable(school: Path, tmp_path: Path) -> None:
    published(tmp_path, "school-board")
    name = json.loads((school.parent / "entry.json").read_text(encoding="utf-8"))["signing_keys"][0]["id"]
    revoke = ["revoke", str(tmp_path / "directory.json"), name, "--key", str(tmp_path / "keeper.key")]
    called(*revoke)
    with pytest.raises(StateError, match="is revoked already"):
        called(*revoke)
    keeper = read_public_key(tmp_path / "keeper.pub", MESSAGES)
    assert read_directory((tmp_path / "directory.json").read_bytes(), "d", keeper).version == 2


def test_the_keepers_key_is_made_by_its_own_command_alone(school: Path, tmp_path: Path) -> None:
    """A mistyped name would sign with a key that nobody knows."""
    published(tmp_path, "school-board")
    directory, before = tmp_path / "directory.json", (tmp_path / "directory.json").read_bytes()
    mistyped = ["--key", str(tmp_path / "keepr.key")]
    entry = ["--entry", str(school.parent / "entry.json")]
    for command in (["directory", str(directory), *entry], ["revoke", str(directory), "0" * 16]):
        with pytest.raises(SourceError, match=r"(?s)there is no such key.*Did you mean: keeper.key\?"):
            called(*command, *mistyped)
    assert not (tmp_path / "keepr.key").exists()
    assert directory.read_bytes() == before
    key = (tmp_path / "keeper.key").read_bytes()
    with pytest.raises(StateError, match="is there already"):
        called("keeper-key", str(tmp_path / "keeper.key"))
    assert (tmp_path / "keeper.key").read_bytes() == key


def test_the_first_directory_is_signed_by_nobody_but_its_keeper(school: Path, tmp_path: Path) -> None:
    """An organisation's own key would be what everybody trusts, and the keeper's public half would be gone."""
    called("keeper-key", str(tmp_path / "keeper.key"))
    public = (tmp_path / "keeper.pub").read_bytes()
    first = ["directory", str(tmp_path / "directory.json"), "--entry", str(school.parent / "entry.json")]
    with pytest.raises(StateError, match="this key is school-board's own, and not the keeper's"):
        called(*first, "--key", str(school.parent / "keys" / "signing.key"))
    called("keeper-key", str(tmp_path / "elsewhere" / "keeper.key"))
    with pytest.raises(StateError, match="another key is the keeper's here"):
        called(*first, "--key", str(tmp_path / "elsewhere" / "keeper.key"))
    assert (tmp_path / "keeper.pub").read_bytes() == public
    assert not (tmp_path / "directory.json").exists()
    called(*first, "--key", str(tmp_path / "keeper.key"))


def test_one_organisation_is_never_signed_twice(school: Path, tmp_path: Path) -> None:
    published(tmp_path, "school-board")
    before = (tmp_path / "directory.json").read_bytes()
    with pytest.raises(SourceError, match="two entries are of the organisation 'school-board'"):
        published(tmp_path, "school-board", "school-board")
    entry = school.parent / "entry.json"
    copied = {**json.loads(entry.read_text(encoding="utf-8")), "id": "school-board-2"}
    (tmp_path / "copied.json").write_text(json.dumps(copied), encoding="utf-8")
    given = ["--key", str(tmp_path / "keeper.key"), "--entry", str(tmp_path / "copied.json")]
    with pytest.raises(SourceError, match=r"(?s)no directory can be made.*endpoint: .* stands twice.*signing_keys"):
        called("directory", str(tmp_path / "directory.json"), *given)
    assert (tmp_path / "directory.json").read_bytes() == before


def test_who_is_in_the_directory_stays_until_the_keeper_leaves_it_out(school: Path, tmp_path: Path) -> None:
    made(tmp_path, "child-centre")
    published(tmp_path, "school-board", "child-centre")
    directory, key = str(tmp_path / "directory.json"), ["--key", str(tmp_path / "keeper.key")]
    assert "names 2 organisations: child-centre, school-board" in called("directory", directory, *key)
    assert "names 1 organisations: school-board" in called("directory", directory, *key, "--leave-out", "child-centre")
    with pytest.raises(SourceError, match=r"(?s)no organisation 'school'.*Did you mean: school-board"):
        called("directory", directory, *key, "--leave-out", "school")
    with pytest.raises(SourceError, match="it would name nobody"):
        called("directory", directory, *key, "--leave-out", "school-board")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["directory", "d.json", "--entry", "none/entry.json"], "the entry cannot be read"),
        (["revoke", "none.json", "0123456789abcdef"], "the directory cannot be read"),
        (["revoke", ".", "0123456789abcdef"], "the directory cannot be read"),
    ],
)
def test_a_file_that_is_missing_is_told_and_nothing_is_written(tmp_path: Path, command: list[str], told: str) -> None:
    called("keeper-key", str(tmp_path / "keeper.key"))
    there = sorted(tmp_path.iterdir())
    placed = [str(tmp_path / one) if one.endswith((".json", ".")) else one for one in command]
    with pytest.raises(SourceError, match=told):
        called(*placed, "--key", str(tmp_path / "keeper.key"))
    assert sorted(tmp_path.iterdir()) == there


def test_a_lost_key_of_the_store_is_not_replaced_by_a_new_one(school: Path) -> None:
    published(school.parents[1], "school-board")
    with opened(open_node(school)) as node:
        assert list(node.log.rows()) == []
    key = node.file.keys / "store.key"
    key.unlink()
    with pytest.raises(SourceError, match=r"(?s)what it sealed is there.*Put the key back"):
        _ = open_node(school).log
    assert not key.exists()


def test_a_group_key_never_stays_in_place_of_the_one_that_was_asked_for(tmp_path: Path) -> None:
    key, path = a_link_key(tmp_path / "link.key"), tmp_path / "keys" / "round.groupkey"
    give_round_key(path, key, "example", "2026-09")
    before = path.read_bytes()
    give_round_key(path, key, "example", "2026-09")
    with pytest.raises(StateError, match="another key is in this file already"):
        give_round_key(path, key, "example", "2026-10")
    assert path.read_bytes() == before


def test_group_keys_are_what_was_asked_for_and_for_their_owner_alone(tmp_path: Path) -> None:
    link_key, keys = ["--link-key", str(tmp_path / "link.key")], tmp_path / "keys"
    with pytest.raises(SourceError, match="there is no such key"):
        called("group-key", str(keys / "a.groupkey"), *link_key, "--join-set", "J", "--purpose", "p")
    assert not (tmp_path / "link.key").exists(), "a mistyped name makes no key"
    called("link-key", str(tmp_path / "link.key"))
    with pytest.raises(StateError, match="the file is there already"):
        called("link-key", str(tmp_path / "link.key"))
    said = [
        called("group-key", str(keys / "a.groupkey"), *link_key, "--join-set", "J", "--purpose", "p"),
        called("group-key", str(keys / "b.groupkey"), *link_key, "--group", "g", "--round", "2026-09"),
        called("group-key", str(keys / "c.groupkey"), *link_key, "--group", "g"),
        called("group-key", str(tmp_path / "other.groupkey"), *link_key, "--join-set", "J", "--purpose", "p"),
        called("group-key", str(tmp_path / "wrong.groupkey"), *link_key, "--join-set", "J", "--purpose", "P"),
    ]
    marks = [str(re.search(r"mark ([0-9a-f]{8})\.", one)[1]) for one in said]  # type: ignore[index]
    assert marks[3] == marks[0], "two who are to have one key see it"
    assert len({*marks}) == 4, "and so do two who have not"
    found = read_group_keys(keys)
    assert [type(one).__name__ for one in found] == ["JoinKey", "LinkageKey", "LinkIdKey"]
    assert len({one.value for one in found} | {a_link_key(tmp_path / "link.key").value}) == 4
    with pytest.raises(SourceError, match="it is not said what the key is for"):
        called("group-key", str(keys / "d.groupkey"), *link_key, "--join-set", "J")
    os.chmod(keys / "a.groupkey", 0o640)
    with pytest.raises(PurposeError, match="other users of this machine"):
        read_group_keys(keys)


@pytest.mark.parametrize(
    "change", [{"kind": "join2"}, {"value": "AAAA"}, {"form": "x"}, {"join_set": 3}, {"kind": "link"}]
)
def test_another_file_is_no_group_key(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "keys" / "a.groupkey"
    give_join_key(path, a_link_key(tmp_path / "link.key"), "J", "p")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    with pytest.raises(SourceError, match="this is not a key"):
        read_group_keys(path.parent)


def test_only_what_agreements_need_is_read(school: Path) -> None:
    node = open_node(school)
    own = node.file.extracts
    assert items_needed([], node.computed, node.items, own) == ()
    one = replace(an_agreement(), granularity="indicator")
    wanted = tuple(replace(w, id="absent_total") for w in one.wanted[:1])
    assert items_needed([replace(one, wanted=wanted)], node.computed, node.items, own) == (
        "absent_days",
        "enrolment",
        "roster",
    )
    # Of the items of another holder nothing is read here, whatever an agreement says.
    other = tuple(replace(w, id="assistance") for w in one.wanted[:1])
    assert items_needed([replace(one, wanted=other)], node.computed, node.items, own) == ()


def test_extracts_are_kept_sealed_and_of_their_day(school: Path, sample_of_school: Path) -> None:
    said = called("import", str(school), str(sample_of_school), "--on", "2026-09-30")
    assert "records were brought in" in said
    assert "items that agreements need: none" in said
    with opened(open_node(school)) as node:
        brought = node.store.brought(dt.date(2026, 10, 5))
    assert brought.on == dt.date(2026, 9, 30)
    assert brought.facts.num_rows == 0  # nothing was agreed on
    (name,) = [one for one in brought.records.column("name").to_pylist() if one][:1]
    for path in (school.parent / "store").rglob("*"):
        assert not path.is_file() or name.encode("utf-8") not in path.read_bytes()
    with pytest.raises(StateError, match="the delivery is of 2026-09-30, and was to be of 2026-10-01"):
        called("import", str(school), str(sample_of_school), "--on", "2026-10-01")


def test_who_brought_which_files_stands_in_the_log(school: Path, sample_of_school: Path) -> None:
    said = called("import", str(school), str(sample_of_school), "--on", "2026-09-30")
    with opened(open_node(school)) as node:
        logged = [json.loads(row.body) for row in node.log.rows()]
    assert {one["actor"] for one in logged} == {f"uid:{os.getuid()}"}
    *files, last = logged
    given = [path for path in sample_of_school.rglob("*") if path.is_file()]
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest(): path.stat().st_size for path in given}
    assert {one["detail"]["sha256"]: one["detail"]["bytes"] for one in files} == hashes
    assert {(one["action"], one["detail"]["on"]) for one in files} == {("importing", "2026-09-30")}
    assert "extract:school_register" in {one["object"] for one in files}
    assert (last["action"], last["object"], last["detail"]["files"]) == ("imported", "extracts", len(given))
    assert f"{last['detail']['records']:,} records were brought in" in said


def test_an_import_that_could_not_be_kept_is_logged_as_begun_and_not_as_done(
    school: Path, sample_of_school: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StateError("the disk is full")

    monkeypatch.setattr("tsunagu_node.store.Store.bring", full)
    with pytest.raises(StateError, match="full"):
        called("import", str(school), str(sample_of_school), "--on", "2026-09-30")
    with opened(open_node(school)) as node:
        assert {json.loads(row.body)["action"] for row in node.log.rows()} == {"importing"}


@pytest.fixture
def sample_of_school(tmp_path: Path) -> Path:
    """One small roster and the slip of a delivery."""
    import zipfile

    with zipfile.ZipFile(ROOT / "tests" / "data" / "sample.zip") as archive:
        names = [n for n in archive.namelist() if n.startswith("extracts/gakumu/") or n.count("/") == 1]
        archive.extractall(tmp_path / "sample", [n for n in names if n.startswith("extracts/") and not n.endswith("/")])
    return tmp_path / "sample" / "extracts"


def test_a_folder_that_is_not_there_is_told(school: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the extracts folder is missing"):
        called("import", str(school), str(tmp_path / "nothing"), "--on", "2026-09-30")


def test_who_has_no_key_of_a_round_links_nothing(school: Path) -> None:
    with opened(open_node(school)) as node, pytest.raises(StateError, match="no key of a round of linkage"):
        link(node, ON)


def test_nobody_is_asked_without_an_agreement_to_rely_on(school: Path, tmp_path: Path) -> None:
    centre = made(tmp_path, "child-centre", "--listen", "127.0.0.1:18444")
    published(tmp_path, "school-board", "child-centre")
    with opened(open_node(school, today=ON)) as holder, opened(open_node(centre, today=ON)) as node:
        with pytest.raises(StateError, match="no agreement lets this node ask"):
            gather(node, ON, tmp_path / "answers")
        signed = agreed(holder, node, an_agreement())
        assert [one.id for one in node.relied_on(("indicator",), ON)] == [signed.id]
        assert node.relied_on(("item",), ON) == []
        assert node.relied_on(("indicator",), ON, about="named") == []
        path = node.file.agreements / f"{signed.id}.json"
        path.write_text(json.dumps({**as_mapping(signed), "rows_at_most": 12_001}), encoding="utf-8")
        with pytest.raises(StateError, match="may not be relied on: the content is not what the holder signed"):
            gather(node, ON, tmp_path / "answers")
    assert not (tmp_path / "answers").exists()


@pytest.mark.parametrize("command", ["gather", "names"])
def test_a_folder_that_is_there_is_told_before_anybody_is_asked(
    school: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    published(tmp_path, "school-board")
    (tmp_path / "answers").mkdir()
    (tmp_path / "tokens.txt").write_text("ab" * 32, encoding="ascii")

    def asked(*_: object, **__: object) -> int:
        raise AssertionError("somebody was asked")

    for name in ("gather", "names"):
        monkeypatch.setattr(f"tsunagu_node.rounds.{name}", asked)
    tokens = [str(tmp_path / "tokens.txt")] if command == "names" else []
    with pytest.raises(StateError, match="the folder is there already"):
        called(command, str(school), *tokens, "--on", "2026-09-30", "--out", str(tmp_path / "answers"))


def test_of_several_versions_the_newest_counts(school: Path, tmp_path: Path) -> None:
    centre = made(tmp_path, "child-centre")
    published(tmp_path, "school-board", "child-centre")
    with opened(open_node(school)) as holder, opened(open_node(centre)) as node:
        first = agreed(holder, node, an_agreement())
        second = agreed(holder, node, replace(an_agreement(), version=2, replaces=first.hash))
        (holder.file.agreements / "a-first.json").write_text(json.dumps(as_mapping(first)), encoding="utf-8")
        assert holder.agreements() == {second.id: second}


def test_paths_in_the_file_are_seen_from_the_file(school: Path) -> None:
    file = read_holder_file(school)
    assert file.directory == school.parent.parent / "school-board" / ".." / "directory.json"
    assert file.extracts == tuple(EXTRACTS.split(","))


def test_people_see_the_alarms_that_a_node_keeps_as_a_witness(school: Path) -> None:
    """They come while the node serves, by heads that others bring; nobody has asked for them."""
    log = a_log(40)
    rewritten = heads_of(rechained(log, 7, purpose="curiosity"), 20, 40)
    directory = a_directory({}, {HOLDER: (), REQUESTER: ()})
    first, second = directory.organisations
    of_log = dated(raw(KEY), first.head_keys[0].valid_from, first.head_keys[0].valid_until)
    directory = replace(directory, organisations=(first, replace(second, head_keys=(of_log,))))
    with opened(open_node(school)) as node:
        node.witnessing.take(REQUESTER, heads_of(log, 20, 40), directory, dt.datetime.now(dt.UTC), more=False)
    assert called("alarms", str(school)) == "this log is not witnessed: HOLDER.toml names no witness\n"
    with opened(open_node(school)) as node:
        node.witnessing.take(REQUESTER, rewritten, directory, dt.datetime.now(dt.UTC), more=False)
    with pytest.raises(StateError, match=f"{REQUESTER}: forked, from row 7 on"):
        called("alarms", str(school))


@pytest.mark.parametrize(
    ("needed", "told"),
    [
        (None, "this log is not witnessed yet: 0 of 2 witnesses countersigned it; needed: 2\n"),
        (2, "this log is not witnessed yet: 0 of 2 witnesses countersigned it; needed: 2\n"),
        (
            1,
            "this log is not witnessed yet: 0 of 2 witnesses countersigned it; needed: 1\npeers_needed is 1",
        ),
        (0, "this log is unwitnessed\npeers_needed is 0: this node answers without any witness"),
    ],
)
def test_how_many_witnesses_are_needed_is_set_and_said_openly(tmp_path: Path, needed: int | None, told: str) -> None:
    file = made(tmp_path, "school-board", "--extracts", EXTRACTS, "--witnesses", "tax,health")
    published(tmp_path, "school-board")
    if needed is not None:
        file.write_text(f"{file.read_text(encoding='utf-8')}peers_needed = {needed}\n", encoding="utf-8")
    with opened(open_node(file)) as node:
        node.log.append(Entry(moment(dt.datetime.now(dt.UTC)), "org:tax", "peer", "asked", "message", "none", {}))
        assert node.bringing().peers_needed == (2 if needed is None else needed)
    assert called("alarms", str(file)).startswith(told)


@pytest.mark.parametrize(
    ("peers", "told"),
    [
        (0, "this log is not witnessed yet: 0 of 2 witnesses countersigned it; needed: 2\n"),
        (1, "this log is not witnessed yet: 1 of 2 witnesses countersigned it; needed: 2\n"),
        (2, "this log is sound: 2 of 2 witnesses countersigned it within 24 hours\n"),
    ],
)
def test_a_log_is_sound_only_once_its_witnesses_have_signed_it(tmp_path: Path, peers: int, told: str) -> None:
    file = made(tmp_path, "school-board", "--witnesses", "tax,health")
    with opened(open_node(file)) as node:
        node.log.append(Entry(moment(node.clock()), "org:tax", "peer", "asked", "message", "none", {}))
        heads = OwnHeads(node.log)
        heads.sign(node.head_key, node.clock())
        for peer in ("tax", "health")[:peers]:
            heads.keep(Countersignature("school-board", peer, "0" * 64, 1, 1, moment(node.clock()), "0" * 16))
    assert called("alarms", str(file)) == told


def test_a_log_without_a_row_is_not_called_sound_when_it_is_brought(tmp_path: Path) -> None:
    file = made(tmp_path, "school-board")
    published(tmp_path, "school-board")
    said = called("witness", str(file))
    assert said.startswith("nothing was signed: this log has no row yet, so there is nothing to countersign; ")
    assert "sound" not in said


@pytest.mark.parametrize(("needed", "told"), [(2, "stopped"), (1, "sound"), (0, "unwitnessed")])
def test_a_group_of_two_does_not_stop_for_a_third(tmp_path: Path, needed: int, told: str) -> None:
    """Eight days after the log began, with one peer who signed just now."""
    file = made(tmp_path, "school-board", "--witnesses", "tax,health")
    file.write_text(f"{file.read_text(encoding='utf-8')}peers_needed = {needed}\n", encoding="utf-8")
    began = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    with opened(open_node(file)) as node:
        entry = Entry(moment(began), "org:tax", "requester", "asked", "agreement:A", "none", {})
        node.log.append(entry)
        heads, now = OwnHeads(node.log), began + dt.timedelta(days=8)
        heads.sign(node.head_key, began)
        heads.keep(Countersignature("school-board", "tax", "0" * 64, 1, 1, moment(now), "0" * 16))
        assert heads.standing(now, node.office().peers_needed) == told


def test_a_node_that_begins_looks_at_its_own_rows_and_its_people_are_told(tmp_path: Path) -> None:
    """What they see when they begin it, and when they ask for alarms; nothing where nobody touched the rows."""
    file = made(tmp_path, "school-board", "--witnesses", "tax,health")
    said: list[str] = []
    with opened(open_node(file)) as node:
        for _ in range(3):
            node.log.append(Entry(moment(dt.datetime.now(dt.UTC)), "org:tax", "peer", "asked", "message", "none", {}))
        OwnHeads(node.log).sign(node.head_key, node.clock())
        look_at_own_rows(node, said.append)
        assert said == []
        with node.log.transaction() as db:
            db.execute("DROP TRIGGER log_stays")
            db.execute("UPDATE log SET body = replace(body, 'org:tax', 'org:other') WHERE number = 2")
        look_at_own_rows(node, said.append)
        assert "rewritten, from row 2 on" in said[0]
        assert OwnHeads(node.log).standing(node.clock(), node.office().peers_needed) == "differs"
    with pytest.raises(StateError, match="school-board: rewritten, from row 2 on, as school-board knows it"):
        called("alarms", str(file))


def test_the_same_persons_are_the_same_question_in_whatever_order(school: Path) -> None:
    """So that names that one holder gave are given again, and use up nothing, when another had to be waited for."""
    three = [bytes([n]) * 32 for n in (3, 1, 2)]
    with opened(open_node(school)) as node:
        one = node.request(an_agreement(), ON, three, "notices")
        other = node.request(an_agreement(), ON, [*reversed(three), three[0]], "by_hand")
    assert one.question == other.question
    assert one.asked_by == other.asked_by == f"uid:{os.getuid()}"
