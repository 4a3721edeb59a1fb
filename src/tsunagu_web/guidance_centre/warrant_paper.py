"""The request for the court's warrant (一時保護状請求書): the facts and records that it needs, for a person to sign."""

from __future__ import annotations

from django.utils import translation

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.days import short_day
from tsunagu_web.guidance_centre.papers import (
    Known,
    Paper,
    account_section,
    child_rows,
    closing,
    hearing_section,
    left_out,
    meeting_section,
    moment,
    paragraphs,
    sight_section,
    table,
    wording,
)
from tsunagu_web.plans.copies import Copy, Section
from tsunagu_web.plans.ruby import Line, free
from tsunagu_web.protection.models import Hearing, Protection
from tsunagu_web.steps.services import steps_of


def warrant_paper(viewer: Viewer, one: Protection, known: Known) -> Paper:
    """known: of the notification that came before the protection. version: the protection's revision stands first."""
    version = f"{one.revision}-{known.version}"
    with translation.override("ja"):
        return Paper(_copy(viewer, one, known, version), version)


def _copy(viewer: Viewer, one: Protection, known: Known, version: str) -> Copy:
    words = wording()["warrant"]
    both = {**wording()["all"], **words}
    hearing = one.hearing or one.hearings.filter(about=Hearing.About.BEGINNING).first()
    about = table(both, ("court", ""), ("asked_by", ""), ("on", ""), ("by", short_day(one.warrant_by)))
    protection = table(
        both,
        ("began_at", moment(one.began_at)),
        ("shelter", one.get_shelter_display()),
        ("consent", one.get_consent_display()),
        ("consent_on", short_day(one.consent_on)),
        ("rule", ""),
    )
    came = table(
        both, ("received_at", moment(known.row.received_at)), ("complaint", known.told.get_complaint_display())
    )
    return Copy(
        "ja",
        free(words["title"]),
        free(words["draft"]),
        (),
        (
            Section(free(words["about"]), tables=(about,)),
            Section(free(words["of_child"]), tables=(child_rows(viewer, known),)),
            Section(free(words["protection"]), tables=(protection,)),
            Section(free(words["grounds"]), paragraphs(left_out(known, steps_of(one)[-1].reason))),
            Section(free(words["notification"]), tables=(came,)),
            account_section(known, is_leaving=True),
            sight_section(known, is_leaving=True),
            meeting_section(known, is_leaving=True),
            hearing_section(known, hearing, "" if hearing else one.why_not_heard),
            Section(free(words["records"]), items=_records(known, hearing)),
            Section(free(words["signature"]), tables=(table(both, ("signature", "")),)),
        ),
        closing(version),
    )


def _records(known: Known, hearing: Hearing | None) -> tuple[Line, ...]:
    """What is on record here and can be laid beside the request; then lines for what is not."""
    words, found = wording()["warrant"], []
    if known.answered is not None:
        found.append(words["record_sheet"].format(known.answered.number, moment(known.answered.at)))
    if known.meeting is not None:
        held, state = moment(known.meeting.minutes.held_at), known.meeting.get_state_display()
        found.append(words["record_meeting"].format(known.meeting.number, held, state))
    if known.sight is not None:
        found.append(words["record_sight"].format(short_day(known.sight.seen_on)))
    if hearing is not None:
        found.append(words["record_hearing"].format(short_day(hearing.heard_on)))
    return (*(free(one) for one in found), (), ())
