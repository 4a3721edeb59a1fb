"""A connection shows a certificate that the directory pins for that organisation, in TLS 1.3, or nothing is said."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import nodes
from nodes import AGREEMENT, HOLDER, REQUESTER, Dummy, a_world
from tsunagu.errors import EngineError, PurposeError, SourceError
from tsunagu_node.directory import Pin
from tsunagu_node.keyfiles import name_of_sealing_key, read_sealing_key, write_once
from tsunagu_node.listening import Limits
from tsunagu_node.own_keys import SEALING, OwnKeys
from tsunagu_node.refusals import Refused
from tsunagu_node.tls import (
    AUTHORITY_DAYS,
    AUTHORITY_RENEWED_DAYS,
    LEAF_DAYS,
    LEAF_RENEWED_DAYS,
    ClientContexts,
    Identity,
    client_context,
    own_identity,
    pin_of_leaf,
    read_authorities,
    renew,
    require_pinned,
    server_context,
)

NOW = nodes.now()
HOSTS = ["127.0.0.1", "node.example"]


def made(folder: Path, id: str = HOLDER, days: float = 0, hosts: Sequence[str] = HOSTS) -> Identity:
    return own_identity(folder, id, hosts, NOW + timedelta(days=days))


def der(identity: Identity) -> bytes:
    return x509.load_pem_x509_certificate(identity.certificate.read_bytes()).public_bytes(Encoding.DER)


def test_secret_files_are_their_owners_alone(tmp_path: Path) -> None:
    made(tmp_path)
    OwnKeys(tmp_path, SEALING).make()
    assert {p.name: oct(p.stat().st_mode & 0o777) for p in tmp_path.glob("*.key")} == {
        "authority.key": "0o600",
        "node.key": "0o600",
        "sealing.key": "0o600",
    }


@pytest.mark.parametrize("name", ["authority.key", "node.key"])
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, name: str) -> None:
    identity = made(tmp_path)
    (tmp_path / name).chmod(0o640)
    with pytest.raises(PurposeError, match="may read"):
        made(tmp_path, days=LEAF_DAYS)
    if name == "node.key":
        with pytest.raises(PurposeError, match="may read"):
            server_context(identity, identity.authority)


def test_a_sealing_key_that_others_may_read_or_that_is_none_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"
    first = OwnKeys(tmp_path, SEALING).make()
    assert name_of_sealing_key(read_sealing_key(path).public_key()) == first
    path.chmod(0o604)
    with pytest.raises(PurposeError, match="may read"):
        read_sealing_key(path)
    write_once(tmp_path / "other.key", b"no key")
    with pytest.raises(SourceError, match="not a key"):
        read_sealing_key(tmp_path / "other.key")


def test_a_certificate_stays_until_it_is_due_and_its_pin_stays_after(tmp_path: Path) -> None:
    first = made(tmp_path)
    before = der(first)
    assert der(made(tmp_path, days=LEAF_DAYS - LEAF_RENEWED_DAYS - 1)) == before
    renewed = made(tmp_path, days=LEAF_DAYS - LEAF_RENEWED_DAYS + 1)
    assert (der(renewed) != before, renewed.pin) == (True, first.pin)


def test_an_authority_is_renewed_with_the_same_key(tmp_path: Path) -> None:
    first = made(tmp_path)
    before = first.authority.read_bytes()
    renewed = made(tmp_path, days=AUTHORITY_DAYS - AUTHORITY_RENEWED_DAYS + 1)
    assert (renewed.authority.read_bytes() != before, renewed.pin) == (True, first.pin)


def test_another_host_brings_another_certificate(tmp_path: Path) -> None:
    before = der(made(tmp_path))
    assert der(made(tmp_path, hosts=["127.0.0.1"])) != before


def test_a_pin_names_one_organisation(tmp_path: Path) -> None:
    """Also where two organisations share an authority: the certificate names whose it is."""
    identity = made(tmp_path)
    known = read_authorities(identity.authority)
    require_pinned(der(identity), HOLDER, [identity.pin], known)
    require_pinned(der(identity), HOLDER, [pin_of_leaf(identity.certificate.read_bytes())], [])
    shared = [(None, HOLDER, [identity.pin], known), (der(identity), REQUESTER, [identity.pin], known)]
    shared += [(der(identity), HOLDER, [], known), (der(identity), HOLDER, [identity.pin], [])]
    shared += [(der(identity), HOLDER, [Pin("leaf", identity.pin.sha256)], known)]
    for given in shared:
        with pytest.raises(Refused, match="certificate of this organisation"):
            require_pinned(*given)


def test_a_certificate_of_another_authority_with_that_name_is_refused(tmp_path: Path) -> None:
    identity, other = made(tmp_path / "own"), made(tmp_path / "other")
    known = [*read_authorities(identity.authority), *read_authorities(other.authority)]
    with pytest.raises(Refused, match="certificate of this organisation"):
        require_pinned(der(other), HOLDER, [identity.pin], known)


def test_both_ends_speak_tls_1_3_and_want_a_certificate(tmp_path: Path) -> None:
    identity = made(tmp_path)
    for context in (server_context(identity, identity.authority), client_context(identity, identity.authority)):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_3
        assert context.verify_mode == ssl.CERT_REQUIRED
    assert client_context(identity, identity.authority).check_hostname


def test_a_holder_with_another_certificate_hears_nothing(tmp_path: Path) -> None:
    """Of an authority that both know, for another organisation: pinned is the one that the directory says."""
    world = a_world(tmp_path)
    world.identities[HOLDER] = world.identities[REQUESTER]
    dummy = Dummy()
    with world.served(HOLDER, world.answering(HOLDER, dummy)), pytest.raises(Refused) as caught:
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")
    assert (caught.value.code, dummy.did) == ("other_certificate", [])


def test_a_holder_of_an_unknown_authority_hears_nothing(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    world.identities[HOLDER] = made(tmp_path / "stranger", hosts=["127.0.0.1"])
    dummy = Dummy()
    with world.served(HOLDER, world.answering(HOLDER, dummy)), pytest.raises(Refused) as caught:
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")
    assert (caught.value.code, dummy.did) == ("other_certificate", [])


def test_a_holder_under_another_name_hears_nothing(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    world.identities[HOLDER] = own_identity(tmp_path / HOLDER / "tls", HOLDER, ["node.example"], NOW)
    dummy = Dummy()
    with world.served(HOLDER, world.answering(HOLDER, dummy)), pytest.raises(Refused) as caught:
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")
    assert (caught.value.code, dummy.did) == ("other_certificate", [])


def test_who_asks_with_a_certificate_of_another_organisation_is_refused(tmp_path: Path) -> None:
    """With the right signature: a stolen signing key alone opens nothing."""
    world = a_world(tmp_path)
    dummy = Dummy()
    asking = world.asking(REQUESTER, context=client_context(world.identities[HOLDER], world.authorities))
    with world.served(HOLDER, world.answering(HOLDER, dummy)), pytest.raises(Refused) as caught:
        asking.ask(HOLDER, AGREEMENT, "r-1", b"1")
    assert (caught.value.code, caught.value.status, dummy.did) == ("other_certificate", 403, [])


@pytest.mark.parametrize("shown", ["of an unknown authority", "none"])
def test_who_shows_no_certificate_that_is_known_is_not_heard(tmp_path: Path, shown: str) -> None:
    """The server ends the connection; whether its reason arrives first is a matter of moments."""
    world = a_world(tmp_path)
    context = ssl.create_default_context(cafile=str(world.authorities))
    if shown != "none":
        context = client_context(made(tmp_path / "stranger", REQUESTER, hosts=["127.0.0.1"]), world.authorities)
    dummy = Dummy()
    with world.served(HOLDER, world.answering(HOLDER, dummy)):
        with pytest.raises((Refused, EngineError)):
            world.asking(REQUESTER, context=context).ask(HOLDER, AGREEMENT, "r-1", b"1")
        assert dummy.did == []
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")  # the same with the right one
    assert dummy.did == ["r-1"]


def test_a_node_that_runs_shows_its_renewed_certificate(tmp_path: Path) -> None:
    """Renewed in a round of the node, which goes on where one round fails."""
    world = a_world(tmp_path)
    context = server_context(world.identities[HOLDER], world.authorities)
    hosts, faults = ["127.0.0.1"], [OSError("the disk is full")]

    def each_round() -> None:
        if len(hosts) > 1 and faults:
            raise faults.pop()
        renew([context], tmp_path / HOLDER / "tls", HOLDER, hosts, nodes.now())

    def shown() -> bytes:
        client = client_context(world.identities[REQUESTER], world.authorities)
        with (
            socket.create_connection(("127.0.0.1", world.ports[HOLDER])) as plain,
            client.wrap_socket(plain, server_hostname="127.0.0.1") as line,
        ):
            return line.getpeercert(binary_form=True) or b""

    before = der(world.identities[HOLDER])
    answering = world.answering(HOLDER, Dummy())
    with world.served(HOLDER, answering, context=context, each_round=each_round, limits=Limits(round=0.02)):
        assert shown() == before
        hosts.append("node.example")  # another name to be reached by is a reason to renew, as is the time
        nodes.wait_until(lambda: shown() != before)
        assert shown() == der(world.identities[HOLDER])
    assert faults == []


def test_the_end_that_asks_shows_a_renewed_certificate_without_a_new_start(tmp_path: Path) -> None:
    """Else a node that only asks could speak to nobody when its first certificate has ended."""
    days = [0.0]
    authorities = made(tmp_path).authority
    contexts = ClientContexts(lambda: made(tmp_path, days=days[0]), authorities)
    first, leaf = contexts(), der(made(tmp_path))
    assert contexts() is first
    days[0] = LEAF_DAYS - LEAF_RENEWED_DAYS + 1
    second = contexts()
    assert (second is not first, der(made(tmp_path, days=days[0])) != leaf) == (True, True)
    assert contexts() is second
    # An authority that is new is known too.
    other = made(tmp_path / "other").authority.read_bytes()
    more = tmp_path / "authorities.pem"
    more.write_bytes(authorities.read_bytes())
    contexts = ClientContexts(lambda: made(tmp_path, days=days[0]), more)
    assert len(contexts().get_ca_certs()) == 1
    more.write_bytes(authorities.read_bytes() + other)
    assert len(contexts().get_ca_certs()) == 2
