"""The desk's addresses as the resolver knows them: nothing is listed by hand, so a new page is asked like every one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tsunagu_web.access.policy import PUBLIC, Policy

_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_MARK = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


@dataclass(frozen=True)
class Route:
    path: str
    view: Callable[..., Any]

    @property
    def policy(self) -> object:
        return getattr(self.view, "policy", None)

    @property
    def is_about_a_person(self) -> bool:
        return any(name == "person_id" for _, name in _PART.findall(self.path))

    @property
    def has_other_parts(self) -> bool:
        return any(name != "person_id" for _, name in _PART.findall(self.path))

    @property
    def parts(self) -> list[str]:
        """The names of what its address leaves open."""
        return [name for _, name in _PART.findall(self.path)]

    def takes(self, method: str) -> bool:
        """Whether the address answers this method at all: a view refuses the others before it looks at anything."""
        try:
            answer = self.view(RequestFactory().generic(method, "/"), **dict.fromkeys(self.parts, "0"))
        except Exception:  # noqa: BLE001  # a request without a session: whatever it fails on, it was let in
            return True
        return bool(answer.status_code != 405)

    def url(self, person_id: str = "nobody", number: int = 0) -> str:
        """The address; 0 is the number of no row, so that asking everything changes nothing that is asked later."""
        return "/" + _PART.sub(lambda part: person_id if part[2] == "person_id" else str(number), self.path)


def all_routes(urlconf: str | None = None) -> list[Route]:
    return list(_routes(get_resolver(urlconf).url_patterns))


def routes_with_a_policy(urlconf: str | None = None) -> list[Route]:
    return [route for route in all_routes(urlconf) if isinstance(route.policy, Policy)]


def without_a_policy(urlconf: str | None = None) -> list[str]:
    """Addresses of views that say neither what they need nor that they are public."""
    return [r.path for r in all_routes(urlconf) if r.policy != PUBLIC and not isinstance(r.policy, Policy)]


def ask(client: Client, method: str, url: str, data: dict[str, str] | None = None) -> HttpResponseBase:
    """Asks as a page's form does or, below /api/, as a program."""
    as_json = {"content_type": "application/json"} if method == "post" and url.startswith("/api/") else {}
    answer: HttpResponseBase = getattr(client, method)(url, data or {}, **as_json)
    return answer


def plain(answer: HttpResponseBase, *ids: str) -> bytes:
    """The bytes without form marks, and with every id that was asked for under one name."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    content = _MARK.sub(b"", content)
    for person_id in ids:
        content = content.replace(person_id.encode(), b"ID")
    return content


def _routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        else:
            yield Route(path, pattern.callback)
