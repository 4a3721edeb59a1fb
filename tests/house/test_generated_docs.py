"""Pages that the code itself writes are current: `make docs` renews them, and a reviewer reads the difference."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.main import get_command

from tsunagu import errors, wording
from tsunagu.casework.machines import MACHINES
from tsunagu.cli.commands import app
from tsunagu.handover.states import OURS, SIDES
from tsunagu.records.guidance_tables import GUIDANCE_TABLES, NEEDED
from tsunagu.records.run_tables import ENCRYPTED_TABLES, PLAIN_TABLES, REASON_PARTS, SEALED_TABLES
from tsunagu.records.shapes import TableShape
from tsunagu.sources import load_catalogue, load_holders, load_municipality
from tsunagu_node.__main__ import app as node_app
from tsunagu_web.access.table import DUTIES, PURPOSES, TABLE, Permit
from tsunagu_web.access.terms import ALL_STATES, DOMAINS, Action, CaseState, Form, Purpose, Role, Scope, Thing

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
CITY = ROOT / "examples" / "hinode-city"
# English sentence of the code -> Japanese; a sentence that changes needs its Japanese again.
JAPANESE: dict[str, str] = tomllib.loads((REFERENCE / "japanese.toml").read_text(encoding="utf-8"))["japanese"]
MARK = "<!-- generated: make docs -->\n"
# What a missing row says: by `no_row` of a measure, else by its kind.
NO_ROW = {
    "none": ("なし", "no"),
    "zero": ("0", "0"),
    "unknown": ("不明", "unknown"),
    "in_period": ("なし", "no"),
    "events": ("なし", "no"),
    "mean_of_year": ("不明", "unknown"),
    "household_first": ("不明", "unknown"),
    "difference": ("元の指標による", "as its indicators"),
    "latest_share": ("回答が少なければ不明", "unknown when answers are few"),
    "due_checkups": ("不明", "unknown"),
    "due_doses": ("受けていない(そのとき市に住んでいれば)", "missing, if the child lived here then"),
    "months_change": ("不明", "unknown"),
    "months_slope": ("不明", "unknown"),
    "months_ratio": ("不明", "unknown"),
    "latest_run": ("回答が少なければ不明", "unknown when answers are few"),
    "household_count": ("数えない", "not counted"),
}
ITEM_HEAD = (
    ("項目", "識別子", "部署", "時間の形", "性質", "向き", "新しさ(日)", "保存(月)", "値", "根拠"),
    (
        "item",
        "id",
        "department",
        "in time",
        "nature",
        "direction",
        "fresh (days)",
        "kept (months)",
        "values",
        "legal basis",
    ),
)
TYPES = {
    pa.string(): ("文字", "text"),
    pa.int32(): ("整数", "whole number"),
    pa.date32(): ("日付", "day"),
    pa.bool_(): ("はい・いいえ", "yes or no"),
    pa.float64(): ("小数", "number"),
    pa.decimal128(18, 6): ("十進小数", "exact decimal"),
    pa.list_(pa.string()): ("文字の並び", "list of text"),
    REASON_PARTS: ("理由の並び", "list of reasons"),
}


def _in(lang: str, english: str) -> str:
    if lang == "en":
        return english
    assert english in JAPANESE, f"docs/reference/japanese.toml has no Japanese for: {english}"
    return JAPANESE[english]


def _word(identifier: str, lang: str, section: str) -> str:
    """The glossary's word for an identifier, in the section whose title holds `section`."""
    title = ""
    for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            title = line
        elif section in title and f"`{identifier}`" in line:
            cells = [c.strip() for c in line.strip("|").split("|")]
            return re.split(r"[::]", cells[0 if lang == "ja" else 2])[0]
    raise AssertionError(f"GLOSSARY.md has no row for {identifier} under {section}")


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> list[str]:
    return [_row(*head), _row(*["---"] * len(head)), *(_row(*r) for r in rows)]


def run_folder(lang: str) -> str:
    """The tables of a run folder, from records/run_tables.py."""
    ja = lang == "ja"
    lines = [
        "# 実行フォルダの表" if ja else "# Tables of the run folder",
        "",
        "このページを読むと、実行フォルダのどの表に何が書いてあるかがわかります。"
        if ja
        else "After this page you will know what stands in which table of a run folder.",
        "",
        "表はすべて Parquet で、行の順も決まっています。"
        if ja
        else "All tables are Parquet, and the order of their rows is fixed.",
        "同じ入力からは、同じバイト列ができます。" if ja else "The same input gives the same bytes.",
        "",
    ]
    for shape in (*PLAIN_TABLES, *ENCRYPTED_TABLES, *SEALED_TABLES):
        lines += _shape(shape, lang, is_sealed=shape not in PLAIN_TABLES)
    return "\n".join(lines).rstrip() + "\n"


def case_folder(lang: str) -> str:
    """The tables of a folder of cases, from records/guidance_tables.py."""
    ja = lang == "ja"
    needed = ("、" if ja else ", ").join(f"`{shape.name}.parquet`" for shape in NEEDED)
    lines = [
        "# 事例フォルダの表" if ja else "# Tables of a folder of cases",
        "",
        "このページを読むと、児童相談所の見立てを確かめる事例のフォルダに、何を書けばよいかがわかります。"
        if ja
        else "After this page you will know what a folder of cases must hold, by which guidance is evaluated.",
        "",
        "表はすべて Parquet です。" if ja else "All tables are Parquet.",
        f"必ず要るのは {needed} です。" if ja else f"Needed are {needed}.",
        "ほかの表がないときは、その表から出る項目が「データにない」となります。"
        if ja
        else "Where another one is missing, what would come of it is said to be not in the data.",
        "名前、住所、自由に書いた文の列はありません。"
        if ja
        else "There is no column for a name, an address or text written freely.",
        "使い方は [見立てを確かめる](../how-to/evaluate-guidance.md) にあります。"
        if ja
        else "How to use it is in [Evaluate guidance](../how-to/evaluate-guidance.en.md).",
        "",
    ]
    for shape in GUIDANCE_TABLES:
        lines += _shape(shape, lang, is_sealed=False)
    return "\n".join(lines).rstrip() + "\n"


def _shape(shape: TableShape, lang: str, *, is_sealed: bool) -> list[str]:
    ja = lang == "ja"
    file = f"{shape.name}.parquet" + (".enc" if is_sealed else "")
    row = _in(lang, shape.row)
    order = "、".join(f"`{c}`" for c in shape.order) if ja else ", ".join(f"`{c}`" for c in shape.order)
    head = ("列", "型", "意味", "空のとき") if ja else ("column", "type", "meaning", "when empty")
    never = "空にならない" if ja else "never empty"
    rows: list[tuple[object, ...]] = [
        (
            f"`{c.name}`",
            TYPES[c.type][0 if ja else 1],
            _in(lang, c.meaning),
            _in(lang, c.null) if c.may_be_null else never,
        )
        for c in shape.columns
    ]
    return [
        f"## {file}",
        "",
        f"一行が表すもの: {row}" if ja else f"One row per {row}.",
        f"並びは {order}。" if ja else f"Sorted by {order}.",
        "",
        *_table(head, rows),
        "",
    ]


def import_contracts(lang: str) -> str:
    """The import contracts, from pyproject.toml."""
    ja = lang == "ja"
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    lines = [
        "# 部屋の間の決まり" if ja else "# Rules between the rooms",
        "",
        "このページを読むと、コードのどの部屋が、どの部屋を使ってよいかがわかります。"
        if ja
        else "After this page you will know which room of the code may use which.",
        "",
        "決まりは `pyproject.toml` にあり、`make check` が確かめます。"
        if ja
        else "The rules stand in `pyproject.toml`; `make check` proves them.",
        "それぞれの決まりは、わざと破って、検査が気づくことも確かめています。"
        if ja
        else "Each is also broken on purpose, to see that the check notices.",
        "",
    ]
    for contract in config["contracts"]:
        lines += [f"## {_in(lang, contract['name'])}", ""]
        if contract["type"] == "layers":
            lines += [
                "上の部屋は、下の部屋だけを使えます。"
                if ja
                else "A room may use the rooms below it, never those above.",
                "`|` で並ぶ部屋は、たがいに使えません。" if ja else "Rooms parted by `|` may not use each other.",
                *_about_brackets(contract["layers"], lang),
                "",
                "```text",
                *contract["layers"],
                "```",
                "",
            ]
        else:
            listed = "、" if ja else ", "
            source = listed.join(f"`{m}`" for m in contract["source_modules"])
            forbidden = listed.join(f"`{m}`" for m in contract["forbidden_modules"])
            lines += [f"{source} は、{forbidden} を使えません。" if ja else f"{source} may not use {forbidden}."]
            for allowed in contract.get("ignore_imports", []):
                lines += [f"例外は `{allowed}` だけです。" if ja else f"The only exception is `{allowed}`."]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _about_brackets(layers: list[str], lang: str) -> list[str]:
    if not any("(" in layer for layer in layers):
        return []
    return ["括弧の部屋は、まだありません。" if lang == "ja" else "Rooms in brackets do not exist yet."]


def exit_codes(lang: str) -> str:
    """The kinds of error with their exit codes, from errors.py."""
    ja = lang == "ja"
    kinds = [errors.SourceError, errors.CriterionError, errors.PurposeError, errors.StateError, errors.EngineError]
    rows: list[tuple[object, ...]] = [(0, "–", "うまくいった" if ja else "it went well")]
    rows += [(k.exit_code, f"`{k.kind}`", _in(lang, (k.__doc__ or "").strip())) for k in kinds]
    return (
        "\n".join(
            [
                "# 終了コード" if ja else "# Exit codes",
                "",
                "このページを読むと、`tsunagu` が終わるときの番号の意味がわかります。"
                if ja
                else "After this page you will know what the number means with which `tsunagu` ends.",
                "",
                *_table(("番号", "種類", "意味") if ja else ("code", "kind", "meaning"), rows),
                "",
                "コマンドの書き間違いは 2 です。" if ja else "A mistake in the command itself ends with 2.",
                "`tsunagu evaluate` は、目標に届かないものがあるとき 1 です。"
                if ja
                else "`tsunagu evaluate` ends with 1 when a figure misses its mark.",
                "直し方は [エラーが出たとき](../how-to/errors.md) にあります。"
                if ja
                else "What to do is in [When an error appears](../how-to/errors.en.md).",
            ]
        )
        + "\n"
    )


def catalogue(lang: str) -> str:
    """The items of the example city, from its catalogue/*.toml."""
    ja = lang == "ja"
    holders, items = load_holders(CITY), load_catalogue(CITY).items.values()
    lines = [
        "# データ項目目録" if ja else "# The catalogue of items",
        "",
        "このページを読むと、見本の市がどの項目を、どの部署から、何のために、いつまで使うのかがわかります。"
        if ja
        else "After this page you will know which items the example city uses, from which department and for how long.",
        "",
        "目録は市ごとの決めごとで、`examples/hinode-city/catalogue/` にあります。"
        if ja
        else "A catalogue is a city's own choice; this one stands in `examples/hinode-city/catalogue/`.",
        "ここにない項目は、読みません。" if ja else "What is not in it is not read.",
        "「新しさ」は、値が古いとみなされるまでの日数です。"
        if ja
        else "`fresh` is the number of days after which a value counts as old.",
        "「保存」は、忘れるまでの月数として市が定めた数です。"
        if ja
        else "`kept` is the number of months that the city set until it is forgotten.",
        "",
    ]
    for domain in dict.fromkeys(i.domain for i in items):
        lines += [f"## {_word(domain, lang, 'Properties')}", ""]
        head = ITEM_HEAD[0 if ja else 1]
        rows: list[tuple[object, ...]] = []
        for item in (i for i in items if i.domain == domain):
            holder = holders[item.holder]
            values = [v.ja if ja else v.en for v in item.values.values()]
            unit = item.unit_ja if ja else item.unit_en
            rows += [
                (
                    item.ja if ja else item.en,
                    f"`{item.id}`",
                    holder.department if ja else holder.department_en,
                    *(_word(w, lang, "Properties") for w in (item.kind, item.nature, item.direction)),
                    item.freshness_days,
                    item.forget_after_months,
                    ("、" if ja else ", ").join(values) or unit or "–",
                    item.legal_basis,
                )
            ]
        lines += [*_table(head, rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def criteria(lang: str) -> str:
    """The example city's criteria as sentences, from its criteria/*.toml."""
    ja = lang == "ja"
    path = CITY / "criteria" / load_municipality(CITY).criteria
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    head = data["criteria"]
    lines = [
        f"# 判定基準の文({head['label']['ja']})" if ja else f"# The criteria in sentences ({head['label']['en']})",
        "",
        "このページを読むと、見本の市の判定基準が、何を見て、どう区分するのかがわかります。"
        if ja
        else "After this page you will know what the example city's criteria look at, and how they set levels.",
        "",
        f"識別子は `{head['id']}`、版は {head['version']}、施行は {head['effective']} です。"
        if ja
        else f"The id is `{head['id']}`, the version {head['version']}, in force from {head['effective']}.",
        f"元のファイルは `{path.relative_to(ROOT)}` です。" if ja else f"The file is `{path.relative_to(ROOT)}`.",
        "区分は、こどもや家庭の問題を示すものではありません。"
        if ja
        else "A level does not say that something is wrong with a child or family.",
        "",
    ]
    lines += _in_sentences(data, lang)
    return "\n".join(lines).rstrip() + "\n"


def criteria_sets(lang: str) -> str:
    """The example city's further sets as sentences; none of them is in force."""
    ja = lang == "ja"
    in_force = load_municipality(CITY).criteria
    lines = [
        "# 試すための判定基準" if ja else "# Criteria to try",
        "",
        "このページを読むと、見本の市が施行していない判定基準が、何を見て、どう区分するのかがわかります。"
        if ja
        else "After this page you will know what the sets of the example city look at that are not in force.",
        "",
        "出典のない数は、つなぐが置いた例です。" if ja else "Figures without a source are examples of ours.",
        "もとになった公表の項目は、ファイルの始めと、サインの `source` にあります。"
        if ja
        else "What was published stands at the head of each file and in the `source` of a sign.",
        "試すには `tsunagu run --criteria` にファイルを渡すか、`tsunagu plan` でいまの基準と比べます。"
        if ja
        else "To try one, give its file to `tsunagu run --criteria`, or compare it with `tsunagu plan`.",
        "",
    ]
    for path in sorted((CITY / "criteria").glob("*.toml")):
        if path.name == in_force:
            continue
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        head = data["criteria"]
        lines += [f"## {head['label'][lang]}", "", f"`{path.relative_to(ROOT)}`", ""]
        lines += [f"#{line}" if line.startswith("## ") else line for line in _in_sentences(data, lang)]
    return "\n".join(lines).rstrip() + "\n"


def programmes(lang: str) -> str:
    """The example city's programmes as sentences, from its programmes/*.toml."""
    ja = lang == "ja"
    lines = [
        "# 支援制度の文" if ja else "# The programmes in sentences",
        "",
        "このページを読むと、見本の市がどの支援制度について、何を見て、対象になる可能性のある家庭をさがすのかがわかります。"
        if ja
        else "After this page you will know how the example city looks for families who may be eligible for support.",
        "",
        "見つけたことは、区分を上げません。" if ja else "What is found raises no level.",
        "対象かどうかを決めるのは、窓口です。" if ja else "Whether a family is eligible, the counter decides.",
        "出典のない数は、つなぐが置いた例です。" if ja else "Figures without a source are examples of ours.",
        "書き方は [支援制度のファイル](programme-files.md) にあります。"
        if ja
        else "How to write one is in [Programme files](programme-files.en.md).",
        "",
    ]
    for path in sorted((CITY / "programmes").glob("*.toml")):
        lines += _programme(path, lang)
    return "\n".join(lines).rstrip() + "\n"


def _programme(path: Path, lang: str) -> list[str]:
    ja = lang == "ja"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    head, received = data["programme"], data["received"]
    offered = next(p for p in data["population"] if p["id"] == head["offered_to"])
    comma = "、" if ja else ", "
    about: list[tuple[object, ...]] = [
        ("案内する人" if ja else "offered to", offered["label"][lang]),
        ("根拠" if ja else "law", comma.join(head["law"])),
        ("窓口" if ja else "counter", head["run_by"][lang]),
        ("申請のしかた" if ja else "how to apply", head["apply"][lang]),
        (
            "受けていると見るもの" if ja else "counts as received",
            received["label"][lang]
            if "when" in received
            else ("どの記録にもありません" if ja else "no record says so"),
        ),
    ]
    if refusal := data.get("not_granted"):
        about += [("認められなかったと見るもの" if ja else "counts as turned down", refusal["label"][lang])]
    kinds = (("eligible", "対象になる可能性", "may be eligible"), ("excluded", "案内しない場合", "not offered"))
    rules: list[tuple[object, ...]] = [
        (
            rule["code"],
            ja_word if ja else en_word,
            rule["label"][lang],
            _with_parameters(rule, data, lang) if "basis" in rule else "–",
            rule["source"],
        )
        for kind, ja_word, en_word in kinds
        for rule in data.get(kind, [])
    ]
    asked = [received["to_ask"]] if "to_ask" in received else []
    asked += [question["label"] for question in data.get("to_ask", [])]
    names = ("符号", "問い", "意味", "基準", "出典") if ja else ("code", "question", "meaning", "criterion", "source")
    parameters: list[tuple[object, ...]] = [
        (f"`{p['id']}`", p["value"], p["from"], p["reference"]) for p in data.get("parameter", [])
    ]
    dated = ("名前", "値", "この日から", "決めたもの") if ja else ("name", "value", "from", "decided in")
    return [
        f"## {head['label'][lang]}",
        "",
        f"`{path.relative_to(ROOT)}`",
        "",
        *_table(("", ""), about),
        "",
        *_table(names, rules),
        "",
        *([*_table(dated, parameters), ""] if parameters else []),
        "人が確かめること:" if ja else "Somebody must ask:",
        "",
        *(f"- {label[lang]}" for label in asked),
        "",
    ]


def _with_parameters(rule: dict[str, Any], data: dict[str, Any], lang: str) -> str:
    """The criterion with the figures of the day on which the file takes effect."""
    text = _filled(rule["basis"][lang], rule, lang)
    for parameter in sorted(data.get("parameter", []), key=lambda p: p["from"], reverse=True):
        if parameter["from"] <= data["programme"]["effective"]:
            text = text.replace(f"${parameter['id']}", str(parameter["value"]))
    return text


def _in_sentences(data: dict[str, Any], lang: str) -> list[str]:
    judgments = [line for judgment in data["judgment"] for line in _judgment(judgment, data, lang)]
    return [*judgments, *_overall(data, lang), *_indicators(data, lang)]


def _judgment(judgment: dict[str, Any], data: dict[str, Any], lang: str) -> list[str]:
    ja = lang == "ja"
    populations = {p["id"]: p["label"][lang] for p in data["population"]}
    lines = [f"## {judgment['label'][lang]}", ""]
    lines += [
        f"対象: {populations[judgment['population']]}" if ja else f"For: {populations[judgment['population']]}",
        "",
    ]
    for level in judgment["levels"]:
        lines += [_level(level, lang)]
    lines += ["", "どれにも当てはまらなければ 0 です。" if ja else "Otherwise the level is 0.", ""]
    signs = [s for s in data["sign"] if s["judgment"] == judgment["id"]]
    rows: list[tuple[object, ...]] = [
        (
            s["code"],
            s["label"][lang],
            _filled(s["basis"][lang], s, lang),
            f"`{s['group']}`" if "group" in s else "–",
            s["watch"][lang],
        )
        for s in signs
    ]
    names = (
        ("符号", "意味", "基準", "まとまり", "気を配ってほしいこと")
        if ja
        else ("sign", "meaning", "criterion", "group", "what to watch for at school")
    )
    return [*lines, *_table(names, rows), ""]


def _level(level: dict[str, Any], lang: str) -> str:
    ja = lang == "ja"
    ways: list[str] = [(" と " if ja else " with ").join(codes) for codes in level.get("any", [])]
    if level.get("any_sign"):
        ways += ["この判定のサインが一つでも当てはまる" if ja else "any sign of this judgment holds"]
    if groups := level.get("groups"):
        ways += [f"{groups} つ以上のまとまりのサインが当てはまる" if ja else f"signs hold in {groups} or more groups"]
    if points := level.get("points"):
        ways += [f"サインの点が合わせて {points} 点以上" if ja else f"the points of the signs come to {points} or more"]
    known = {"level", "any", "any_sign", "groups", "points"}
    assert set(level) <= known, f"a level says more than this page does: {sorted(set(level) - known)}"
    joined = ("、または " if ja else ", or ").join(ways)
    return f"- 区分 {level['level']}: {joined}" if ja else f"- level {level['level']}: {joined}"


def _overall(data: dict[str, Any], lang: str) -> list[str]:
    ja, overall = lang == "ja", data["overall"]
    rows: list[tuple[object, ...]] = []
    matrix = overall.get("matrix")
    for row in overall["row"]:
        ways = []
        if matrix:
            ways = [
                _matrix_row(matrix["columns"], cells, data, lang)
                for *cells, name in matrix["rows"]
                if name == row["name"]
            ]
        for way in row.get("any", []):
            tests = [_table_test(test, lang) for test in (way if isinstance(way, list) else [way])]
            ways += [("、かつ " if ja else ", and ").join(tests)]
        condition = ("、または " if ja else ", or ").join(ways)
        if most := row.get("capacity"):
            condition += f"(一度に受け止められる数: {most})" if ja else f" (seen at a time: {most} at most)"
        rows += [(row["name"], row["en"], condition)]
    rows += [
        (
            overall["undecided"]["name"],
            overall["undecided"]["en"],
            "わかっている範囲では何もなく、不明しだいで変わりうる"
            if ja
            else "nothing on known facts, the unknown could change it",
        ),
        (
            overall["none"]["name"],
            overall["none"]["en"],
            "どれにも当てはまらず、不明でも変わらない" if ja else "nothing holds, whatever the unknown turns out to be",
        ),
    ]
    how = "上から順に見て、先に当てはまった区分になります。" if ja else "The first row that holds gives the level."
    if matrix:
        how = (
            "判定の組み合わせの一つ一つに、区分が一つ決まっています。"
            if ja
            else "Each combination has exactly one level."
        )
    return [
        f"## {overall['label'][lang]}",
        "",
        how,
        "",
        *_table(("区分", "英語", "条件") if ja else ("level", "English", "condition"), rows),
        "",
    ]


def _matrix_row(columns: list[str], cells: list[str], data: dict[str, Any], lang: str) -> str:
    ja = lang == "ja"
    labels = {j["id"]: j["label"][lang] for j in data["judgment"]}
    said = [
        (labels[c], cell.replace("|", "か" if ja else " or "))
        for c, cell in zip(columns, cells, strict=True)
        if cell != "*"
    ]
    return (" と " if ja else " with ").join(
        f"{label}が {level}" if ja else f"{label} {level}" for label, level in said
    )


def _table_test(test: dict[str, Any], lang: str) -> str:
    ja = lang == "ja"
    if "sign" in test:
        return f"{test['sign']} が当てはまる" if ja else f"{test['sign']} holds"
    n, least = test["judgments"], test["at_least"]
    return f"{n} つ以上の判定が区分 {least} 以上" if ja else f"{n} or more judgments at level {least} or more"


def _indicators(data: dict[str, Any], lang: str) -> list[str]:
    ja = lang == "ja"
    populations = {p["id"]: p["label"][lang] for p in data["population"]}
    rows: list[tuple[object, ...]] = []
    for indicator in data["indicator"]:
        measure = indicator["measure"]
        no_row = NO_ROW[measure.get("no_row") or measure["kind"]][0 if ja else 1]
        worst = f"`{indicator['unknown_as']}`" if "unknown_as" in indicator else "–"
        rows += [
            (
                f"{indicator['label'][lang]} (`{indicator['id']}`)",
                f"`{measure['kind']}`",
                populations[indicator["population"]],
                no_row,
                worst,
                indicator["forget_after"],
            )
        ]
    head = (
        ("指標", "尺度", "対象", "行がないとき", "不明のときのいちばん心配な値", "忘れるまで(月)")
        if ja
        else ("indicator", "measure", "for", "no row means", "worst value when unknown", "forgotten after (months)")
    )
    where = (
        "尺度の意味は [尺度](measures.md) にあります。"
        if ja
        else "What each measure gives is in [Measures](measures.en.md)."
    )
    title = "## 指標と不明の扱い" if ja else "## Indicators, and how unknown is read"
    return [title, "", where, "", *_table(head, rows), ""]


def _limits(when: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    for part in (*when.get("all", ()), *when.get("any", ())):
        yield from _limits(part)
    for how in ("below", "at_most", "at_least", "more_than", "equals"):
        if isinstance(when.get(how), int | float):
            yield f"{when['indicator']}.{how}", Decimal(str(when[how]))


def _filled(text: str, sign: dict[str, Any], lang: str) -> str:
    """The sentence with its threshold; values of a child stay open."""
    when = sign["when"]
    tests = when.get("all") or when.get("any") or [when]
    numbers = [t[k] for t in tests for k in ("below", "at_most", "at_least", "more_than", "equals") if k in t]
    text = text.replace("{threshold}", str(numbers[0])) if numbers else text
    text = wording.with_limits(text, dict(_limits(when)))
    text = text.removeprefix("基準：").removeprefix("Criterion: ")
    return text.replace("{value}", "◯").replace("{at}", "◯月" if lang == "ja" else "◯")


def access(lang: str) -> str:
    """Who may see and do what, from the desk's one table."""
    ja = lang == "ja"
    written = {permit.thing for permits in TABLE.values() for permit in permits}
    assert written == set(Thing), f"nobody may do anything with {set(Thing) - written}: say so on the page"
    lines = [
        "# だれが何を見られるか" if ja else "# Who may see what",
        "",
        "このページを読むと、役割ごとに、何を見られ、何ができるのかがわかります。"
        if ja
        else "After this page you will know what each role may see and do.",
        "",
        "元の表は `src/tsunagu_web/access/table.py` にあり、画面も一覧も件数も、ここだけを見て決まります。"
        if ja
        else "The table stands in `src/tsunagu_web/access/table.py`; pages, lists and counts ask nothing else.",
        "書かれていないことは、見られず、できません。" if ja else "What is not written here, nobody may see or do.",
        "見られないものを開こうとすると、断りのページが出て、断ったことが閲覧記録に残ります。"
        if ja
        else "Who tries all the same is shown a refusal, and the access log keeps it.",
        "一つの役割に何かが許されるのは、その利用目的を選んでいるあいだだけです。"
        if ja
        else "A permit holds only while its purpose is the one that was picked.",
        "担当で決まる範囲には、その人に期限つきで許可されたこどもも入ります。"
        if ja
        else "A range by duty also holds the children granted to the person, until the grant ends.",
        "本人の家族、近い同僚、支援措置の相手方にあたるこどもとその世帯は、何が許されていても見られません。"
        if ja
        else "Own family, children of close colleagues and the other party of a protected address stay closed, "
        "whatever is permitted.",
        "どの役割も、自分のアカウント(ログアウト、言語、利用目的)は使えます。"
        if ja
        else "Every role may use its own session: sign out, change the language, pick a purpose.",
        "「画面はまだない」とあるものは、許されていても、それを出す画面がまだありません。"
        if ja
        else 'Where "no page yet" stands, it is permitted, and no page of the desk shows it so far.',
        "",
    ]
    for role in Role:
        lines += [f"## {_word(role.value, lang, 'Desk')}", "", *_role(role, lang), ""]
    return "\n".join(lines).rstrip() + "\n"


def _role(role: Role, lang: str) -> list[str]:
    ja = lang == "ja"
    stop, comma = ("。", "、") if ja else (".", ", ")
    purposes = comma.join(_word(p.value, lang, "Purposes") for p in PURPOSES[role])
    lines = [f"{'利用目的：' if ja else 'Purposes: '}{purposes}{stop}"]
    if DUTIES[role]:
        kinds = comma.join(_word(s.value, lang, "Access") for s in Scope if s in DUTIES[role])
        lines += [f"{'担当で決まる範囲：' if ja else 'Range by duty: '}{kinds}{stop}"]
    merged: dict[tuple[object, ...], list[str]] = {}
    permits = [p for p in TABLE[role] if p.thing is not Thing.ACCOUNT]
    for permit in sorted(permits, key=_place):
        actions = merged.setdefault((_what(permit, permits, lang), *_conditions(role, permit, lang)), [])
        word = _word(permit.action.value, lang, "Access")
        actions += [word] if word not in actions else []
    if not merged:
        return [*lines, "机には、こどもの記録も名前も出ません。" if ja else "The desk shows no child to this role."]
    head = (
        ("何を", "どうする", "どのこども", "取扱区分", "ケースの段階", "利用目的", "見え方")
        if ja
        else ("what", "action", "which children", "label up to", "case", "purpose", "shown")
    )
    rows: list[tuple[object, ...]] = [(key[0], comma.join(actions), *key[1:]) for key, actions in merged.items()]
    return [*lines, "", *_table(head, rows)]


def _what(permit: Permit, permits: list[Permit], lang: str) -> str:
    """The thing's word; five domains under the same conditions are one line."""
    kind, dot, _ = permit.thing.value.partition(".")
    alike = {Thing(f"{kind}.{domain}") for domain in DOMAINS} if dot else set()
    if not alike or not alike <= {p.thing for p in permits if replace(p, thing=permit.thing) == permit}:
        return _word(permit.thing.value, lang, "Access")
    return {
        "reason": ("理由(すべての分野)", "reasons from every domain"),
        "fact": ("事実(すべての分野)", "facts from every domain"),
    }[kind][0 if lang == "ja" else 1]


def _place(permit: Permit) -> tuple[int, int]:
    return (list(Thing).index(permit.thing), list(Purpose).index(min(permit.purposes, key=list(Purpose).index)))


def _conditions(role: Role, permit: Permit, lang: str) -> tuple[str, ...]:
    """Which children, up to which label, in which states, for what purposes, in which form."""
    comma = "、" if lang == "ja" else ", "
    every = "すべて" if lang == "ja" else "any"
    states = [s for s in CaseState if s in permit.states]
    picked = [p for p in PURPOSES[role] if p in permit.purposes]
    assert picked, f"{role.value} {permit.thing.value}: a permit for a purpose the role cannot pick"
    return (
        _word(permit.scope.value, lang, "Access"),
        _word(permit.label.name, lang, "Access"),
        every if permit.states == ALL_STATES else comma.join(_word(s.value, lang, "Where the work") for s in states),
        every if len(picked) == len(PURPOSES[role]) else comma.join(_word(p.value, lang, "Purposes") for p in picked),
        _shown(role, permit, lang),
    )


def _shown(role: Role, permit: Permit, lang: str) -> str:
    form = [] if permit.form is Form.FULL else [_word(permit.form.value, lang, "Access")]
    lacks = [] if has_page(role, permit) else ["画面はまだない" if lang == "ja" else "no page yet"]
    return ("、" if lang == "ja" else ", ").join([*form, *lacks]) or "–"


def has_page(role: Role, permit: Permit, served: frozenset[tuple[str, str, str]] | None = None) -> bool:
    """Whether a route serves the permit, by itself or as a part of the child's page or the list.

    What is not taken out as a file is shown in full and in words by any page; a pseudonym or a count only by a page
    that names that form.
    """
    served = _served() if served is None else served
    if (permit.thing.value, permit.action.value, permit.form.value) in served:
        return True
    if permit.form in (Form.FULL, Form.WORDS):
        return permit.action is not Action.EXPORT
    is_part = permit.thing.value not in {thing for thing, action, _form in served if action == permit.action.value}
    wholes = [p for p in TABLE[role] if p.form is permit.form and p.thing in (Thing.CHILD, Thing.WORKLIST)]
    return is_part and any((p.thing.value, p.action.value, p.form.value) in served for p in wholes)


@lru_cache
def _served() -> frozenset[tuple[str, str, str]]:
    """(thing, action, form) of every route."""
    found = _asked_of_the_desk(
        "from routes import routes_with_a_policy\n"
        "print(json.dumps([(r.policy.thing, r.policy.action, f) for r in routes_with_a_policy() "
        "for f in r.policy.forms]))"
    )
    return frozenset((thing, action, form) for thing, action, form in found)


def _asked_of_the_desk(asks: str) -> Any:
    """What a few lines print as JSON, in a process of its own, since the desk is set up once in each."""
    asks = f"import json, django; django.setup()\n{asks}"
    with tempfile.TemporaryDirectory() as folder:
        # With every room switched on: the page is about all of them.
        told = {
            "TSUNAGU_DESK": folder,
            "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings",
            "TSUNAGU_GUIDANCE_CENTRE": "yes",
        }
        told["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests" / "web")])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TSUNAGU_")}
        done = subprocess.run([sys.executable, "-c", asks], env={**kept, **told}, check=True, capture_output=True)
    return json.loads(done.stdout)


def cli(lang: str) -> str:
    """The commands with their arguments, from the program's own help."""
    ja = lang == "ja"
    program = get_command(app)
    lines = [
        "# コマンド" if ja else "# Commands",
        "",
        "このページを読むと、`tsunagu` にどんなコマンドがあり、何を渡すのかがわかります。"
        if ja
        else "After this page you will know the commands of `tsunagu` and what they take.",
        "",
        "結果は標準出力に、進み具合とエラーは標準エラー出力に出ます。"
        if ja
        else "Results go to standard output, progress and errors to standard error.",
        "どのコマンドにも `--help` があります。" if ja else "Every command has `--help`.",
        "終わるときの番号は [終了コード](exit-codes.md) にあります。"
        if ja
        else "The numbers it ends with are in [Exit codes](exit-codes.en.md).",
        "",
    ]
    for path, command in _commands(("tsunagu",), program):
        what, _, example = (command.help or "").partition("Example:")
        arguments = [_argument(p, lang) for p in command.params if p.name != "help"]
        head = ("渡すもの", "意味", "省いたとき") if ja else ("argument", "meaning", "when left out")
        lines += [f"## {' '.join(path)}", "", _in(lang, " ".join(what.split())), ""]
        lines += [*_table(head, arguments), ""] if arguments else []
        if example.strip():
            lines += ["```sh", *(line.strip() for line in example.strip().splitlines()), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands(path: tuple[str, ...], command: Any) -> list[tuple[tuple[str, ...], Any]]:
    """Every verb with the words that call it, groups opened; so is the node, a program of its own."""
    if path == ("tsunagu", "node"):
        command = get_command(node_app)
    inside = getattr(command, "commands", None)
    if inside is None:
        return [(path, command)]
    return [found for name, each in inside.items() for found in _commands((*path, name), each)]


def _argument(parameter: Any, lang: str) -> tuple[object, ...]:
    ja = lang == "ja"
    is_option = parameter.param_type_name == "option"
    name = f"`{' '.join(parameter.opts)}`" if is_option else f"`{parameter.metavar or parameter.name.upper()}`"
    if parameter.required:
        left_out = "省けません" if ja else "must be given"
    elif parameter.default in (None, False, ""):
        left_out = "–"
    else:
        left_out = f"`{parameter.default}`"
    if getattr(parameter, "envvar", None):
        left_out += f"(`{parameter.envvar}` でも渡せます)" if ja else f" (or by `{parameter.envvar}`)"
    return name, _in(lang, parameter.help) if parameter.help else "–", left_out


def decisions() -> str:
    """The index of docs/decisions, from the title and status of each."""
    rows: list[tuple[object, ...]] = []
    for path in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        title = re.search(r"^# (?:\d{4}[:.]? )?(.+)$", text, re.MULTILINE)
        status = re.search(r"^Status: (.+)$", text, re.MULTILINE)
        assert title, f"{path.name} has no title"
        assert status, f"{path.name} has no line 'Status: '"
        rows += [(path.name[:4], f"[{title[1]}]({path.name})", status[1])]
    return "\n".join(
        [
            "# Decisions",
            "",
            "After this page you can find why the house is as it is.",
            "Each decision fits one page; it is never edited, only superseded by a later one.",
            "",
            *_table(("", "Decision", "Status"), rows),
            "",
        ]
    )


def states(lang: str) -> str:
    """The state machines of casework, drawn and tabled."""
    ja = lang == "ja"
    lines = [
        "# 業務の状態と手続" if ja else "# States of the work, and the steps between",
        "",
        "このページを読むと、ケースやプランなどがどの状態にあり、次に何ができるのかがわかります。"
        if ja
        else "After this page you will know where a case, a plan and the rest may stand, and what may happen next.",
        "",
        "元の表は `src/tsunagu/casework/machines.py` にあり、データベースも同じ表を持っていて、ほかの手続を断ります。"
        if ja
        else "The tables stand in `src/tsunagu/casework/machines.py`; the database holds the same ones and refuses "
        "every other step.",
        "どの手続にも、だれが、いつ行ったかが残り、あとから変えられません。"
        if ja
        else "Each step keeps who took it and when, and is never changed afterwards.",
        "「二人で」とある手続は、直前の手続をした人とは別の人が行います。"
        if ja
        else "A step marked “by another” is taken by somebody other than whoever took the step before.",
        "",
    ]
    head = (
        ("手続", "から", "へ", "理由", "二人で", "自動")
        if ja
        else ("step", "from", "to", "reason", "by another", "by itself")
    )
    for machine in MACHINES.values():
        lines += [f"## {_word(machine.name, lang, 'Kinds of work')}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f'    state "{_word(s, lang, "States")}" as {s}' for s in machine.states]
        lines += [f"    {m.source or '[*]'} --> {m.target}: {_word(m.name, lang, '/ Steps')}" for m in machine.moves]
        rows = [
            (
                f"{_word(m.name, lang, '/ Steps')} `{m.name}`",
                _word(m.source, lang, "States") if m.source else "–",
                _word(m.target, lang, "States"),
                *(("要" if ja else "yes") if is_so else "–" for is_so in (m.needs_reason, m.by_another, m.by_program)),
            )
            for m in machine.moves
        ]
        lines += ["```", "", *_table(head, rows), ""]
    return "\n".join([*lines, *_handover_states(lang)])


def _handover_states(lang: str) -> list[str]:
    """The states of a hand-over between municipalities, at both ends, from handover/states.py."""
    ja, section = lang == "ja", "Hand-over of a case"
    sides = {"out": ("移管元", "at the sender"), "in": ("移管先", "at the receiver")}
    by = {
        "person": ("こちらの担当者", "a named person, here"),
        "program": ("こちらのプログラム", "the program, here"),
        "receipt": ("移管先の受取証", "a receipt of the receiver, verified"),
        "message": ("移管元の署名つきの知らせ", "a signed message of the sender, verified"),
    }
    assert set(by) == {step.by for side in SIDES.values() for step in side.steps}
    lines = [
        "## 移管の送り受け" if ja else "## A hand-over on its way",
        "",
        "市町村のあいだの移管には、両側にそれぞれの状態があります。"
        if ja
        else "A hand-over between municipalities has a state at each end.",
        "元の表は `src/tsunagu/handover/states.py` にあり、ほかの手続は断られます。"
        if ja
        else "The tables stand in `src/tsunagu/handover/states.py`; every other step is refused.",
        "送り始めたあとの終わり方は、移管先だけが決めます。"
        if ja
        else "Once it has begun to leave, the receiver alone decides how it ends.",
        "",
    ]
    for side in SIDES.values():
        words = {state: _word(state, lang, section) for state in side.states}
        ours = ("、" if ja else ", ").join(words[state] for state in side.states if state in OURS[side.name])
        rows = [
            (f"`{step.name}`", words.get(step.source, "–"), words[step.target], by[step.by][0 if ja else 1])
            for step in side.steps
        ]
        lines += [f"### {sides[side.name][0 if ja else 1]}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f'    state "{word}" as {state}' for state, word in words.items()]
        lines += [f"    {step.source or '[*]'} --> {step.target}: {step.name}" for step in side.steps]
        lines += [f"    {state} --> [*]" for state in side.ends]
        lines += ["```", ""]
        lines += [
            f"次の状態のあいだ、こちらがこどもに責任を持ちます:{ours}。"
            if ja
            else f"The child is this end's to look after while it is: {ours}.",
            "",
            *_table(("手続", "から", "へ", "何によって") if ja else ("step", "from", "to", "by"), rows),
            "",
        ]
    return lines


PAGES: dict[str, Callable[[str], str]] = {
    "run-folder": run_folder,
    "case-folder": case_folder,
    "import-contracts": import_contracts,
    "exit-codes": exit_codes,
    "catalogue": catalogue,
    "criteria": criteria,
    "criteria-sets": criteria_sets,
    "programmes": programmes,
    "access": access,
    "cli": cli,
    "states": states,
}


def _marked(text: str) -> str:
    return text.replace("\n", "\n" + MARK, 1)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str, lang: str) -> None:
    path = REFERENCE / f"{name}{'' if lang == 'ja' else '.en'}.md"
    wanted = _marked(PAGES[name](lang))
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(wanted, encoding="utf-8")
    assert path.exists(), "run: make docs"
    assert path.read_text(encoding="utf-8") == wanted, "run: make docs, and read the difference"


def test_the_page_says_of_what_is_permitted_where_no_page_is() -> None:
    """Asked with and without a route that names the form: the routes decide, nothing is listed by hand."""

    def lacking(served: frozenset[tuple[str, str, str]]) -> set[Thing]:
        role = Role.PRIVACY_OFFICER
        return {p.thing for p in TABLE[role] if p.form is Form.PSEUDONYM and not has_page(role, p, served)}

    without = frozenset(cell for cell in _served() if cell[2] != Form.PSEUDONYM)
    assert without < _served(), "at least one page names the form"
    assert {Thing.LOOKS, Thing.WORKLIST, Thing.LEVEL} <= lacking(without)
    looks, worklist = (
        (thing.value, Action.VIEW.value, Form.PSEUDONYM.value) for thing in (Thing.LOOKS, Thing.WORKLIST)
    )
    assert lacking(without | {looks}) == lacking(without) - {Thing.LOOKS}, "who looked shows no level"
    assert lacking(without | {worklist}) & {Thing.WORKLIST, Thing.LEVEL} == set(), "the list shows its parts with it"


def test_the_description_of_the_api_is_current() -> None:
    path = REFERENCE / "openapi.json"
    described = _asked_of_the_desk("from tsunagu_web.api.description import described\nprint(json.dumps(described()))")
    wanted = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(wanted, encoding="utf-8")
    assert path.exists(), "run: make docs"
    assert path.read_text(encoding="utf-8") == wanted, "run: make docs, and read the difference"


def test_the_description_of_the_node_is_current() -> None:
    from tsunagu_node.description import described

    path = REFERENCE / "node-openapi.json"
    wanted = json.dumps(described(), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(wanted, encoding="utf-8")
    assert path.exists(), "run: make docs"
    assert path.read_text(encoding="utf-8") == wanted, "run: make docs, and read the difference"


@pytest.mark.parametrize("lang", ["", ".en"])
def test_the_page_of_messages_names_every_route_of_the_node(lang: str) -> None:
    page = (REFERENCE / f"node-messages{lang}.md").read_text(encoding="utf-8")
    paths = json.loads((REFERENCE / "node-openapi.json").read_text(encoding="utf-8"))["paths"]
    known = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert set(re.findall(r"^\| `(GET|POST) ([^`?]+)[^`]*` \|", page, re.MULTILINE)) == known


@pytest.mark.parametrize("lang", ["", ".en"])
def test_the_page_of_the_api_names_every_operation(lang: str) -> None:
    page = (REFERENCE / f"api{lang}.md").read_text(encoding="utf-8")
    paths = json.loads((REFERENCE / "openapi.json").read_text(encoding="utf-8"))["paths"]
    known = {(method.upper(), path.removeprefix("/api/v1")) for path, methods in paths.items() for method in methods}
    named = set(re.findall(r"^\| (GET|POST) \| `([^`]+)` \|", page, re.MULTILINE))
    assert named == known


def test_the_index_of_decisions_is_current() -> None:
    path = ROOT / "docs" / "decisions" / "README.md"
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(_marked(decisions()), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == _marked(decisions()), "run: make docs"


def test_no_japanese_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()

    class Noting(dict[str, str]):
        def __getitem__(self, english: str) -> str:
            used.add(english)
            return super().__getitem__(english)

    monkeypatch.setitem(globals(), "JAPANESE", Noting(JAPANESE))
    for page in PAGES.values():
        page("ja")
    assert used
    assert set(JAPANESE) - used == set(), "docs/reference/japanese.toml translates what nobody says any more"


def test_every_error_kind_is_on_the_page() -> None:
    kinds = {c for c in vars(importlib.import_module("tsunagu.errors")).values() if isinstance(c, type)}
    kinds = {c for c in kinds if issubclass(c, errors.TsunaguError) and c is not errors.TsunaguError}
    assert len(kinds) == 5
    for kind in kinds:
        assert f"| {kind.exit_code} | `{kind.kind}` |" in exit_codes("en")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_pages_show_each_sign_in_the_group_that_its_file_writes(lang: str) -> None:
    """A number counted anew for each judgment told of another group than the file."""
    page = criteria_sets(lang) + criteria(lang)
    for path in sorted((CITY / "criteria").glob("*.toml")):
        for sign in tomllib.loads(path.read_text(encoding="utf-8"))["sign"]:
            group = f"`{sign['group']}`" if "group" in sign else "–"
            row = rf"^\| {sign['code']} \| {re.escape(sign['label'][lang])} \| .* \| {re.escape(group)} \| [^|]* \|$"
            assert re.search(row, page, re.MULTILINE), (path.name, sign["code"])
