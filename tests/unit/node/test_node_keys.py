"""A node's keys: a lost one is told and no start replaces it; renewed ones are used when the directory has them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from test_node_folder import agreed, called, made, published, school  # noqa: F401 - a fixture

from agreements import an_agreement
from tsunagu.errors import SourceError, StateError
from tsunagu.keys import name_of, read_public_key
from tsunagu.purposes.signatures import sign
from tsunagu_node.directory import Directory, read_directory
from tsunagu_node.due import due
from tsunagu_node.keyfiles import MESSAGES
from tsunagu_node.node import Node, open_node
from tsunagu_node.own_keys import HEAD, SEALING, SIGNING
from tsunagu_node.refusals import Refused
from tsunagu_node.rounds import opened
from tsunagu_node.sealed import opened as unsealed
from tsunagu_node.sealed import seal, sealed_size

USES: dict[str, Callable[[Node], object]] = {
    "keys/signing.key": lambda node: node.answering().key,
    "keys/sealing.key": lambda node: node.asking(),
    "keys/head.key": lambda node: node.head_key,
    "tls/authority.key": lambda node: node.asking(),
}


def directory_of(folder: Path) -> Directory:
    keeper = read_public_key(folder / "keeper.pub", MESSAGES)
    return read_directory((folder / "directory.json").read_bytes(), "directory.json", keeper)


def revoke(folder: Path, name: str) -> None:
    called("revoke", str(folder / "directory.json"), name, "--key", str(folder / "keeper.key"))


@pytest.mark.parametrize("name", USES)
def test_a_lost_key_is_told_and_not_replaced_by_a_start(school: Path, tmp_path: Path, name: str) -> None:  # noqa: F811
    published(tmp_path, "school-board")
    (school.parent / name).unlink()
    with opened(open_node(school)) as node, pytest.raises(SourceError, match=r"(?s) is gone.*backup.*renew-keys"):
        USES[name](node)
    assert not (school.parent / name).exists()


@pytest.mark.parametrize("name", USES)
def test_a_lost_key_is_followed_by_a_new_one_that_is_asked_for(school: Path, tmp_path: Path, name: str) -> None:  # noqa: F811
    published(tmp_path, "school-board")
    before = directory_of(tmp_path).organisation("school-board")
    (school.parent / name).unlink()
    said = called("renew-keys", str(school))
    published(tmp_path, "school-board")
    after = directory_of(tmp_path).organisation("school-board")
    with opened(open_node(school)) as node:
        USES[name](node)
        assert node.identity().pin in after.pins
        for kind in (SIGNING, SEALING, HEAD):
            names = [one.id for one in getattr(after, kind.listed)]
            assert names[:1] == [one.id for one in getattr(before, kind.listed)], "what was signed by it stays proved"
            assert set(names[-1:]) <= set(node.own_keys(kind))
    assert ("The authority is new" in said) == (name == "tls/authority.key")


def test_a_lost_key_of_the_certificate_alone_is_made_anew_under_the_same_pin(school: Path, tmp_path: Path) -> None:  # noqa: F811
    published(tmp_path, "school-board")
    (school.parent / "tls" / "node.key").unlink()
    with opened(open_node(school)) as node:
        node.asking()
        assert node.identity().pin == directory_of(tmp_path).organisation("school-board").pins[0]


def test_new_keys_are_used_when_the_old_are_revoked_and_nothing_sealed_is_lost(school: Path, tmp_path: Path) -> None:  # noqa: F811
    """In a node that runs on all the while."""
    centre = made(tmp_path, "child-centre")
    published(tmp_path, "school-board", "child-centre")
    with opened(open_node(school)) as node, opened(open_node(centre)) as other:
        agreement = agreed(node, other, replace(an_agreement(), valid_until=dt.date(2030, 1, 1)))
        answering, opens, old = node.answering(), node.sealing_keys, name_of(node.signing_key.public_key())
        heads = name_of(node.head_key.public_key())
        sealed = sealed_for(node, b"sealed before")
        assert opened_by(opens, sealed, tmp_path) == b"sealed before"

        said = called("renew-keys", str(school))
        assert name_of(answering.key.public_key()) == old
        for file in sorted(school.parent.glob("keys/*.key")):
            assert file.stat().st_mode & 0o077 == 0
        again = called("renew-keys", str(school))
        assert "is new" in said
        assert "is new" not in again
        assert again.count("was made before") == 3

        signs_until(school.parent / "entry.json", dt.timedelta(days=30))
        published(tmp_path, "school-board")
        assert name_of(answering.key.public_key()) == old, "others may not have read of the new one yet"
        revoke(tmp_path, old)
        revoke(tmp_path, sealed[16:32].decode())
        later = sealed_for(node, b"sealed after")
        assert later[16:32] != sealed[16:32]
        new = name_of(answering.key.public_key())
        assert new != old
        assert directory_of(tmp_path).signing_key(new, node.clock())[0] == "school-board"
        assert name_of(node.head_key.public_key()) == heads
        revoke(tmp_path, heads)
        assert name_of(node.head_key.public_key()) != heads

        assert opened_by(opens, sealed, tmp_path) == b"sealed before"
        assert opened_by(opens, later, tmp_path) == b"sealed after"
        # An agreement that the revoked key signed is relied on no more; what the other side signed is proved still.
        assert set(other.keys_of(agreement)) == {"requester"} if agreement.holder == "school-board" else {"holder"}
        (stop,) = other.stops(agreement, dt.date(2026, 12, 1))
        side = "holder" if agreement.holder == "school-board" else "requester"
        assert f"the signature of the {side} was not checked: its key {old} of 'school-board' was revoked on 20" in stop
        with pytest.raises(Refused, match=rf"this key was revoked \({old} of 'school-board'\)"):
            other.directory.at(other.clock()).signing_key(old, other.clock())

        # Signed anew with the key of now it is the same agreement, and the same question: it has the same hash.
        again = sign(agreement, side, node.signing_key, again=True)
        assert again.hash == agreement.hash
        assert other.stops(again, dt.date(2026, 12, 1)) == []


def signs_until(entry: Path, longer: dt.timedelta) -> None:
    """The last signing key of an entry first, and good for longer."""
    read = json.loads(entry.read_text("utf-8"))
    read["signing_keys"].reverse()
    until = dt.date.fromisoformat(read["signing_keys"][0]["valid_until"]) + longer
    read["signing_keys"][0]["valid_until"] = until.isoformat()
    entry.write_text(json.dumps(read), encoding="utf-8")


def opened_by(keys: Mapping[str, X25519PrivateKey], data: bytes, folder: Path) -> bytes:
    file = folder / "sealed"
    file.write_bytes(data)
    size = len(data) - sealed_size(0)
    with file.open("rb") as payload:
        return b"".join(unsealed(payload, keys, "0" * 64, size))


def sealed_for(node: Node, text: bytes) -> bytes:
    """As whoever reads the directory now seals for this organisation."""
    now = node.clock()
    key = node.directory.at(now).sealing_key(node.file.organisation, now)
    made = b"".join(seal([text], len(text), key, "0" * 64))
    assert len(made) == sealed_size(len(text))
    return made


def test_agreements_outlive_a_renewal(school: Path, tmp_path: Path) -> None:  # noqa: F811
    centre = made(tmp_path, "child-centre")
    published(tmp_path, "school-board", "child-centre")
    with opened(open_node(school)) as node, opened(open_node(centre)) as other:
        agreement = agreed(node, other, an_agreement())
        called("renew-keys", str(school))
        published(tmp_path, "school-board")
        assert set(other.keys_of(agreement)) == {"holder", "requester"}


def test_an_entry_is_written_anew_with_other_names_and_another_place(school: Path, tmp_path: Path) -> None:  # noqa: F811
    published(tmp_path, "school-board")
    text = school.read_text(encoding="utf-8").replace("127.0.0.1:18443", "127.0.0.1:18555")
    school.write_text(text, encoding="utf-8")
    called("entry", str(school), "--en", "Board")
    published(tmp_path, "school-board")
    now = directory_of(tmp_path).organisation("school-board")
    assert (now.ja, now.en, now.endpoint) == ("課", "Board", "https://127.0.0.1:18555")
    assert [len(getattr(now, kind.listed)) for kind in (SIGNING, SEALING, HEAD)] == [1, 1, 1]
    # What somebody wrote into the directory by hand stays where keys alone are renewed.
    entry = school.parent / "entry.json"
    entry.write_text(json.dumps({**json.loads(entry.read_text("utf-8")), "endpoint": "https://node.example:8443"}))
    published(tmp_path, "school-board")
    called("renew-keys", str(school))
    assert json.loads(entry.read_text("utf-8"))["endpoint"] == "https://node.example:8443"


def test_without_any_name_no_entry_is_written(school: Path) -> None:  # noqa: F811
    (school.parent / "entry.json").unlink()
    for command in ("entry", "renew-keys"):
        with pytest.raises(StateError, match="nothing says how this organisation is called"):
            called(command, str(school))
    assert len(list(school.parent.glob("keys/*.key"))) == 3
    called("entry", str(school), "--ja", "課", "--en", "Division")
    assert json.loads((school.parent / "entry.json").read_text("utf-8"))["ja"] == "課"


def test_what_ends_soon_is_told_while_it_can_be_mended(school: Path, tmp_path: Path) -> None:  # noqa: F811
    made(tmp_path, "child-centre")
    with opened(open_node(school)) as node:
        assert "keeper.pub" in due(node, node.clock())[0]
    published(tmp_path, "child-centre")
    with opened(open_node(school)) as node:
        assert due(node, node.clock()) == [
            "the directory does not name this node: give its entry.json to the directory's keeper"
        ]
        called("directory", str(tmp_path / "directory.json"), "--key", str(tmp_path / "keeper.key"), "--days", "400")
        published(tmp_path, "school-board")
        now = node.clock()
        assert due(node, now) == []
        (told,) = due(node, now + dt.timedelta(days=75))
        assert told.startswith("the directory ends on")
        key, entry = str(tmp_path / "keeper.key"), str(school.parent / "entry.json")
        called("directory", str(tmp_path / "directory.json"), "--entry", entry, "--key", key, "--days", "400")
        assert due(node, now + dt.timedelta(days=300)) == []
        later = due(node, now + dt.timedelta(days=330))
        assert [line.partition(" ends on ")[0].removeprefix("the last key that ") for line in later] == [
            "signs this node's messages",
            "opens what is sealed for this node",
            "signs the heads of this node's log",
        ]
        assert all("renew-keys" in line for line in later)
        assert "has no key of this node that signs this node's messages" in due(node, now + dt.timedelta(days=368))[0]
        revoke(tmp_path, name_of(node.signing_key.public_key()))
        (told,) = due(node, node.clock())
        assert "has no key of this node that signs this node's messages" in told
