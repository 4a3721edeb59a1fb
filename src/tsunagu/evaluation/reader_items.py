"""Items of the protocol on readers: do they judge better with the tool, and do they withstand a wrong one (A7, A8)."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median

from tsunagu.evaluation.agreement_of import weighted_kappa
from tsunagu.evaluation.case_folder import Case, Row
from tsunagu.evaluation.protocol import Item, lacking, reached, share_item

LEAST_READERS = 12
LEAST_EACH = 60
#: Of twelve readers with sixty cases each, twice; a tenth of the second time is made wrong on purpose.
LEAST_VIEWS = 1_300
LEAST_SEEDED = 50
_MARKS = {"novice": "novices' kappa rises by 0.10 or more", "veteran": "veterans' kappa falls by 0.02 at most"}


def study_items(views: Sequence[Row], cases: Sequence[Case]) -> list[Item]:
    """A7: kappa with the truth, with the tool less without; and how long it takes."""
    truth = {case.id: case.agreed for case in cases if case.agreed is not None}
    # What was made wrong on purpose is the business of A8.
    judged = [row for row in views if row["case_id"] in truth and not row["is_seeded_wrong"]]
    items = []
    for code, experience in (("A7", "novice"), ("A7b", "veteran")):
        asked = _MARKS[experience]
        own = [row for row in judged if row["experience"] == experience]
        readers = {row["reader"] for row in own}
        if len(readers) < LEAST_READERS or len(own) < LEAST_VIEWS:
            why = f"{len(readers)} of {LEAST_READERS} readers, {len(own):,} of {LEAST_VIEWS:,} views"
            items.append(lacking(code, asked, why, len(own)))
            continue
        found = [
            weighted_kappa(
                (row["urgency_after"], truth[row["case_id"]]) for row in own if row["with_tool"] is with_tool
            )
            for with_tool in (True, False)
        ]
        # The two are taken as if they came from different cases: their common noise would only narrow this.
        gain, reach = found[0][0] - found[1][0], 1.96 * sqrt(found[0][1] ** 2 + found[1][1] ** 2)
        holds = gain >= 0.10 and gain - reach > 0 if experience == "novice" else gain >= -0.02
        bounds = f"95 % interval {gain - reach:+.2f} to {gain + reach:+.2f}"
        told = f"{found[1][0]:.2f} to {found[0][0]:.2f} ({gain:+.2f}; {bounds})"
        items.append(Item(code, asked, told, reached(holds), gain, gain - reach, gain + reach, len(own)))
    return [*items, _minutes(judged)]


def _minutes(views: Sequence[Row]) -> Item:
    asked = "a view takes 10 % longer at most"
    by = [[row["minutes"] for row in views if row["with_tool"] is tool and row["minutes"]] for tool in (True, False)]
    if min(len(one) for one in by) < LEAST_EACH:
        return lacking("A7c", asked, "too few views were timed", min(len(one) for one in by))
    longer = median(by[0]) / median(by[1]) - 1
    return Item("A7c", asked, f"{longer:+.0%} (medians)", reached(longer <= 0.10), longer, n=len(by[0]))


def bias_items(views: Sequence[Row]) -> list[Item]:
    """A8: of outputs made wrong on purpose, how many a reader did not follow."""
    items = []
    for code, who, least in (("A8", "", 0.8), ("A8b", "novice", 0.7)):
        asked = f"wrong outputs that {who + 's' if who else 'readers'} did not follow, {least:.0%} or more"
        seeded = [row for row in views if row["is_seeded_wrong"] and (not who or row["experience"] == who)]
        # Whom the wrong output happened to agree with had nothing to withstand.
        tested = [row for row in seeded if row["urgency_before"] != row["shown"]]
        if len(tested) < LEAST_SEEDED:
            items.append(lacking(code, asked, f"{len(tested)} of {LEAST_SEEDED} wrong outputs", len(tested)))
            continue
        withstood = sum(row["urgency_after"] != row["shown"] for row in tested)
        items.append(share_item(code, asked, withstood, len(tested), withstood >= least * len(tested)))
    return items
