"""The users of the measured desk: signed in, asking through the whole middleware, alone or a hundred at once."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.template import Context, Engine
from django.utils import timezone
from large_desk import Size
from signed_in import signed_in

from tsunagu_web.access import reach
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import children_of
from tsunagu_web.duties import middleware
from tsunagu_web.duties.viewers import viewer_of

PORT = 8971
_TOKEN = "t" * 32
_WORDS = (
    "レイ",
    "れいかわ",
    "例川",
    "例川 あおい",
    "みお",
    "さくら",
    "仮沢 湊",
    "ハヤテ",
    "試野",
    "アオ",
    "芽依",
    "架原 樹",
)
_WAIT_S = 10.0  # between two pages of one user, on average, to read and think
_application: Any = None


@dataclass(frozen=True)
class User:
    """children: ids of some children within reach, to open and to decide about."""

    cookie: str
    children: tuple[str, ...]
    may_decide: bool


def sign_in(staff: list[Staff]) -> list[User]:
    """A session for each, with the role's first purpose picked."""
    with the_program():
        return _signed_in(staff)


def _signed_in(staff: list[Staff]) -> list[User]:
    users = []
    for person in staff:
        client = signed_in(person)
        session = client.session
        session[middleware.SESSION_KEY] = PURPOSES[Role(person.role)][0]
        session.save()
        viewer = viewer_of(person, PURPOSES[Role(person.role)][0])
        mine = tuple(
            children_of(viewer).filter(is_listed=True).order_by("kana", "pk").values_list("pk", flat=True)[:200]
        )
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={_TOKEN}"
        users.append(
            User(cookie, mine, viewer.purpose == Purpose.EARLY_SUPPORT and person.role != Role.SCHOOL_SOCIAL_WORKER)
        )
    return [user for user in users if user.children]


def ask(user: User, path: str, form: Mapping[str, str] | None = None, *, expected: int = 200) -> Callable[[], None]:
    """A request as a server hands it over; calling it reads the whole answer."""
    global _application  # noqa: PLW0603  # one application for the process, as in a server
    _application = _application or get_wsgi_application()
    where, _, query = path.partition("?")
    body = urlencode({**form, "csrfmiddlewaretoken": _TOKEN}).encode() if form is not None else b""

    def asked() -> None:
        said: list[str] = []
        answer = _application(
            {
                "REQUEST_METHOD": "POST" if form is not None else "GET",
                "PATH_INFO": where,
                "QUERY_STRING": query,
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "HTTP_COOKIE": user.cookie,
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
            },
            lambda status, _headers: said.append(status),
        )
        b"".join(answer)
        answer.close()
        if not said[0].startswith(str(expected)):
            raise RuntimeError(f"{where.split('/')[1]}: {said[0]}")

    return asked


def _list(drawn: random.Random, users: list[User], size: Size) -> Callable[[], None]:
    query = drawn.choice(
        [
            "",
            "",
            "",
            "?page=2",
            "?state=new",
            "?level=%E8%A6%8B%E5%AE%88%E3%82%8A",
            f"?school={101 + drawn.randrange(size.schools)}",
        ]
    )
    return ask(drawn.choice(users), "/children/" + query)


def _child(drawn: random.Random, users: list[User], size: Size) -> Callable[[], None]:
    user = drawn.choice(users)
    return ask(user, f"/children/{drawn.choice(user.children)}/")


def _search(drawn: random.Random, users: list[User], size: Size) -> Callable[[], None]:
    return ask(drawn.choice(users), "/children/search/", {"words": drawn.choice(_WORDS)})


def _save(drawn: random.Random, users: list[User], size: Size) -> Callable[[], None]:
    user = drawn.choice([u for u in users if u.may_decide])
    with the_program():
        child = Child.objects.get(pk=drawn.choice(user.children))
    form = {
        "outcome": "watch",
        "until": (timezone.localdate() + dt.timedelta(days=30)).isoformat(),
        "reason": "",
        "note": f"電話で話を聞いた。({drawn.getrandbits(32)})",  # the same words on one day are not recorded twice
        "voice": "unknown",
        "voice_words": "",
        "seen": str(child.decisions_made),
        "form": str(uuid.UUID(int=drawn.getrandbits(128), version=4)),
    }
    return ask(user, f"/children/{child.pk}/decide/", form, expected=302)


DRAWN: Mapping[str, Callable[[random.Random, list[User], Size], Callable[[], None]]] = {
    "list": _list,
    "child": _child,
    "search": _search,
    "save": _save,
}


class Heard(NamedTuple):
    """A statement, its values, and for whom the second lock was open when it was asked."""

    sql: str
    params: Any
    opened: reach.Reach


@contextmanager
def listening() -> Iterator[list[Heard]]:
    """Every statement that goes to the database inside; not where a transaction begins or ends."""
    heard: list[Heard] = []

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("BEGIN"):
            heard.append(Heard(sql, params, reach.held()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield heard


def floor(heard: list[Heard]) -> Callable[[], None]:
    """The same rows by bare SQL under the same second lock, one durable row of the log, an empty template."""
    reads = [
        (sql, params)
        for sql, params, _opened in heard
        if sql.lstrip("(").startswith("SELECT")
        and ";" not in sql
        and "FOR UPDATE" not in sql
        and "set_config" not in sql
    ]
    opened: reach.Reach = next((said.opened for said in reversed(heard) if said.opened), reach.NOTHING)
    row = next(params for sql, params, _opened in heard if sql.startswith("INSERT") and "audit_event" in sql)
    empty = Engine().from_string("")

    def asked() -> None:
        reach._set_ahead(opened)
        with connection.cursor() as wrapped:
            cursor = wrapped.cursor
            for sql, params in reads:
                cursor.execute(sql, params)
                cursor.fetchall()
        with transaction.atomic(durable=True), connection.cursor() as wrapped:
            wrapped.cursor.execute(
                "INSERT INTO floor_event (number, body, hash, at, actor, action, object) "
                "VALUES ((SELECT max(number) + 1 FROM floor_event), %s, %s, %s, %s, %s, %s)",
                [row[1], uuid.uuid4().hex * 2, *row[3:7]],
            )
        empty.render(Context())
        reach.take_away()

    return asked


def served(users: list[User], count: int, seconds: int, folder: Path) -> dict[str, Any]:
    """So many users at once, each opening pages with a pause between two; the p95 of each kind.

    gunicorn has a process for each core on PostgreSQL, and one on SQLite.
    """
    workers = (os.cpu_count() or 1) if connection.vendor == "postgresql" else 1
    how = ["serve", "--port", str(PORT), "--workers", str(workers)]
    command = [sys.executable, "-m", "tsunagu_web", *how]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
    took: dict[str, list[float]] = {"list": [], "child": [], "search": [], "save": []}
    failed: list[str] = []
    try:
        _wait_for(server)
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_one_user, args=(n, users[n % len(users)], until, took, failed))
            for n in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait(timeout=30)
    pages = sum(len(times) for times in took.values())
    return {
        "users": count,
        "processes": workers,
        "seconds": seconds,
        "pages_per_second": round(pages / seconds, 1),
        "failed": len(failed),
        **{f"{name}_p95_ms": round(statistics.quantiles(t, n=20)[-1], 1) for name, t in took.items() if len(t) > 1},
        **{f"{name}_p50_ms": round(statistics.median(t), 1) for name, t in took.items() if t},
    }


def _one_user(number: int, user: User, until: float, took: dict[str, list[float]], failed: list[str]) -> None:
    drawn = random.Random(number)
    time.sleep(drawn.random() * _WAIT_S)
    while time.monotonic() < until:
        kind = drawn.choice(["list", "child", "child", "search", "save"])
        child = f"/children/{drawn.choice(user.children)}/"
        if kind == "list":
            _timed(user, kind, "/children/", None, took, failed)
        elif kind == "search":
            _timed(user, kind, "/children/search/", {"words": drawn.choice(_WORDS)}, took, failed)
        else:
            shown = _timed(user, "child", child, None, took, failed)
            if kind == "save" and user.may_decide and shown:
                time.sleep(drawn.random() * 2 * _WAIT_S)
                _timed(user, kind, f"{child}decide/", _decision(shown), took, failed)
        time.sleep(drawn.random() * 2 * _WAIT_S)


def _decision(page: str) -> dict[str, str]:
    """The page's own form filled in: watched for a month, with a note."""
    hidden = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("seen", "form")}
    until = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    said = {"note": f"電話で話を聞いた。({uuid.uuid4()})", "voice": "unknown", "voice_words": ""}
    return {**hidden, **said, "outcome": "watch", "until": until, "reason": ""}


def _timed(
    user: User,
    kind: str,
    path: str,
    form: Mapping[str, str] | None,
    took: dict[str, list[float]],
    failed: list[str],
) -> str:
    """One request over a line of its own, as a browser waits for it; its text, "" where it failed."""
    headers = {"Cookie": user.cookie, "Host": f"127.0.0.1:{PORT}"}
    began = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        if form is None:
            line.request("GET", path, headers=headers)
        else:
            body = urlencode({**form, "csrfmiddlewaretoken": _TOKEN})
            line.request("POST", path, body, {**headers, "Content-Type": "application/x-www-form-urlencoded"})
        answer = line.getresponse()
        text = answer.read().decode()
        took[kind].append((time.perf_counter() - began) * 1000)
        if answer.status == (302 if kind == "save" else 200):
            return text
        failed.append(str(answer.status))
    except OSError as error:
        failed.append(type(error).__name__)
    finally:
        line.close()
    return ""


def _wait_for(server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"the desk stopped with exit code {server.returncode}")
        try:
            line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            line.request("GET", "/accounts/login/")
            line.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the desk does not answer")
