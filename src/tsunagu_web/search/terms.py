"""The words of a search: sealed beside the entry of the log, opened again only for an auditor.

The log itself holds ids and codes alone. It holds the digest of the sealed words too, so that words which were
exchanged, or taken from another search, are found out when they are opened.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest

from tsunagu.audit.chain import SealedRow
from tsunagu.errors import PurposeError, SourceError, TsunaguError
from tsunagu.runs.crypt import decrypt, encrypt, read_key
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.audit.models import Event
from tsunagu_web.audit.services import NotRecorded
from tsunagu_web.search.models import SearchTerms

MOST_SIGNS = 60
_PURPOSE = b"tsunagu-search-words"
_NONCE = 16
# As long as the longest words: the sealed bytes do not tell how many signs were typed.
_LENGTH = _NONCE + 4 * MOST_SIGNS


@dataclass(frozen=True)
class Opened:
    """The words of one search. words: None when they cannot be opened or are not the ones that were sealed."""

    event: Event
    words: str | None


def record_search(
    request: HttpRequest, thing: Thing, persons: Iterable[str], *, words: str, **counts: str | int
) -> None:
    """Writes the search with its sealed words and commits both; NotRecorded when either fails."""
    try:
        sealed = _seal(words[:MOST_SIGNS])
    except TsunaguError as error:
        raise NotRecorded(type(error).__name__) from error

    def keep(row: SealedRow) -> None:
        SearchTerms.objects.create(event=row.number, sealed=sealed)

    digest = hashlib.sha256(sealed).hexdigest()
    record_look(request, thing, persons, action=Action.SEARCH, beside=keep, words=digest, **counts)


def require_search(number: int) -> Event:
    """The entry of a search whose words were kept; there is nothing to be opened beside any other."""
    event = Event.objects.filter(pk=number, action=Action.SEARCH.value).first()
    if event is None or not SearchTerms.objects.filter(pk=number).exists():
        raise Http404
    return event


def opened(event: Event) -> Opened:
    """The words of a search in plain; to be called once the auditor's own act is recorded."""
    sealed = bytes(SearchTerms.objects.get(pk=event.number).sealed)
    if json.loads(event.body)["detail"].get("words") != hashlib.sha256(sealed).hexdigest():
        return Opened(event, None)
    try:
        plain = decrypt(read_key(settings.ENVIRONMENT.search_key), sealed, bound_to=_PURPOSE, where="search words")
    except (PurposeError, SourceError):
        return Opened(event, None)
    return Opened(event, plain[_NONCE:].rstrip(b"\0").decode())


def _seal(words: str) -> bytes:
    plain = words.replace("\0", "").encode("utf-8", "replace").ljust(_LENGTH - _NONCE, b"\0")
    # The same words twice give other bytes, so that nobody sees who searched for the same.
    return encrypt(read_key(settings.ENVIRONMENT.search_key), secrets.token_bytes(_NONCE) + plain, bound_to=_PURPOSE)
