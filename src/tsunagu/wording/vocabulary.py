"""The words a run folder carries, so that the desk needs no city folder: names of items, holders, levels and signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from tsunagu.records.catalogue import Catalogue, CatalogueItem, Holder, Named
from tsunagu.wording.sentences import with_limits

# Gaps for what is of one child alone, and no agreement answers: number, day, window.
_OF_ONE_CHILD = re.compile(r"\{(value|tenths|at|from|to)\}")
# A true no of a complete register has no code of its own in the catalogue.
NO_ROW = {"ja": "なし", "en": "none"}


class TwoWords(Protocol):
    """One text in both languages."""

    @property
    def ja(self) -> str: ...
    @property
    def en(self) -> str: ...


class CriteriaWords(Protocol):
    """What the criteria must say for their words to travel; `tsunagu.screening.criteria.Criteria` does."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def label(self) -> TwoWords: ...
    @property
    def legal_basis(self) -> tuple[str, ...]: ...
    @property
    def judgments(self) -> tuple[Any, ...]: ...
    @property
    def signs(self) -> tuple[Any, ...]: ...
    @property
    def missing(self) -> tuple[Any, ...]: ...
    @property
    def indicators(self) -> tuple[Any, ...]: ...
    @property
    def overall(self) -> Any: ...
    def items_of(self, id: str) -> tuple[str, ...]: ...
    def indicators_of(self, code: str) -> tuple[str, ...]: ...
    def precision_of(self, id: str) -> str: ...
    def named_limits(self, code: str) -> Mapping[str, Decimal]: ...


def vocabulary(
    criteria: CriteriaWords,
    catalogue: Catalogue,
    holders: Mapping[str, Holder] | Iterable[Holder],
    *,
    schools: Mapping[str, str] | None = None,
    municipality: Named | None = None,
) -> dict[str, Any]:
    """Every word the desk shows for one run, as JSON can carry it.

    schools  school code -> name, as the delivery has them
    """
    known = holders.values() if isinstance(holders, Mapping) else holders
    words: dict[str, Any] = {
        "items": {id: _item(item) for id, item in sorted(catalogue.items.items())},
        "holders": {h.id: _both(h) for h in sorted(known, key=lambda h: h.id)},
        "criteria": {
            "id": criteria.id,
            "version": criteria.version,
            "label": _both(criteria.label),
            "legal_basis": list(criteria.legal_basis),
        },
        "judgments": {j.id: _both(j.label) for j in criteria.judgments},
        "overall": _both(criteria.overall.label),
        "levels": {
            level.name: {
                "ja": level.name,
                "en": level.en,
                "rank": level.rank,
                "notice": level.notice,
                "tone": level.tone,
            }
            for level in criteria.overall.levels
        },
        "indicators": {i.id: _indicator(i, criteria, catalogue) for i in criteria.indicators},
        "signs": {s.code: _sign(s, criteria, catalogue) for s in criteria.signs},
        "missing": {
            m.code: {
                "label": _both(m.label),
                "judgment": m.judgment,
                "domains": _domains(m.indicators, criteria, catalogue),
            }
            for m in criteria.missing
        },
        "schools": dict(sorted((schools or {}).items())),
        # JSON objects lose their order in files and databases; people read in the order of the city's own files.
        "order": {
            "items": list(catalogue.items),
            "judgments": [j.id for j in criteria.judgments],
            "signs": [s.code for s in criteria.signs],
            "missing": [m.code for m in criteria.missing],
        },
    }
    if municipality is not None:
        words["municipality"] = _both(municipality)
    return words


def banded_words(words: Mapping[str, Any], values: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The words of a run whose numbers are bands: a sentence with a number in it becomes its label and the band.

    values  indicator -> its bands or codes
    """
    named = {
        id: {
            **said,
            "values": {**said["values"], **{v: _band(v) for v in values.get(id, ()) if v not in said["values"]}},
        }
        for id, said in words["indicators"].items()
    }
    signs = {
        code: {
            **sign,
            "sentence": {lang: _with_band(text, sign["label"][lang], lang) for lang, text in sign["sentence"].items()},
        }
        for code, sign in words["signs"].items()
    }
    return {**words, "indicators": named, "signs": signs}


def _with_band(sentence: str, label: str, lang: str) -> str:
    if not _OF_ONE_CHILD.search(sentence):
        return sentence
    return f"{label}（{{value}}）" if lang == "ja" else f"{label} ({{value}})"


def _band(name: str) -> dict[str, str]:
    if name.startswith("under "):
        return {"ja": f"{name.removeprefix('under ')}未満", "en": f"below {name.removeprefix('under ')}"}
    if name.endswith("+"):
        return {"ja": f"{name[:-1]}以上", "en": f"{name[:-1]} or more"}
    return {"ja": name.replace("-", "〜"), "en": name.replace("-", " to ")}


class ProgrammeText(Protocol):
    """What a programme must say for its words to travel; `tsunagu.programmes.programme.Programme` does."""

    @property
    def version(self) -> str: ...
    @property
    def label(self) -> TwoWords: ...
    @property
    def law(self) -> tuple[str, ...]: ...
    @property
    def run_by(self) -> TwoWords: ...
    @property
    def apply(self) -> TwoWords: ...
    @property
    def to_ask(self) -> tuple[Any, ...]: ...


def programme_words(programme: ProgrammeText, rules: CriteriaWords, catalogue: Catalogue) -> dict[str, Any]:
    """Every word the desk shows of one programme; `sentences.reason_sentence` reads it as it reads the whole.

    rules  the programme's rules with the parameters of the run's day
    """
    return {
        **_both(programme.label),
        "version": programme.version,
        "law": list(programme.law),
        "run_by": _both(programme.run_by),
        "apply": _both(programme.apply),
        "indicators": {i.id: _indicator(i, rules, catalogue) for i in rules.indicators},
        "signs": {s.code: _rule(s, rules, catalogue) for s in rules.signs if s.judgment == "eligible"},
        "missing": {m.code: {"label": _both(m.label)} for m in rules.missing},
        "to_ask": {a.code: _both(a.label) for a in programme.to_ask},
    }


def _rule(sign: Any, rules: CriteriaWords, catalogue: Catalogue) -> dict[str, Any]:
    # What a vice-principal may read is never asked of support that a family may claim.
    return {key: said for key, said in _sign(sign, rules, catalogue).items() if key not in ("watch", "judgment")}


def _both(words: TwoWords) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}


def _item(item: CatalogueItem) -> dict[str, Any]:
    return {
        "ja": item.ja,
        "en": item.en,
        "unit_ja": item.unit_ja,
        "unit_en": item.unit_en,
        "holder": item.holder,
        "domain": item.domain,
        "kind": item.kind,
        "freshness_days": item.freshness_days,
        "values": {code: _both(value) for code, value in item.values.items()},
    }


def _indicator(indicator: Any, criteria: CriteriaWords, catalogue: Catalogue) -> dict[str, Any]:
    items = [catalogue.items[i] for i in criteria.items_of(indicator.id)]
    values = {code: _both(value) for item in items for code, value in item.values.items()}
    return {
        **_both(indicator.label),
        "items": [item.id for item in items],
        "at": criteria.precision_of(indicator.id),
        "values": {**values, "none": NO_ROW},
    }


def _sign(sign: Any, criteria: CriteriaWords, catalogue: Catalogue) -> dict[str, Any]:
    indicators = criteria.indicators_of(sign.code)
    limits = criteria.named_limits(sign.code)
    return {
        "label": _both(sign.label),
        "sentence": {lang: with_limits(text, limits) for lang, text in _both(sign.sentence).items()},
        "basis": {lang: with_limits(text, limits) for lang, text in _both(sign.basis).items()},
        "watch": _both(sign.watch),
        "judgment": sign.judgment,
        "source": sign.source,
        "indicator": indicators[0],
        "domains": _domains(indicators, criteria, catalogue),
    }


def _domains(indicators: Iterable[str], criteria: CriteriaWords, catalogue: Catalogue) -> list[str]:
    return sorted({catalogue.items[item].domain for id in indicators for item in criteria.items_of(id)})
