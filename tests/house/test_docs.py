"""The documents: both languages, links that lead somewhere, commands that exist, one sentence per line."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tsunagu.sources import load_catalogue, load_sources, read_delivery

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FRONT = ("README.md", "README.ja.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md")
FRONT_PAGES = [ROOT / name for name in (*FRONT, "GLOSSARY.md", "changelog.d/README.md")]
ROOMS = ("tutorials", "how-to", "reference", "explanation")
# Decisions are kept in one language: they are for those who build.
PAGES = [DOCS / "README.md", DOCS / "README.en.md", *sorted(p for room in ROOMS for p in (DOCS / room).glob("*.md"))]
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
EVERY_PAGE = [*FRONT_PAGES, *PAGES, *DECISIONS]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _without_code(text: str) -> str:
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`|<!--.*?-->", "", text)


def _blocks(text: str) -> list[str]:
    return re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def _paragraph(line: str) -> bool:
    return not line.startswith(("|", "#", "![")) and not re.match(r"\s*(- |\d+\. )", line)


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"`|\[|\]\([^)]*\)", "", heading.strip().lower()))
    return kept.replace(" ", "-")


def _headings(text: str) -> list[tuple[str, str]]:
    without = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+) (.+)$", without, flags=re.MULTILINE)


def test_every_room_of_the_documents_has_pages() -> None:
    for room in ROOMS:
        assert [p for p in PAGES if p.parent.name == room], f"docs/{room} is empty"


@pytest.mark.parametrize("path", [p for p in PAGES if not p.name.endswith(".en.md")], ids=_name)
def test_a_page_stands_in_both_languages(path: Path) -> None:
    other = path.with_name(path.name.removesuffix(".md") + ".en.md")
    assert other.exists(), f"{_name(path)} has no English beside it"
    here, there = (p.read_text(encoding="utf-8") for p in (path, other))
    assert [h[0] for h in _headings(here)] == [h[0] for h in _headings(there)], "the two have other headings"
    assert len(_blocks(here)) == len(_blocks(there)), "the two have other examples"
    assert re.search(r"[ぁ-ん]", here), f"{_name(path)} has no Japanese"


@pytest.mark.parametrize("path", [p for p in PAGES if p.name.endswith(".en.md")], ids=_name)
def test_no_english_page_stands_alone(path: Path) -> None:
    assert path.with_name(path.name.removesuffix(".en.md") + ".md").exists()


def test_the_readme_stands_in_both_languages() -> None:
    here, there = ((ROOT / n).read_text(encoding="utf-8") for n in ("README.ja.md", "README.md"))
    assert [h[0] for h in _headings(here)] == [h[0] for h in _headings(there)]


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_readme_shows_the_flow_in_the_order_of_the_map(name: str) -> None:
    rows = re.findall(r"^\| \d \| `([a-z_]+)` \|", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    docstring = (ROOT / "src" / "tsunagu" / "__init__.py").read_text(encoding="utf-8")
    on_the_map = re.findall(r"^    ([a-z]+) ", docstring, re.MULTILINE)
    shown = [room for room in rows if room in on_the_map]
    assert len(shown) >= 6
    assert shown == [room for room in on_the_map if room in shown]


@pytest.mark.parametrize("path", EVERY_PAGE, ids=_name)
def test_a_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_code(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, part = target.partition("#")
        goal = (path.parent / file).resolve() if file else path
        assert goal.exists(), f"{_name(path)}: {target}"
        if part:
            anchors = {_anchor(h[1]) for h in _headings(goal.read_text(encoding="utf-8"))}
            assert part in anchors, f"{_name(path)}: {target}"


@pytest.mark.parametrize("path", EVERY_PAGE, ids=_name)
def test_a_file_named_in_a_page_exists(path: Path) -> None:
    named = re.findall(
        r"`((?:src|tests|docs|examples|bench)/[\w./\-]+)`", path.read_text(encoding="utf-8").replace("…", "")
    )
    for name in named:
        assert (ROOT / name).exists(), f"{_name(path)}: {name}"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_page_can_be_reached_from_the_index(path: Path) -> None:
    if path.parent == DOCS:
        return
    index = DOCS / ("README.en.md" if path.name.endswith(".en.md") else "README.md")
    assert f"({path.relative_to(DOCS)})" in index.read_text(encoding="utf-8")


def test_make_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    found: set[str] = set()
    for path in EVERY_PAGE:
        text = path.read_text(encoding="utf-8")
        pieces = [*_blocks(text), *re.findall(r"`([^`\n]+)`", text)]
        found |= {m for piece in pieces for m in re.findall(r"^\s*(?:\$ )?make ([a-z]+)", piece, re.MULTILINE)}
    assert {"demo", "test", "check"} <= found
    assert found <= targets, sorted(found - targets)


@pytest.mark.parametrize("path", [*FRONT_PAGES, *PAGES], ids=_name)
def test_one_sentence_stands_on_one_line(path: Path) -> None:
    if "generated" in path.read_text(encoding="utf-8")[:200]:
        return
    for line in _without_code(path.read_text(encoding="utf-8")).splitlines():
        if not _paragraph(line):
            continue  # a row of a table or of a list may hold two short ones
        inside = re.sub(r"[(「『][^)」』]*[)」』]|\*\*", "", line)
        assert not re.search(r"。(?=\S)", inside), f"{_name(path)}: {line[:60]}"
        assert not re.search(r"[a-z)][.?] [A-Z]", inside), f"{_name(path)}: {line[:60]}"


@pytest.mark.parametrize("path", EVERY_PAGE, ids=_name)
def test_no_page_raises_its_voice(path: Path) -> None:
    # an image begins with this sign; a sentence does not end with it
    assert not re.search(r"[!!](?!\[)", _without_code(path.read_text(encoding="utf-8"))), _name(path)


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_says_first_what_it_is_for(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("<!--")]
    assert lines[0].startswith("# "), _name(path)
    assert re.match(r"(このページ|After this page|This page)", lines[1]), f"{_name(path)}: {lines[1][:60]}"


def test_pictures_are_small() -> None:
    large = [_name(p) for p in (DOCS / "images").glob("*") if p.stat().st_size > 300 * 1024]
    assert large == []


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_extract_of_the_guide_is_read_as_the_guide_writes_it(tmp_path: Path, language: str) -> None:
    """docs/how-to/read-a-new-extract: its two examples, put into the example city, read a file of that kind."""
    guide = (DOCS / "how-to" / f"read-a-new-extract{language}.md").read_text(encoding="utf-8")
    item, source = (b for b in _blocks(guide) if b.startswith("[["))
    city = Path(shutil.copytree(ROOT / "examples" / "hinode-city", tmp_path / "city"))
    (city / "catalogue" / "cafeteria.toml").write_text(item, encoding="utf-8")
    (city / "sources" / "cafeteria.toml").write_text(source, encoding="utf-8")
    (city / "holders" / "cafeteria.toml").write_text(
        '[[holder]]\nid = "kodomo_shokudo"\nja = "例"\nen = "Example"\ndepartment = "例"\ndepartment_en = "Example"\n',
        encoding="utf-8",
    )
    folder = tmp_path / "extracts" / "kodomo_shokudo"
    folder.mkdir(parents=True)
    with (folder / "利用記録_R08.csv").open("w", encoding="cp932", newline="") as file:
        csv.writer(file).writerows(
            [
                ["受付番号", "氏名", "フリガナ", "生年月日", "利用日"],
                ["1", "例川 あおい", "レイカワ アオイ", "H28.5.6", "R8.9.4"],
            ]
        )
    delivery = read_delivery(tmp_path / "extracts", load_sources(city), load_catalogue(city))
    facts = [f for f in delivery.facts.to_pylist() if f["item"] == "meal_visit"]
    assert [(f["state"], str(f["at"])) for f in facts] == [("known", "2026-09-04")]


def test_the_comparisons_of_the_guide_are_those_of_the_language() -> None:
    from tsunagu.screening.load import _OPERATORS

    for language in ("", ".en"):
        guide = (DOCS / "how-to" / f"change-a-criterion{language}.md").read_text(encoding="utf-8")
        table = next(part for part in guide.split("\n\n") if "| `at_least` |" in part)
        rows = re.findall(r"^\| (`[a-z_]+`(?:[、,] ?`[a-z_]+`)*) \|", table, re.MULTILINE)
        words = {w for row in rows for w in re.findall(r"`([a-z_]+)`", row)}
        assert words == {*_OPERATORS, "all", "any"}


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_page_on_the_manifest_names_its_keys(language: str) -> None:
    """The keys that either kind of run gives and those that runs/folder.py adds, read from their source."""
    given: set[str] = set()
    for name in ("pipeline.py", "from_holders.py"):
        source = (ROOT / "src" / "tsunagu" / name).read_text(encoding="utf-8")
        body = re.search(r"^def _manifest\(.*?(?=^def |\Z)", source, re.MULTILINE | re.DOTALL)
        assert body
        found = set(re.findall(r'^        "([a-z_]+)":', body[0], re.MULTILINE))
        assert len(found) > 8
        given |= found
    added = {"format", "tables", "vocabulary", "criteria_file", "seal"}
    page = (DOCS / "reference" / f"manifest{language}.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)) == given | added


@pytest.mark.parametrize("language", ["", ".en"])
def test_every_setting_of_the_desk_is_on_the_page(language: str) -> None:
    page = (DOCS / "reference" / f"settings{language}.md").read_text(encoding="utf-8")
    source = (ROOT / "src" / "tsunagu_web" / "environment.py").read_text(encoding="utf-8")
    settings = set(re.findall(r"\"(TSUNAGU_[A-Z_]+)\"", source))
    assert len(settings) > 5
    assert set(re.findall(r"^\| `(TSUNAGU_[A-Z_]+)` \|", page, re.MULTILINE)) == settings


def _desk_commands() -> set[str]:
    files = (ROOT / "src" / "tsunagu_web").glob("*/management/commands/[a-z]*.py")
    return {path.stem.replace("_", "-") for path in files} | {"migrate"}


def test_commands_of_the_desk_exist_and_are_on_the_page() -> None:
    shown: set[str] = set()
    for path in EVERY_PAGE:
        shown |= set(re.findall(r"python -m tsunagu_web ([a-z][a-z-]*)", path.read_text(encoding="utf-8")))
    assert shown == _desk_commands()


def test_commands_of_the_program_exist() -> None:
    from typer.main import get_command

    from tsunagu.cli.commands import app

    def verbs(words: tuple[str, ...], command: object) -> set[tuple[str, ...]]:
        inside = getattr(command, "commands", None)
        return {words} if inside is None else {v for n, c in inside.items() for v in verbs((*words, n), c)}

    known = verbs((), get_command(app))
    shown: set[tuple[str, ...]] = set()
    for path in EVERY_PAGE:
        text = path.read_text(encoding="utf-8")
        for piece in [*_blocks(text), *re.findall(r"`([^`\n]+)`", text)]:
            for line in re.findall(r"^\s*(?:\.venv/bin/)?tsunagu ((?:[a-z]+ ?)+)", piece, re.MULTILINE):
                words = tuple(line.split())
                verb = next((words[:n] for n in (2, 1) if words[:n] in known), None)
                groups = {v[0] for v in known}
                assert verb or (len(words) == 1 and words[0] in groups), f"{_name(path)}: tsunagu {line}"
                shown.add(verb or words)
    assert len(shown & known) >= 5, sorted(shown)


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_guide_to_linking_names_every_role_and_column(language: str) -> None:
    from tsunagu.linkage.tables import PAIRS as COLUMNS
    from tsunagu.linkage.tables import ROLES

    guide = (DOCS / "how-to" / f"link-two-tables{language}.md").read_text(encoding="utf-8")
    first_cells = " ".join(re.findall(r"^\| ((?:`[a-z_]+`[、, ]*)+) \|", guide, re.MULTILINE))
    assert set(re.findall(r"`([a-z_]+)`", first_cells)) == {*ROLES, *COLUMNS.names}


def test_the_training_command_of_the_guide_runs(tmp_path: Path) -> None:
    """docs/how-to/train-a-link-model: both pages show one command, and it writes a model that can be read."""
    from tsunagu.example_city.city import write_example_city
    from tsunagu.linkage.weights import read_model

    commands = {
        line
        for name in ("train-a-link-model.md", "train-a-link-model.en.md")
        for line in (DOCS / "how-to" / name).read_text(encoding="utf-8").splitlines()
        if line.startswith("tsunagu train")
    }
    assert len(commands) == 1
    shutil.copytree(ROOT / "examples" / "hinode-city", tmp_path / "examples" / "hinode-city")
    write_example_city(tmp_path / "demo" / "3000", children=60, seed=1, on=dt.date(2026, 9, 30), months=2)
    program = "from tsunagu.cli import main; main()"
    subprocess.run([sys.executable, "-c", program, *commands.pop().split()[1:]], cwd=tmp_path, check=True)
    assert read_model(tmp_path / "model.json").trained["seed"] == 1


def _codes_of(page: str, section: str) -> set[str]:
    part = re.search(rf"^## [^\n]*{section}.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert part
    return set(re.findall(r"^\| `([a-z_]+)` \|", part[0], re.MULTILINE))


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_page_on_codes_names_those_of_the_reader(language: str) -> None:
    page = (DOCS / "reference" / f"codes{language}.md").read_text(encoding="utf-8")
    source = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "src/tsunagu/sources").glob("*.py")))
    on_the_page = _codes_of(page, "kind")
    faults = set(re.findall(r'FileFault\("([a-z_]+)"', source)) - {"no_source_names_it"}
    values = set(re.findall(r'return None, (?:"" if [a-z_]+ else )?"([a-z_]+)"', source))
    values |= set(re.findall(r'kind == "([a-z_]+)"', source)) & {"long_row", "unclosed_quote"}
    assert len(faults) > 8
    assert len(values) > 6
    assert faults | values <= on_the_page, sorted((faults | values) - on_the_page)
    stale = {code for code in on_the_page if f'"{code}"' not in source}
    assert stale == set()


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_page_on_codes_names_those_of_the_linkage(language: str) -> None:
    from tsunagu.linkage.decided import REASON as CLERK
    from tsunagu.linkage.numbers import _KINDS
    from tsunagu.linkage.passes import PASSES
    from tsunagu.linkage.review import QUESTIONS

    page = (DOCS / "reference" / f"codes{language}.md").read_text(encoding="utf-8")
    codes = _codes_of(page, "decided_by")
    assert {"register", "model", "alone", CLERK, *_KINDS.values()} <= codes
    assert {part for step in PASSES for part in step.name.split("_")} <= codes
    assert _codes_of(page, "question") == set(QUESTIONS)


@pytest.mark.parametrize("path", [*FRONT_PAGES, *PAGES], ids=_name)
def test_the_files_that_a_plan_of_criteria_names_are_there(path: Path) -> None:
    """Whoever copies the line must be able to run it as it stands."""
    for line in re.findall(r"^tsunagu plan (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        for file in re.findall(r"\S+\.toml", line):
            assert (ROOT / file).is_file(), f"{_name(path)}: {file}"
