"""A child with a case that waits for its plan, and plans as the pages send them."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pypdf
from django.test import Client

from builders import an_id
from tsunagu_web.access.terms import Purpose
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.services import open_case
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.steps.services import take

AOI = an_id("例川 あおい")
PLANS = f"/children/{AOI}/plans/"
SUPPORT = {"purpose": Purpose.CASE_SUPPORT}


def a_case(staff: Staff, *, stage: str = "planning") -> Case:
    """The child's case, assessed and waiting for its plan; stage `opened` leaves it before the assessment."""
    viewer: Viewer = viewer_of(staff, Purpose.CASE_SUPPORT)
    case = open_case(Child.objects.get(pk=AOI), viewer)
    for step in ("assess", "plan") if stage == "planning" else ():
        take(case, viewer, step, seen=case.revision)
    return case


def a_sheet(*, seen: int = 0, goals: object = None, services: object = None, **more: object) -> dict[str, Any]:
    """What the form of a plan sends. goals, services: rows as they stand in it."""
    said = [{"text": "朝、起きられるようになる", "words_of": "together"}] if goals is None else goals
    help_ = {"kind": "household_help", "what": "週に一度、家のことを手伝う", "responsible": "子育て支援課"}
    rows = [{**help_, "starts_on": "2026-11-01", "how_often": "毎週火曜日"}] if services is None else services
    sent: dict[str, Any] = {
        "starts_on": "2026-11-01",
        "ends_on": "2027-04-30",
        "review_on": "2027-02-20",
        "child_words": "学校に行きたいけど、朝がつらい",
        "guardian_words": "夜の仕事を減らしたい",
        "agreement": "not_asked",
        "seen": seen,
        "form": str(uuid.uuid4()),
    }
    for prefix, made in (("goals", said), ("services", rows)):
        sent |= {f"{prefix}-TOTAL_FORMS": len(made), f"{prefix}-INITIAL_FORMS": len(made)}  # type: ignore[arg-type]  # lists
        sent |= {f"{prefix}-{n}-{name}": v for n, row in enumerate(made) for name, v in row.items()}  # type: ignore[arg-type,attr-defined]
    return {**sent, **more}


def a_step(seen: int, reason: str = "") -> dict[str, Any]:
    return {"seen": seen, "form": str(uuid.uuid4()), "reason": reason}


def drafted(client: Client, **sheet: object) -> str:
    """A new plan's address."""
    answer = client.post(f"{PLANS}new/", a_sheet(**sheet))  # type: ignore[arg-type]
    assert answer.status_code == 302, answer.context["sheet"].plan.errors if answer.context else answer
    return str(answer.headers["Location"])


def text_of(pdf: bytes) -> str:
    """Everything a PDF says, without the breaks of its lines."""
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")
