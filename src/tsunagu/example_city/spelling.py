"""How one office writes one person's name and reading in a record."""

from __future__ import annotations

from random import Random

from tsunagu.example_city.letters import half_width, half_width_large, hiragana, latin_full_width
from tsunagu.example_city.people import Name, Person

_TYPOS = {
    "陽": "湯",
    "太": "大",
    "真": "直",
    "美": "実",
    "郎": "朗",
    "結": "経",
    "奈": "奏",
    "希": "布",
    "千": "干",
    "未": "末",
}


def written(person: Person, group: str) -> Name:
    """The name as a group of offices holds it; "" is the register of residents."""
    if not group:
        return (
            Name(person.latin, "", person.name.family_kana, person.name.given_kana) if person.country else person.name
        )
    return person.offices.get(group, person.name)


def name_in(person: Person, group: str, between: str, rng: Random) -> str:
    """The name in one record: 2 % with the other kind of space, 0.3 % mistyped, Latin letters now and then wide."""
    name = written(person, group)
    text = name.joined(between)
    chance = rng.random()
    if not name.given and person.latin:
        return latin_full_width(text) if chance < 0.3 else text
    if chance < 0.02:
        return name.joined(rng.choice(("", " ", "　")))
    if chance < 0.023 and name.given[-1:] in _TYPOS:
        return text[:-1] + _TYPOS[name.given[-1]]
    return text


def half_kana(person: Person, group: str, rng: Random, *, large: bool = False, between: str = "　") -> str:
    """The reading in half-width kana; old systems write small letters large."""
    kana = written(person, group).kana(between)
    if rng.random() < 0.01:
        kana = kana.replace("　", "")
    return half_width_large(kana) if large else half_width(kana)


def full_kana(person: Person, group: str, between: str = "　") -> str:
    """The reading in full-width katakana."""
    return written(person, group).kana(between)


def reading(person: Person, group: str, between: str = "　") -> str:
    """The reading in hiragana."""
    return hiragana(written(person, group).kana(between))
