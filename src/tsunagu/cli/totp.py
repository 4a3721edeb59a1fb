"""The code of an authenticator app, for a demonstration's secret given on the command line."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tsunagu.errors import SourceError

_LENGTH = 6
_STEP_S = 30


def code_of(secret: str, *, at: int) -> str:
    """The six digits (RFC 6238) of a secret in Base32 at a moment in Unix seconds; SourceError when it is no secret.

    Spaces and small letters do not matter, as people copy them.
    """
    written = "".join(secret.split()).upper()
    try:
        key = base64.b32decode(written + "=" * (-len(written) % 8))
        # RFC 4226 asks for 128 bits at least, and a shorter one is more likely a slip than a secret.
        return TOTP(key, _LENGTH, SHA1(), _STEP_S).generate(at).decode("ascii")
    except (binascii.Error, ValueError):
        raise SourceError(
            "this is not the secret of an authenticator app",
            where="SECRET",
            to_do="Copy the column `secret` of what the demo printed: 32 letters and digits.",
        ) from None
