"""Who holds what in the example city when every department keeps its own data, and what they have agreed: invented.

Six holders and the office that judges. Bands are cut where the city's criteria compare, so that they decide everything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tsunagu.indicators.load import load_definitions
from tsunagu.municipality import City
from tsunagu.purposes.agreement import (
    LEAST_CELL,
    OLDEST,
    PROTECTION_ACT,
    Cohort,
    LegalBasis,
    SharingAgreement,
    Wanted,
)
from tsunagu.purposes.linked_forms import (
    IDENTITY,
    RESIDENT_COLUMNS,
    identity_definitions,
    linking_definitions,
    resident_definitions,
)
from tsunagu.screening.agreeable import wanted_indicators, wanted_of
from tsunagu.sources.spec_loading import load_items


@dataclass(frozen=True)
class Office:
    """One organisation of the example city. extracts: directories of the delivery that it holds; none: it asks."""

    id: str
    ja: str
    en: str
    extracts: tuple[str, ...] = ()


REGISTER = "residents"
REQUESTER = "child-centre"
LINK_GROUP = "mizuno"
JOIN_SET = "J-mizuno"
PURPOSE = "early-support"
SCHOOLS = "school-board"
OFFICES = (
    Office(REGISTER, "瑞野市住民課", "Mizuno residents' affairs division", ("jumin", "shien_sochi")),
    Office("tax", "瑞野市税務課", "Mizuno tax division", ("zeimu",)),
    Office("welfare", "瑞野市福祉事務所", "Mizuno welfare office", ("seiho", "shogai", "kaigo")),
    Office("children", "瑞野市こども課", "Mizuno children's division", ("jifu", "hoiku", "kosoudan", "youtaikyo")),
    Office(
        SCHOOLS,
        "瑞野市教育委員会",
        "Mizuno board of education",
        (
            "gakumu", "school_roster", "shukketsu", "gakuryoku", "shitsumonshi", "hokenshitsu", "kokoro", "kyushoku",
            "shugaku_enjo",
        ),
    ),
    Office("health", "瑞野市保健センター", "Mizuno health centre", ("boshi",)),
    Office(REQUESTER, "瑞野市こども家庭センター", "Mizuno children and families centre"),
)  # fmt: skip
_NAMED = {
    REGISTER: tuple(name for name in IDENTITY if not name.startswith(("school", "class"))),
    SCHOOLS: ("school", "school_name", "class_name"),
}


#: Rows that suffice, for a child of the city: of an extract to be linked, of what is told of the residents and of one
#: holder's records, of what is told of a noticed child and of everybody in the household.
_LINKED, _TOLD, _LIVING = 15, 20, 5
#: Of an invented city nearly every second child is noticed, so that there is something to see: no city has so many.
#: Where there are few children, chance makes it a few more.
_NOTICED_PER_MILLE, _NOTICED_OF_FEW, _FEW = 500, 600, 200


def drafts(city: City, on: dt.date, children: int) -> list[SharingAgreement]:
    """Every agreement of the example city, unsigned, in force for the year around the day.

    children  how many the city has, by which limits of rows are set
    """
    items = load_items(city.folder)
    defined = load_definitions(city.criteria_path, items)
    found = []
    for office in OFFICES:
        if not office.extracts:
            continue
        if office.id != REGISTER:
            found.append(_linkage(office, on, children))
            found.append(_residents(office, on, children))
        wanted = wanted_indicators(city.criteria, defined, items, office.extracts)
        if wanted:
            found.append(
                _agreement(
                    f"indicators-{office.id}",
                    (office.id, REQUESTER),
                    on,
                    "indicator",
                    wanted,
                    rows=_with_room(children) * len(wanted),
                )
            )
        if office.id in _NAMED:
            names = identity_definitions(_NAMED[office.id])
            found.append(_named(office, on, wanted_of(names), children))
    return found


def _with_room(children: int) -> int:
    """So many children and a tenth more: some move in."""
    return children + children // 10 + 10


def _named(office: Office, on: dt.date, wanted: tuple[Wanted, ...], children: int) -> SharingAgreement:
    share = _NOTICED_OF_FEW if children < _FEW else _NOTICED_PER_MILLE
    noticed = _with_room(children) * share // 1_000
    told_of = noticed * (_LIVING if any(one.id == "household" for one in wanted) else 1)
    made = _agreement(f"names-{office.id}", (office.id, REQUESTER), on, "item", wanted, rows=told_of * len(wanted))
    return replace(made, about="named", named_per_mille=share)


def _linkage(office: Office, on: dt.date, children: int) -> SharingAgreement:
    wanted = wanted_of(linking_definitions(office.extracts))
    rows = _with_room(children) * _LINKED * len(wanted)
    made = _agreement(f"linkage-{office.id}", (office.id, REGISTER), on, "linkage", wanted, rows=rows)
    return replace(made, cohort=Cohort(0, OLDEST))


def _residents(office: Office, on: dt.date, children: int) -> SharingAgreement:
    told = resident_definitions()
    wanted = wanted_of({key: told[key] for key in told if key[0] in RESIDENT_COLUMNS})
    rows = _with_room(children) * _TOLD
    return _agreement(f"residents-{office.id}", (REGISTER, office.id), on, "residents", wanted, rows=rows)


def _agreement(
    id: str,
    sides: tuple[str, str],
    on: dt.date,
    granularity: str,
    wanted: Iterable[Wanted],
    *,
    rows: int,
) -> SharingAgreement:
    holder, requester = sides
    return SharingAgreement(
        id=id,
        version=1,
        replaces="",
        holder=holder,
        requester=requester,
        purpose=PURPOSE,
        legal_basis=(
            LegalBasis(PROTECTION_ACT, "61-1", "R8-014", "瑞野市個人情報保護審査会(例)", dt.date(on.year, 3, 1)),
        ),
        granularity=granularity,
        wanted=tuple(wanted),
        cohort=Cohort(0, 18),
        about="cohort",
        named_per_mille=0,
        cadence="monthly",
        rows_at_most=rows,
        minimum_cell=LEAST_CELL,
        rounding="none",
        retention_months=13,
        onward_use=(),
        roles=("lead_worker", "supervisor", "overall_manager"),
        suppression="withhold_address",
        join_set=JOIN_SET if granularity in ("item", "indicator") else id,
        valid_from=dt.date(on.year, 4, 1) if on.month > 3 else dt.date(on.year - 1, 4, 1),
        valid_until=on + dt.timedelta(days=365),
    )
