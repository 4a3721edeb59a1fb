"""The page that a signer reads: everything the agreement says, in Japanese, in one fixed order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from tsunagu.purposes.agreement import LegalBasis, SharingAgreement, Wanted
from tsunagu.purposes.bands import mistake_in, read_bands

_GRANULARITY = {
    "item": "こども一人に一行。決めた項目だけを、そのまま渡します。",
    "indicator": "こども一人に一行。名前のかわりに照合符号を使い、値は決めた区分だけを渡します。",
    "aggregate": "人数だけを渡します。一人ずつの行は渡しません。",
    "linkage": "照合のための符号だけを、住民基本台帳の所管に渡します。氏名、生年月日、住所は渡しません。",
    "residents": "照合の結果と、住民の決めた欄だけを渡します。氏名と住所は渡しません。",
}
_ABOUT = {
    "cohort": "対象の全員について",
    "named": "受け取る側が照合符号で示した人だけについて",
}
_CADENCE = {"once": "一回かぎり", "daily": "毎日", "weekly": "毎週", "monthly": "毎月", "yearly": "毎年"}
_ROUNDING = {"none": "丸めません", "midpoint_6": "6人ごとの区切りの中ほどに丸めます"}
_SUPPRESSION = {
    "withhold_address": "住所は渡しません。ほかの項目は渡します。",
    "leave_out_person": "その人の行を渡しません。",
}


@dataclass(frozen=True)
class Words:
    """What people call that which an agreement names by identifiers. What has no word here is shown as it is written.

    things  (identifier, hash of its definition) -> what is given
    codes   identifier of a thing -> code that may be answered -> what it means
    """

    organisations: Mapping[str, str] = field(default_factory=dict)
    purposes: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[tuple[str, str], str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def thing(self, one: Wanted) -> str:
        """The word, with the identifier beside it; it is said where the word is of another definition."""
        word = self.things.get((one.id, one.sha256))
        if word is None and any(id == one.id for id, _ in self.things):
            return f"{one.id}(手もとの市の設定では、別の定義です)"
        return _beside(one.id, word)

    def values(self, one: Wanted) -> str:
        """The values that may be answered."""
        codes = self.codes.get(one.id, {})
        return "、".join(_beside(value, codes.get(value) or _band(value)) for value in one.values)


_WITHOUT = Words()


def _beside(id: str, word: str | None) -> str:
    return f"{word}({id})" if word else id


def _band(value: str) -> str:
    """A band in words; empty for a code."""
    if mistake_in([value]) or read_bands([value]) is None:
        return ""
    if value.startswith("under "):
        return f"{value.removeprefix('under ')}未満"
    low, _, high = value.partition("-")
    return f"{low}から{high}" if high else f"{value[:-1]}以上" if value.endswith("+") else ""


def page(agreement: SharingAgreement, words: Words = _WITHOUT) -> str:
    """The page as text; the same content gives the same text."""

    def called(one: str) -> str:
        return _beside(one, words.organisations.get(one))

    roles = "、".join(_beside(one, words.roles.get(one)) for one in agreement.roles)
    lines = [
        f"データ提供の取り決め  {agreement.id}  第{agreement.version}版",
        "",
        f"渡す側          {called(agreement.holder)}",
        f"受け取る側      {called(agreement.requester)}",
        f"利用目的        {_beside(agreement.purpose, words.purposes.get(agreement.purpose))}",
        f"期間            {agreement.valid_from:%Y-%m-%d} から {agreement.valid_until:%Y-%m-%d} まで",
        "",
        "根拠",
        *(f"  - {_basis(basis)}" for basis in agreement.legal_basis),
        "",
        "渡し方",
        f"  {_GRANULARITY[agreement.granularity]}",
        f"  対象    市内に住む {agreement.cohort.age_from} 歳から {agreement.cohort.age_to} 歳まで",
        f"  求め方  {_ABOUT[agreement.about]}",
        *_named(agreement),
        f"  頻度    {_CADENCE[agreement.cadence]}。一回に {agreement.rows_at_most:,} 行まで{_children(agreement)}",
        f"  人数    {agreement.minimum_cell} 人に満たない数は伝えません。{_ROUNDING[agreement.rounding]}。",
        "",
        "渡すもの",
    ]
    for wanted in agreement.wanted:
        values = f"  値は {words.values(wanted)} のどれか" if wanted.values else "  値はそのまま"
        lines.append(f"  - {words.thing(wanted)} 第{wanted.version}版{values}")
        lines.append(f"    定義 {wanted.sha256}")
    lines += [
        "",
        "受け取ったあと",
        f"  見てよい役割    {roles}",
        f"  保存            受け取ってから {agreement.retention_months} か月まで",
        f"  ほかへの提供    {'、'.join(called(one) for one in agreement.onward_use) or 'しません'}",
        f"  住所を隠す人    {_SUPPRESSION[agreement.suppression]}",
        f"  照合の組        {_joined(agreement)}",
        "",
        f"前の版    {agreement.replaces or 'ありません'}",
        f"この版    {agreement.hash}",
    ]
    return "\n".join(lines) + "\n"


def _named(agreement: SharingAgreement) -> list[str]:
    """Of whom names may be released, and of how many at most."""
    if agreement.about != "named":
        return []
    lines = [
        "          気づきのあった人の氏名などを知るためです。渡す側が同じ日について答えた人のほかは、示せません。",
        f"  上限    一つの期間に、その人たち 1,000 人につき {agreement.named_per_mille:,} 人まで。",
        "          これを超える求めには、一人も渡しません。",
    ]
    if any(one.id == "household" for one in agreement.wanted):
        lines.append("  世帯    示した人と一緒に住む人についても渡します。この人たちは上限の数に入れません。")
    return lines


def _children(agreement: SharingAgreement) -> str:
    """How many children the limit of rows is enough for, where each has one row of everything."""
    if agreement.granularity != "indicator":
        return ""
    things = len(agreement.wanted)
    return f"(渡すもの {things} つなら、こども {agreement.rows_at_most // things:,} 人分)"


def _joined(agreement: SharingAgreement) -> str:
    if agreement.join_set == agreement.id:
        return f"{agreement.join_set}。ほかの取り決めの答えと、こどもごとに合わせることはできません"
    return f"{agreement.join_set}。同じ組で利用目的も同じ取り決めの答えと、こどもごとに合わせられます"


def page_hash(agreement: SharingAgreement) -> str:
    """SHA-256 of the page without words of a city, as 64 hexadecimal digits: what a signature covers.

    Two offices may call one thing otherwise; what both sign is what it stands for.
    """
    return hashlib.sha256(page(agreement).encode("utf-8")).hexdigest()


def _basis(basis: LegalBasis) -> str:
    numbers = basis.provision.split("-")
    said = "".join(f"第{number}{unit}" for number, unit in zip(numbers, ("条", "項", "号"), strict=False))
    return f"{basis.law} {said}。{basis.decided_by}が{basis.decided_on:%Y-%m-%d}に決定(記録 {basis.reference})"
