"""A refusal is one object with a code of the page, and comes back as it was sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu_node.refusals import PASSING, STATUS, Refused, of_error, read_refusal

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_page_names_every_code_with_its_status(language: str) -> None:
    page = (ROOT / "docs" / "reference" / f"node-messages{language}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", page, re.MULTILINE)
    assert {code: int(status) for code, status in rows} == STATUS
    last = page.rstrip().splitlines()[-1]
    assert set(re.findall(r"`([a-z_]+)`", last)) == PASSING


@pytest.mark.parametrize("code", sorted(STATUS))
def test_it_reads_back_as_it_was_sent(code: str) -> None:
    sent = Refused(code, "what", to_do="to do", where="/srv/here")
    read = read_refusal(sent.body(), status=sent.status, where="school-board", proved=True)
    assert (read.code, read.what, read.to_do, read.proved) == (code, "what", "to do", True)
    assert b"srv" not in sent.body()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"code":"clock","what":1,"to_do":""}', b'{"code":"other","what":"","to_do":""}'],
)
def test_what_is_no_refusal_of_ours_is_told_by_its_status(body: bytes) -> None:
    read = read_refusal(body, status=401, where="school-board", proved=True)
    assert (read.code, read.proved) == ("failed", False)
    assert "401" in read.what


def test_a_code_with_another_status_is_not_believed() -> None:
    assert read_refusal(Refused("clock", "w", to_do="t").body(), status=200, where="", proved=True).code == "failed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PurposeError("w", to_do="t"), "not_allowed"),
        (StateError("w", to_do="t"), "not_now"),
        (EngineError("disk /srv", to_do="t"), "failed"),
        (SourceError("file of 例本", to_do="t"), "failed"),
    ],
)
def test_errors_of_the_core_are_told_by_kind_and_faults_not_at_all(
    error: PurposeError | StateError | EngineError | SourceError, code: str
) -> None:
    made = of_error(error)
    assert made.code == code
    assert (made.what == error.what) == (code != "failed")
