"""Another version of a criteria file: the same text with other numbers, its head renewed, and its cases brought along.

Only what changes is written anew; comments, order and wording stay as their authors wrote them. What comes out is read
again and held against what was asked for, so that a text this module does not understand is refused and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tsunagu.errors import CriterionError
from tsunagu.screening.carried import Carried, items_of, restored
from tsunagu.screening.criteria import Comparison, Condition, Criteria, comparisons
from tsunagu.screening.expect import Case, judged, unkept
from tsunagu.screening.limits import Path, with_limits
from tsunagu.screening.load import cases_of
from tsunagu.screening.reference import Outcome

Moved = Mapping[tuple[str, Path], Decimal]
_HEADER = re.compile(r"^\s*\[", re.MULTILINE)
_LEAF = re.compile(r"\{[^{}]*\}")
_VERSION = re.compile(r"\d+(\.\d+){1,3}")


@dataclass(frozen=True)
class CaseChange:
    """A case that says otherwise now. was, became: lines of the file, as it writes them."""

    case: str
    was: str
    became: str


@dataclass(frozen=True)
class Rewritten:
    """text: the whole new file; criteria: what it says; cases: those that were brought along."""

    text: str
    criteria: Criteria
    cases: tuple[CaseChange, ...]


def rewritten(carrying: Carried, moved: Moved, *, version: str, effective: date) -> Rewritten:
    """The next version of the file that a run carries.

    raises  CriterionError for a version that is none or is not later, and where the text cannot be changed so or the
            criteria would have a mistake
    """
    before, _mistakes = restored(carrying)
    if not _VERSION.fullmatch(version) or _numbers(version) <= _numbers(before.version):
        raise CriterionError(
            f"the version {version} is not later than {before.version}",
            where=before.id,
            to_do=f"Write numbers with points, such as {next_version(before.version)}.",
        )
    text = _headed(carrying["text"], before, version, effective)
    for code in dict.fromkeys(code for code, _path in moved):
        text = _with_numbers(text, before, code, {path: n for (c, path), n in moved.items() if c == code})
    text, cases = _with_cases(text, carrying)
    after, mistakes = restored(carrying, text)
    if mistakes:
        listed = "\n  ".join(one.text(str(carrying["file"])) for one in mistakes)
        raise CriterionError(f"the criteria would have a mistake\n  {listed}", where=before.id)
    wanted = with_limits(before, moved)
    asked = replace(wanted, version=version, supersedes=before.version, effective=effective)
    if after != asked:
        raise _not_understood(before.id)
    return Rewritten(text, after, cases)


def next_version(version: str) -> str:
    """The version with its last number one higher."""
    *front, last = version.split(".")
    return ".".join([*front, str(int(last) + 1)]) if last.isdigit() else version


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _headed(text: str, criteria: Criteria, version: str, effective: date) -> str:
    start, end = _part(text, "[criteria]", 0, criteria.id)
    head = text[start:end]
    for key, value in (
        ("version", f'"{version}"'),
        ("supersedes", f'"{criteria.version}"'),
        ("effective", effective.isoformat()),
    ):
        head, count = re.subn(rf'^(\s*{key}\s*=\s*)("[^"\n]*"|[0-9-]+)', rf"\g<1>{value}", head, flags=re.MULTILINE)
        if count != 1:
            raise _not_understood(f"{criteria.id}, {key}")
    return text[:start] + head + text[end:]


def _with_numbers(text: str, criteria: Criteria, code: str, numbers: Mapping[Path, Decimal]) -> str:
    places = [sign.code for sign in criteria.signs]
    start, end = _part(text, "[[sign]]", places.index(code), code)
    part = text[start:end]
    found = re.search(r"^\s*when\s*=", part, re.MULTILINE)
    if found is None:
        raise _not_understood(code)
    leaves = list(_LEAF.finditer(part, found.end()))
    sign = criteria.sign(code)
    by_leaf: dict[int, dict[str, Decimal]] = {}
    for path, number in numbers.items():
        leaf, compared = _leaf(sign.when, path[:-1])
        by_leaf.setdefault(leaf, {})[compared.tests[path[-1]][0]] = number
    for leaf in sorted(by_leaf, reverse=True):
        if leaf >= len(leaves):
            raise _not_understood(code)
        said = leaves[leaf].group()
        for operator, number in by_leaf[leaf].items():
            said, count = re.subn(rf"\b({operator}\s*=\s*)-?[0-9][0-9_.]*", rf"\g<1>{_plain(number)}", said)
            if count != 1:
                raise _not_understood(code)
        part = part[: leaves[leaf].start()] + said + part[leaves[leaf].end() :]
    return text[:start] + part + text[end:]


def _leaf(when: Condition, path: Path) -> tuple[int, Comparison]:
    """Which of the comparisons, in the order written, stands at the place, and that comparison."""
    at, before = when, 0
    for place in path:
        assert not isinstance(at, Comparison)
        before += sum(len(list(comparisons(part))) for part in at.parts[:place])
        at = at.parts[place]
    assert isinstance(at, Comparison)
    return before, at


def _with_cases(text: str, carrying: Carried) -> tuple[str, tuple[CaseChange, ...]]:
    criteria, cases = cases_of(text, items_of(carrying))
    changes: list[CaseChange] = []
    for place, case in reversed(list(enumerate(cases))):
        keys = {key for key, _said, _expected in unkept(criteria, case)}
        outcome = judged(criteria, case)
        if not keys or outcome is None:
            continue
        start, end = _part(text, "[[expect]]", place, case.part.label)
        part = text[start:end]
        for key in sorted(keys):
            said = re.compile(rf"^{key}\s*=\s*(\[[^\]]*\]|\{{[^}}]*\}}|\"[^\"\n]*\")", re.MULTILINE)
            found = said.search(part)
            if found is None:
                raise _not_understood(case.part.label)
            became = f"{key} = {_said(key, case, outcome)}"
            changes.append(CaseChange(case.part.label, " ".join(found.group().split()), became))
            part = part[: found.start()] + became + part[found.end() :]
        text = text[:start] + part + text[end:]
    return text, tuple(reversed(changes))


def _said(key: str, case: Case, outcome: Outcome) -> str:
    match key:
        case "signs":
            return _list(sorted(outcome.signs))
        case "missing":
            return _list(outcome.missing)
        case "levels":
            return "{ " + ", ".join(f'{id} = "{outcome.judged[id].level}"' for id in case.levels) + " }"
        case "at_least":
            return f'"{outcome.at_least.name}"'
        case _:
            return f'"{outcome.at_most.name}"'


def _list(codes: list[str] | tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


def _part(text: str, header: str, place: int, where: str) -> tuple[int, int]:
    """Where the part of that header begins, behind it, and ends; the place counts the parts of one name."""
    heads = list(re.finditer(rf"^\s*{re.escape(header)}[ \t]*(#.*)?$", text, re.MULTILINE))
    if place >= len(heads):
        raise _not_understood(where)
    start = heads[place].end()
    after = _HEADER.search(text, start)
    # A list that begins on a line of its own looks like a header; TOML of ours never writes one so.
    return start, after.start() if after else len(text)


def _plain(number: Decimal) -> str:
    whole = format(number.normalize(), "f")
    return whole if whole != "-0" else "0"


def _not_understood(where: str) -> CriterionError:
    return CriterionError(
        "this part of the file is written in a way the editor does not change",
        where=where,
        to_do="Change it in the file itself; `tsunagu check` reads it, `tsunagu plan` compares it.",
    )
