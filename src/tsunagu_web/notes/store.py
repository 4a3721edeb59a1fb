"""Where the bytes of attachments lie: encrypted, in the desk's own folder, with a key of their own."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tsunagu.errors import EngineError, StateError

_KEY_BYTES = 32
_NONCE_BYTES = 12


def put(content: bytes) -> tuple[str, str]:
    """Writes the bytes encrypted; gives the stored name and their SHA-256. Nothing is left where it fails."""
    name, digest = secrets.token_hex(16), hashlib.sha256(content).hexdigest()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    path = _folder() / name
    unfinished = path.with_suffix(".part")
    try:
        sealed = nonce + AESGCM(_key()).encrypt(nonce, content, _bound_to(name, digest))
        with open(unfinished, "xb", opener=_owner_only) as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise EngineError(
            f"the attachment cannot be written ({type(error).__name__})",
            where="attachments",
            to_do="Make room on the disk of the desk's folder, then attach the file again.",
        ) from error
    return name, digest


def get(name: str, digest: str) -> bytes:
    """The plain bytes; StateError when file, key or hash is not the one they were stored with."""
    try:
        sealed = (_folder() / name).read_bytes()
        content = AESGCM(_key()).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(name, digest))
    except (OSError, InvalidTag, ValueError) as error:
        raise _not_as_stored() from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise _not_as_stored()
    return content


def remove(name: str) -> None:
    """Takes away bytes that no row speaks of, after the row could not be written."""
    (_folder() / name).unlink(missing_ok=True)


def _not_as_stored() -> StateError:
    return StateError(
        "the attachment is not what was stored: file or key is missing, or one of them was changed",
        where="attachments",
        to_do="Bring back the desk's folder from its backup, the key with it.",
    )


def _bound_to(name: str, digest: str) -> bytes:
    # A file put in another's place, and a digest changed in the database, open nothing.
    return f"{name} {digest}".encode("ascii")


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _folder() -> Path:
    folder: Path = settings.ENVIRONMENT.folder / "attachments"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _key() -> bytes:
    """The key beside the folder, made with the first attachment. A lost one is never made anew over old files."""
    path: Path = settings.ENVIRONMENT.folder / "attachments.key"
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        if any(entry.suffix != ".part" for entry in _folder().iterdir()):
            raise _not_as_stored() from None
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        with open(path, "x", encoding="ascii", opener=_owner_only) as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        # Two first attachments at one moment: the key of the other one counts.
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    return key
