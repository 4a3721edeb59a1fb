"""From signs to levels, and from three levels to the overall word: the tables of the worked example."""

from __future__ import annotations


def poverty_level(signs: set[str]) -> int:
    """Level of poverty from the signs that hold."""
    if {"P1", "P2a"} & signs or {"P3a", "P4a"} <= signs or ("P2b" in signs and {"P4a", "P5"} & signs):
        return 2
    return 1 if signs else 0


def academic_level(score: int, fell: bool) -> int:
    """Level of schoolwork; score is the sum of the two scores in tenths."""
    if score < 800 or (score < 900 and fell):
        return 2
    return 1 if score < 900 or fell else 0


def daily_level(signs: set[str]) -> int:
    """Level of daily life: some signs are level 2 by themselves, the others count by group (N1, N2, …)."""
    if {"N1a", "N4a", "N6b"} & signs:
        return 2
    groups = {sign[:2] for sign in signs}
    return min(2, len(groups))


def overall(levels: list[int], codes: list[str]) -> str:
    """The overall table; codes matter for the council's register."""
    twos, ones = sum(level == 2 for level in levels), sum(level >= 1 for level in levels)
    if "N4a" in codes or twos >= 2:
        return "重点支援"
    if twos or ones >= 2:
        return "予防的支援"
    return "見守り" if ones else "該当なし"
