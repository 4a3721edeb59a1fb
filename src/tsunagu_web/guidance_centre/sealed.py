"""Sealing drafts and who notified, with a key that lies in a file of its own: not in the database, in no log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.conf import settings

from tsunagu.runs.crypt import read_key
from tsunagu_web.addresses.vault import Vault, room_for, size_of
from tsunagu_web.guidance_centre.models import Draft, Notification, SealedNotifier

_NOTIFIER, _DRAFT = "notifier", "draft"
#: Every sealed notifier has room for this many bytes, so that its length does not tell whether anybody was named.
ROOM = 8 * 1024
#: What is typed of a notifier has to fit there, in UTF-8 and with the quotes around it.
MOST_NAME, MOST_CONTACT, MOST_RELATION = 120, 400, 400


@dataclass(frozen=True)
class Notifier:
    """Who notified, as it was told; empty where nobody said."""

    name: str = ""
    contact: str = ""
    relation: str = ""


def notifiers_vault() -> Vault:
    """The vault with the key of TSUNAGU_NOTIFIER_KEY; every error of a key file."""
    return Vault(read_key(settings.ENVIRONMENT.notifier_key), where="notifiers")


def seal_notifier(notification: Notification, notifier: Notifier) -> SealedNotifier:
    """The row of a notification, not yet kept."""
    vault = notifiers_vault()
    place = vault.place(_NOTIFIER, str(notification.pk))
    return SealedNotifier(place=place, sealed=vault.seal(place, asdict(notifier), room=ROOM))


def open_notifier(notification: Notification) -> Notifier:
    """Who notified: only for what two persons agreed on, or an emergency took. PurposeError with another key."""
    vault = notifiers_vault()
    place = vault.place(_NOTIFIER, str(notification.pk))
    return Notifier(**vault.open(place, SealedNotifier.objects.get(pk=place).sealed))


def seal_draft(key: object, typed: Mapping[str, str]) -> bytes:
    vault = notifiers_vault()
    return vault.seal(vault.place(_DRAFT, str(key)), typed, room=room_for(size_of(typed)))


def open_draft(draft: Draft) -> dict[str, str]:
    vault = notifiers_vault()
    return {name: str(said) for name, said in vault.open(vault.place(_DRAFT, str(draft.key)), draft.sealed).items()}
