"""Sealed addresses and the register's list of a full desk: every child has an address, and the list is a city's.

Assumed: five residents to a child, and one of a thousand residents on the list: 300 rows beside 60,000 children.
"""

from __future__ import annotations

from pathlib import Path

from large_desk_rows import Size, child_id

from tsunagu.runs.crypt import read_key
from tsunagu_web.addresses.models import AddressRow, RegisterRow, SealedTable
from tsunagu_web.addresses.queries import OTHER_PARTIES, PERSON
from tsunagu_web.addresses.services import SealedRows, replace_rows
from tsunagu_web.addresses.vault import Vault, room_for
from two_worlds import a_list

_RESIDENTS_PER_LISTED = 1_000
_RESIDENTS_PER_CHILD = 5


def addresses(size: Size, *, key: Path, register_list: Path) -> None:
    """One sealed row for each child and each register number; the listed live alone, so that most are shown."""
    vault = Vault(read_key(key))
    listed = size.children * _RESIDENTS_PER_CHILD // _RESIDENTS_PER_LISTED
    residents = range(1, size.children + listed + 1)
    ties = {n: {vault.tie(f"H{n}"): True, vault.tie(f"addr:{n}"): True} for n in residents}
    persons = [
        (
            vault.place(PERSON, child_id(n)),
            {
                "person_id": child_id(n),
                "addresses": [["current", f"瑞野市若葉{n % 90 + 1}丁目{n}番地", "2020-04-01", None]],
                "ties": ties[n],
                "is_flagged": False,
                "listed_until": None,
                "is_registered": True,
            },
        )
        for n in range(1, size.children + 1)
    ]
    register = [
        (vault.place("register", str(n)), {"persons": [child_id(n)], "ties": sorted(ties[n])}) for n in residents
    ]
    room, table = room_for(0), vault.place(OTHER_PARTIES, "")
    replace_rows(
        SealedRows(
            persons=[AddressRow(place=p, sealed=vault.seal(p, c, room=room)) for p, c in sorted(persons, key=_place)],
            register=[
                RegisterRow(place=p, sealed=vault.seal(p, c, room=room)) for p, c in sorted(register, key=_place)
            ],
            tables=[SealedTable(place=table, sealed=vault.seal(table, {"rows": []}, room=room))],
        )
    )
    a_list(register_list, *((str(n), "例山 次郎") for n in residents[size.children :]))


def _place(row: tuple[str, object]) -> str:
    return row[0]
