"""The heads of the node's own log: signed at intervals with a key that lies apart, kept, and who countersigned them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.audit.heads import SignedHead, head_from, sign_head, text_of
from tsunagu.audit.witness import Countersignature, Standing, countersignature_text, standing
from tsunagu_node.log import Log, moment, read_moment
from tsunagu_node.own_rows import OwnRows

#: A head covers at most so many rows, so that it fits into a message.
ROWS = 1_000
#: A head is due when there are so many rows, or when the first of them is so old.
DUE_AFTER = timedelta(minutes=10)
#: Rows that say of a head that it was countersigned do not bring the next head by themselves before so long: else two
#: nodes that have nothing else to do would sign each other's signatures for ever.
OF_WITNESS_DUE_AFTER = timedelta(hours=6)
#: Rows are shown to a peer, as hashes, so long after the last time; and whenever a new head was brought.
SHOWN_AFTER = timedelta(minutes=10)
#: Entries of this action are such rows.
COUNTERSIGNED = "countersigned"
#: How many peers' countersignatures a node needs where its file says nothing of it.
PEERS_NEEDED = 2


class OwnHeads:
    """The heads of one node's log, in the log's own file."""

    def __init__(self, log: Log) -> None:
        self._log, self.rows = log, OwnRows(log)

    def newest(self) -> SignedHead | None:
        """The last head that was signed."""
        with self._log.reading() as db:
            found = db.execute("SELECT text FROM head ORDER BY number DESC LIMIT 1").fetchone()
        return head_from(found[0]) if found else None

    def after(self, number: int, most: int) -> list[SignedHead]:
        """So many heads behind a number, in order."""
        with self._log.reading() as db:
            found = db.execute("SELECT text FROM head WHERE number > ? ORDER BY number LIMIT ?", (number, most))
            return [head_from(text) for (text,) in found]

    def is_due(self, now: datetime) -> bool:
        """Whether rows have waited long enough, or are enough, for the next head."""
        before = self.newest()
        rows = list(self._log.rows(before.rows if before else 0, most=ROWS))
        if len(rows) >= ROWS:
            return True
        return any(_is_old(row.body, now) for row in rows)

    def sign(self, key: Ed25519PrivateKey, now: datetime) -> list[SignedHead]:
        """Heads over all rows that none covers yet, each kept before this returns; none where there are none."""
        made: list[SignedHead] = []
        with self._log.transaction() as db:
            found = db.execute("SELECT text FROM head ORDER BY number DESC LIMIT 1").fetchone()
            before = head_from(found[0]) if found else None
            while hashes := _hashes(db.execute(_NEXT, (before.rows if before else 0, ROWS))):
                series = before.series if before else secrets.token_hex(8)
                before = sign_head(key, hashes, before, series=series, at=moment(now))
                db.execute("INSERT INTO head VALUES (?, ?, ?)", (before.number, before.rows, text_of(before)))
                made.append(before)
        return made

    def keep(self, made: Countersignature) -> None:
        """Keeps a peer's countersignature, which was verified; a later one under the same head takes its place."""
        with self._log.transaction() as db:
            values = (made.peer, made.number, made.at, countersignature_text(made))
            db.execute("INSERT OR REPLACE INTO countersignature VALUES (?, ?, ?, ?)", values)

    def is_to_show(self, peer: str, now: datetime) -> bool:
        """Whether it is time to show a peer the hashes of rows that it wants to see."""
        with self._log.reading() as db:
            found = db.execute("SELECT at FROM showed WHERE peer = ?", (peer,)).fetchone()
        return found is None or now - read_moment(found[0]) >= SHOWN_AFTER

    def note_shown(self, peer: str, now: datetime) -> None:
        """That a peer has now seen what it wanted to."""
        with self._log.transaction() as db:
            db.execute("INSERT OR REPLACE INTO showed VALUES (?, ?)", (peer, moment(now)))

    def countersigned(self, peer: str) -> tuple[int, datetime | None]:
        """Number of the last head that a peer signed, and when it signed it last; (0, None) where it signed none."""
        with self._log.reading() as db:
            found = db.execute(
                "SELECT number, at FROM countersignature WHERE peer = ? ORDER BY number DESC LIMIT 1", (peer,)
            ).fetchone()
        return (int(found[0]), read_moment(found[1])) if found else (0, None)

    def countersigners(self) -> dict[str, datetime]:
        """Peer -> when it signed a head of this log last; a peer that signed none is not in it."""
        with self._log.reading() as db:
            found = db.execute("SELECT peer, MAX(at) FROM countersignature GROUP BY peer").fetchall()
        return {peer: read_moment(at) for peer, at in found}

    def standing(self, now: datetime, needed: int = PEERS_NEEDED) -> Standing:
        """Whether others may be answered. A log that has just begun has as long as one whose peers were just here.

        `differs` whoever signed, once the log's own rows were found to be others: whoever answers cannot say for what.

        needed  0: `unwitnessed`, whoever signed; others are answered, and nobody could tell that it was rewritten
        """
        with self._log.reading() as db:
            if db.execute("SELECT 1 FROM alarm WHERE log = seen_by LIMIT 1").fetchone():
                return "differs"
            rows = db.execute("SELECT peer, MAX(at) FROM countersignature GROUP BY peer").fetchall()
            first = db.execute("SELECT body FROM log WHERE number = 1").fetchone()
        if needed == 0:
            return "unwitnessed"
        began = _at(first[0]) if first else now
        if began is None:
            return "differs"
        last = {f"none-{place}": began for place in range(needed)}
        return standing({**last, **{peer: read_moment(at) for peer, at in rows}}, now, needed=needed)


_NEXT = "SELECT hash FROM log WHERE number > ? ORDER BY number LIMIT ?"


def _hashes(rows: Iterable[tuple[str]]) -> list[str]:
    return [hash for (hash,) in rows]


def _is_old(body: str, now: datetime) -> bool:
    """Whether a row has waited long enough; one that cannot be read has."""
    at = _at(body)
    is_of_witness = at is not None and json.loads(body).get("action") == COUNTERSIGNED
    return at is None or now - at >= (OF_WITNESS_DUE_AFTER if is_of_witness else DUE_AFTER)


def _at(body: str) -> datetime | None:
    """The moment in a row; None where somebody wrote over it."""
    try:
        return read_moment(json.loads(body)["at"])
    except (ValueError, KeyError, TypeError):
        return None
