"""What travels about exchanges: what the sender's log says of those with the receiver, and whose rows it wants."""

from __future__ import annotations

from collections.abc import Sequence

from tsunagu.errors import SourceError
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.strict import HASH
from tsunagu_node.both_ends import AGAIN, NEW, Account, Pair

FORM = "tsunagu-exchanges-1"
#: Exchanges in one message; rows of one; letters of a row.
MOST, MOST_ROWS, LONGEST_ROW = NEW + AGAIN, 80, 8_000


def exchanges_bytes(told: Sequence[Account], wanted: Sequence[Pair]) -> bytes:
    """The message of either side."""
    listed = [
        {"exchange": one.pair, "rows": [{"number": number, "body": body} for number, body in one.rows]} for one in told
    ]
    return canonical({"form": FORM, "told": listed, "wanted": list(wanted)})


def read_exchanges(data: bytes, where: str) -> tuple[list[Account], list[Pair]]:
    """What is told and what is wanted; SourceError where it is no such message."""
    read = read_object(data, where)
    told, wanted = read.get("told"), read.get("wanted")
    if set(read) != {"form", "told", "wanted"} or read["form"] != FORM:
        raise _other_form()
    if not isinstance(told, list) or not isinstance(wanted, list) or max(len(told), len(wanted)) > MOST:
        raise _other_form()
    return [_told(one) for one in told], [_pair(one) for one in wanted]


def _told(one: object) -> Account:
    if not isinstance(one, dict) or set(one) != {"exchange", "rows"}:
        raise _other_form()
    rows = one["rows"]
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise _other_form()
    return Account(_pair(one["exchange"]), tuple(_row(row) for row in rows))


def _pair(one: object) -> Pair:
    if not isinstance(one, str) or not HASH.fullmatch(one):
        raise _other_form()
    return one


def _row(one: object) -> tuple[int, str]:
    if not isinstance(one, dict) or set(one) != {"number", "body"}:
        raise _other_form()
    number, body = one["number"], one["body"]
    if type(number) is not int or not 1 <= number < 1 << 53 or not isinstance(body, str) or len(body) > LONGEST_ROW:
        raise _other_form()
    return number, body


def _other_form() -> SourceError:
    return SourceError(
        "the message about exchanges has another form", where="exchanges", to_do="Compare the versions of both nodes."
    )
