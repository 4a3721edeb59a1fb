"""Reasons in sentences, from the words a run brought with it. No sentence is joined from fragments.

The templates are whole sentences of the criteria file with named gaps: {value} {tenths} {threshold} {from} {to} {at}.
A number that the sign compares with is a gap too, {absent_days.at_least}: it is the same for everybody, and is put in
when the words are made, so that a text can never say another limit than the one that decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tsunagu.wording.values import Language, Precision, day_name, number

Words = Mapping[str, Any]
Row = Mapping[str, Any]

# The gaps a template may have.
GAPS = ("value", "tenths", "threshold", "from", "to", "at")
_GAP = re.compile(r"\{([a-z_]+)\}")
_LIMIT = re.compile(r"\{([a-z0-9_]+(?:\.[a-z0-9_]+)+)\}")
# How a limit may be written: as it is, in tenths (0.6 -> 6), or of a hundred (0.05 -> 5).
LIMIT_FORMS = {"tenths": Decimal(10), "percent": Decimal(100)}
_GAP_SHOWN = "〇"
_NOT_KNOWN = {"ja": "不明", "en": "not known"}
_BESIDE = {"ja": "{name}：{value}", "en": "{name}: {value}"}
_MISSING = {"ja": "{name}がわかっていません", "en": "Not known: {name}"}
_MAY_BECOME = {"ja": "わかると「{level}」になることがあります", "en": "Once known, this may become '{level}'"}
_FOUND = {
    "may_be_eligible": {"ja": "「{name}」の対象になる可能性があります", "en": "May be eligible: {name}"},
    "cannot_tell": {
        "ja": "「{name}」の対象になる可能性があるか、確かめるまでわかりません",
        "en": "Whether this family may be eligible cannot be told before asking: {name}",
    },
}
_TO_ASK = {"ja": "{name}を確かめる必要があります", "en": "Still to be asked: {name}"}
_STAYS = {"ja": "わかっても区分は変わりません", "en": "Once known, the level stays the same"}


def reason_sentence(vocabulary: Words, reason: Row, lang: Language) -> str:
    """A reason as one sentence; for a missing item what is not known.

    A sign that rests on several indicators has a row for each: its sentence belongs to the first, the others are
    named with their value.
    """
    if reason["kind"] == "missing":
        return missing_sentence(vocabulary, reason, lang)
    sign = vocabulary["signs"].get(reason["code"], {})
    main = sign.get("indicator")
    if main is not None and reason["indicator"] != main:
        name = _named(vocabulary.get("indicators", {}).get(reason["indicator"]), lang, str(reason["indicator"]))
        return _BESIDE[lang].format(name=name, value=value_text(vocabulary, reason, lang))
    return _filled(str(sign.get("sentence", {}).get(lang, "")), vocabulary, reason, lang)


def limit_names(template: str) -> list[str]:
    """The limits a template names, without the form they are written in: {share.at_most.percent} -> share.at_most."""
    return [_limit_name(found.group(1))[0] for found in _LIMIT.finditer(template)]


def with_limits(template: str, limits: Mapping[str, Decimal]) -> str:
    """The template with the limits it names put in; a name that is no limit of the sign stays a gap."""

    def gap(found: re.Match[str]) -> str:
        name, factor = _limit_name(found.group(1))
        return found.group() if name not in limits else number(limits[name] * factor)

    return _LIMIT.sub(gap, template)


def _limit_name(written: str) -> tuple[str, Decimal]:
    name, _dot, form = written.rpartition(".")
    return (name, LIMIT_FORMS[form]) if form in LIMIT_FORMS else (written, Decimal(1))


def pattern(template: str, threshold: Decimal | None) -> str:
    """A sign's own sentence or basis before anybody stands in it: the limit where it is named, else a gap."""

    def gap(found: re.Match[str]) -> str:
        if found.group(1) == "threshold" and threshold is not None:
            return number(threshold)
        return _GAP_SHOWN

    return _GAP.sub(gap, template)


def is_main(vocabulary: Words, reason: Row) -> bool:
    """Whether this row carries the sign's own sentence; a list shows these rows."""
    main = vocabulary["signs"].get(reason["code"], {}).get("indicator")
    return reason["kind"] == "missing" or main is None or main == reason["indicator"]


def basis(vocabulary: Words, reason: Row, lang: Language) -> str:
    """The criterion the reason was held against: 基準：10日以上. Empty for a missing item
    and for a row that stands beside a sign's first."""
    if not is_main(vocabulary, reason) or reason["kind"] == "missing":
        return ""
    template = str(vocabulary["signs"].get(reason["code"], {}).get("basis", {}).get(lang, ""))
    return _filled(template, vocabulary, reason, lang)


def missing_sentence(vocabulary: Words, reason: Row, lang: Language) -> str:
    """What is not known, as a sentence."""
    label = vocabulary["missing"].get(reason["code"], {}).get("label")
    return _MISSING[lang].format(name=_named(label, lang, str(reason["code"])))


def finding_sentence(vocabulary: Words, entitlement: Row, lang: Language) -> str:
    """What was found of a child and a programme (ENTITLEMENTS). Nobody is ever told that they are eligible by it."""
    programme = vocabulary["programmes"].get(entitlement["programme"])
    return _FOUND[entitlement["finding"]][lang].format(name=_named(programme, lang, str(entitlement["programme"])))


def entitlement_sentences(vocabulary: Words, entitlement: Row, lang: Language) -> list[str]:
    """Why that was found, what is missing, and what somebody must ask, as sentences in this order."""
    words = vocabulary["programmes"].get(entitlement["programme"], {"signs": {}, "missing": {}})
    rules = [reason for reason in entitlement["reasons"] if reason["kind"] != "missing"]
    missing = {reason["code"]: reason for reason in entitlement["reasons"] if reason["kind"] == "missing"}
    asked = words.get("to_ask", {})
    return [
        *(reason_sentence(words, reason, lang) for reason in (*rules, *missing.values())),
        *(_TO_ASK[lang].format(name=_named(asked.get(code), lang, code)) for code in entitlement["to_ask"]),
    ]


def may_become(vocabulary: Words, level: str, at_most: str, lang: Language) -> str:
    """What the missing items can change: the overall level they may lead to, or that it stays."""
    if level == at_most:
        return _STAYS[lang]
    return _MAY_BECOME[lang].format(level=_named(vocabulary["levels"].get(at_most), lang, at_most))


def value_text(vocabulary: Words, reason: Row, lang: Language) -> str:
    """The reason's value as staff read it: a number without trailing zeros, or the catalogue's word for a code."""
    if reason.get("number") is not None:
        return number(reason["number"])
    code = reason.get("text")
    if code is None:
        return _NOT_KNOWN[lang]
    indicator = vocabulary.get("indicators", {}).get(reason["indicator"], {})
    return _named(indicator.get("values", {}).get(code), lang, str(code))


def _filled(template: str, vocabulary: Words, reason: Row, lang: Language) -> str:
    def gap(found: re.Match[str]) -> str:
        return _gap(found.group(1), vocabulary, reason, lang)

    return _GAP.sub(gap, template)


def _gap(name: str, vocabulary: Words, reason: Row, lang: Language) -> str:
    precision: Precision = vocabulary.get("indicators", {}).get(reason["indicator"], {}).get("at", "month")
    match name:
        case "value":
            return value_text(vocabulary, reason, lang)
        case "tenths":
            value = reason.get("number")
            return _NOT_KNOWN[lang] if value is None else number(Decimal(str(value)) * 10, 1)
        case "threshold":
            limit = reason.get("threshold")
            return _NOT_KNOWN[lang] if limit is None else number(limit)
        case "at":
            return _day(reason.get("at"), lang, precision)
        case "from":
            return _day(reason.get("window_from"), lang, "day")
        case "to":
            return _day(reason.get("window_to"), lang, "day")
        case _:
            return "{" + name + "}"


def _day(value: object, lang: Language, precision: Precision) -> str:
    return day_name(value, lang, precision) if isinstance(value, date) else _NOT_KNOWN[lang]


def _named(entry: Mapping[str, Any] | None, lang: Language, fallback: str) -> str:
    return str((entry or {}).get(lang) or fallback)
