"""Whether levels, upper levels, reason codes and missing items equal the truth, child by child."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

JUDGMENTS = ("poverty", "academic", "noncognitive")
FIELDS = (
    *JUDGMENTS,
    *(f"{j}_upper" for j in JUDGMENTS),
    "overall",
    "overall_upper",
    "provisional",
    "reasons",
    "missing",
)


@dataclass(frozen=True)
class JudgmentFigures:
    """equal, differing and absent children (not touched by a lost fact), fields that differ, and extra children.

    children  `register key: fields` of the children that differ; the key is not shown in reports
    touched   children a lost fact touches: equal / all
    """

    compared: int
    equal: int
    absent: int
    extra: int
    differing: Counter[str]
    children: tuple[tuple[str, str], ...]
    touched_equal: int
    touched: int


def judgment_figures(truth: Iterable[Mapping[str, str]], found: Mapping[str, Mapping[str, str]]) -> JudgmentFigures:
    """Compares judgments.csv (key column atena) with the run's judgments by register key, without leading zeros."""
    compared = equal = absent = touched = touched_equal = 0
    differing: Counter[str] = Counter()
    children: list[tuple[str, str]] = []
    known: set[str] = set()
    for row in truth:
        key = row["atena"].lstrip("0")
        known.add(key)
        given = found.get(key)
        fields = [] if given is None else [f for f in FIELDS if given[f] != _canonical(f, row[f])]
        if row["touched_by_lost_fact"] == "1":
            touched += 1
            touched_equal += given is not None and not fields
            continue
        compared += 1
        if given is None:
            absent += 1
            children.append((key, "absent"))
        elif fields:
            differing.update(fields)
            children.append((key, ",".join(fields)))
        else:
            equal += 1
    extra = sum(1 for key in found if key not in known)
    return JudgmentFigures(compared, equal, absent, extra, differing, tuple(children), touched_equal, touched)


def found_judgments(
    judgments: Iterable[Mapping[str, object]], reasons: Iterable[Mapping[str, object]], register_keys: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """The run's answer per register key in the columns of judgments.csv.

    judgments      rows of judgments.parquet
    reasons        rows of reasons.parquet
    register_keys  person_id -> register key
    """
    answer: dict[str, dict[str, str]] = {}
    for row in judgments:
        key = register_keys.get(str(row["person_id"]))
        if key is None:
            continue
        child = answer.setdefault(key, {"reasons": "", "missing": "", **{f: "" for f in FIELDS}})
        name = str(row["judgment"])
        child[name] = str(row["level"])
        child[f"{name}_upper"] = str(row["at_most"])
        if name == "overall":
            child["provisional"] = "0" if row["at_least"] == row["at_most"] else "1"
    codes: dict[str, dict[str, set[str]]] = {}
    for row in reasons:
        key = register_keys.get(str(row["person_id"]))
        if key is not None:
            kinds = codes.setdefault(key, {"sign": set(), "missing": set()})
            kinds[str(row["kind"])].add(str(row["code"]))
    for key, kinds in codes.items():
        if key in answer:
            answer[key]["reasons"] = _joined(sorted(kinds["sign"]))
            answer[key]["missing"] = _joined(sorted(f"?{code.lstrip('?')}" for code in kinds["missing"]))
    return answer


def _canonical(field: str, text: str) -> str:
    return _joined(sorted(text.split(";"))) if field in ("reasons", "missing") and text else text


def _joined(codes: Sequence[str]) -> str:
    return ";".join(codes)
