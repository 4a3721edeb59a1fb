"""The list of municipalities, and the file in which this desk and its node keep their hand-overs.

One TOML file, which `TSUNAGU_HANDOVER` names, says who this office is and to whom it can hand over; nothing of it is
typed on a page. It is read again when it changes.
"""

from __future__ import annotations

import re
import threading
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tsunagu.errors import SourceError
from tsunagu.handover.manifest import RECIPIENT
from tsunagu.handover.people import ACCOUNT, Official
from tsunagu.handover.store import HandoverStore
from tsunagu.purposes.strict import IDENTIFIER, Part
from tsunagu.runs.crypt import read_key
from tsunagu_web.accounts.models import Staff

_NAME = re.compile(r"[^\x00-\x1f]{1,80}")


@dataclass(frozen=True)
class Named:
    """Somebody of another municipality to whom a restricted hand-over can be addressed. account: as they sign in."""

    account: str
    name: str


@dataclass(frozen=True)
class Municipality:
    """One to which cases can be handed over. recipients: of an ordinary one; people: two get a restricted one."""

    id: str
    name: str
    recipients: tuple[str, ...]
    people: tuple[Named, ...]


@dataclass(frozen=True)
class Office:
    """This office, as others read it, and the others. id: of its organisation in the directory."""

    id: str
    name: str
    telephone: str
    store: Path
    others: tuple[Municipality, ...]

    def other(self, id: str) -> Municipality | None:
        return next((one for one in self.others if one.id == id), None)

    def name_of(self, id: str) -> str:
        """What an organisation is called; its id where it is on the list no longer."""
        found = self.other(id)
        return found.name if found else id


def office() -> Office | None:
    """The file as it stands; None where no hand-over is set up here. SourceError names every mistake in it."""
    path: Path | None = settings.ENVIRONMENT.handover
    if path is None:
        return None
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise SourceError(
            f"the list of municipalities cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Name a file that is there and that the desk may read: TSUNAGU_HANDOVER.",
        ) from error


def store_of(found: Office) -> HandoverStore:
    """The hand-overs of this office; one store for all threads of a process."""
    key = (found.store, settings.ENVIRONMENT.handover_key, found.id)
    with _LOCK:
        if key not in _STORES:
            _STORES[key] = HandoverStore(found.store, read_key(settings.ENVIRONMENT.handover_key), found.id)
        return _STORES[key]


def official(staff: Staff) -> Official:
    """A member of staff as hand-overs name them."""
    return Official(account_of(staff), staff.role)


def account_of(staff: Staff) -> str:
    """The login, where it is one that a manifest can name; the number otherwise."""
    return staff.login if ACCOUNT.fullmatch(staff.login) else f"staff-{staff.pk}"


_STORES: dict[tuple[Path, Path, str], HandoverStore] = {}
_LOCK = threading.Lock()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Office:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"the list of municipalities is no TOML: {error}", where=str(path)) from error
    part = Part(given, "", [])
    made = Office(
        id=part.match("id", IDENTIFIER, "an identifier"),
        name=part.match("name", _NAME, "a name"),
        telephone=part.match("telephone", _NAME, "a telephone number"),
        store=path.parent / part.text("store"),
        others=part.parts("municipality", _municipality, some=True),
    )
    part.done()
    ids = [one.id for one in made.others]
    if len(set(ids)) < len(ids) or made.id in ids:
        part.wrong("municipality", "names one twice, or this office itself")
    if part.mistakes:
        listed = "\n  ".join(part.mistakes)
        raise SourceError(f"mistakes in the list of municipalities\n  {listed}", where=str(path), to_do="Correct them.")
    return made


def _municipality(part: Part) -> Municipality:
    return Municipality(
        id=part.match("id", IDENTIFIER, "an identifier"),
        name=part.match("name", _NAME, "a name"),
        recipients=part.texts("recipients", RECIPIENT, some=True),
        people=part.parts("person", _named, some=False) if "person" in part.data else (),
    )


def _named(part: Part) -> Named:
    return Named(part.match("account", ACCOUNT, "an account"), part.match("name", _NAME, "a name"))
