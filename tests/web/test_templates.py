"""A template put into one language says the same, letter by letter, as one whose words are looked up each time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.template import Context, Engine, NodeList, engines
from django.template.base import TextNode
from django.test import Client
from django.utils.translation import override

import tsunagu_web
from tsunagu_web.access.terms import Role
from tsunagu_web.serving import templates

HERE = Path(tsunagu_web.__file__).parent
ALL = sorted(str(p).split("/templates/", 1)[1] for p in HERE.rglob("templates/**/*.*") if p.suffix in (".html", ".txt"))


def _plain_engine() -> Engine:
    kept = engines["django"].engine
    return Engine(
        dirs=kept.dirs,
        app_dirs=True,
        libraries=kept.libraries,
        builtins=kept.builtins,
        context_processors=kept.context_processors,
    )


def _told(nodes: NodeList) -> Iterator[str]:
    """What always stands there, as text; of everything else its kind and what is inside."""
    for node in nodes:
        if isinstance(node, TextNode) or templates._never_changes(node):
            yield node.render(Context())
        else:
            yield f"<<{type(node).__name__}>>"
            for inside in templates._inside(node):
                yield from _told(inside)
            yield "<<end>>"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_template_says_the_same(language: str) -> None:
    plain, kept = _plain_engine(), engines["django"].engine
    with override(language):
        for name in ALL:
            looked_up, settled = plain.get_template(name), kept.get_template(name)
            assert "".join(_told(settled.nodelist)) == "".join(_told(looked_up.nodelist)), name


def test_words_that_never_change_are_text() -> None:
    with override("ja"):
        nodes = engines["django"].engine.get_template("base.html").nodelist
    assert not [n for n in nodes.get_nodes_by_type(templates.TranslateNode) if templates._never_changes(n)]
    assert "本文へ" in "".join(n.s for n in nodes.get_nodes_by_type(TextNode))


def test_what_changes_is_left() -> None:
    words = (
        "{% load i18n static %}{% translate name %}|{% translate 'Children' as c %}{{ c }}"
        "|{% translate 'Children'|upper %}|{% url 'cases:child' 'P1' %}|{% url where %}|{% static path %}"
        "|{% translate 'Children' context 'x' %}"
        "{% if name %}{% translate 'Tasks' %} {% translate 'Notes' %}{% endif %}"
    )
    told = {"name": "Tasks", "where": "tasks:mine", "path": "desk/desk.css"}
    engine = engines["django"].engine
    for language in ("ja", "en"):
        with override(language):
            template = engine.from_string(words)
            before = template.render(Context(told))
            templates.settle(template.nodelist)
            assert template.render(Context(told)) == before
            assert len(template.nodelist) == 16, "nothing but the words inside the condition was settled"
            [(_condition, inside)] = template.nodelist[-1].conditions_nodelists
            assert [type(node) for node in inside] == [TextNode]


def test_a_page_follows_the_language_of_each_reader(as_role: Callable[..., Client], desk: None) -> None:
    client = as_role(Role.LEAD_WORKER)
    seen = []
    for language in ("ja", "en", "ja"):
        client.post("/language/", {"language": language, "next": "/children/"})
        seen.append(client.get("/children/").content.decode())
    assert "本文へ" in seen[0]
    assert "本文へ" not in seen[1]
    assert "本文へ" in seen[2]
    assert "Skip to the content" in seen[1]


def test_control_one_kept_template_for_all_languages_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "get_language", lambda: "one")
    files = ["django.template.loaders.app_directories.Loader"]
    loaders = [("tsunagu_web.serving.templates.Loader", files)]
    engine = Engine(loaders=loaders, libraries=engines["django"].engine.libraries)
    seen = []
    for language in ("ja", "en"):
        with override(language):
            seen.append("".join(_told(engine.get_template("cases/_timeline.html").nodelist)))
    assert seen[0] == seen[1], "so a page would answer in the language of whoever came first"


def _settled_by_many(monkeypatch: pytest.MonkeyPatch) -> int:
    """How often one kept template is settled when four readers ask for it at once."""
    asked: list[NodeList] = []
    really = templates.settle

    def slowly(nodes: NodeList) -> None:
        asked.append(nodes)
        time.sleep(0.05)
        really(nodes)

    files = ["django.template.loaders.app_directories.Loader"]
    engine = Engine(
        loaders=[("tsunagu_web.serving.templates.Loader", files)], libraries=engines["django"].engine.libraries
    )
    kept = engine.template_loaders[0]
    engine.get_template("tasks/mine.html").is_in_one_language = False  # compiled and kept, its words not yet put there
    monkeypatch.setattr(templates, "settle", slowly)
    assert kept.get_template_cache
    with ThreadPoolExecutor(4) as readers:
        found = list(readers.map(lambda _n: engine.get_template("tasks/mine.html"), range(4)))
    return sum(nodes is found[0].nodelist for nodes in asked)


def test_a_template_is_settled_once_however_many_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _settled_by_many(monkeypatch) == 1


def test_control_without_waiting_several_would_change_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_SETTLING", nullcontext())
    assert _settled_by_many(monkeypatch) > 1
