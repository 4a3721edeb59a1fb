"""The model card: what an estimate is made of, what it is worth and when it is silent, written from its own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tsunagu.errors import SourceError, StateError
from tsunagu.estimates.estimate import CAUSES, LEAST_FOR_DRIFT, MOST_DRIFT, Estimate, as_text

_CAUSES = {
    "off": ("スイッチが切ってある", "it is switched off"),
    "refused": ("下限だけより良いことが示されていない", "it was not shown to be better than the floor alone"),
    "sheet": ("別の版のシートで作られている", "it was made with another version of the sheet"),
    "floor": ("保護について今話し合う場面である", "protection is to be talked about now"),
    "unknown": ("わからない問いが多い", "too many questions are open"),
    "distance": ("似た事例がない", "no case it was made from is like it"),
    "centre": (
        "その児童相談所の事例が少ない、または誤りが多い",
        "too few cases of the centre, or too many errors there",
    ),
    "drift": ("今の事例が、作ったときの事例と違う", "today's cases are not those it was made from"),
    "untried": (
        "今の事例がまだ少なく、作ったときの事例と違うかどうかわからない",
        "too few of today's cases are known to tell whether they are those it was made from",
    ),
    "zone": ("「低い」と言えるほど少なくない", "harm is not rare enough among cases like it"),
}


def model_card(estimate: Estimate, lang: str) -> str:
    """The card in Markdown. lang: ja or en. The same estimate gives the same text."""

    def say(ja: str, en: str) -> str:
        return ja if lang == "ja" else en

    counts, lift = estimate.counts, estimate.lift
    state = say("使える", "it may be used") if estimate.ships else say("使えない", "it is refused")
    lines = [
        say("# 見立ての参考: 家庭で再び重い被害が起きる見込み", "# Estimate: severe harm that may come again at home"),
        "",
        say(
            "診断でも決定でもない。下限を上げも下げもしない。",
            "Neither a diagnosis nor a decision. It neither raises nor lowers the floor.",
        ),
        "",
        f"- {say('状態', 'state')}: {state}",
        f"- {say('シート', 'sheet')}: `{estimate.sheet}`",
        f"- {say('最後の事例の日', 'day of the last case')}: {estimate.made_on}",
        f"- {say('事例', 'cases')}: {counts['cases']:,.0f} "
        f"({say('家庭にいた', 'stayed at home')} {counts['stayed']:,.0f}, "
        f"{say('重い被害', 'severe harm')} {counts['harmed']:,.0f}; {say('学ぶ', 'teach')} {counts['teach']:,.0f}, "
        f"{say('測る', 'measure')} {counts['measure']:,.0f})",
        "",
        say("## 何を見込むか", "## What it estimates"),
        "",
        say(
            "12か月のうちに、確かめられた重い被害が家庭で起きる割合。保護したかどうかは学ばない。",
            "The share that comes to substantiated severe harm at home within 12 months. "
            "Who was protected is not learnt.",
        ),
        say(
            "家庭にいたこどもを、いた見込みの逆数で重みづけた(最大の重み "
            f"{counts['largest_weight']:.1f})。わかっている兆候のほかに保護を左右したものがあれば、当たらない。",
            "Children who stayed are weighed by one over the chance of staying (largest weight "
            f"{counts['largest_weight']:.1f}). Where more than the known signs decided on protection, it is wrong.",
        ),
        "",
        say("## どれだけ当たるか", "## What it is worth"),
        "",
        f"- {say('曲線下面積', 'area under the curve')}: {lift['with']:.3f}; "
        f"{say('下限だけ', 'the floor alone')} {lift['floor']:.3f}; "
        f"{say('差の95%区間', 'difference, 95 % interval')} "
        f"{lift['least']:+.3f} {say('から', 'to')} {lift['most']:+.3f}",
        _zone_line(estimate, say),
        "",
        say("## 帯", "## Bands"),
        "",
        say("| 似た事例 | 重い被害の割合(95%) |", "| cases alike | share of severe harm (95 %) |"),
        "|---|---|",
        *(f"| {band.n:,} | {band.least:.1%} – {band.most:.1%} |" for band in estimate.bands),
        "",
        say("## 児童相談所ごと", "## Centres"),
        "",
        say(
            "| 児童相談所 | 測った事例 | 差(対数オッズの千分の一) | 「低い」と言う |",
            '| centre | measured | shift (thousandths of log-odds) | says "low" |',
        ),
        "|---|---|---|---|",
        *(
            f"| {name} | {note.n:,} | {note.shift:+d} | {say('はい', 'yes') if note.speaks else say('いいえ', 'no')} |"
            for name, note in estimate.centres.items()
        ),
        "",
        say(
            "## 項(足すと、そのまま対数オッズの千分の一になる)",
            "## Terms (they add up exactly to thousandths of log-odds)",
        ),
        "",
        say("| 段 | 千分の一 |", "| step | thousandths |"),
        "|---|---|",
        f"| {say('もと', 'base')} | {estimate.intercept} |",
        *(
            f"| `{name}` | +{points} |"
            for name, points in sorted(estimate.terms.items(), key=lambda one: (-one[1], one[0]))
        ),
        "",
        say("## 何も言わないとき", "## When it says nothing"),
        "",
        *(f"- `{cause}`: {say(*_CAUSES[cause])}" for cause in CAUSES),
        "",
        say(
            f"わからない問いは {estimate.most_unknown} まで、事例のずれは {MOST_DRIFT} まで"
            f"(今の事例が {LEAST_FOR_DRIFT} 件に達してから測る)。",
            f"Open questions: {estimate.most_unknown} at most. Shift of the cases: {MOST_DRIFT} at most, "
            f"measured from {LEAST_FOR_DRIFT} cases of today on.",
        ),
        "",
    ]
    return "\n".join(lines)


def save_estimate(estimate: Estimate, out: Path) -> None:
    """Writes the estimate and its cards into a new folder.

    raises  StateError where its lift over the floor is not shown: a refused estimate is not kept; SourceError where
            the folder is already there
    """
    if not estimate.ships:
        raise StateError(
            "the estimate was not shown to be better than the floor alone, and is not kept",
            to_do="The floor stands by itself. Learn from more cases.",
        )
    try:
        out.mkdir(parents=True)
    except FileExistsError as error:
        raise SourceError(
            "the folder is already there", where=str(out), to_do="Name a folder that is not there yet."
        ) from error
    (out / "estimate.json").write_text(as_text(estimate), encoding="utf-8")
    for lang in ("ja", "en"):
        (out / f"card.{lang}.md").write_text(model_card(estimate, lang), encoding="utf-8")


def _zone_line(estimate: Estimate, say: Callable[[str, str], str]) -> str:
    zone = estimate.zone
    if estimate.low_below is None:
        return say("- 「低い」とは言わない: 約束できる範囲がない", "- It calls nobody low: no zone kept the promise")
    return say(
        f"- 「低い」: 重い被害 {zone['error']:.2%}、95%の上限 {zone['bound']:.2%}"
        f"(約束 {estimate.alpha:.1%})、n={zone['n']:,.0f}。"
        f"保護した全員に被害があったとすれば、上限 {zone['if_all_protected']:.2%}",
        f'- "low": severe harm {zone["error"]:.2%}, 95 % upper bound {zone["bound"]:.2%} '
        f"(promised {estimate.alpha:.1%}), "
        f"n={zone['n']:,.0f}. If every protected child had come to harm: upper bound {zone['if_all_protected']:.2%}",
    )
