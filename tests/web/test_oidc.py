"""The office's own provider stands in for the password, never for the second factor; it is off unless it is set."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from identity_provider import Provider, a_provider

from tsunagu.errors import EngineError, StateError
from tsunagu_web.environment import read_environment


@dataclass
class Served:
    """A desk with a provider. visit: opens an address in a fresh browser and gives where it ended, and the page."""

    provider: Provider
    address: str
    visit: Callable[[str], tuple[str, str]]
    log: Callable[[], str]


@pytest.fixture(scope="module")
def desk_with_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("oidc")
    (home / "secret").write_text("shared\n")
    with a_provider() as provider, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("TSUNAGU_", "DJANGO_"))}
        environment = {
            **outside,
            "TSUNAGU_DESK": str(home / "desk"),
            "TSUNAGU_OIDC_ISSUER": provider.issuer,
            "TSUNAGU_OIDC_CLIENT": "desk",
            "TSUNAGU_OIDC_SECRET_FILE": str(home / "secret"),
        }

        def run(*arguments: str) -> str:
            command = [sys.executable, "-m", "tsunagu_web", *arguments]
            return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

        run("migrate", "--verbosity", "0")
        who = ("--login", "hanako", "--name", "職員K", "--role", "auditor", "--department", "監査")
        run("staff-add", *who, "--oidc-subject", "hanako-at-the-office")
        server = subprocess.Popen(
            [sys.executable, "-m", "tsunagu_web", "serve", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        address = f"http://localhost:{port}"

        def visit(path: str) -> tuple[str, str]:
            jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
            with urllib.request.build_opener(jar).open(address + path, timeout=20) as answer:
                return answer.url.removeprefix(address), answer.read().decode()

        def log() -> str:
            run("audit-export", str(home / "log.jsonl"))
            written = (home / "log.jsonl").read_text(encoding="utf-8").replace('\\"', '"')
            (home / "log.jsonl").unlink()
            return written

        try:
            _wait(address)
            yield Served(provider, address, visit, log)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait(address: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/login/", timeout=2).close()
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the desk has not answered within half a minute")


def test_somebody_known_goes_on_to_the_second_factor_not_in(desk_with_provider: Served) -> None:
    served = desk_with_provider
    assert "役所のアカウントでログイン" in served.visit("/login/")[1]
    served.provider.asked.clear()
    where, page = served.visit("/login/office/?next=/log/")
    # A new member: the start password is still to be replaced, then a factor to be set up.
    assert where == "/login/new-password/", page[:300]
    authorize, token = served.provider.asked
    assert authorize["scope"] == ["openid"], "no name and no mail address is asked for"
    assert authorize["redirect_uri"] == [f"{served.address}/login/office/callback/"]
    assert authorize["code_challenge_method"] == ["S256"]
    assert token["code_verifier"]
    assert '"kind":"oidc"' in served.log()
    assert '"log_in"' not in served.log()


@pytest.mark.parametrize(
    ("subject", "changed"),
    [
        ("somebody-else", {}),
        ("hanako-at-the-office", {"aud": "another desk"}),
        ("hanako-at-the-office", {"iss": "http://elsewhere.example"}),
        ("hanako-at-the-office", {"exp": 1}),
    ],
    ids=["unknown", "for another", "from another", "too old"],
)
def test_nobody_else_comes_in_nor_is_registered(
    subject: str, changed: dict[str, object], desk_with_provider: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_with_provider.provider, "subject", subject)
    monkeypatch.setattr(desk_with_provider.provider, "changed", changed)
    where, page = desk_with_provider.visit("/login/office/")
    assert where == "/login/"
    assert "役所のアカウントでのログインができませんでした" in page
    assert subject not in desk_with_provider.log()


def test_an_answer_nobody_asked_for_is_refused(desk_with_provider: Served) -> None:
    for query in ("?code=a-code&state=made-up", "?code=a-code", "?error=access_denied&state=x", ""):
        where, page = desk_with_provider.visit(f"/login/office/callback/{query}")
        assert where == "/login/"
        assert "できませんでした" in page


def test_no_other_address_of_the_library_is_there(desk_with_provider: Served) -> None:
    for path in ("/accounts/login/", "/accounts/signup/", "/login/signup/", "/oidc/office/login/", "/account/social/"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            desk_with_provider.visit(path)


def test_it_is_off_unless_it_is_set(desk: None) -> None:
    assert Client().get("/login/office/").status_code == 404
    assert not re.search("office", Client().get("/login/").content.decode())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"TSUNAGU_OIDC_CLIENT": ""}, "TSUNAGU_OIDC_CLIENT"),
        ({"TSUNAGU_OIDC_ISSUER": "http://provider.example"}, "TSUNAGU_OIDC_ISSUER"),
        ({"TSUNAGU_OIDC_SECRET_FILE": "/nowhere"}, "TSUNAGU_OIDC_SECRET_FILE"),
    ],
)
def test_a_mistake_names_its_variable_and_no_secret(changed: dict[str, str], told: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    known = {
        "TSUNAGU_DESK": str(tmp_path / "desk"),
        "TSUNAGU_OIDC_ISSUER": "https://provider.example",
        "TSUNAGU_OIDC_CLIENT": "desk",
        "TSUNAGU_OIDC_SECRET_FILE": str(tmp_path / "secret"),
    }
    assert "hidden" not in repr(read_environment(known))
    with pytest.raises((StateError, EngineError), match=told):
        read_environment({**known, **changed})
