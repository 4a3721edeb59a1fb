"""One child's standing in sentences: why, why not, the fewest reasons, and the least change that would raise it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow.compute as pc

from tsunagu.errors import StateError
from tsunagu.indicators.language import Difference, InPeriod, LatestShare, MeanOfYear, Measure, MonthsRatio
from tsunagu.runs.folder import RunFolder
from tsunagu.screening.carried import items_of
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.explain import Change, Explanation, Needed, explain, standing_of
from tsunagu.screening.load import cases_of
from tsunagu.wording import basis, is_main, may_become, missing_sentence, number, reason_sentence
from tsunagu.wording.values import Language

_SAID: Mapping[str, Mapping[Language, str]] = {
    "why": {"ja": "当てはまるサイン", "en": "Signs that hold"},
    "nothing": {"ja": "わかっていることでは、当てはまるサインはありません", "en": "On what is known, no sign holds"},
    "fewest": {
        "ja": "この区分になるには、次のサインで足ります：{sets}",
        "en": "These signs alone would give this level: {sets}",
    },
    "or": {"ja": " または ", "en": "; or "},
    "and": {"ja": "と", "en": " and "},
    "unknown": {"ja": "わかっていないこと", "en": "What is not known"},
    "nearest": {
        "ja": "区分が上がる、いちばん小さな違い",
        "en": "The least difference that would raise the level",
    },
    "highest": {"ja": "これより上の区分はありません", "en": "There is no level above this one"},
    "change": {"ja": "「{level}」（{signs}） {needed}", "en": "'{level}' ({signs})  {needed}"},
    "needed": {"ja": "{name}：{limit}（いまは{now}）", "en": "{name}: {limit} (now {now})"},
    "join": {"ja": "、", "en": "; "},
    "share": {"ja": "{tenths}割", "en": "{tenths} in 10"},
    "rise": {"ja": "{value}の上昇", "en": "a rise of {value}"},
    "not known": {"ja": "不明", "en": "not known"},
    "yes": {"ja": "ある", "en": "yes"},
    "no": {"ja": "ない", "en": "no"},
    "both": {"ja": "", "en": " and "},
    "at_least": {"ja": "{limit}以上", "en": "at least {limit}"},
    "more_than": {"ja": "{limit}より大きい値", "en": "more than {limit}"},
    "below": {"ja": "{limit}未満", "en": "below {limit}"},
    "at_most": {"ja": "{limit}以下", "en": "at most {limit}"},
    "equals": {"ja": "ちょうど{limit}", "en": "exactly {limit}"},
    "is": {"ja": "「{limit}」", "en": "'{limit}'"},
}


def explained(run: RunFolder, criteria: Criteria, child: str, lang: Language) -> list[str]:
    """The lines for one child of a run, from the run's own tables.

    raises  StateError where the run was made with other criteria, or looked at no such child
    """
    rows = {name: _rows_of(run, name, child) for name in ("indicators", "judgments", "reasons")}
    overall = next((row for row in rows["judgments"] if row["judgment"] == "overall"), None)
    if overall is None:
        raise StateError(
            "this run looked at no child of that number",
            where=child,
            to_do="Take a person_id of judgments.parquet; adults and whoever moved away have none.",
        )
    require_made_with(criteria, run, overall["criteria"])
    said = explain(criteria, standing_of(rows["indicators"], rows["judgments"]))
    return list(_lines(said, criteria, rows["reasons"], overall, run.vocabulary, lang))


def require_made_with(criteria: Criteria, run: RunFolder, name: str) -> None:
    """StateError where the run was made with other criteria than these. name: id@version, as its tables carry it

    The run carries its criteria, so a file that was changed under the same version is found too.
    """
    if name != criteria.name:
        raise StateError(
            f"the run was made with the criteria {name}, this is {criteria.name}",
            where=str(run.path),
            to_do="Name the file of that version with --criteria; every old version still runs.",
        )
    if run.criteria is None:
        return
    own, _ = cases_of(run.criteria["text"], items_of(run.criteria))
    if _rules(own) != _rules(criteria):
        raise StateError(
            f"the run was made with {name}, and this file of that version says something else",
            where=str(run.path),
            to_do="Name the file it was made with by --criteria; a changed file needs a version of its own.",
        )


def _rules(criteria: Criteria) -> Criteria:
    """What the file itself says, without what the catalogue adds and how many cases it keeps."""
    return replace(criteria, cases=0, holders=(), codes=())


def _rows_of(run: RunFolder, name: str, child: str) -> list[dict[str, Any]]:
    table = run.table(name)
    found: list[dict[str, Any]] = table.filter(pc.equal(table.column("person_id"), child)).to_pylist()
    return found


def _lines(
    said: Explanation,
    criteria: Criteria,
    reasons: list[dict[str, Any]],
    overall: Mapping[str, Any],
    words: Mapping[str, Any],
    lang: Language,
) -> Iterator[str]:
    level = _level(words, overall["level"], lang)
    yield f"{overall['person_id']}: {level} ({overall['criteria']})"
    signs = [row for row in reasons if row["kind"] == "sign" and is_main(words, row)]
    yield _SAID["why" if signs else "nothing"][lang]
    for row in signs:
        held = basis(words, row, lang)
        yield f"  {row['code']}  {reason_sentence(words, row, lang)}{f' [{held}]' if held else ''}"
    if signs and said.smallest != (said.signs,):
        sets = _SAID["or"][lang].join(_SAID["and"][lang].join(codes) for codes in said.smallest)
        yield _SAID["fewest"][lang].format(sets=sets)
    missing = [row for row in reasons if row["kind"] == "missing"]
    if missing:
        yield _SAID["unknown"][lang]
        yield from (f"  ?{row['code']}  {missing_sentence(words, row, lang)}" for row in missing)
        yield f"  {may_become(words, said.level.name, overall['at_most'], lang)}"
    yield _SAID["nearest" if said.nearest else "highest"][lang]
    yield from (f"  {_change(change, criteria, words, lang)}" for change in said.nearest)


def _change(change: Change, criteria: Criteria, words: Mapping[str, Any], lang: Language) -> str:
    by_indicator: dict[str, list[Needed]] = {}
    for one in change.needed:
        by_indicator.setdefault(one.indicator, []).append(one)
    needed = _SAID["join"][lang].join(_needed(all_of, criteria, words, lang) for all_of in by_indicator.values())
    level = _level(words, change.level.name, lang)
    return _SAID["change"][lang].format(needed=needed, level=level, signs=_SAID["and"][lang].join(change.signs))


def _needed(needed: list[Needed], criteria: Criteria, words: Mapping[str, Any], lang: Language) -> str:
    """What one indicator would have to be: within all these limits."""
    id, now = needed[0].indicator, needed[0].now
    about = words.get("indicators", {}).get(id, {})
    measure = criteria.indicator(id).measure
    if isinstance(measure, InPeriod):
        wanted, is_now = _SAID["yes"][lang], _SAID["no" if now == 0 else "yes"][lang]
    else:
        limits = (_SAID[one.operator][lang].format(limit=_value(one.limit, measure, about, lang)) for one in needed)
        wanted, is_now = _SAID["both"][lang].join(limits), _value(now, measure, about, lang)
        if isinstance(now, Fraction) and _is_rise(criteria, measure, now):
            is_now = _SAID["rise"][lang].format(value=_value(-now, measure, about, lang))
    shown = _SAID["not known"][lang] if now is None else is_now
    return _SAID["needed"][lang].format(name=about.get(lang) or id, limit=wanted, now=shown)


def _value(value: Any, measure: Measure, about: Mapping[str, Any], lang: Language) -> str:
    if value is None or isinstance(value, str):
        return str(about.get("values", {}).get(value, {}).get(lang) or value)
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    if isinstance(measure, LatestShare | MonthsRatio):
        return _SAID["share"][lang].format(tenths=number(exact * 10))
    return number(exact)


def _is_rise(criteria: Criteria, measure: Measure, now: Fraction) -> bool:
    """Whether a fall is below nought, from one year to a later one: staff would have to think twice of such a fall."""
    if not isinstance(measure, Difference) or now >= 0:
        return False
    before, after = (criteria.indicator(id).measure for id in (measure.of, measure.minus))
    return isinstance(before, MeanOfYear) and isinstance(after, MeanOfYear) and before.year < after.year


def _level(words: Mapping[str, Any], level: str, lang: Language) -> str:
    return str(words.get("levels", {}).get(level, {}).get(lang) or level)
