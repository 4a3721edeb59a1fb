"""How records are compared over tokens: the levels of the clear text, each told by equality alone."""

from __future__ import annotations

from dataclasses import replace

from tsunagu.linkage.compare import ADDRESS, BIRTH, GIVEN, GUARDIAN, SEX, SURNAME, Comparing, Comparison


def _name_part(clear: Comparison) -> Comparison:
    """The columns `…_near`, `…_slip` and `…_unread` list the values that neighbours.KINDS put near (keyed_links.py)."""
    part = clear.name
    kana = f"{part}_kana"
    equal, _, sound, _ = clear.levels
    kanji_differ = f"(l.{part} IS NOT NULL AND r.{part} IS NOT NULL AND l.{part} <> r.{part})"
    near = (
        f"(NOT {kanji_differ} AND list_contains(l.{kana}_near, r.{kana}))"
        f" OR ((l.{kana} IS NULL OR r.{kana} IS NULL) AND list_contains(l.{part}_slip, r.{part}))"
    )
    if part == "given":
        near = f"{near} OR list_contains(l.latin_near, r.latin)"
    read = f"l.{kana} = r.{kana} OR list_contains(l.{part}_unread, r.{part})"
    return replace(clear, levels=(equal, ("kana", read), sound, ("near", near)))


_BIRTH = replace(
    BIRTH,
    levels=(
        BIRTH.levels[0],
        ("edit", "list_has_any(l.birth_slip, r.birth_slip)"),
        ("parts", "list_has_any(l.birth_parts, r.birth_parts) OR list_contains(l.birth_swapped, r.birth)"),
    ),
)
# Only house numbers long enough to tell houses apart have a token; a delivery has no postcodes of its own.
_ADDRESS = replace(
    ADDRESS, levels=(ADDRESS.levels[0], ("numbers", "l.numbers = r.numbers"), ("town", "l.town = r.town"))
)

KEYED = Comparing(
    _name_part(SURNAME),
    _name_part(GIVEN),
    _BIRTH,
    SEX,
    _ADDRESS,
    GUARDIAN,
    birth_far="l.birth <> r.birth AND NOT list_has_any(l.birth_slip, r.birth_slip)",
    age_far="NOT list_has_any({a}.age_months, {b}.birth_parts)",
    said_of_age=("age_months",),
    guarded=("birth", "birth_slip", "birth_parts"),
    child_born="CASE WHEN f.born >= DATE '{after}' THEN f.born END",
    part_fits="(a.given_kana IS NULL OR list_contains(k.given_kana_heads, a.given_kana))"
    " AND (a.given IS NULL OR list_contains(k.given_heads, a.given))",
)
