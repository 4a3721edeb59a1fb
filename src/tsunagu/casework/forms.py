"""A form of an assessment: a versioned TOML file of questions, each in Japanese and English.

Kinds of questions and what answers them:

    risk      one step of an extent, worded from none to the gravest, and where it is known from
    strength  yes, partly, no
    voice     the child's own voice: said, asked without an answer, or not asked and why; in the child's words
    choice    one of the worded choices
    text      what is written

Each of them can be answered `unknown`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.text.tomlfile import Table, TomlFile

KINDS = ("risk", "strength", "voice", "choice", "text")
UNKNOWN = "unknown"
STRENGTHS = ("yes", "partly", "no")
VOICES = ("said", "asked", "not_asked")
WRITTEN = "written"

# What a page can ask and send back in one piece.
MOST_ITEMS = 120
STANDARD = Path(__file__).parent / "standard" / "common-assessment.toml"
FOLDER = "forms"

_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VERSION = re.compile(r"[0-9]{4}\.[0-9]{1,3}")
_FORM_KEYS = ("id", "version", "valid_from", "title", "source")
_SECTION_KEYS = ("id", "title", "item")
_ITEM_KEYS = ("id", "kind", "ja", "en", "help", "extent", "choices", "optional")
_LANGUAGES = ("ja", "en")
# The list of steps that a kind of question words itself; every other kind has fixed ones.
_WORDED = {"risk": "extent", "choice": "choices"}
_FIXED = {"strength": STRENGTHS, "voice": VOICES, "text": (WRITTEN,)}


@dataclass(frozen=True)
class Said:
    """The same words in both languages; empty where a form says nothing."""

    ja: str
    en: str


@dataclass(frozen=True)
class Step:
    """One step of an extent, or one choice; the steps of a risk go from none to the gravest."""

    id: str
    words: Said


@dataclass(frozen=True)
class Item:
    """One question. steps: the worded ones of a risk or a choice, empty otherwise.

    is_optional  may stay without an answer when the form is recorded
    """

    id: str
    kind: str
    words: Said
    help: Said
    steps: tuple[Step, ...]
    is_optional: bool

    @property
    def values(self) -> tuple[str, ...]:
        """What can be answered, `unknown` last."""
        return (*(_FIXED.get(self.kind) or tuple(step.id for step in self.steps)), UNKNOWN)


@dataclass(frozen=True)
class Section:
    id: str
    title: Said
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Form:
    """A form as its file says it. sha256: of the file's bytes, by which a changed file is another version of it.

    valid_from  the first day on which it is used; of the same id, the latest that has begun is in force
    source      the public papers whose subjects it covers, by name
    """

    id: str
    version: str
    valid_from: dt.date
    title: Said
    source: Said
    sections: tuple[Section, ...]
    sha256: str

    def items(self) -> tuple[Item, ...]:
        """All questions, in the order of the page."""
        return tuple(item for section in self.sections for item in section.items)


def load_form(path: Path) -> Form:
    """The form of a file; SourceError names the file, the line, what was read and the nearest valid word."""
    file = TomlFile(path, path.name)
    file.known_keys(file.data, ("form", "section"), "a form file")
    about = file.table_of(file.data, "form", "the file")
    file.known_keys(about, _FORM_KEYS, "[form]")
    sections = tuple(_section(file, table) for table in file.tables_of(file.data, "section", "the form"))
    if not sections:
        raise file.fail("a form without a [[section]] asks nothing", to_do="Write a [[section]] with its items.")
    _counted_once(file, "section", [section.id for section in sections])
    items = [item.id for section in sections for item in section.items]
    _counted_once(file, "item", items)
    if len(items) > MOST_ITEMS:
        raise file.fail(f"a form asks {MOST_ITEMS} questions at most; this one asks {len(items)}")
    return Form(
        id=_named(file, about, "the form"),
        version=_version(file, about),
        valid_from=_day(file, about),
        title=_said(file, about, "title", "the form"),
        source=_said(file, about, "source", "the form"),
        sections=sections,
        sha256=hashlib.sha256(file.text.encode()).hexdigest(),
    )


def load_forms(city: Path | None) -> tuple[Form, ...]:
    """The forms of a city folder; the standard one where the city has no `forms/` of its own."""
    folder = city / FOLDER if city else None
    if folder is None or not folder.is_dir():
        return (standard_form(),)
    forms = tuple(load_form(path) for path in sorted(folder.glob("*.toml")))
    if not forms:
        raise SourceError("the folder holds no form", where=FOLDER, to_do="Put a form there, or remove the folder.")
    seen: set[tuple[str, str]] = set()
    for form in forms:
        if (form.id, form.version) in seen:
            raise SourceError(
                f"two files say that they are '{form.id}' version '{form.version}'",
                where=FOLDER,
                to_do="Give the newer one its own version and its own first day.",
            )
        seen.add((form.id, form.version))
    return forms


@lru_cache(maxsize=1)
def standard_form() -> Form:
    """The form that comes with tsunagu."""
    return load_form(STANDARD)


def in_force(forms: Iterable[Form], on: dt.date) -> tuple[Form, ...]:
    """Of each form the latest version that has begun on that day, in the order of their ids."""
    begun = sorted((form for form in forms if form.valid_from <= on), key=lambda form: (form.id, form.valid_from))
    return tuple({form.id: form for form in begun}.values())


def as_json(form: Form) -> dict[str, object]:
    """The form as plain values, to be kept with the answers; `of_json` reads them."""
    return {**asdict(form), "valid_from": form.valid_from.isoformat()}


def of_json(kept: Mapping[str, object]) -> Form:
    """The form that `as_json` kept: old answers stay readable when its file has changed or is gone."""
    return Form(
        id=str(kept["id"]),
        version=str(kept["version"]),
        valid_from=dt.date.fromisoformat(str(kept["valid_from"])),
        title=_kept_words(kept["title"]),
        source=_kept_words(kept["source"]),
        sections=tuple(
            Section(
                str(section["id"]), _kept_words(section["title"]), tuple(map(_kept_item, _tables(section, "items")))
            )
            for section in _tables(kept, "sections")
        ),
        sha256=str(kept["sha256"]),
    )


def _section(file: TomlFile, table: Table) -> Section:
    name = _named(file, table, "[[section]]")
    file.known_keys(table, _SECTION_KEYS, "[[section]]", name)
    items = tuple(_item(file, one) for one in file.tables_of(table, "item", f"the section '{name}'"))
    if not items:
        raise file.fail(f"the section '{name}' asks nothing", name, to_do="Write a [[section.item]] below it.")
    return Section(name, _said(file, table, "title", name), items)


def _item(file: TomlFile, table: Table) -> Item:
    name = _named(file, table, "[[section.item]]")
    file.known_keys(table, _ITEM_KEYS, "[[section.item]]", name)
    kind = file.known(file.text_of(table, "kind", name), KINDS, "kind", name)
    for key in sorted({"extent", "choices"} - {_WORDED.get(kind, "")}):
        if key in table:
            raise file.fail(f"'{key}' says nothing about an item of kind '{kind}'", name, key)
    return Item(
        id=name,
        kind=kind,
        words=Said(_text(file, table, "ja", name), _text(file, table, "en", name)),
        help=_said(file, table, "help", name, default=True),
        steps=_steps(file, table, name, _WORDED[kind]) if kind in _WORDED else (),
        is_optional=file.flag_of(table, "optional", name, default=False),
    )


def _steps(file: TomlFile, table: Table, item: str, key: str) -> tuple[Step, ...]:
    steps = []
    for written in file.tables_of(table, key, item):
        name = _named(file, written, f"'{key}' of {item}")
        file.known_keys(written, ("id", *_LANGUAGES), f"'{key}' of {item}", item)
        if name == UNKNOWN:
            raise file.fail("every item can be answered 'unknown' already", item, name, to_do="Leave that step away.")
        steps.append(Step(name, Said(_text(file, written, "ja", name), _text(file, written, "en", name))))
    if len(steps) < 2:
        raise file.fail(f"'{key}' of {item} needs two steps at least; it has {len(steps)}", item)
    _counted_once(file, f"step of {item}", [step.id for step in steps], item)
    return tuple(steps)


def _named(file: TomlFile, table: Table, what: str) -> str:
    name = file.text_of(table, "id", what)
    if not _ID.fullmatch(name):
        raise file.fail(
            f"the id of {what} is '{name}'",
            name,
            to_do="Write it in small Latin letters, digits, - and _, a letter first, 40 signs at most.",
        )
    return name


def _version(file: TomlFile, about: Table) -> str:
    version = file.text_of(about, "version", "the form")
    if not _VERSION.fullmatch(version):
        raise file.fail(
            f"the version of the form is '{version}'", "version", to_do='Write the year and a number, as in "2026.1".'
        )
    return version


def _day(file: TomlFile, about: Table) -> dt.date:
    day = about.get("valid_from")
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise file.fail(
            "'valid_from' of the form must be a day", "valid_from", to_do="Write it without quotes: 2026-04-01."
        )
    return day


def _said(file: TomlFile, table: Table, key: str, what: str, *, default: bool = False) -> Said:
    words = file.table_of(table, key, what, default={"ja": "", "en": ""} if default else None)
    file.known_keys(words, _LANGUAGES, f"'{key}' of {what}", what)
    if not words.get("ja") and not words.get("en") and default:
        return Said("", "")
    return Said(_text(file, words, "ja", f"{key} of {what}"), _text(file, words, "en", f"{key} of {what}"))


def _text(file: TomlFile, table: Table, key: str, what: str) -> str:
    text = file.text_of(table, key, what).strip()
    if not text:
        raise file.fail(f"'{key}' of {what} is empty", what, key)
    return text


def _counted_once(file: TomlFile, what: str, names: list[str], *near: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise file.fail(f"the {what} '{name}' stands there twice", *near, name, to_do="Give each an id of its own.")


def _kept_words(words: object) -> Said:
    assert isinstance(words, Mapping)
    return Said(str(words["ja"]), str(words["en"]))


def _kept_item(item: Mapping[str, object]) -> Item:
    steps = tuple(Step(str(step["id"]), _kept_words(step["words"])) for step in _tables(item, "steps"))
    return Item(
        str(item["id"]),
        str(item["kind"]),
        _kept_words(item["words"]),
        _kept_words(item["help"]),
        steps,
        bool(item["is_optional"]),
    )


def _tables(table: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    rows = table[key]
    assert isinstance(rows, list | tuple)
    return list(rows)
