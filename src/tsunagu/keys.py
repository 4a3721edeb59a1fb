"""Keys that sign: each a file of its own, made once and never replaced; its public half goes to whoever checks."""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tsunagu.errors import EngineError, PurposeError, SourceError, StateError


@dataclass(frozen=True)
class Signs:
    """What a key signs, as its messages name it: heads, agreements; and by which settings its two files are named."""

    what: str
    setting: str
    public_setting: str


HEADS = Signs("heads", "TSUNAGU_HEAD_KEY", "--public-key")
AGREEMENTS = Signs("agreements", "--key", "--public-key")


def own_signing_key(path: Path, use: Signs) -> Ed25519PrivateKey:
    """The key in that file, made at the first start, readable by its owner only; a file that is there stays."""
    if not path.exists():
        _create(path, use)
    return read_signing_key(path, use)


def new_signing_key(path: Path, use: Signs) -> Ed25519PrivateKey:
    """A key made now, where somebody asked for one; StateError where a file is there, which stays."""
    if path.exists():
        raise StateError("the file is there already", where=str(path), to_do="Name another file; no key is replaced.")
    _create(path, use)
    return read_signing_key(path, use)


def require_key_file(path: Path, to_make: str) -> None:
    """SourceError where there is no such file, with the nearest names: a mistyped one must not become a new key.

    to_make  what to do where no key was made yet
    """
    if path.exists():
        return
    there = sorted(one.name for one in path.parent.glob("*.key")) if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, there, n=3, cutoff=0.4) or there[:3]
    asked = f"Did you mean: {', '.join(near)}? " if near else ""
    raise SourceError("there is no such key", where=str(path), to_do=f"{asked}{to_make}")


def read_signing_key(path: Path, use: Signs) -> Ed25519PrivateKey:
    """The key in a file; SourceError if there is none, PurposeError if others may read it."""
    text = _bytes(path, use.setting)
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PurposeError(
            f"other users of this machine may read the key that signs {use.what}",
            where=str(path),
            to_do=f"Run: chmod 600 {path.name}",
        )
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SourceError(
            f"this is not a key that signs {use.what}",
            where=str(path),
            to_do="Put the key back that was made at the start.",
        )
    return key


def read_public_key(path: Path, use: Signs) -> Ed25519PublicKey:
    """The public key in a file; SourceError if it holds none."""
    try:
        key = load_pem_public_key(_bytes(path, use.public_setting))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SourceError(
            f"this is not a public key of {use.what}",
            where=str(path),
            to_do="Name the file with the public half, which was written beside the key or sent to you.",
        )
    return key


def key_of_now(key: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey]) -> Ed25519PrivateKey:
    """The key itself, or the one that is to be used at this moment, where keys are renewed while a program runs."""
    return key if isinstance(key, Ed25519PrivateKey) else key()


def public_text(key: Ed25519PublicKey) -> str:
    """The public key as text (PEM), which other programs read too."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def name_of(key: Ed25519PublicKey) -> str:
    """Sixteen letters that tell one key from another: compare them on the telephone."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _create(path: Path, use: Signs) -> None:
    made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written whole under another name first: a key that was half written when the power failed is never found.
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            pass  # another process made it meanwhile, and that one stays
        finally:
            partial.unlink()
    except OSError as error:
        raise EngineError(
            f"the key that signs {use.what} cannot be written ({type(error).__name__})",
            where=str(path),
            to_do=f"Name a file in a folder you may write to: {use.setting}.",
        ) from error


def _bytes(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the key file cannot be read ({type(error).__name__})",
            where=str(path),
            to_do=f"Check that it is there and that you may read it: {setting}.",
        ) from error
