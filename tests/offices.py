"""Invented holders of today, whose offices answer behind nodes of `nodes`: one from memory, one from a true store."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import nodes
from agreements import KEYS, an_agreement, signed
from answered import KEY, a_request, a_school
from nodes import HOLDER, REQUESTER, World
from screening_cases import CRITERIA_FILE, a_town, the_catalogue
from tsunagu.indicators.definition import ITEM_VERSION, definition_hash, item_hash
from tsunagu.indicators.load import Definitions, load_definitions
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.request import DataRequest
from tsunagu.purposes.tokens import JoinKey
from tsunagu_node.answering import Answering
from tsunagu_node.holdings import OwnHoldings
from tsunagu_node.log import Log
from tsunagu_node.noting import Notes
from tsunagu_node.office import Office
from tsunagu_node.replying import replies_of
from tsunagu_node.store import Snapshot, Store


def today() -> dt.date:
    """The day in Japan, by which a holder decides."""
    return (nodes.now() + dt.timedelta(hours=9)).date()


def agreement_of_today() -> SharingAgreement:
    first, last = f"{today().year - 1}-01-01", f"{today().year + 1}-12-31"
    return signed(an_agreement(holder=HOLDER, requester=REQUESTER, valid_from=first, valid_until=last))


class Holder:
    def __init__(self, world: World, agreement: SharingAgreement) -> None:
        self.log = Log(world.folder / HOLDER / "log.sqlite3", b"s" * 64)
        office = Office(lambda: {agreement.id: agreement}, lambda _a: KEYS, a_school(), lambda _a: KEY, self.log)
        self.answering: Answering = world.answering(HOLDER, replies_of(office), note=Notes(self.log, world.clock))

    def actions(self) -> list[str]:
        return [json.loads(row.body)["action"] for row in self.log.rows()]

    def refusals(self) -> list[tuple[str, str]]:
        """Who was refused, and why."""
        found = [json.loads(row.body) for row in self.log.rows()]
        return [(one["actor"], one["detail"]["why"]) for one in found if one["action"] == "refused"]


# ---------------------------------------------------------------- a holder with a store

EXTRACTS_OF = dt.date(2026, 9, 30)
STORE_KEY = bytes(range(64))


def the_definitions() -> Definitions:
    return load_definitions(CRITERIA_FILE, the_catalogue().items)


def agreement_on(holder: str, granularity: str = "indicator", **changed: object) -> SharingAgreement:
    """Days absent of a holder by indicator, or moods by item, agreed with the centre and good today."""
    items, computed = the_catalogue().items, the_definitions()
    by_indicator = {
        "id": "absent_total",
        "version": computed.version,
        "sha256": definition_hash(computed, "absent_total", items),
        "values": ["0-9", "10-29", "30+"],
    }
    by_item = {"id": "mood", "version": ITEM_VERSION, "sha256": item_hash(items["mood"]), "values": []}
    first, last = f"{today().year - 1}-01-01", f"{today().year + 1}-12-31"
    given: dict[str, object] = {
        "id": f"A-{holder}",
        "holder": holder,
        "requester": REQUESTER,
        "granularity": granularity,
        "cohort": {"age_from": 0, "age_to": 17},
        "wanted": [by_indicator if granularity == "indicator" else by_item],
        "valid_from": first,
        "valid_until": last,
    }
    return signed(an_agreement(**{**given, **changed}))


def asked_today(agreement: SharingAgreement, **changed: object) -> DataRequest:
    return a_request(agreement, on=today(), **changed)


def keep_a_town(folder: Path, key: bytes, seed: int, *, children: int = 40, mark: str = "") -> OwnHoldings:
    """Holdings over a store with an invented town's absences and moods. mark: to be the label of each mood."""
    history = a_town(seed, EXTRACTS_OF, children)
    history.facts = [fact for fact in history.facts if fact["item"] in ("absent_days", "mood")]
    for fact in history.facts:
        if mark and fact["item"] == "mood":
            fact["label"] = mark
    persons, facts = history.tables()
    store = Store(folder, key)
    # Kept as brought in today, as they are asked about today: of another period nothing is answered.
    store.keep(Snapshot(today(), persons, facts, frozenset()))
    return OwnHoldings(store, the_catalogue().items, the_definitions())


def an_office(
    folder: Path, agreement: SharingAgreement, holdings: OwnHoldings, join: JoinKey, key: bytes = STORE_KEY
) -> Office:
    """The office of a holder with one agreement, its log in the folder."""
    return Office(
        lambda: {agreement.id: agreement},
        lambda _agreement: KEYS,
        holdings,
        lambda _agreement: join,
        Log(folder / "log.sqlite3", key),
    )
