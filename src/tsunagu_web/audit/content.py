"""Digests of what an entry speaks of, so that somebody who edits a decision's note is found by the log.

The digest is salted. The salt lies beside the row in the database, not in the log: when row and salt are erased, the
digest that stays in the log leaves nothing to guess from.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Model

from tsunagu.audit.entry import canonical

_TABLES: dict[str, tuple[type[Model], tuple[str, ...]]] = {}


@dataclass(frozen=True)
class SealedContent:
    """What goes into the entry, and the salt that stays outside of it."""

    detail: Mapping[str, str]
    salt: str


@dataclass(frozen=True)
class Spoken:
    """What an entry says of a row: its number in the log, the row's table and key, and the digest."""

    number: int
    table: str
    key: str
    digest: str


def digested(model: type[Model], *fields: str) -> None:
    """Makes a table one whose rows the log commits to; one line below the model. A field that is added later is left
    out of the digest while it is empty, so that older digests stay true."""
    _TABLES[model._meta.label_lower] = (model, fields)


def tables() -> Mapping[str, type[Model]]:
    """The digested tables by name."""
    return {name: model for name, (model, _fields) in _TABLES.items()}


def seal(row: Model) -> SealedContent:
    """The digest of a row that was just written, with a new salt."""
    salt = secrets.token_hex(16)
    name = row._meta.label_lower
    return SealedContent({"row": f"{name}:{row.pk}", "content": digest_of(row, salt)}, salt)


def digest_of(row: Model, salt: str) -> str:
    """The salted digest of the fields that the table commits to."""
    _model, fields = _TABLES[row._meta.label_lower]
    values = {name: _plain(getattr(row, name)) for name in fields}
    written = canonical({name: value for name, value in values.items() if value not in (None, "")})
    return hmac.new(bytes.fromhex(salt), written.encode(), "sha256").hexdigest()


def spoken_in(number: int, detail: Mapping[str, object]) -> Spoken | None:
    """What an entry's detail says of a row; None when it speaks of none, or of a table nobody knows."""
    table, _, key = str(detail.get("row", "")).partition(":")
    if "content" not in detail or table not in _TABLES:
        return None
    return Spoken(number, table, key, str(detail["content"]))


def differing(spoken: Iterable[Spoken], salts: Mapping[int, str]) -> list[tuple[Spoken, str]]:
    """Of these rows, those that are not what the log says, each with `edited` or `removed`."""
    found: list[tuple[Spoken, str]] = []
    by_table: dict[str, list[Spoken]] = {}
    for one in spoken:
        by_table.setdefault(one.table, []).append(one)
    for table, ones in by_table.items():
        rows = {str(row.pk): row for row in _TABLES[table][0]._default_manager.filter(pk__in=[o.key for o in ones])}
        for one in ones:
            row, salt = rows.get(one.key), salts.get(one.number)
            if row is None or salt is None:
                found.append((one, "removed"))
            elif not hmac.compare_digest(_digest_or_none(row, salt), one.digest):
                found.append((one, "edited"))
    return found


def _digest_or_none(row: Model, salt: str) -> str:
    try:
        return digest_of(row, salt)
    except ValueError:
        return ""  # a salt that is none


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, int) else str(value)
