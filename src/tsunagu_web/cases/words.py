"""The words a run brought with it, in the language of the page. Sentences are made by tsunagu.wording, never here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from django.utils.translation import get_language

from tsunagu import wording
from tsunagu.wording.values import Language
from tsunagu_web.cases.models import Reason

Words = Mapping[str, Any]


_P = ParamSpec("_P")


def per_language(say: Callable[_P, str]) -> Callable[_P, str]:
    """Words of days and grades are asked for hundreds of times by a page: each is found once for each language."""

    @lru_cache(maxsize=4096)
    def kept(_language: str | None, *given: Any) -> str:
        return say(*given)  # type: ignore[call-arg]  # given by place

    @wraps(say)
    def said(*given: _P.args, **named: _P.kwargs) -> str:
        return say(*given, **named) if named else kept(get_language(), *given)

    return said


def language() -> Language:
    """The language of the page."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def named(entry: Mapping[str, Any] | None, fallback: str, shown_in: Language | None = None) -> str:
    """The name of a thing in the page's language; its id where the run brought no name.

    shown_in  the page's language, from whoever asks for so many names that asking for it each time would count
    """
    return str((entry or {}).get(shown_in or language()) or (entry or {}).get("ja") or fallback)


def level_name(words: Words, level: str) -> str:
    return named(words.get("levels", {}).get(level), level)


def level_tone(words: Words, level: str) -> str:
    """priority, preventive, watch, undecided or none: which calm colour the word stands on."""
    return str(words.get("levels", {}).get(level, {}).get("tone", "none"))


def item_name(words: Words, item: str, shown_in: Language | None = None) -> str:
    return named(words.get("items", {}).get(item), item, shown_in)


def value_name(words: Words, item: str, code: str, shown_in: Language | None = None) -> str:
    return named(words.get("items", {}).get(item, {}).get("values", {}).get(code), code, shown_in)


def unit(words: Words, item: str, shown_in: Language | None = None) -> str:
    return str(words.get("items", {}).get(item, {}).get(f"unit_{shown_in or language()}", ""))


def holder_name(words: Words, holder: str, shown_in: Language | None = None) -> str:
    return named(words.get("holders", {}).get(holder), holder, shown_in)


def judgment_name(words: Words, judgment: str) -> str:
    return named(words.get("judgments", {}).get(judgment), judgment)


def in_order(words: Words, kind: str) -> list[str]:
    """The items, judgments, signs or missing items in the order of the city's own files."""
    return list(words.get("order", {}).get(kind) or words.get(kind, {}))


def items_asked(words: Words) -> frozenset[str]:
    """The items on which the criteria rest. Asked for every fact of a page, so kept beside the words themselves."""
    kept = _ASKED.get(id(words))
    if kept is None or kept[0] is not words:
        if len(_ASKED) >= _MOST_KEPT:
            _ASKED.clear()
        found = frozenset(item for about in words.get("indicators", {}).values() for item in about["items"])
        kept = _ASKED[id(words)] = (words, found)
    return kept[1]


# The words are held as well, so that no others can come to have the same id.
_ASKED: dict[int, tuple[Words, frozenset[str]]] = {}
_MOST_KEPT = 4


def domain_of_item(words: Words, item: str) -> str:
    """The item's domain; empty when the run does not say, and nobody may then see it."""
    return str(words.get("items", {}).get(item, {}).get("domain", ""))


def domains_of(words: Words, reason: Reason) -> set[str]:
    """Every domain a reason or a missing item rests on; empty when the run does not say, and nobody may see it."""
    return set(words.get("signs" if reason.kind == "sign" else "missing", {}).get(reason.code, {}).get("domains", []))


def domains_of_indicator(words: Words, indicator: str) -> set[str]:
    """Every domain an indicator rests on; empty when the run does not know it."""
    items = words.get("indicators", {}).get(indicator, {}).get("items", [])
    return {domain_of_item(words, item) for item in items}


def indicator_name(words: Words, indicator: str) -> str:
    return named(words.get("indicators", {}).get(indicator), indicator)


def value_of(words: Words, reason: Reason) -> str:
    """The value that the reason rests on, in words."""
    return wording.value_text(words, reason_row(reason), language())


def sign_name(words: Words, code: str) -> str:
    """What the sign is about, without any value."""
    return named(words.get("signs", {}).get(code, {}).get("label"), code)


def watch_text(words: Words, code: str) -> str:
    """What school staff can watch for in place of the reason; empty when the criteria give none."""
    return named(words.get("signs", {}).get(code, {}).get("watch"), "")


def sentence(words: Words, reason: Reason) -> str:
    """The reason as one sentence; of a sign's further rows, what is named beside it."""
    return wording.reason_sentence(words, reason_row(reason), language())


def basis(words: Words, reason: Reason) -> str:
    """The criterion it was held against."""
    return wording.basis(words, reason_row(reason), language())


def is_main(words: Words, reason: Reason) -> bool:
    """Whether this row carries the sentence of its sign."""
    return wording.is_main(words, reason_row(reason))


def may_become(words: Words, level: str, at_most: str) -> str:
    """What the missing items can change, as a sentence."""
    return wording.may_become(words, level, at_most, language())


def is_coded(words: Words, indicator: str) -> bool:
    """Whether the indicator counts coded values, so that its series says yes (1) or no (0) month by month."""
    return len(words.get("indicators", {}).get(indicator, {}).get("values", {})) > 1


def missing_name(words: Words, code: str) -> str:
    return named(words.get("missing", {}).get(code, {}).get("label"), code)


def reason_row(reason: Reason) -> dict[str, Any]:
    """The reason in the columns of the run folder's table."""
    return {
        "person_id": reason.child_id,
        "kind": reason.kind,
        "code": reason.code,
        "judgment": reason.judgment,
        "indicator": reason.indicator,
        "number": reason.number,
        "text": reason.text or None,
        "threshold": reason.threshold,
        "window_from": reason.window_from,
        "window_to": reason.window_to,
        "at": reason.at,
        "series": reason.series,
        "source": reason.source,
        "row_keys": reason.row_keys,
    }
