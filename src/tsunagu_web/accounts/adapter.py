"""How django-allauth keeps second factors here: encrypted at rest, and named by the login alone."""

from __future__ import annotations

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest

from tsunagu.errors import StateError
from tsunagu_web.accounts.models import Staff


class NoSignUp(DefaultAccountAdapter):
    """Staff are registered by a command; nobody registers here, and no mail is sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactors(DefaultMFAAdapter):
    """Secrets of TOTP and recovery codes are stored encrypted, with a key derived from the desk's own."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode("ascii")).decode()
        except (InvalidToken, UnicodeEncodeError):
            raise StateError(
                "a second factor cannot be opened with this desk's key",
                where="secret.key",
                to_do="Give the desk the key it had before; without it: python -m tsunagu_web staff-renew LOGIN.",
            ) from None

    def get_totp_issuer(self) -> str:
        return "tsunagu"

    def get_totp_label(self, user: Staff) -> str:
        return user.login

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": "tsunagu"}

    def get_public_key_credential_user_entity(self, user: Staff) -> dict[str, object]:
        # The login only: a passkey is kept on devices and in clouds that need not know anybody's name.
        return {"id": str(user.pk).encode(), "display_name": user.login, "name": user.login}


def _box() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tsunagu desk second factors 1")
    return Fernet(base64.urlsafe_b64encode(key.derive(settings.SECRET_KEY.encode())))
