"""The letter to a family: that it may be eligible, for what, and where to ask. No reason, no school, no record."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tsunagu_web.offers.queries import Family, Line
from tsunagu_web.plans.copies import Copy, Section
from tsunagu_web.plans.ruby import Line as Words
from tsunagu_web.plans.ruby import fixed, free, of_name


@lru_cache(maxsize=1)
def _wording() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("letter.toml").read_text(encoding="utf-8"))


def letter_for(family: Family, lines: Sequence[Line], address: str, programmes: Mapping[str, Any]) -> Copy:
    """The letter about these lines, each programme once. programmes: their words in the run."""
    said = _wording()
    meant = {line.person_id for line in lines}
    named = [child for child in family.children if child.person_id in meant]
    before, _mark, after = said["to"].partition("{0}")
    names: list[Words] = [of_name(child.name, child.kana) for child in named]
    to = (*fixed(before), *_joined(names), *fixed(after))
    sections = [Section(free(address), (to,))]
    for programme in dict.fromkeys(line.programme for line in lines):
        words = programmes.get(programme, {})
        name = free(f"{words.get('ja', programme)}（{words.get('en', programme)}）")
        rows = (
            (fixed(said["apply"]), free(words.get("apply", {}).get("ja", ""))),
            (fixed(said["office"]), free(words.get("run_by", {}).get("ja", ""))),
        )
        sections.append(Section(name, tables=(tuple(row for row in rows if row[1]),)))
    sections.append(Section(fixed(said["english_heading"]), tuple(free(line) for line in said["english"])))
    return Copy(
        "ja",
        fixed(said["title"]),
        (),
        tuple(fixed(line) for line in said["intro"]),
        tuple(sections),
        tuple(fixed(line) for line in said["closing"]),
    )


def _joined(names: Sequence[Words]) -> Words:
    made: list[Any] = []
    for place, name in enumerate(names):
        made += [*(free("、") if place else ()), *name]
    return tuple(made)
