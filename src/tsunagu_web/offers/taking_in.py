"""Taking in whom a run found: children sealed one by one; the former run's go, the work with families stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tsunagu.records.run_tables import ENTITLEMENTS
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import RunFolder
from tsunagu.wording.sentences import entitlement_sentences
from tsunagu_web.access.models import INTAKE_TEAM, teams_by_school
from tsunagu_web.access.terms import CaseState
from tsunagu_web.addresses.vault import Vault, room_for, size_of
from tsunagu_web.cases.models import Child
from tsunagu_web.offers.models import Finding, OfferedChild

_BATCH = 500


@dataclass(frozen=True)
class Offered:
    """names: rows of OFFER_NAMES by person; findings: rows of ENTITLEMENTS of those persons, by person; words: of the
    run, which make the sentences."""

    names: Mapping[str, Mapping[str, Any]]
    findings: Mapping[str, list[Mapping[str, Any]]]
    words: Mapping[str, Any]


def offered_of(folder: RunFolder, key: bytes) -> Offered:
    """The run's children with a rule that holds; none in a run without them. PurposeError with another key."""
    names = {row["person_id"]: row for row in folder.offer_names(key).to_pylist()}
    findings: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in folder.table(ENTITLEMENTS.name).to_pylist():
        # What only might fit if a missing record said so is offered to nobody.
        if row["person_id"] in names and any(reason["kind"] == "sign" for reason in row["reasons"]):
            findings[row["person_id"]].append(row)
    return Offered({person: names[person] for person in findings}, findings, folder.vocabulary)


def replace_offered(found: Offered) -> int:
    """Puts the children in place of the former run's, in the caller's transaction; gives how many."""
    OfferedChild.objects.all().delete()
    contents = {person: _content(found, person) for person in found.names}
    room, vault = room_for(max(map(size_of, contents.values()), default=0)), open_vault()
    teams = _teams(found)
    rows = [
        OfferedChild(
            person_id=person,
            family=row["household_id"] or person,
            team=teams[person],
            sealed=vault.seal(person, contents[person], room=room),
        )
        for person, row in found.names.items()
    ]
    OfferedChild.objects.bulk_create(rows, batch_size=_BATCH)
    Finding.objects.bulk_create(
        (
            Finding(child_id=person, programme=row["programme"], found=row["finding"])
            for person, findings in found.findings.items()
            for row in findings
        ),
        batch_size=_BATCH,
    )
    return len(rows)


def open_vault() -> Vault:
    """The vault of this room, with its own key (TSUNAGU_OFFER_KEY); every error of a key file."""
    return Vault(read_key(settings.ENVIRONMENT.offer_key), where="support to offer")


def _teams(found: Offered) -> dict[str, str]:
    """The team that tells each: of the child's own case, else that of the school, as for children who are noticed."""
    with_case = dict(
        Child.objects.filter(pk__in=found.names).exclude(case_state=CaseState.NOTICED).values_list("pk", "team")
    )
    by_school = teams_by_school()
    return {
        person: with_case.get(person) or by_school.get(row["school"] or "", INTAKE_TEAM)
        for person, row in found.names.items()
    }


def _content(found: Offered, person: str) -> dict[str, Any]:
    row = found.names[person]
    return {
        "name": " ".join((row["name"] or "").split()),
        "kana": " ".join((row["kana"] or "").split()),
        "birth_date": row["birth_date"],
        "grade": row["grade"],
        "school_name": row["school_name"] or "",
        "letter": row["letter"],
        # As sentences: rows of the sources and figures month by month stay in the run.
        "why": {
            finding["programme"]: {lang: entitlement_sentences(found.words, finding, lang) for lang in ("ja", "en")}
            for finding in found.findings[person]
        },
    }
