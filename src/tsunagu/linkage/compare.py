"""The comparisons between two persons' forms: their levels, strongest first, as SQL over rows `l` and `r`.

Kanji and reading of one name part are nested in one comparison: counted as two, one fact would weigh twice.
A comparison is silent (level null, weight 0) when one side does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tsunagu.linkage.weights import Model
from tsunagu.text.variants import WILDCARD

# Edit distances and similarities are cut where two real neighbours part, not tuned to any delivery.
NEAR = 0.85
NEAR_LATIN = 0.92


@dataclass(frozen=True)
class Comparison:
    """One comparison.

    levels     (level, condition) in order; the first that holds counts, `else` when none does
    silent     condition under which nothing is compared
    frequency  column whose value's frequency replaces u on level `equal` (common names prove less); empty: none
    """

    name: str
    levels: tuple[tuple[str, str], ...]
    silent: str
    frequency: str = ""


def _like(one: str, other: str) -> str:
    """Equal but for signs nobody could read."""
    wild = f"(contains({one}, '{WILDCARD}') OR contains({other}, '{WILDCARD}'))"
    return (
        f"({wild} AND length({one}) = length({other}) AND ({one} LIKE replace({other}, '{WILDCARD}', '_')"
        f" OR {other} LIKE replace({one}, '{WILDCARD}', '_')))"
    )


def _name_part(part: str) -> Comparison:
    kana, sound = f"{part}_kana", f"{part}_sound"
    kanji_differ = f"(l.{part} IS NOT NULL AND r.{part} IS NOT NULL AND l.{part} <> r.{part})"
    levels = [
        ("equal", f"l.{part} = r.{part}"),
        ("kana", f"l.{kana} = r.{kana} OR {_like(f'l.{part}', f'r.{part}')}"),
        ("sound", f"l.{sound} = r.{sound}"),
        # Twins are often called alike (ユウト, ユウタ): when both kanji are known and differ, near is not enough.
        (
            "near",
            f"(NOT {kanji_differ} AND jaro_winkler_similarity(l.{kana}, r.{kana}) > {NEAR})"
            f" OR (length(l.{part}) > 1 AND length(l.{part}) = length(r.{part})"
            f" AND (l.{kana} IS NULL OR r.{kana} IS NULL) AND hamming(l.{part}, r.{part}) = 1)",
        ),
    ]
    silent = f"(l.{part} IS NULL OR r.{part} IS NULL) AND (l.{kana} IS NULL OR r.{kana} IS NULL)"
    if part == "given":
        # A name in Latin letters is compared as a whole, since offices disagree on which word is the family's.
        levels[0] = ("equal", "l.given = r.given OR l.latin = r.latin")
        levels[3] = ("near", f"{levels[3][1]} OR jaro_winkler_similarity(l.latin, r.latin) > {NEAR_LATIN}")
        silent = f"{silent} AND (l.latin IS NULL OR r.latin IS NULL)"
    return Comparison(part, tuple(levels), silent, frequency=part)


SURNAME = _name_part("surname")
GIVEN = _name_part("given")
BIRTH = Comparison(
    "birth",
    (
        ("equal", "l.birth = r.birth"),
        ("edit", "levenshtein(l.birth_text, r.birth_text) = 1"),
        (
            "parts",
            "(year(l.birth) = year(r.birth) AND month(l.birth) = month(r.birth))"
            " OR (year(l.birth) = year(r.birth) AND day(l.birth) = day(r.birth))"
            " OR (month(l.birth) = month(r.birth) AND day(l.birth) = day(r.birth))"
            " OR (year(l.birth) = year(r.birth) AND month(l.birth) = day(r.birth) AND day(l.birth) = month(r.birth))",
        ),
    ),
    "l.birth IS NULL OR r.birth IS NULL",
)
SEX = Comparison("sex", (("equal", "l.sex = r.sex"),), "l.sex IS NULL OR r.sex IS NULL")
ADDRESS = Comparison(
    "address",
    (
        ("equal", "l.address_key = r.address_key"),
        ("numbers", "l.numbers = r.numbers AND length(l.numbers) > 3"),
        ("postcode", "l.postcode = r.postcode"),
        ("town", "l.town = r.town"),
    ),
    "l.address_key IS NULL OR r.address_key IS NULL",
)
PHONE = Comparison("phone", (("equal", "l.phone = r.phone"),), "l.phone IS NULL OR r.phone IS NULL")
GUARDIAN = Comparison(
    "guardian",
    (("equal", "l.guardian = r.guardian"), ("given", "l.guardian_given = r.guardian_given")),
    "l.guardian IS NULL OR r.guardian IS NULL",
)

#: What records of a delivery are compared by.
PERSON = (SURNAME, GIVEN, BIRTH, SEX, ADDRESS, GUARDIAN)


@dataclass(frozen=True)
class Comparing:
    """How the records of a delivery are compared where equality alone does not say; all else is the same in each way.

    surname .. guardian  the comparisons; their names and levels are those of CLEAR in every way
    birth_far     SQL over l and r: the birth dates differ by more than a slip of the pen
    age_far       SQL over {a} (an age as written) and {b} (a birth date): they cannot be one person's; null: not said
    said_of_age   columns of `signatures` that age_far reads of {a}
    guarded       columns of `forms` that guards read, beside sex and given
    child_born    SQL over f and {after}: what orders children by birth; null for who was born before that day
    part_fits     SQL over a (a name in part) and k (a child): what is written of the given name begins the child's
    """

    surname: Comparison
    given: Comparison
    birth: Comparison
    sex: Comparison
    address: Comparison
    guardian: Comparison
    birth_far: str
    age_far: str
    said_of_age: tuple[str, ...]
    guarded: tuple[str, ...]
    child_born: str
    part_fits: str

    @property
    def person(self) -> tuple[Comparison, ...]:
        """What records of a delivery are compared by."""
        return (self.surname, self.given, self.birth, self.sex, self.address, self.guardian)


CLEAR = Comparing(
    *PERSON,
    birth_far="l.birth <> r.birth AND levenshtein(l.birth_text, r.birth_text) > 1",
    # An age written instead of a birth date may be a year off, as people speak.
    age_far="abs(date_diff('day', {b}.birth, {a}.age_on) / 365.25 - {a}.age_years - 0.5) > 2",
    said_of_age=("age_years", "age_on"),
    guarded=("birth", "birth_text"),
    child_born="CASE WHEN f.birth >= DATE '{after}' THEN f.birth END",
    part_fits="(a.given_kana IS NULL OR starts_with(k.given_kana, a.given_kana))"
    " AND (a.given IS NULL OR starts_with(k.given, a.given))",
)

COMPARISONS: tuple[Comparison, ...] = (SURNAME, GIVEN, BIRTH, SEX, ADDRESS, PHONE, GUARDIAN)

#: Columns a row needs for all comparisons; link code fills those it has not with null.
COMPARED_COLUMNS: tuple[tuple[str, str], ...] = (
    ("name_key", "VARCHAR"), ("latin", "VARCHAR"), ("surname", "VARCHAR"), ("given", "VARCHAR"),
    ("kana_key", "VARCHAR"), ("surname_kana", "VARCHAR"), ("given_kana", "VARCHAR"),
    ("sound", "VARCHAR"), ("surname_sound", "VARCHAR"), ("given_sound", "VARCHAR"),
    ("birth", "DATE"), ("birth_text", "VARCHAR"), ("sex", "VARCHAR"),
    ("address_key", "VARCHAR"), ("numbers", "VARCHAR"), ("town", "VARCHAR"), ("postcode", "VARCHAR"),
    ("phone", "VARCHAR"), ("guardian", "VARCHAR"), ("guardian_given", "VARCHAR"),
)  # fmt: skip


def level_columns(comparisons: Sequence[Comparison] = COMPARISONS) -> str:
    """SQL select list: one column `<comparison>_level` each, null where the comparison is silent."""
    return ", ".join(f"{_level_case(c)} AS {c.name}_level" for c in comparisons)


def weight_columns(model: Model, comparisons: Sequence[Comparison] = COMPARISONS) -> str:
    """SQL select list over level columns: one `<comparison>_weight` each in bits, null where silent.

    A comparison with a frequency expects `<comparison>_share`: the share of the value among all rows, used as u
    on level `equal`; null or a share above the model's u leaves the model's weight.
    """
    return ", ".join(f"{_weight_case(model, c)} AS {c.name}_weight" for c in comparisons)


def difference_columns(comparisons: Sequence[Comparison]) -> str:
    """SQL select list over grouped level columns: `<comparison>_differs`, null where every pair of rows is silent."""
    return ", ".join(f"bool_and({c.name}_level = 'else') AS {c.name}_differs" for c in comparisons)


def named_fields(comparisons: Sequence[Comparison], differs: str) -> str:
    """SQL text over difference columns: the names of those that differ (`= true`) or agree (`= false`)."""
    named = ", ".join(f"CASE WHEN {c.name}_differs {differs} THEN '{c.name}' END" for c in comparisons)
    return f"concat_ws(',', {named})"


def total_weight(comparisons: Sequence[Comparison] = COMPARISONS) -> str:
    """SQL sum of the weight columns, in fixed order."""
    return " + ".join(f"coalesce({c.name}_weight, 0)" for c in comparisons)


def _level_case(comparison: Comparison) -> str:
    whens = " ".join(f"WHEN {condition} THEN '{level}'" for level, condition in comparison.levels)
    return f"CASE WHEN {comparison.silent} THEN NULL {whens} ELSE 'else' END"


def _weight_case(model: Model, comparison: Comparison) -> str:
    level = f"{comparison.name}_level"
    whens = []
    for name in [*(n for n, _ in comparison.levels), "else"]:
        weight = f"{model.weight(comparison.name, name)!r}"
        if name == "equal" and comparison.frequency:
            # A value seen once proves no more than one in a hundred thousand would.
            share = f"greatest({comparison.name}_share, 1e-5)"
            m = model.m(comparison.name, name)
            weight = f"coalesce(round(log2({m!r} / {share}), 6), {weight})"
        whens.append(f"WHEN {level} = '{name}' THEN {weight}")
    return f"CASE WHEN {level} IS NULL THEN NULL {' '.join(whens)} END"
