"""The desk's settings: one typed reader of the environment; nothing else in the desk reads it."""

from __future__ import annotations

import os
import re
import secrets
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import unquote, urlsplit

from tsunagu.errors import EngineError, StateError
from tsunagu.runs.crypt import create_key, read_key

LANGUAGES = ("ja", "en")
OIDC_PROVIDER = "office"
_SECRET_LENGTH = 50
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


@dataclass(frozen=True)
class Oidc:
    """The office's own identity provider: its address, the desk's name there, and the secret they share."""

    issuer: str
    client: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """The server through which mail to staff leaves, and what stands in every mail.

    security  starttls, tls, or none (only for a server on the same machine)
    sender    the address it comes from; desk: the address at which staff open the desk
    """

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str
    desk: str


@dataclass(frozen=True)
class Environment:
    """What the desk is told from outside.

    folder           where the desk keeps its own files: the SQLite database and the secret key
    secret_key       signs sessions and forms
    database         Django's description of the database
    hosts            names under which the desk may be asked
    is_https         whether browsers reach it over TLS: cookies are then sent only so
    session_minutes  a session without a request for so long is over
    session_hours    a session is over so long after signing in, whatever is done in it
    lockout_tries    wrong passwords and codes for one login before it is locked
    lockout_minutes  how long it stays locked
    language         language of the first visit
    search_key       the file of the key that seals the words of searches
    link_key         the file of the key that seals the records of doubtful pairs
    board_key        the file of the key that seals the pupils of the school boards
    offer_key        the file of the key that seals the names of children whose families may be offered support
    handover_key     the file of the key that seals what is handed over, at this end
    handover         the file that says how cases are handed over and to whom; None: none are
    criteria_key     the file of the key that seals the nameless table of the editor of criteria
    oidc             the office's identity provider; None: the desk's own passwords only
    heads            where signed heads of the access log are stored: another machine's folder, mounted here
    is_heads_named   whether that folder was named; otherwise it is inside the desk's own, which proves less
    head_key         the file of the key that signs heads
    address_key      file of the key that opens addresses; without one the desk keeps none and shows none
    suppression_list the register department's own list of protections, read at each display; without it none is shown
    suppression_hours  a list that was written longer ago hides every address
    second_lock      `off`: the desk is served although PostgreSQL's row-level security does not hold for its role
    attachment_bytes  the largest file that may be attached
    scan             the program, with its arguments, that looks at each file before it is kept; () for none
    city             the city's folder with its own forms and choices; without one the standard form is used
    mail             the server for mail to staff; None: no mail is sent
    guidance_centre  whether the room for notifications is switched on; off, its pages are unknown ones
    notifier_key     the file of the key that seals who notified
    centre           this guidance centre's name in its past cases and in its estimate; empty: neither is shown
    past_cases       the folder of its past cases, among which similar ones are looked for; None: none are
    estimate         the folder of an estimate that was kept, with its switch; None: nothing is estimated
    """

    folder: Path
    secret_key: str
    database: dict[str, Any]
    hosts: tuple[str, ...]
    is_https: bool
    session_minutes: int
    session_hours: int
    lockout_tries: int
    lockout_minutes: int
    language: str
    search_key: Path
    link_key: Path
    board_key: Path
    offer_key: Path
    handover_key: Path
    handover: Path | None
    criteria_key: Path
    oidc: Oidc | None
    heads: Path
    is_heads_named: bool
    head_key: Path
    address_key: Path | None
    suppression_list: Path | None
    suppression_hours: int
    second_lock: str
    attachment_bytes: int
    scan: tuple[str, ...]
    city: Path | None
    mail: Mail | None
    guidance_centre: bool
    notifier_key: Path
    centre: str
    past_cases: Path | None
    estimate: Path | None


def read_environment(variables: Mapping[str, str]) -> Environment:
    """The settings from `TSUNAGU_...`; StateError names the variable that is missing or wrong."""
    folder = _folder(variables)
    return Environment(
        folder=folder,
        secret_key=_secret_key(variables, folder),
        database=_database(variables, folder),
        hosts=_hosts(variables),
        is_https=_yes_no(variables, "TSUNAGU_HTTPS", default=False),
        session_minutes=_whole(variables, "TSUNAGU_SESSION_MINUTES", default=30, least=1, most=720),
        session_hours=_whole(variables, "TSUNAGU_SESSION_HOURS", default=10, least=1, most=24),
        lockout_tries=_whole(variables, "TSUNAGU_LOCKOUT_TRIES", default=5, least=1, most=100),
        lockout_minutes=_whole(variables, "TSUNAGU_LOCKOUT_MINUTES", default=15, least=1, most=1440),
        language=_choice(variables, "TSUNAGU_LANGUAGE", LANGUAGES, default="ja"),
        search_key=_key_file(variables, "TSUNAGU_SEARCH_KEY", folder / "search.key"),
        link_key=_key_file(variables, "TSUNAGU_LINK_KEY", folder / "link-review.key"),
        board_key=_key_file(variables, "TSUNAGU_BOARD_KEY", folder / "school-boards.key"),
        offer_key=_key_file(variables, "TSUNAGU_OFFER_KEY", folder / "offers.key"),
        handover_key=_key_file(variables, "TSUNAGU_HANDOVER_KEY", folder / "handovers.key"),
        handover=_path(variables, "TSUNAGU_HANDOVER"),
        criteria_key=_key_file(variables, "TSUNAGU_CRITERIA_KEY", folder / "criteria.key"),
        oidc=_oidc(variables),
        heads=Path(variables.get("TSUNAGU_HEADS", "") or folder / "heads").absolute(),
        is_heads_named=bool(variables.get("TSUNAGU_HEADS", "")),
        head_key=Path(variables.get("TSUNAGU_HEAD_KEY", "") or folder / "head.key").absolute(),
        address_key=_path(variables, "TSUNAGU_ADDRESS_KEY"),
        suppression_list=_path(variables, "TSUNAGU_SUPPRESSION_LIST"),
        suppression_hours=_whole(variables, "TSUNAGU_SUPPRESSION_HOURS", default=24, least=1, most=168),
        second_lock=_choice(variables, "TSUNAGU_SECOND_LOCK", ("on", "off"), default="on"),
        attachment_bytes=_whole(variables, "TSUNAGU_ATTACHMENT_MB", default=10, least=1, most=100) * 1024 * 1024,
        scan=_program(variables, "TSUNAGU_SCAN"),
        city=_city(variables),
        mail=_mail(variables),
        guidance_centre=_yes_no(variables, "TSUNAGU_GUIDANCE_CENTRE", default=False),
        notifier_key=_key_file(variables, "TSUNAGU_NOTIFIER_KEY", folder / "notifiers.key"),
        centre=variables.get("TSUNAGU_CENTRE", ""),
        past_cases=_of_the_centre(variables, "TSUNAGU_PAST_CASES"),
        estimate=_of_the_centre(variables, "TSUNAGU_ESTIMATE"),
    )


def _city(variables: Mapping[str, str]) -> Path | None:
    folder = _path(variables, "TSUNAGU_CITY")
    if folder is not None and not folder.is_dir():
        raise StateError(
            "the setting TSUNAGU_CITY names no folder that is there",
            where="environment",
            to_do="Name the city's folder, or leave it away to use the standard form.",
        )
    return folder


def _of_the_centre(variables: Mapping[str, str], name: str) -> Path | None:
    """A folder that speaks of guidance centres by name; what is in it is looked at when the desk is served."""
    folder = _path(variables, name)
    if folder is not None and not folder.is_dir():
        raise StateError(
            f"the setting {name} names no folder that is there",
            where="environment",
            to_do="Name the folder, or leave it away: the desk then shows nothing of it.",
        )
    if folder is not None and not variables.get("TSUNAGU_CENTRE", ""):
        raise StateError(
            f"the setting TSUNAGU_CENTRE is missing beside {name}",
            where="environment",
            to_do="Set it to this centre's name in that folder: of other centres nothing is shown.",
        )
    return folder


def _folder(variables: Mapping[str, str]) -> Path:
    written = variables.get("TSUNAGU_DESK", "")
    if not written:
        raise StateError(
            "the setting TSUNAGU_DESK is missing",
            where="environment",
            to_do="Set it to the folder where the desk keeps its files, e.g. TSUNAGU_DESK=/var/lib/tsunagu.",
        )
    folder = Path(written)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"the folder cannot be made ({type(error).__name__})",
            where="TSUNAGU_DESK",
            to_do="Name a folder you may write to.",
        ) from error
    return folder.absolute()


def _secret_key(variables: Mapping[str, str], folder: Path) -> str:
    key = variables.get("TSUNAGU_SECRET_KEY", "")
    if key:
        if len(key) < _SECRET_LENGTH:
            raise StateError(
                f"the setting TSUNAGU_SECRET_KEY is shorter than {_SECRET_LENGTH} characters",
                where="environment",
                to_do="Leave it away: the desk then makes a key of its own and keeps it in its folder.",
            )
        return key
    return _own_key(folder / "secret.key")


def _own_key(path: Path) -> str:
    """The key in the desk's folder, made at the first start, readable by its owner only."""
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            key = secrets.token_urlsafe(_SECRET_LENGTH)
            file.write(key + "\n")
        return key
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"the desk's secret key cannot be read or made ({type(error).__name__})",
            where="TSUNAGU_DESK",
            to_do="Name a folder you may write to, or set TSUNAGU_SECRET_KEY.",
        ) from error


def _key_file(variables: Mapping[str, str], name: str, usual: Path) -> Path:
    """The key file, made where there is none and never written again; the errors of runs.crypt where it is no key."""
    path = Path(variables.get(name, "") or usual).absolute()
    if not path.exists():
        # Made beside its place and linked there whole, so that a second start at this moment never reads half a key.
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        create_key(beside)
        try:
            with suppress(FileExistsError):
                os.link(beside, path)
        except OSError as error:
            raise EngineError(
                f"the key file cannot be made ({type(error).__name__})",
                where=name,
                to_do="Name a file in a folder you may write to, on a disk that knows links.",
            ) from error
        finally:
            beside.unlink()
    read_key(path)
    return path


def _database(variables: Mapping[str, str], folder: Path) -> dict[str, Any]:
    url = variables.get("TSUNAGU_DATABASE_URL", "")
    if not url:
        return _sqlite(folder / "desk.sqlite3")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_url() from None
    if parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        raise _bad_url()
    return {
        "ENGINE": "tsunagu_web.access.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # Closing the last connection writes the whole log of changes back: once a minute, not after each page.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # A transaction that will write takes the write lock at its start and waits for it: the log is one chain.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # FULL: a look that was recorded stays recorded when the power fails.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        },
    }


def _bad_url() -> StateError:
    # The address may hold a password, so not even a part of it is shown.
    return StateError(
        "the setting TSUNAGU_DATABASE_URL is not an address of a PostgreSQL database",
        where="environment",
        to_do="Write postgresql://USER:PASSWORD@HOST:PORT/NAME, or leave it away to use SQLite.",
    )


def _hosts(variables: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(h.strip() for h in variables.get("TSUNAGU_HOSTS", "127.0.0.1,localhost").split(",") if h.strip())
    if not names or "*" in names:
        raise StateError(
            "the setting TSUNAGU_HOSTS names no host, or every host",
            where="environment",
            to_do="Name the hosts staff use in the address bar, separated by commas.",
        )
    return names


def _oidc(variables: Mapping[str, str]) -> Oidc | None:
    names = ("TSUNAGU_OIDC_ISSUER", "TSUNAGU_OIDC_CLIENT", "TSUNAGU_OIDC_SECRET_FILE")
    issuer, client, file = (variables.get(name, "") for name in names)
    missing = [name for name, written in zip(names, (issuer, client, file), strict=True) if not written]
    if len(missing) == len(names):
        return None
    if missing:
        raise StateError(
            f"the setting {missing[0]} is missing",
            where="environment",
            to_do=f"Set all three for the office's sign-in, or none: {', '.join(names)}.",
        )
    parts = urlsplit(issuer)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "localhost"):
        raise StateError(
            "the setting TSUNAGU_OIDC_ISSUER is not an address that begins with https://",
            where="environment",
            to_do="Write the issuer as the provider's page of settings names it.",
        )
    if find_spec("jwt") is None or find_spec("requests") is None:
        raise EngineError(
            "what the office's sign-in needs is not installed", to_do="Install it: pip install 'tsunagu[oidc]'."
        )
    try:
        secret = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"the secret of the office's sign-in cannot be read ({type(error).__name__})",
            where="TSUNAGU_OIDC_SECRET_FILE",
            to_do="Name a file with the client's secret that the desk may read.",
        ) from error
    return Oidc(issuer.rstrip("/"), client, secret)


def _mail(variables: Mapping[str, str]) -> Mail | None:
    names = ("TSUNAGU_MAIL_HOST", "TSUNAGU_MAIL_FROM", "TSUNAGU_MAIL_DESK")
    host, sender, desk = (variables.get(name, "") for name in names)
    missing = [name for name, written in zip(names, (host, sender, desk), strict=True) if not written]
    if len(missing) == len(names):
        return None
    if missing:
        raise StateError(
            f"the setting {missing[0]} is missing",
            where="environment",
            to_do=f"Set all three for mail to staff, or none: {', '.join(names)}.",
        )
    if not _MAIL_ADDRESS.fullmatch(sender):
        raise _bad_mail("TSUNAGU_MAIL_FROM", "is not a mail address", "Write the bare address, without a name.")
    if urlsplit(desk).scheme not in ("https", "http"):
        raise _bad_mail("TSUNAGU_MAIL_DESK", "is not an address of the desk", "Write it as staff open it: https://…/")
    security = _choice(variables, "TSUNAGU_MAIL_SECURITY", ("starttls", "tls", "none"), default="starttls")
    if security == "none" and host not in ("localhost", "127.0.0.1", "::1"):
        raise _bad_mail("TSUNAGU_MAIL_SECURITY", "is none for another machine", "Use starttls or tls.")
    port = _whole(variables, "TSUNAGU_MAIL_PORT", default=465 if security == "tls" else 587, least=1, most=65535)
    user, file = variables.get("TSUNAGU_MAIL_USER", ""), variables.get("TSUNAGU_MAIL_PASSWORD_FILE", "")
    try:
        password = Path(file).read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"the password of the mail server cannot be read ({type(error).__name__})",
            where="TSUNAGU_MAIL_PASSWORD_FILE",
            to_do="Name a file with the password that the desk may read.",
        ) from error
    return Mail(host, port, security, user, password, sender, desk)


def _bad_mail(name: str, what: str, to_do: str) -> StateError:
    return StateError(f"the setting {name} {what}", where="environment", to_do=to_do)


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    """A file that need not be there: what is missing hides addresses, and never keeps the desk from starting."""
    written = variables.get(name, "")
    return Path(written).absolute() if written else None


def _program(variables: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A program with its arguments, looked for when the desk starts; () where none is named."""
    try:
        words = shlex.split(variables.get(name, ""))
    except ValueError:
        words = [""]
    if not words:
        return ()
    found = which(words[0]) if words[0] else None
    if found is None:
        raise StateError(
            f"the setting {name} names no program that can be run",
            where="environment",
            to_do='Name one by its path, e.g. "/usr/bin/clamdscan --no-summary -", or leave it away to scan nothing.',
        )
    return (found, *words[1:])


def _whole(variables: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    written = variables.get(name, str(default))
    if not written.isascii() or not written.isdigit() or not least <= int(written) <= most:
        raise StateError(
            f"the setting {name} is not a whole number from {least} to {most}",
            where="environment",
            to_do=f"Leave it away to use {default}.",
        )
    return int(written)


def _yes_no(variables: Mapping[str, str], name: str, *, default: bool) -> bool:
    return _choice(variables, name, ("yes", "no"), default="yes" if default else "no") == "yes"


def _choice(variables: Mapping[str, str], name: str, choices: tuple[str, ...], *, default: str) -> str:
    written = variables.get(name, default)
    if written not in choices:
        raise StateError(
            f"the setting {name} is none of: {', '.join(choices)}",
            where="environment",
            to_do=f"Leave it away to use {default}.",
        )
    return written
