"""A directory that one node has reaches all others without anybody copying files; what is older or not the keeper's is
refused, and a revocation acts where it has come."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from test_node_folder import called, made

import nodes
from nodes import AGREEMENT, HOLDER, KEEPER, REQUESTER, SIGNING, Dummy, World, a_world, dated, raw, wait_until
from tsunagu.errors import SourceError, StateError
from tsunagu.keys import name_of, read_public_key
from tsunagu_node import news
from tsunagu_node.answering import Answering
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.directory import Directory, read_directory, signed_file, with_revoked
from tsunagu_node.keyfiles import MESSAGES
from tsunagu_node.messages import digest_of, request_of
from tsunagu_node.news import News
from tsunagu_node.node import open_node
from tsunagu_node.refusals import Refused
from tsunagu_node.rounds import opened
from tsunagu_node.signed import sign_request

POLLS, FOURTH = "health-centre", "tax-office"
ALL = (HOLDER, REQUESTER, POLLS, FOURTH)
SPREADING = Path(__file__).parents[2] / "spreading_process.py"


class Apart(World):
    """A world in which each node has a file of its own."""

    def current(self, id: str, **more: Any) -> CurrentDirectory:
        folder = self.folder / id
        return CurrentDirectory(folder / "directory.json", KEEPER.public_key(), folder / "directory.seen", **more)

    def give(self, id: str, directory: Directory | bytes) -> None:
        data = directory if isinstance(directory, bytes) else signed_file(directory, KEEPER)
        partial = self.folder / id / "partial"
        partial.write_bytes(data)
        partial.replace(self.folder / id / "directory.json")

    def news(self, id: str, **more: Any) -> News:
        return News(self.asking(id, patience=replace(news.PATIENCE, connect=2), **more), lambda: [])

    def version(self, id: str) -> int:
        return self.current(id).at(nodes.now()).version


@pytest.fixture
def world(tmp_path: Path) -> Apart:
    found = Apart(**vars(a_world(tmp_path, among=ALL, polled=(POLLS,))))
    for id in ALL:
        found.give(id, found.directory)
    return found


def revoking(directory: Directory, id: str) -> Directory:
    return with_revoked(directory, name_of(SIGNING[id].public_key()), nodes.now().replace(microsecond=0))


def asked_by(answering: Answering, world: World, id: str) -> str:
    request = request_of(f"https://127.0.0.1:{world.ports[HOLDER]}/answers", AGREEMENT, "r-1", digest_of(b"1"))
    sign_request(request, SIGNING[id], nodes.now())
    return answering.verify(request).organisation


@pytest.mark.parametrize("keeper", [HOLDER, REQUESTER, POLLS])
def test_a_revocation_reaches_every_node_in_two_rounds_whoever_has_it_first(world: Apart, keeper: str) -> None:
    """Of those that listen and those that do not; no file is copied, and no node starts anew."""
    running = {id: world.answering(id, Dummy()) for id in (HOLDER, REQUESTER, POLLS)}
    assert asked_by(running[HOLDER], world, FOURTH) == FOURTH
    second = revoking(world.directory, FOURTH)
    world.give(keeper, second)
    with world.served(HOLDER, running[HOLDER]), world.served(REQUESTER, running[REQUESTER]):
        for _ in range(2):
            for id in (HOLDER, REQUESTER, POLLS):
                heard = world.news(id).round()
                assert heard.left.keys() == {FOURTH}, "whoever is away stops nobody"
    for id in (HOLDER, REQUESTER, POLLS):
        assert (world.version(id), running[id].directory.at(nodes.now()).version) == (2, 2)
        assert running[id].directory.at(nodes.now()) == second
    with pytest.raises(Refused) as caught:
        asked_by(running[HOLDER], world, FOURTH)
    assert caught.value.code == "revoked_key"


def test_two_rounds_end_within_a_minute() -> None:
    """A full round of AT_ONCE nodes of which none answers, twice, with the pause before each."""
    assert 2 * (news.SPREAD + news.PATIENCE.connect + news.PATIENCE.read) <= 60
    assert news.PATIENCE.tries == 1


def older(directory: Directory) -> bytes:
    return signed_file(replace(directory, version=1), KEEPER)


def of_another(directory: Directory) -> bytes:
    return signed_file(replace(directory, version=9), Ed25519PrivateKey.from_private_bytes(b"x" * 32))


def changed(directory: Directory) -> bytes:
    return signed_file(replace(directory, version=9), KEEPER).replace(b'"version":9', b'"version":8')


def another_of_this_version(directory: Directory) -> bytes:
    return signed_file(replace(directory, valid_until=directory.valid_until + timedelta(days=1)), KEEPER)


def of_the_future(directory: Directory) -> bytes:
    ahead = timedelta(hours=3)
    return signed_file(replace(directory, version=9, issued_at=directory.issued_at + ahead), KEEPER)


def ended(directory: Directory) -> bytes:
    began = directory.issued_at - timedelta(days=9)
    until = began + timedelta(days=1)
    return signed_file(replace(directory, version=9, issued_at=began, valid_until=until), KEEPER)


BAD: list[tuple[Callable[[Directory], bytes], str]] = [
    (older, "not_now"),
    (of_another, "not_allowed"),
    (changed, "not_allowed"),
    (another_of_this_version, "other_content"),
    (of_the_future, "not_now"),
    (ended, "not_now"),
    (lambda _: b"{}", "not_allowed"),
]


@pytest.mark.parametrize(("bad", "code"), BAD)
def test_what_a_node_brings_is_taken_of_the_keeper_alone_and_never_an_older_one(
    world: Apart, bad: Callable[[Directory], bytes], code: str
) -> None:
    second = revoking(world.directory, FOURTH)
    world.give(HOLDER, second)
    answering = world.answering(HOLDER, Dummy())
    with world.served(HOLDER, answering), pytest.raises(Refused) as caught:
        world.asking(REQUESTER).bring_directory(HOLDER, bad(second))
    assert caught.value.code == code
    assert world.current(HOLDER).at(nodes.now()) == second
    assert not (world.folder / HOLDER / "directories").exists()


@pytest.mark.parametrize(("bad", "code"), BAD)
def test_what_a_node_answers_is_taken_of_the_keeper_alone_and_never_an_older_one(
    world: Apart, monkeypatch: pytest.MonkeyPatch, bad: Callable[[Directory], bytes], code: str
) -> None:
    second = revoking(world.directory, FOURTH)
    world.give(REQUESTER, second)
    answering = world.answering(HOLDER, Dummy())
    sent = replace(second, version=10), bad(second)
    monkeypatch.setattr(answering.directory, "to_fetch_by", lambda: sent)
    with world.served(HOLDER, answering), pytest.raises((Refused, SourceError)) as caught:
        world.news(REQUESTER).exchange(HOLDER)
    assert getattr(caught.value, "code", "not_allowed") == code
    assert world.current(REQUESTER).at(nodes.now()) == second
    assert not (world.folder / REQUESTER / "directories").exists()


def test_two_directories_of_one_version_are_told_to_people(world: Apart) -> None:
    world.give(REQUESTER, another_of_this_version(world.directory))
    with (
        world.served(HOLDER, world.answering(HOLDER, Dummy())),
        pytest.raises(StateError, match="two directories of version 1"),
    ):
        world.news(REQUESTER).exchange(HOLDER)


def test_by_a_directory_that_has_ended_the_next_is_still_found(world: Apart) -> None:
    """A node that was off for long finds its way back by itself."""
    first = read_directory(ended(world.directory), "d", KEEPER.public_key())
    world.give(REQUESTER, first)
    world.give(HOLDER, replace(world.directory, version=10))
    with pytest.raises(StateError, match="the directory holds from"):
        world.version(REQUESTER)
    with world.served(HOLDER, world.answering(HOLDER, Dummy())):
        world.news(REQUESTER).exchange(HOLDER)
    assert world.version(REQUESTER) == 10


def renewed(directory: Directory, id: str, key: Ed25519PrivateKey, *, at: datetime) -> Directory:
    """The next version: a new key beside the old one of an organisation, and the old one revoked."""
    listed = tuple(
        replace(one, signing_keys=(*one.signing_keys, dated(raw(key), at.date(), at.date() + timedelta(days=9))))
        if one.id == id
        else one
        for one in directory.organisations
    )
    return revoking(replace(directory, organisations=listed), id)


def test_whose_old_key_was_revoked_fetches_that_by_its_new_one(world: Apart) -> None:
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    world.give(HOLDER, renewed(world.directory, REQUESTER, new, at=nodes.now()))
    with world.served(HOLDER, world.answering(HOLDER, Dummy())):
        with pytest.raises(Refused, match="revoked"):
            world.news(REQUESTER).exchange(HOLDER)
        replace(world.news(REQUESTER), keys=lambda: [SIGNING[REQUESTER], new]).exchange(HOLDER)
    assert world.version(REQUESTER) == 2


def test_who_signs_by_a_key_that_only_the_new_directory_names_is_heard(world: Apart) -> None:
    new = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
    world.give(HOLDER, renewed(world.directory, HOLDER, new, at=nodes.now()))
    answering = Answering(HOLDER, new, world.current(HOLDER), world.folder / HOLDER, Dummy())
    with world.served(HOLDER, answering):
        world.news(REQUESTER).exchange(HOLDER)
    assert world.version(REQUESTER) == 2


def test_who_is_not_known_is_told_nothing_of_it(world: Apart) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    with world.served(HOLDER, world.answering(HOLDER, Dummy())):
        for key, code in ((stranger, "unknown_key"), (SIGNING[FOURTH], "other_certificate")):
            with pytest.raises(Refused) as caught:
                world.asking(REQUESTER, key=key).fetch_directory(HOLDER, 0)
            assert caught.value.code == code
        with pytest.raises(Refused) as caught:
            world.asking(REQUESTER, key=stranger).bring_directory(HOLDER, signed_file(world.directory, KEEPER))
        assert caught.value.code == "unknown_key"


@pytest.mark.parametrize("path", ["/directory", "/directory?after=-1", "/directory?after=01", "/directory?after=1&x=2"])
def test_another_question_is_malformed(world: Apart, path: str) -> None:
    with world.served(HOLDER, world.answering(HOLDER, Dummy())), pytest.raises(Refused) as caught:
        world.asking(REQUESTER).told(HOLDER, "GET", path, b"")
    assert caught.value.code == "malformed"


# What came stays, and stands beside what the node's people have.


def test_what_came_stays_after_a_new_start_and_the_newest_counts(world: Apart) -> None:
    second = revoking(world.directory, FOURTH)
    third = replace(second, version=3)
    for one in (second, third):
        assert world.current(HOLDER).take(signed_file(one, KEEPER), REQUESTER, nodes.now())
    assert not world.current(HOLDER).take(signed_file(third, KEEPER), REQUESTER, nodes.now())
    assert world.version(HOLDER) == 3
    assert [file.name for file in (world.folder / HOLDER / "directories").iterdir()] == ["3.json"]
    world.give(HOLDER, second)  # of its people: older than what came, and no way back
    assert world.version(HOLDER) == 3
    world.give(HOLDER, replace(second, version=4))
    assert world.version(HOLDER) == 4
    with pytest.raises(Refused, match="version 4 of the directory is here"):
        world.current(HOLDER).take(signed_file(third, KEEPER), REQUESTER, nodes.now())


def test_what_came_is_no_way_back_where_it_is_removed_or_spoilt(world: Apart) -> None:
    world.current(HOLDER).take(signed_file(revoking(world.directory, FOURTH), KEEPER), REQUESTER, nodes.now())
    assert world.version(HOLDER) == 2
    came = world.folder / HOLDER / "directories" / "2.json"
    data = came.read_bytes()
    came.write_bytes(data.replace(b'"version":2', b'"version":3'))
    with pytest.raises(SourceError, match="not what its keeper signed"):
        world.version(HOLDER)
    came.unlink()
    with pytest.raises(SourceError, match="version 1 of the directory came after version 2"):
        world.version(HOLDER)
    with pytest.raises(Refused, match="version 2 of the directory is here"):
        world.current(HOLDER).take(signed_file(world.directory, KEEPER), REQUESTER, nodes.now())
    assert world.current(HOLDER).take(data, REQUESTER, nodes.now())
    assert world.version(HOLDER) == 2


def test_who_sent_a_directory_stands_in_the_log(tmp_path: Path) -> None:
    file = made(tmp_path, "school-board", "--extracts", "gakumu", "--listen", "127.0.0.1:18443")
    called("keeper-key", str(tmp_path / "keeper.key"))
    directory = str(tmp_path / "directory.json")
    key = ["--key", str(tmp_path / "keeper.key")]
    called("directory", directory, "--entry", str(file.parent / "entry.json"), *key)
    first = Path(directory).read_bytes()
    called("directory", directory, *key)
    second = Path(directory).read_bytes()
    Path(directory).write_bytes(first)
    with opened(open_node(file)) as node:
        node.directory.take(second, "tax", node.clock())
        (row,) = node.log.rows()
        body = json.loads(row.body)
        assert (body["actor"], body["action"], body["detail"]["version"]) == ("org:tax", "directory_taken", 2)
        assert node.directory.at(node.clock()).version == 2


# Whole nodes, as processes.


def test_nodes_that_run_hear_of_a_revocation_from_one_that_was_given_it(tmp_path: Path) -> None:
    ports = {id: nodes.free_port() for id in ("tax", "welfare")}
    given = {
        "tax": ("--listen", f"127.0.0.1:{ports['tax']}"),
        "welfare": ("--listen", f"127.0.0.1:{ports['welfare']}"),
        "health": ("--look-at", "tax"),
    }
    files = {}
    for id, more in given.items():
        (tmp_path / id).mkdir()
        files[id] = made(tmp_path / id, id, *more, "--shared", "..")
    called("keeper-key", str(tmp_path / "keeper.key"))
    entries = [part for file in files.values() for part in ("--entry", str(file.parent / "entry.json"))]
    kept, key = tmp_path / "directory.json", ["--key", str(tmp_path / "keeper.key")]
    called("directory", str(kept), *entries, *key)
    authorities = b"".join((file.parent / "tls" / "authority.pem").read_bytes() for file in files.values())
    for id in given:
        (tmp_path / id / "authorities.pem").write_bytes(authorities)
        (tmp_path / id / "keeper.pub").write_bytes((tmp_path / "keeper.pub").read_bytes())
        (tmp_path / id / "directory.json").write_bytes(kept.read_bytes())
    name = json.loads((files["health"].parent / "entry.json").read_text("utf-8"))["signing_keys"][0]["id"]
    called("revoke", str(kept), name, *key)
    keeper = read_public_key(tmp_path / "keeper.pub", MESSAGES)

    def has(id: str, version: int) -> bool:
        return any((files[id].parent / "directories").glob(f"{version}.json"))

    with ExitStack() as stack:
        for file in files.values():
            process = subprocess.Popen([sys.executable, str(SPREADING), str(file)], stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
        # Only one of them is given the file; the others hear of it.
        (tmp_path / "tax" / "directory.json").write_bytes(kept.read_bytes())
        wait_until(lambda: has("welfare", 2))
        # Whose key was revoked is told nothing more.
        assert not has("health", 2)
        # With a new key it is, though the directory that it has does not name that one.
        called("renew-keys", str(files["health"]))
        called("directory", str(kept), "--entry", str(files["health"].parent / "entry.json"), *key)
        (tmp_path / "tax" / "directory.json").write_bytes(kept.read_bytes())
        wait_until(lambda: has("welfare", 3) and has("health", 3))
    found = read_directory((files["health"].parent / "directories" / "3.json").read_bytes(), "d", keeper)
    with opened(open_node(files["health"])) as node:
        assert node.directory.at(node.clock()) == found
        used = name_of(node.signing_key.public_key())
        assert used != name
        assert found.signing_key(used, node.clock())[0] == "health"
