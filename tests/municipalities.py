"""The list of municipalities of the two invented cities, as a desk reads it; for tests with Django and without."""

from __future__ import annotations

from pathlib import Path

from handing import HINODE, MIZUNO

NAMES = {HINODE: "日の出市", MIZUNO: "青葉市"}


def a_list(folder: Path, own: str, *, people: tuple[str, ...] = ("boss-1", "boss-2")) -> Path:
    """The list of municipalities of one of the two cities; people: accounts of the other one."""
    other = MIZUNO if own == HINODE else HINODE
    path = folder / f"{own}.toml"
    named = "".join(f'[[municipality.person]]\naccount = "{one}"\nname = "{one} さん"\n' for one in people)
    path.write_text(
        f'id = "{own}"\nname = "{NAMES[own]}こども家庭センター"\ntelephone = "00-0000-0000"\n'
        f'store = "{own}/h.sqlite3"\n'
        f'[[municipality]]\nid = "{other}"\nname = "{NAMES[other]}"\nrecipients = ["role:supervisor"]\n{named}',
        encoding="utf-8",
    )
    return path
