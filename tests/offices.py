"""An invented holder of today, whose office answers behind a node of `nodes`."""

from __future__ import annotations

import datetime as dt
import json

import nodes
from agreements import KEYS, an_agreement, signed
from answered import KEY, a_school
from nodes import HOLDER, REQUESTER, World
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu_node.answering import Answering
from tsunagu_node.log import Log
from tsunagu_node.office import Office
from tsunagu_node.replying import replies_of


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
        self.answering: Answering = world.answering(HOLDER, replies_of(office))

    def actions(self) -> list[str]:
        return [json.loads(row.body)["action"] for row in self.log.rows()]
