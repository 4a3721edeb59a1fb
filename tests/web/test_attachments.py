"""Attachments: known by their bytes, encrypted where they lie, checked when they leave, and nothing left behind."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings, settings
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from builders import a_child, an_id
from tsunagu_web.access.terms import Label, Role
from tsunagu_web.audit import looks
from tsunagu_web.audit.models import Event
from tsunagu_web.notes import services, store
from tsunagu_web.notes.kinds import Refused, kind_of
from tsunagu_web.notes.models import Attachment

AOI = an_id("例川 あおい")
PAGE = f"/children/{AOI}/attachments/"
PDF = b"%PDF-1.7\n" + "通院の記録".encode() * 10
HOLD = b"%PDF-1.7\nplanted text"


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


XLSX = packed(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
DOCX = packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>"))


@pytest.fixture(autouse=True)
def _an_empty_store() -> Iterator[None]:
    """Each test with its own folder of attachments; what it leaves is looked at, then taken away."""
    yield
    for path in files():
        path.unlink()


def files() -> list[Path]:
    folder = settings.ENVIRONMENT.folder / "attachments"
    return sorted(folder.iterdir()) if folder.exists() else []


def attach(
    client: Client, content: bytes = PDF, name: str = "記録.pdf", label: int = Label.INTERNAL, **more: Any
) -> HttpResponse:
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return client.post(PAGE, {"file": file, "label": int(label), "form": str(uuid.uuid4()), **more})


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.SCHOOL_SOCIAL_WORKER])
def test_who_may_not_attach(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    assert attach(as_role(role)).status_code == 403
    assert files() == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("記録.pdf", PDF, ""),
        ("記録.PDF", PDF, ""),
        ("記録", PDF, ""),
        ("a.jpeg", b"\xff\xd8\xff rest", ""),
        ("a.csv", "欠席,3".encode(), ""),
        ("記録.docx", PDF, "PDF"),
        ("記録.xlsx", DOCX, "docx"),
        ("記録.pdf", "ただの文".encode(), "テキスト"),
    ],
)
def test_a_kind_other_than_the_name_says_is_told(
    name: str, content: bytes, told: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    assert attach(client, content, name).status_code == 302
    page = client.get(f"/children/{AOI}/notes/").content.decode()
    assert "添付しました" in page
    assert ("名前と違い" in page) == bool(told)
    assert f"中身は{told}" in page or not told


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER])
def test_who_may_not_download(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    attach(as_role())
    assert as_role(role).get(f"{PAGE}{Attachment.objects.get().pk}/").status_code == 403


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 20, "png"),
        (b"\xff\xd8\xff\xe0" + b"0" * 20, "jpeg"),
        ("面談の記録\n".encode(), "text"),
        ("面談の記録\r\n".encode("cp932"), "text"),
        (XLSX, "xlsx"),
        (DOCX, "docx"),
    ],
)
def test_what_a_file_is_says_its_bytes(
    content: bytes, kind: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    assert attach(client, content, "shell.html").status_code == 302
    attached = Attachment.objects.get()
    assert (attached.kind, attached.size, attached.sha256) == (
        kind,
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    answer = client.get(f"{PAGE}{attached.pk}/")
    assert answer.status_code == 200
    assert "html" not in answer["Content-Type"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert ".html." in answer["Content-Disposition"]
    if kind == "text":
        assert answer.content.decode().strip() == "面談の記録"
    else:
        assert answer.content == content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空のファイル"),
        (b"<html>\x00", "この種類のファイル"),
        (b"MZ\x90\x00\x03\x00", "この種類のファイル"),
        (packed(("a.txt", b"x")), "この種類のファイル"),
        (XLSX[:-30], "壊れているか"),
        (packed(("[Content_Types].xml", b""), ("xl/workbook.xml", b""), ("xl/vbaProject.bin", b"x")), "マクロ"),
        (packed(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"0" * 20_000_000)), "はるかに大きく"),
        (packed(*[(f"{n}", b"") for n in range(2_001)]), "はるかに大きく"),
        (b"%PDF-" + b"0" * (settings.ENVIRONMENT.attachment_bytes + 1), "MB以下のファイル"),
    ],
    ids=["empty", "binary", "program", "other-zip", "cut", "macros", "bomb", "many-members", "too-large"],
)
def test_what_cannot_be_attached_is_told_and_leaves_nothing(
    content: bytes, told: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    answer = attach(as_role(), content)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Attachment.objects.count() == 0
    assert files() == []


def test_a_bomb_that_lies_of_its_size_is_found_too() -> None:
    bomb = bytearray(packed(("[Content_Types].xml", b""), ("xl/workbook.xml", b"0" * 20_000_000)))
    size = (20_000_000).to_bytes(4, "little")
    for place in range(len(bomb)):
        if bomb[place : place + 4] == size:
            bomb[place : place + 4] = (9).to_bytes(4, "little")
    with pytest.raises(Refused) as refused:
        kind_of(bytes(bomb))
    assert refused.value.why in ("bomb", "damaged")


@pytest.mark.parametrize("handlers", [None, global_settings.FILE_UPLOAD_HANDLERS], ids=["ours", "control"])
def test_a_large_file_never_stands_in_the_clear_on_a_disk(
    handlers: list[str] | None,
    intake: Callable[..., object],
    as_role: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever its size. The control: with Django's own handlers it does, so the check can fail."""
    made: list[object] = []
    real = uploadhandler.TemporaryUploadedFile
    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", lambda *a: made.append(a) or real(*a))
    if handlers:
        monkeypatch.setattr(settings, "FILE_UPLOAD_HANDLERS", handlers)
    intake(a_child())
    attach(as_role(), b"%PDF-" + b"0" * 3_000_000)
    attach(as_role(), b"%PDF-" + b"0" * (settings.ENVIRONMENT.attachment_bytes + 200_000))
    assert bool(made) == bool(handlers)
    assert Attachment.objects.count() == 1


def test_it_lies_encrypted_and_for_its_owner_only(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    attach(as_role(), HOLD)
    (path,) = files()
    assert b"planted" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = settings.ENVIRONMENT.folder / "attachments.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_changed_file_a_changed_hash_and_another_place_open_nothing(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    attach(client, HOLD)
    attach(client, PDF)
    one, other = Attachment.objects.order_by("pk")
    url, folder = f"{PAGE}{one.pk}/", settings.ENVIRONMENT.folder / "attachments"
    assert client.get(url).content == HOLD
    path = folder / one.stored
    whole = path.read_bytes()
    for wrong in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:5], (folder / other.stored).read_bytes()):
        path.write_bytes(wrong)
        answer = client.get(url)
        assert answer.status_code == 500
        assert "この添付は開けません" in answer.content.decode()
        assert b"planted" not in answer.content
    path.write_bytes(whole)
    Attachment.objects.filter(pk=one.pk).update(sha256=other.sha256)
    assert client.get(url).status_code == 500


def test_a_lost_key_is_not_made_anew_over_old_files(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    attach(client)
    key = settings.ENVIRONMENT.folder / "attachments.key"
    kept = key.read_text()
    key.unlink()
    try:
        assert attach(client).status_code == 507
        assert not key.exists()
        assert Attachment.objects.count() == 1
    finally:
        key.write_text(kept)
        key.chmod(0o600)


def test_a_full_disk_is_told_and_leaves_nothing(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    answer = attach(as_role())
    assert answer.status_code == 507
    assert "何も残していません" in answer.content.decode()
    assert Attachment.objects.count() == 0
    assert files() == []


def test_without_an_entry_in_the_log_nothing_is_kept(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())

    def broken(*_all: object, **_how: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "_log", broken)
    client = as_role()
    client.raise_request_exception = False
    assert attach(client).status_code == 500
    assert Attachment.objects.count() == 0
    assert files() == []


def test_the_look_is_recorded_before_a_byte_leaves(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    client = as_role()
    attach(client, HOLD)
    url = f"{PAGE}{Attachment.objects.get().pk}/"
    client.get(url)
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["object"], entry["action"], entry["persons"]) == ("attachment", "view", [AOI])

    def broken(*_all: object, **_how: object) -> None:
        raise looks.NotRecorded

    monkeypatch.setattr(looks, "append_now", broken)
    answer = client.get(url)
    assert answer.status_code == 503
    assert b"planted" not in answer.content


def test_labels_hide_and_are_lowered_by_the_supervisor_only(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    attach(as_role(), label=Label.INTERNAL)
    attached = Attachment.objects.get()
    url = f"{PAGE}{attached.pk}/"
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE)
    assert nurse.get(url).status_code == 200
    assert as_role().post(f"{url}label/", {"label": 2, "seen": 1}).status_code == 302
    assert nurse.get(url).status_code == 404
    assert nurse.get(f"/children/{AOI}/notes/").context["files"] == []
    assert as_role().post(f"{url}label/", {"label": 1, "seen": 2}).status_code == 422
    supervisor = as_role(Role.SUPERVISOR)
    assert supervisor.post(f"{url}label/", {"label": 1, "seen": 1}).status_code == 409
    assert supervisor.post(f"{url}label/", {"label": 1, "seen": 2}).status_code == 302
    assert Attachment.objects.get().label == 1


def test_a_second_click_is_harmless(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    form = str(uuid.uuid4())
    assert [attach(as_role(), form=form).status_code for _ in range(2)] == [302, 302]
    assert (Attachment.objects.count(), len(files())) == (1, 1)


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\a\\b.pdf", "あ" * 300, "a; filename=b", "a\u202efdp.exe"])
def test_a_name_cannot_leave_its_place(
    name: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    assert attach(client, name=name).status_code == 302
    attached = Attachment.objects.get()
    assert len(attached.name) <= 120
    assert not set(attached.name) & set("/\\\r\n\u202e")
    answer = client.get(f"{PAGE}{attached.pk}/")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].count("filename") == 1 + attached.name.count("filename")


def _scanner(folder: Path, does: str) -> tuple[str, ...]:
    program = folder / "scanner"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o700)
    return (str(program), "-")


@pytest.mark.parametrize(
    ("does", "status", "said"),
    [
        ("cat > seen; exit 0", 302, ""),
        ("cat > seen; exit 1", 422, "ウイルス検査で問題が見つかった"),
        ("exit 2", 422, "ウイルス検査ができなかった"),
        ("kill -9 $$", 422, "ウイルス検査ができなかった"),
    ],
)
def test_a_scanner_looks_at_the_very_bytes_before_they_are_kept(
    does: str,
    status: int,
    said: str,
    intake: Callable[..., object],
    as_role: Callable[..., Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake(a_child())
    seen = tmp_path / "seen"
    told = replace(settings.ENVIRONMENT, scan=_scanner(tmp_path, does.replace("seen", str(seen))))
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    answer = attach(as_role())
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert len(files()) == Attachment.objects.count() == (1 if status == 302 else 0)
    assert seen.read_bytes() == PDF if "cat" in does else not seen.exists()
    assert not [one for one in caplog.records if one.name == "tsunagu.desk" and AOI in one.getMessage()]


def test_a_scanner_that_is_gone_keeps_files_out(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, scan=("/not/there",)))
    assert attach(as_role()).status_code == 422
    assert files() == []
