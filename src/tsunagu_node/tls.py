"""The two ends of a connection: TLS 1.3, a certificate on both sides, and a pin of each in the directory.

A node has an authority of its own that makes its certificate and renews it before it ends; others know the authority by
the hash of its public key. Cities with certificates of another maker pin the certificate itself instead.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tsunagu.errors import SourceError
from tsunagu_node.directory import Pin, sha256
from tsunagu_node.keyfiles import read_secret, write_anew, write_once, write_to_hand_on
from tsunagu_node.refusals import Refused

LEAF_DAYS, LEAF_RENEWED_DAYS = 90, 30
AUTHORITY_DAYS, AUTHORITY_RENEWED_DAYS = 3_650, 400
#: How far another machine's clock may be behind when it sees a new certificate.
_BEFORE = timedelta(hours=1)
#: Several threads of a node ask for its certificate; one of them renews it.
_RENEWING = threading.Lock()
_NAME_OF_ORGANISATION = "tsunagu:organisation:{id}"


@dataclass(frozen=True)
class Identity:
    """Where a node's certificate and its key are, and what others pin of it."""

    certificate: Path
    key: Path
    authority: Path
    pin: Pin


def own_identity(folder: Path, organisation: str, hosts: Sequence[str], now: datetime) -> Identity:
    """The node's certificate, made at the first start by an authority made there too, and renewed when it is due.

    hosts  names and addresses under which others reach it; none where it polls
    Call it again from time to time: it does nothing where nothing is due. The pin stays the same.
    """
    with _RENEWING:
        return _own_identity(folder, organisation, hosts, now)


def _own_identity(folder: Path, organisation: str, hosts: Sequence[str], now: datetime) -> Identity:
    signer = _key(folder / "authority.key")
    authority = folder / "authority.pem"
    if _due(authority, now, AUTHORITY_RENEWED_DAYS):
        write_to_hand_on(authority, _pem(_authority(signer, organisation, now)))
    made = Identity(folder / "node.pem", folder / "node.key", authority, pin_of_authority(authority.read_bytes()))
    # A lost key of the certificate alone is no matter: the authority makes another, and the pin stays.
    due = _due(made.certificate, now, LEAF_RENEWED_DAYS) or not made.key.exists()
    if due or not _names(made.certificate, organisation, hosts):
        issuer = x509.load_pem_x509_certificate(authority.read_bytes())
        write_anew(made.certificate, _pem(_leaf(signer, issuer, _key(made.key), (organisation, hosts), now)))
    return made


def new_authority(folder: Path) -> None:
    """Takes the authority away, so that the next identity has another: it was lost, or is in others' hands."""
    for name in ("authority.key", "authority.pem", "node.key", "node.pem"):
        (folder / name).unlink(missing_ok=True)


def require_authority(folder: Path) -> None:
    """SourceError where the key of the node's authority is gone: what another one makes is not what is pinned."""
    if not (folder / "authority.key").exists():
        raise SourceError(
            "the key that makes this node's certificates is gone",
            where=str(folder / "authority.key"),
            to_do="Put it back from the backup of the node's folder. Where there is none: tsunagu node renew-keys "
            "HOLDER.toml makes a new authority; its certificate and entry.json then go to the directory's keeper.",
        )


def renew(
    contexts: Iterable[ssl.SSLContext], folder: Path, organisation: str, hosts: Sequence[str], now: datetime
) -> Identity:
    """As own_identity, while the node runs: connections that begin from now on show the certificate of now."""
    require_authority(folder)
    identity = own_identity(folder, organisation, hosts, now)
    for context in contexts:
        context.load_cert_chain(identity.certificate, identity.key)
    return identity


class ClientContexts:
    """The context of the end that asks, as it is now: made anew where the certificate or the authorities changed.

    identity     makes or renews the certificate where that is due
    authorities  their file
    """

    def __init__(self, identity: Callable[[], Identity], authorities: Path) -> None:
        self._identity, self._authorities = identity, authorities
        self._made: tuple[tuple[int, ...], ssl.SSLContext] | None = None

    def __call__(self) -> ssl.SSLContext:
        identity = self._identity()
        mark = (*_mark(identity.certificate), *_mark(self._authorities))
        if self._made is None or self._made[0] != mark:
            self._made = mark, client_context(identity, self._authorities)
        return self._made[1]


def pin_of_authority(pem: bytes) -> Pin:
    """The pin by which others know an authority: the hash of its public key, the same after it is renewed."""
    return Pin("authority", _hash_of_key(x509.load_pem_x509_certificate(pem)))


def pin_of_leaf(pem: bytes) -> Pin:
    """The pin of one certificate."""
    return Pin("leaf", sha256(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)))


def server_context(identity: Identity, authorities: Path) -> ssl.SSLContext:
    """For the end that listens: it asks for a certificate and takes none that no authority of the file made."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0  # each connection shows its certificate anew
    return _strict(context, identity, authorities)


def client_context(identity: Identity, authorities: Path) -> ssl.SSLContext:
    """For the end that asks: it shows its own certificate and checks the name of the other."""
    return _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), identity, authorities)


def read_authorities(path: Path) -> list[x509.Certificate]:
    """Certificates of the authorities that this node's people were given, one after the other in one file."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SourceError(
            f"the file of authorities cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Put the certificates of the other nodes' authorities there, one after the other.",
        ) from error


def require_pinned(
    certificate: bytes | None, organisation: str, pins: Iterable[Pin], authorities: Iterable[x509.Certificate]
) -> None:
    """Refused unless the certificate (DER) is one that the directory lets that organisation show."""
    if certificate is not None:
        leaf = x509.load_der_x509_certificate(certificate)
        given = {(pin.of, pin.sha256) for pin in pins}
        if ("leaf", sha256(certificate)) in given:
            return
        if _NAME_OF_ORGANISATION.format(id=organisation) in _uris(leaf):
            for authority in authorities:
                if ("authority", _hash_of_key(authority)) in given and _issued(leaf, authority):
                    return
    raise Refused(
        "other_certificate",
        "the connection does not show a certificate of this organisation",
        to_do="Connect with the certificate that the directory pins, or have its new pin put there.",
    )


def _strict(context: ssl.SSLContext, identity: Identity, authorities: Path) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    read_authorities(authorities)
    context.load_verify_locations(cafile=str(authorities))
    read_secret(identity.key)
    context.load_cert_chain(identity.certificate, identity.key)
    return context


def _key(path: Path) -> EllipticCurvePrivateKey:
    if not path.exists():
        made = generate_private_key(SECP256R1())
        write_once(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        key = load_pem_private_key(read_secret(path), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise SourceError(
            "this is not a key of a certificate", where=str(path), to_do="Put the key back that was made."
        )
    return key


def _authority(key: EllipticCurvePrivateKey, organisation: str, now: datetime) -> x509.Certificate:
    name = _named(f"tsunagu authority of {organisation}")
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        _begun(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )


def _leaf(
    signer: EllipticCurvePrivateKey,
    issuer: x509.Certificate,
    key: EllipticCurvePrivateKey,
    names: tuple[str, Sequence[str]],
    now: datetime,
) -> x509.Certificate:
    organisation, hosts = names
    days = min(LEAF_DAYS, (issuer.not_valid_after_utc - now).days)
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    uri = x509.UniformResourceIdentifier(_NAME_OF_ORGANISATION.format(id=organisation))
    return (
        _begun(_named(organisation), issuer.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(both, critical=False)
        .add_extension(x509.SubjectAlternativeName([uri, *(_host(one) for one in hosts)]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, SHA256())
    )


def _begun(
    name: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _mark(path: Path) -> tuple[int, ...]:
    found = path.stat() if path.exists() else None
    return (found.st_ino, found.st_mtime_ns) if found else ()


def _due(path: Path, now: datetime, days: int) -> bool:
    """Whether there is no certificate, or it ends within so many days."""
    if not path.exists():
        return True
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return ends - now < timedelta(days=days)


def _names(path: Path, organisation: str, hosts: Sequence[str]) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uri = x509.UniformResourceIdentifier(_NAME_OF_ORGANISATION.format(id=organisation))
    return list(found) == [uri, *(_host(one) for one in hosts)]


def _uris(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return found.get_values_for_type(x509.UniformResourceIdentifier)


def _issued(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _hash_of_key(certificate: x509.Certificate) -> str:
    return sha256(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
