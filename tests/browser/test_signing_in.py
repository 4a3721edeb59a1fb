"""Signing in in a real Chromium: start password, authenticator app, passkey, own account; clean to axe, pictured."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from clean import check
from playwright.sync_api import Browser, CDPSession, Page, expect
from served import Desk

from tsunagu.cli.totp import code_of

pytestmark = pytest.mark.browser
Shoot = Callable[[str], None]
OWN = "a password of one's own"
A_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def start_password(desk: Desk, login: str) -> str:
    """Registers a lead worker by the command and gives the start password it prints."""
    who = ("--name", "職員K", "--role", "lead_worker", "--department", "こども家庭センター", "--team", "intake")
    return re.findall(r"start password: (\S+)", desk.command("staff-add", "--login", login, *who))[0]


def give_password(page: Page, login: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("ログイン名").fill(login)
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("main").get_by_role("button", name="ログイン").click()


def choose_password(page: Page) -> None:
    page.get_by_label("新しいパスワード", exact=True).fill(OWN)
    page.get_by_label("新しいパスワード（もう一度）").fill(OWN)
    page.get_by_role("button", name="このパスワードにする").click()


def a_device(page: Page) -> tuple[CDPSession, str]:
    """Chromium's own virtual authenticator, in this page."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": A_DEVICE})["authenticatorId"]


def test_a_new_member_comes_in_with_an_authenticator_app(page: Page, width: int, shoot: Shoot, desk: Desk) -> None:
    login = f"app{width}"
    give_password(page, login, start_password(desk, login))
    expect(page.get_by_role("heading", level=1)).to_have_text("パスワードを決める")
    check(page, width)
    shoot("sign-in-new-password")
    choose_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("二つ目の認証を登録する")
    expect(page.get_by_role("img", name="QR コード")).to_be_visible()
    page.get_by_text("図を読み取らずに、文字で入れる").click()
    secret = page.locator(".code-text").inner_text()
    check(page, width)
    shoot("sign-in-set-up")
    page.get_by_label("コード", exact=True).fill("000000")
    page.get_by_role("button", name="アプリを確認する").click()
    expect(page.get_by_role("alert").filter(has_text="コードが合いません")).to_be_visible()
    page.get_by_label("コード", exact=True).fill(code_of(secret, at=int(time.time())))
    page.get_by_role("button", name="アプリを確認する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("回復コード")
    codes = page.locator(".recovery li").all_inner_texts()
    assert len(codes) == 10
    check(page, width)
    shoot("sign-in-recovery-codes")
    page.get_by_role("button", name="控えました").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的を選ぶ")
    page.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ログイン")
    give_password(page, login, OWN)
    expect(page.get_by_role("heading", level=1)).to_have_text("二つ目の認証")
    check(page, width)
    shoot("sign-in-second-factor")
    page.get_by_label("認証アプリのコード、または回復コード").fill("000000")
    page.get_by_role("button", name="進む").click()
    expect(page.get_by_role("alert")).to_contain_text("正しくありません")
    check(page, width)
    shoot("sign-in-wrong-code")
    page.get_by_label("認証アプリのコード、または回復コード").fill(codes[0])
    page.get_by_role("button", name="進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的を選ぶ")
    page.goto("/account/")
    expect(page.get_by_text("残り 9 個")).to_be_visible()
    check(page, width)
    shoot("own-sign-in")


def test_a_passkey_opens_the_desk_and_a_revoked_browser_is_closed(
    page: Page, width: int, shoot: Shoot, desk: Desk, browser: Browser
) -> None:
    login = f"passkey{width}"
    devices, device = a_device(page)
    give_password(page, login, start_password(desk, login))
    choose_password(page)
    page.get_by_role("button", name="パスキーをつくる").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("回復コード")
    page.get_by_role("button", name="控えました").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的を選ぶ")
    made = devices.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [c["rpId"] for c in made] == ["localhost"]
    page.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ログイン")
    give_password(page, login, OWN)
    expect(page.get_by_role("heading", level=1)).to_have_text("二つ目の認証")
    check(page, width)
    shoot("sign-in-passkey")
    page.get_by_role("button", name="パスキーを使う").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的を選ぶ")
    # The same passkey in another browser, as a cloud carries it there.
    with browser.new_context(base_url=desk.address, locale="ja-JP") as elsewhere:
        other = elsewhere.new_page()
        other_devices, other_device = a_device(other)
        give_password(other, login, OWN)
        other.get_by_role("button", name="パスキーを使う").click()
        expect(other.get_by_role("alert").filter(has_text="パスキーを確認できませんでした")).to_be_visible(
            timeout=70_000
        )
        other_devices.send(
            "WebAuthn.addCredential",
            {"authenticatorId": other_device, "credential": {**made[0], "signCount": made[0]["signCount"] + 5}},
        )
        other.get_by_role("button", name="パスキーを使う").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("利用目的を選ぶ")
        page.goto("/account/")
        expect(page.get_by_text("このブラウザ")).to_have_count(1)
        check(page, width)
        shoot("own-browsers")
        page.get_by_role("button", name="ログアウト").nth(1).click()
        expect(page.locator("#browsers ~ .held li")).to_have_count(1)
        other.goto("/account/")
        expect(other.get_by_role("heading", level=1)).to_have_text("ログイン")
        expect(other.get_by_role("status")).to_contain_text("ほかのブラウザからログアウト")
    page.goto("/account/add-factor/")
    check(page, width)
    shoot("own-add-factor")
