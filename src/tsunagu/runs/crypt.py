"""Keys and encryption of the tables that carry names, and, with a key of its own, of those that carry addresses.

AES-256-SIV (RFC 5297) is deterministic: the same table under the same key and manifest gives the same bytes, so a
repeated run can be compared byte by byte, and a manifest that was changed after the run makes the names unreadable.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from tsunagu.errors import EngineError, PurposeError, SourceError, StateError

KEY_BYTES = 64
# The size of a padded table is a multiple of this, so that it tells neither how many rows there are nor how long.
_ROOM = 256 * 1024
_LENGTH_BYTES = 8
_PREFIX = "tsunagu-key-1 "


def read_key(path: Path) -> bytes:
    """The key in a key file; SourceError if there is none, PurposeError if others may read it."""
    try:
        text = path.read_text(encoding="ascii").strip()
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise SourceError(
            "there is no key file", where=str(path), to_do="Name the key that was used for the run: --key FILE."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the key file cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Check that it is a tsunagu key file and that you may read it.",
        ) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PurposeError(
            "other users of this machine may read the key file",
            where=str(path),
            to_do=f"Run: chmod 600 {path.name}",
        )
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(_PREFIX) or len(key) != KEY_BYTES:
        raise SourceError("this is not a tsunagu key file", where=str(path), to_do="Name another file with --key.")
    return key


def create_key(path: Path) -> bytes:
    """Makes a new key file that only its owner may read, and gives the key; StateError if the file exists."""
    key = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise StateError("a key file is already there", where=str(path), to_do="Use it, or name another.") from error
    except OSError as error:
        raise EngineError(
            f"the key file cannot be written ({type(error).__name__})",
            where=str(path),
            to_do="Choose a folder you may write to with --key.",
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_PREFIX + base64.b64encode(key).decode("ascii") + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def encrypt(key: bytes, plain: bytes, *, bound_to: bytes) -> bytes:
    """Ciphertext that opens only with the key and the same `bound_to` (the manifest's digest)."""
    return AESSIV(key).encrypt(plain, [bound_to])


def decrypt(key: bytes, sealed: bytes, *, bound_to: bytes, where: str) -> bytes:
    """The plain bytes, or PurposeError when key or manifest are not the ones of the run."""
    try:
        return AESSIV(key).decrypt(sealed, [bound_to])
    except InvalidTag as error:
        raise PurposeError(
            "this cannot be opened: the key is another one, or the bytes were changed after they were sealed",
            where=where,
            to_do="Name the key it was sealed with; if it is the right one, make the run again.",
        ) from error


def padded(data: bytes) -> bytes:
    """The bytes behind their length, filled up to the next multiple of 256 KiB."""
    whole = len(data).to_bytes(_LENGTH_BYTES, "big") + data
    return whole + bytes(-len(whole) % _ROOM)


def unpadded(whole: bytes) -> bytes:
    """What `padded` was given."""
    length = int.from_bytes(whole[:_LENGTH_BYTES], "big")
    return whole[_LENGTH_BYTES : _LENGTH_BYTES + length]
