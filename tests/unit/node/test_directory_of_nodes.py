"""The directory is read strictly, never an older one than was seen, and a revocation acts at the next look."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import nodes
from nodes import AGREEMENT, HOLDER, KEEPER, REQUESTER, SIGNING, Dummy, a_directory, a_world
from tsunagu.errors import SourceError, StateError, TsunaguError
from tsunagu.keys import name_of
from tsunagu_node.current import READ_AGAIN
from tsunagu_node.directory import Directory, Pin, content_of, read_directory, signed_file, with_revoked
from tsunagu_node.messages import digest_of, request_of
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import sign_request

PINS = (Pin("leaf", "e" * 64), Pin("authority", "f" * 64))
DIRECTORY = a_directory({HOLDER: "https://node.example:8443"}, {HOLDER: PINS, REQUESTER: PINS[1:]})
CONTENT: dict[str, Any] = json.loads(signed_file(with_revoked(DIRECTORY, "0" * 16, nodes.now()), KEEPER))


def read(data: object) -> Directory:
    return read_directory(json.dumps(data).encode(), "directory.json", KEEPER.public_key())


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key of every object, with where it stands."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield (*path, key)
            yield from places(one, (*path, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from places(one, (*path, place))


PLACES = list(places(CONTENT))


def holder_of(path: tuple[str | int, ...]) -> tuple[dict[str, Any], Any, str]:
    made = copy.deepcopy(CONTENT)
    here: Any = made
    for step in path[:-1]:
        here = here[step]
    return made, here, str(path[-1])


def test_it_reads_back_as_it_was_signed() -> None:
    made = read_directory(signed_file(DIRECTORY, KEEPER), "directory.json", KEEPER.public_key())
    assert made == DIRECTORY
    assert made.organisation(HOLDER).address == "https://node.example:8443"
    assert made.organisation(REQUESTER).address == "https://child-centre.polled.invalid"


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_an_absent_an_unknown_and_a_wrong_key_are_mistakes_by_name(path: tuple[str | int, ...]) -> None:
    made, here, key = holder_of(path)
    del here[key]
    with pytest.raises(SourceError, match=f"{key}: is missing"):
        read(made)
    made, here, key = holder_of(path)
    here[f"{key}_"] = here[key]
    with pytest.raises(SourceError, match=f"{key}_: is not known"):
        read(made)
    made, here, key = holder_of(path)
    here[key] = None
    with pytest.raises(SourceError, match=f"{key}: is not "):
        read(made)


def test_a_key_that_stands_twice_is_refused() -> None:
    text = signed_file(DIRECTORY, KEEPER)
    with pytest.raises(SourceError, match="'version' stands twice"):
        read_directory(text.replace(b'{"issued_at', b'{"version":9,"issued_at', 1), "f", KEEPER.public_key())


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("organisations", 1, "id"), HOLDER, "stands twice"),
        (("organisations", 1, "endpoint"), "https://node.example:8443", "stands twice"),
        (("organisations", 0, "endpoint"), "http://node.example", "is not an address"),
        (("organisations", 0, "endpoint"), "https://node.example/path", "is not an address"),
        (("organisations", 0, "endpoint"), "https://name@node.example", "is not an address"),
        (("organisations", 0, "signing_keys", 0, "id"), "0" * 16, "is not the name of this key"),
        (("organisations", 0, "signing_keys", 0, "valid_until"), "2001-01-01", "lies before valid_from"),
        (("organisations", 0, "pins", 0, "of"), "chain", "is not known"),
        (("organisations", 0, "signing_keys"), [], "names nothing"),
        (("issued_at",), "2026-13-01T00:00:00Z", "is not a moment"),
        (("issued_at",), "2026-10-01T00:00:00+09:00", "is not a moment"),
        (("valid_until",), "2001-01-01T00:00:00Z", "lies before issued_at"),
        (("version",), 0, "is not from 1"),
    ],
)
def test_what_has_no_meaning_is_a_mistake(path: tuple[str | int, ...], value: object, told: str) -> None:
    made, here, _ = holder_of(path)
    here[path[-1]] = value
    with pytest.raises(SourceError, match=told):
        read(made)


def test_one_key_of_two_organisations_is_a_mistake() -> None:
    made = copy.deepcopy(CONTENT)
    made["organisations"][1]["signing_keys"] = made["organisations"][0]["signing_keys"]
    with pytest.raises(SourceError, match=r"signing_keys: '.*' stands twice"):
        read(made)


def test_what_the_keeper_did_not_sign_is_refused() -> None:
    made = copy.deepcopy(CONTENT)
    made["organisations"][0]["en"] = "Another name"
    with pytest.raises(SourceError, match="not what its keeper signed"):
        read(made)
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    with pytest.raises(SourceError, match="is its keeper's"):
        read_directory(signed_file(DIRECTORY, stranger), "f", KEEPER.public_key())


def test_it_has_no_place_for_a_person() -> None:
    texts = {path[-1] for path in PLACES if isinstance(path[-1], str)}
    assert texts == {
        *("version", "issued_at", "valid_until", "organisations", "revoked", "signature", "id", "ja", "en", "endpoint"),
        *("signing_keys", "sealing_keys", "head_keys", "pins", "key", "valid_from", "of", "sha256", "at", "value"),
    }
    assert set(content_of(DIRECTORY)) < texts


def test_the_key_to_seal_for_is_the_last_to_end_of_those_that_are_good() -> None:
    holder = DIRECTORY.organisations[0]
    old = holder.sealing_keys[0]
    new = nodes.dated(b"n" * 32, old.valid_from, old.valid_until + timedelta(days=365))
    both = replace(DIRECTORY, organisations=(replace(holder, sealing_keys=(new, old)),))
    assert both.sealing_key(HOLDER, nodes.now()).public_bytes_raw() == b"n" * 32
    revoked = with_revoked(both, new.id, nodes.now())
    assert revoked.sealing_key(HOLDER, nodes.now()).public_bytes_raw() == old.raw
    with pytest.raises(Refused, match="no key to seal for"):
        with_revoked(revoked, old.id, nodes.now()).sealing_key(HOLDER, nodes.now())


def test_a_revoked_pin_is_no_pin() -> None:
    directory = with_revoked(DIRECTORY, "e" * 16, nodes.now())
    assert directory.pins(HOLDER, nodes.now()) == PINS[1:]


def test_an_older_version_is_refused_even_after_a_new_start(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    first = world.directory
    current = world.current(HOLDER)
    world.publish(with_revoked(first, "0" * 16, nodes.now().replace(microsecond=0)))
    assert current.at(nodes.now()).version == 2
    world.publish(first)
    for one in (current, world.current(HOLDER)):
        with pytest.raises(SourceError, match="version 1 of the directory came after version 2"):
            one.at(nodes.now())


def test_two_directories_of_one_version_are_refused(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    current = world.current(HOLDER)
    current.at(nodes.now())
    world.publish(replace(world.directory, valid_until=world.directory.valid_until + timedelta(days=1)))
    with pytest.raises(SourceError, match="two directories of version 1"):
        current.at(nodes.now())


@pytest.mark.parametrize("data", [b"", b"{}", b"not json"])
def test_a_directory_that_was_spoilt_stops_exchanges_instead_of_staying(tmp_path: Path, data: bytes) -> None:
    """Else whoever spoils the file would keep a revoked key in use."""
    world = a_world(tmp_path)
    current = world.current(HOLDER)
    current.at(nodes.now())
    (tmp_path / "directory.json").write_bytes(data)
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            current.for_exchange(nodes.now())
        assert (caught.value.code, b"directory.json" in caught.value.body()) == ("no_directory", False)
    (tmp_path / "directory.json").unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        current.at(nodes.now())


@pytest.mark.parametrize("days", [-1, 31])
def test_outside_its_days_it_is_refused(tmp_path: Path, days: int) -> None:
    with pytest.raises(StateError, match="the directory holds from"):
        a_world(tmp_path).current(HOLDER).at(nodes.now() + timedelta(days=days))


def test_a_file_that_looks_the_same_is_read_again_after_half_a_minute(tmp_path: Path) -> None:
    world, elapsed = a_world(tmp_path), [0.0]
    current = world.current(HOLDER, elapsed=lambda: elapsed[0])
    current.at(nodes.now())
    file = tmp_path / "directory.json"
    before = file.stat()
    with file.open("r+b") as same:
        same.seek(-2, 2)
        same.write(b"x")
    nodes.set_times(file, before)
    elapsed[0] = READ_AGAIN - 1
    assert current.at(nodes.now()).version == 1
    elapsed[0] = READ_AGAIN
    with pytest.raises(TsunaguError):
        current.at(nodes.now())


def test_a_key_that_was_revoked_is_refused_at_the_next_request(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    answering = world.answering(HOLDER, Dummy())

    def asked() -> str:
        url = f"https://127.0.0.1:{world.ports[HOLDER]}/answers"
        request = request_of(url, AGREEMENT, "r-1", digest_of(b"1"))
        sign_request(request, SIGNING[REQUESTER], nodes.now())
        return answering.verify(request).organisation

    assert asked() == REQUESTER
    name = name_of(SIGNING[REQUESTER].public_key())
    world.publish(with_revoked(world.directory, name, nodes.now().replace(microsecond=0)))
    with pytest.raises(Refused, match="revoked"):
        asked()


def test_a_head_key_is_none_of_the_keys_of_messages_and_is_found_by_organisation_and_name() -> None:
    first, second = DIRECTORY.organisations
    name = first.head_keys[0].id
    assert DIRECTORY.head_key(HOLDER, name, nodes.now()).public_bytes_raw() == first.head_keys[0].raw
    with pytest.raises(Refused, match="signs no heads"):
        DIRECTORY.head_key(REQUESTER, name, nodes.now())
    revoked = with_revoked(DIRECTORY, name, nodes.now())
    with pytest.raises(Refused, match="revoked"):
        revoked.head_key(HOLDER, name, nodes.now())
    assert revoked.head_key_of_any_day(HOLDER, name) is not None
    assert revoked.head_key_of_any_day(REQUESTER, name) is None
    for same in (first.signing_keys, second.signing_keys, second.head_keys):
        both = replace(DIRECTORY, organisations=(replace(first, head_keys=same), second))
        with pytest.raises(SourceError, match="stands twice"):
            read_directory(signed_file(both, KEEPER), "directory.json", KEEPER.public_key())
