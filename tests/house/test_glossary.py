"""Words: what the code names has its row in GLOSSARY.md, and one word stands for one thing."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from tsunagu import errors
from tsunagu.programmes.programme import FINDINGS
from tsunagu.records import catalogue, run_tables, stage_tables
from tsunagu.records.shapes import TableShape

ROOT = Path(__file__).parents[2]
CITY = ROOT / "examples" / "hinode-city"
DESK = ROOT / "src" / "tsunagu_web"


@dataclass(frozen=True)
class Row:
    section: str
    ja: str
    reading: str
    en: str
    identifiers: tuple[str, ...]


def _rows() -> list[Row]:
    rows: list[Row] = []
    section = ""
    for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| ") and not line.startswith("| 日本語"):
            cells = [c.strip() for c in line.strip("|").split("|")]
            assert len(cells) == 4, line
            rows.append(Row(section, cells[0], cells[1], cells[2], tuple(re.findall(r"`([^`]+)`", cells[3]))))
    return rows


ROWS = _rows()
IDENTIFIERS = {i for row in ROWS for i in row.identifiers}


def _toml(folder: str, table: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for path in sorted((CITY / folder).glob("*.toml")):
        found += tomllib.loads(path.read_text(encoding="utf-8")).get(table, [])
    return found


def _classes(path: Path) -> list[ast.ClassDef]:
    return [n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.ClassDef)]


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(b).rpartition(".")[2] for b in node.bases}


def _texts(node: ast.ClassDef) -> list[str]:
    """The stored values of a choice class: NAME = "value" or NAME = "value", label."""
    values: list[str] = []
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            value = statement.value.elts[0] if isinstance(statement.value, ast.Tuple) else statement.value
            assert isinstance(value, ast.Constant)
            values.append(str(value.value))
    return values


def _desk_models() -> set[str]:
    return {
        node.name
        for path in sorted(DESK.glob("*/models.py"))
        for node in _classes(path)
        if _bases(node) & {"Model", "AbstractBaseUser"}
    }


def _desk_choices() -> dict[str, list[str]]:
    return {
        node.name: _texts(node)
        for name in ("*/models.py", "*/choices.py", "access/terms.py")
        for path in sorted(DESK.glob(name))
        for node in _classes(path)
        if _bases(node) & {"TextChoices", "StrEnum"}
    }


def _shapes(module: object) -> set[str]:
    return {v.name for v in vars(module).values() if isinstance(v, TableShape)}


def _words_of_the_code() -> dict[str, set[str]]:
    choices = _desk_choices()
    return {
        "item of the catalogue": {str(i["id"]) for i in _toml("catalogue", "item")},
        "holder": {str(h["id"]) for h in _toml("holders", "holder")},
        "programme": {
            str(tomllib.loads(path.read_text(encoding="utf-8"))["programme"]["id"])
            for path in (CITY / "programmes").glob("*.toml")
        },
        "finding of a programme": set(FINDINGS) - {"none"},
        "judgment": {str(j["id"]) for j in _toml("criteria", "judgment")},
        "tone of a level": {
            str(row["tone"])
            for path in (CITY / "criteria").glob("*.toml")
            for row in tomllib.loads(path.read_text(encoding="utf-8"))["overall"]["row"]
        },
        "table": _shapes(run_tables) | _shapes(stage_tables),
        "kind of item": set(get_args(catalogue.Kind)),
        "nature of an item": set(get_args(catalogue.Nature)),
        "direction of an item": set(get_args(catalogue.Direction)),
        "domain": set(get_args(catalogue.Domain)),
        "kind of error": {
            c.kind
            for c in vars(errors).values()
            if isinstance(c, type) and issubclass(c, errors.TsunaguError) and c is not errors.TsunaguError
        },
        "room of the core": {
            p.parent.name for p in (ROOT / "src" / "tsunagu").glob("*/__init__.py") if p.parent.name != "cli"
        },
        "room of the desk": {p.parent.name for p in DESK.glob("*/apps.py")},
        "model of the desk": _desk_models(),
        **{f"{name} of the desk": set(values) for name, values in choices.items()},
    }


LEAST = {
    "item of the catalogue": 20,
    "holder": 15,
    "judgment": 3,
    "programme": 8,
    "tone of a level": 3,
    "table": 12,
    "room of the core": 10,
    "room of the desk": 5,
    "model of the desk": 6,
    "Role of the desk": 18,
    "Purpose of the desk": 10,
    "CaseState of the desk": 4,
    "State of the desk": 4,
    "Thing of the desk": 30,
}


@pytest.mark.parametrize("kind", sorted(_words_of_the_code()))
def test_a_word_of_the_code_has_its_row(kind: str) -> None:
    words = _words_of_the_code()[kind]
    assert len(words) >= LEAST.get(kind, 2), f"this check found too few to mean anything: {sorted(words)}"
    assert words <= IDENTIFIERS, f"GLOSSARY.md has no row for {kind}: {sorted(words - IDENTIFIERS)}"


def test_the_check_looks_at_every_kind_it_promises() -> None:
    assert set(LEAST) <= set(_words_of_the_code())


def test_a_row_is_whole() -> None:
    assert len(ROWS) > 150
    for row in ROWS:
        assert row.ja, row
        assert row.en, row
        assert re.fullmatch(r"[ぁ-んー・、]+", row.reading), f"{row.ja}: the reading is not in hiragana: {row.reading}"


def test_one_word_stands_for_one_thing() -> None:
    for section in {r.section for r in ROWS}:
        words = [r.ja for r in ROWS if r.section == section]
        assert len(words) == len(set(words)), f"{section}: {sorted(w for w in words if words.count(w) > 1)}"
        ids = [i for r in ROWS if r.section == section for i in r.identifiers]
        assert len(ids) == len(set(ids)), f"{section}: {sorted(i for i in ids if ids.count(i) > 1)}"


def test_the_catalogue_uses_the_words_of_the_glossary() -> None:
    named = {i: r.ja for r in ROWS for i in r.identifiers if r.section.startswith("データ項目")}
    other = {str(i["id"]): str(i["ja"]) for i in _toml("catalogue", "item") if named.get(str(i["id"])) != i["ja"]}
    assert other == {}, {k: (v, named.get(k)) for k, v in other.items()}


def _japanese_of_the_desk() -> dict[str, str]:
    text = (DESK / "locale" / "ja" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE))


def _labels(node: ast.ClassDef) -> dict[str, str]:
    """Stored value -> English label of a choice class."""
    labels: dict[str, str] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
            value, label = statement.value.elts
            assert isinstance(value, ast.Constant)
            assert isinstance(label, ast.Call)
            assert isinstance(label.args[0], ast.Constant)
            labels[str(value.value)] = str(label.args[0].value)
    return labels


@pytest.mark.parametrize(
    ("file", "name", "section"),
    [
        ("access/terms.py", "Role", "Desk"),
        ("access/terms.py", "Purpose", "Purposes"),
        ("access/terms.py", "CaseState", "Where the work"),
        ("cases/models.py", "State", "Decisions"),
        ("cases/models.py", "NotNowReason", "Decisions"),
        ("assessment/models.py", "Need", "Assessment"),
        ("assessment/models.py", "OverrideReason", "Assessment"),
    ],
)
def test_the_screen_uses_the_words_of_the_glossary(file: str, name: str, section: str) -> None:
    node = next(n for n in _classes(DESK / file) if n.name == name)
    labels, japanese = _labels(node), _japanese_of_the_desk()
    assert len(labels) >= 4
    ours = {i: r.ja for r in ROWS if section in r.section for i in r.identifiers}
    assert {value: ours.get(value) for value in labels} == {v: japanese.get(en) for v, en in labels.items()}


#: Words that once stood beside the one that is written now, and pages where the same letters say something else.
_BESIDE = {
    r"(?<![自数月翌部気])分か[っらるり]": ("わか", ()),
    "しるし": ("サイン", ("docs/how-to/watch-a-class.md", "GLOSSARY.md")),
    "判定の段階|段階が変わる": ("区分", ()),
}


@pytest.mark.parametrize("beside", _BESIDE)
def test_texts_for_staff_keep_to_one_word(beside: str) -> None:
    word, others = _BESIDE[beside]
    texts = [*(ROOT / "docs").rglob("*.md"), ROOT / "docs" / "reference" / "japanese.toml", ROOT / "GLOSSARY.md"]
    texts += [DESK / "locale" / "ja" / "LC_MESSAGES" / "django.po", *(ROOT / "src" / "tsunagu").rglob("*.py")]
    texts += [*(ROOT / "src" / "tsunagu" / "casework").rglob("*.toml"), *(ROOT / "changelog.d").glob("*.md")]
    # The example city's own sentences are its own, and the pages made of them.
    made_of_them = ("criteria.md", "criteria-sets.md", "programmes.md")
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in texts
        if str(path.relative_to(ROOT)) not in others and path.name not in made_of_them
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(beside, line)
    ]
    assert found == [], f"write {word}"
