"""Items of the protocol on the sheet and its floor: panel, critical cases, disputes, entry (A1 to A4, A9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from statistics import median

from tsunagu.estimates.bounds import upper
from tsunagu.evaluation.agreement_of import weighted_kappa
from tsunagu.evaluation.case_folder import Case
from tsunagu.evaluation.protocol import Item, Verdict, lacking, reached, share_item
from tsunagu.guidance.answers import Answer, State
from tsunagu.guidance.sheet import Sheet

LEAST_VIGNETTES = 600
LEAST_CENTRES = 10
LEAST_CRITICAL = 299
LEAST_DISPUTES = 300
LEAST_ENTERED = 100
MOST_CALLED = 0.20


def panel_items(cases: Sequence[Case]) -> list[Item]:
    """A1: whether the panel agrees with itself, without which nothing can be held against it."""
    asked = "members of the panel agree, weighted kappa 0.6 or more"
    judged = [case for case in cases if len(case.members) > 1]
    centres = {case.about["centre"] for case in judged}
    if len(judged) < LEAST_VIGNETTES or len(centres) < LEAST_CENTRES:
        why = f"{len(judged):,} of {LEAST_VIGNETTES} cases judged by several, {len(centres)} of {LEAST_CENTRES} centres"
        return [lacking("A1", asked, why, len(judged))]
    pairs: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for case in judged:
        for left, right in combinations(sorted(case.members), 2):
            pairs[(left, right)].append((case.members[left], case.members[right]))
    found = [weighted_kappa(each) for each in pairs.values()]
    kappa = sum(one for one, _, _ in found) / len(found)
    reach = 1.96 * max(error for _, error, _ in found)
    told = f"{kappa:.2f} (95 % interval {kappa - reach:.2f} to {kappa + reach:.2f}; {len(judged):,} cases)"
    return [Item("A1", asked, told, reached(kappa >= 0.6), kappa, kappa - reach, kappa + reach, len(judged))]


def critical_items(cases: Sequence[Case]) -> list[Item]:
    """A2: critical cases that the floor calls too low; beside it how many others it calls, so that all cannot be."""
    critical = [case for case in cases if case.agreed == 1]
    others = [case for case in cases if case.agreed is not None and case.agreed > 1]
    missed = sum(not case.calls_now for case in critical)
    asked = "critical cases called too low, none"
    if len(critical) < LEAST_CRITICAL:
        first = lacking("A2", asked, f"{len(critical)} of {LEAST_CRITICAL} critical cases", len(critical))
    else:
        most = upper(missed, len(critical))
        verdict = reached(missed == 0)
        if missed == 1 and most < 0.02:
            verdict = Verdict.REVIEW
        told = f"{missed} of {len(critical):,} (upper bound {most:.2%})"
        first = Item("A2", asked, told, verdict, missed / len(critical), 0.0, most, len(critical))
    asked = f"'protection now' among those that are not critical, {MOST_CALLED:.0%} at most"
    if not others:
        return [first, lacking("A2b", asked, "no case that is not critical")]
    called = sum(case.calls_now for case in others)
    holds = upper(called, len(others)) <= MOST_CALLED
    return [first, share_item("A2b", asked, called, len(others), holds, one_sided=True)]


def dispute_items(cases: Sequence[Case]) -> list[Item]:
    """A3 and A4: among cases whose class is firm, those that most members of the panel dispute, and how.

    Disputed: the member's class lies two or more away, or the member says "now" and the floor does not.
    """
    disputed = low = of = 0
    for case in cases:
        if case.members and case.demanded == case.floor:
            of += 1
            against = [one for one in case.members.values() if _disputes(one, case.floor)]
            if len(against) * 2 > len(case.members):
                disputed += 1
                low += sum(one < case.floor for one in against) * 2 > len(against)
    asked, how = "disputed by the panel among firm classes, 10 % at most", "too low among the disputed, a third at most"
    if of < LEAST_DISPUTES:
        why = f"{of} of {LEAST_DISPUTES} firm classes were judged by a panel"
        return [lacking("A3", asked, why, of), lacking("A4", how, why, of)]
    first = share_item("A3", asked, disputed, of, upper(disputed, of) <= 0.10, one_sided=True)
    if not disputed:
        return [first, Item("A4", how, f"none of {of:,} is disputed", Verdict.REACHED, 0.0, 0.0, 0.0, of)]
    return [first, share_item("A4", how, low, disputed, low * 3 <= disputed)]


def _disputes(member: int, floor: int) -> bool:
    return abs(member - floor) >= 2 or (member == 1 and floor > 1)


def entry_items(cases: Sequence[Case], sheet: Sheet) -> list[Item]:
    """A9: how long a sheet takes, and whether two people enter the same, where a rule on protection rests on it."""
    minutes = [case.about["entry_minutes"] for case in cases if case.about["entry_minutes"] is not None]
    twice = [case for case in cases if case.again is not None]
    asked = "a sheet takes 5 minutes or less, median"
    if len(minutes) < LEAST_ENTERED:
        first = lacking("A9", asked, f"{len(minutes)} of {LEAST_ENTERED} sheets were timed", len(minutes))
    else:
        middle = median(minutes)
        told = f"{middle:.1f} minutes ({len(minutes):,} sheets)"
        first = Item("A9", asked, told, reached(middle <= 5), middle, n=len(minutes))
    asked = "two people enter the same, kappa 0.7 or more for every question of a rule on protection"
    if len(twice) < LEAST_ENTERED:
        return [first, lacking("A9b", asked, f"{len(twice)} of {LEAST_ENTERED} cases were entered twice", len(twice))]
    found = {id: weighted_kappa(_entered(id, twice)) for id in _decisive(sheet)}
    worst = min(found, key=lambda id: found[id][0])
    kappa, error, n = found[worst]
    told = f"lowest {kappa:.2f} ({worst}; 95 % interval {kappa - 1.96 * error:.2f} to {kappa + 1.96 * error:.2f}; {n})"
    holds = all(one >= 0.7 for one, _, _ in found.values())
    item = Item("A9b", asked, told, reached(holds), kappa, kappa - 1.96 * error, kappa + 1.96 * error, n)
    return [first, item]


def _decisive(sheet: Sheet) -> list[str]:
    """The questions that a rule on protection rests on and that are always asked."""
    found = {
        sheet.of_reading[reading].id: sheet.of_reading[reading]
        for rule in sheet.rules
        if sheet.by_class[rule.urgency].asks_protection
        for reading in rule.readings()
    }
    return [id for id, question in found.items() if question.opened_by is None]


def _entered(id: str, cases: Sequence[Case]) -> list[tuple[int, int]]:
    """What both entered, 0 to 3; what either did not know is no disagreement on a grade and is left out."""
    pairs = [(_grade(case.answers.get(id)), _grade((case.again or {}).get(id))) for case in cases]
    return [(left, right) for left, right in pairs if left is not None and right is not None]


def _grade(answer: Answer | None) -> int | None:
    if answer is None or answer.state is State.UNKNOWN:
        return None
    return 0 if answer.state is State.ABSENT else answer.grade
