"""One centre's own past cases out of a folder of cases, as similar cases are looked for among them."""

from __future__ import annotations

from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.evaluation.case_folder import Case, read_case_folder
from tsunagu.guidance.sheet import Sheet
from tsunagu.records.guidance_tables import CASE_ANSWERS, CASES, DECISIONS, OUTCOMES
from tsunagu.similar_cases.distances import TYPES, Facts
from tsunagu.similar_cases.past_cases import HOME, PROTECTED, SUPPORTED, PastCase

_NEEDED = (CASES, CASE_ANSWERS, DECISIONS, OUTCOMES)
_APRIL = 4


def read_own_cases(folder: Path, sheet: Sheet, centre: str) -> tuple[PastCase, ...]:
    """The cases of one centre in the order of their days; those of other centres are left, and no id is taken along.

    raises  SourceError where a table is missing or does not fit, or where the folder has no case of that centre
    """
    cases = read_case_folder(folder, sheet, needed=_NEEDED).cases
    own = tuple(_past_case(case) for case in cases if case.about["centre"] == centre)
    if not own:
        named = ", ".join(sorted({case.about["centre"] for case in cases})) or "none"
        raise SourceError(
            f"there is no case of the centre '{centre}'",
            where=str(folder),
            to_do=f"Name a centre that it has cases of: {named}.",
        )
    return own


def _past_case(case: Case) -> PastCase:
    about, outcome = case.about, case.outcome or {}
    for column in ("abuse", "also"):
        if about[column] not in TYPES and not (column == "also" and about[column] is None):
            raise SourceError(
                f"'{column}' is none of: {', '.join(TYPES)}",
                where=f"{CASES.name}.parquet, case {case.id}",
                to_do="The columns stand in docs/reference/case-folder.md.",
            )
    day = about["received_on"]
    return PastCase(
        Facts(case.answers, about["age_years"], about["abuse"], about["also"]),
        day.year - (day.month < _APRIL),
        _decided(case),
        # A child that was protected cannot come to harm at home: whatever stands there says nothing of home.
        outcome.get("followed_months") if _decided(case) != PROTECTED else None,
        outcome.get("re_report_month"),
        outcome.get("severe_harm_month"),
    )


def _decided(case: Case) -> str | None:
    if case.decision is None:
        return None
    if case.decision["decided"] == "home":
        return SUPPORTED if case.decision["support"] else HOME
    if case.decision["decided"] == "protected":
        return PROTECTED
    raise SourceError(
        "'decided' is neither protected nor home",
        where=f"{DECISIONS.name}.parquet, case {case.id}",
        to_do="The columns stand in docs/reference/case-folder.md.",
    )
