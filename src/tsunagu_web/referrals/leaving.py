"""What may leave the desk with a referral, and to whom: nothing the table keeps from the recipient's role for every
child, nothing the sender may not see, and never a level, a score or an address."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from tsunagu_web.access.policy import may, may_see_fact, may_see_reason
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import DOMAINS, Action, Form, LegalBasis, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import queries
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import age_on, grade_words, long_day, short_day
from tsunagu_web.cases.fact_words import value_text, when_text
from tsunagu_web.cases.models import Child, FactRow, Run
from tsunagu_web.cases.reasons import reasons_for
from tsunagu_web.cases.timeline import NEVER_SHOWN, domain_names

Line = dict[str, str]
NAME, AGE, SCHOOL = "name", "age", "school"
# What looks like a place to find somebody at. Lines of the desk that do are left out; of staff's own text it warns.
_PLACE = re.compile(
    r"〒|[0-9０-９]{3}[-－‐][0-9０-９]{4}(?![0-9０-９])|丁目|番地|[0-9０-９一二三四五六七八九十百]+番[0-9０-９一二三四五六七八九十]*号?"
    r"|(?:ハイツ|コーポ|アパート|マンション|団地).{0,8}[0-9０-９]+号?室?"
)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to hand on. fields: codes as `choices_for` offers them."""

    purpose: str
    basis: LegalBasis
    reply_until: dt.date
    asked: str
    wish: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    code: str
    name: str


def choices_for(viewer: Viewer, child: Child, run: Run) -> tuple[Choice, ...]:
    """What this person could hand on of this child: what they may see themselves, piece by piece."""
    about, words = child.subject(), run.words
    found = [Choice(AGE, _("Age and school year")), Choice(SCHOOL, _("School"))]
    if may(viewer, Thing.NAME, about=about):
        found.insert(0, Choice(NAME, _("Name and reading")))
    signs = reasons_for(viewer, words, list(child.reasons.all()), about).signs
    found += [Choice(f"reason:{sign.code}", w.sign_name(words, sign.code)) for sign in signs]
    held = {w.domain_of_item(words, fact.item) for fact in _own_facts(child)}
    found += [
        Choice(f"fact:{domain}", _("Facts: %(domain)s") % {"domain": domain_names()[domain]})
        for domain in DOMAINS
        if domain in held and may_see_fact(viewer, domain, about)
    ]
    return tuple(found)


def may_go_to(role: str, code: str, words: w.Words) -> bool:
    """Whether the table gives somebody of this role such a thing of any child at all."""
    kind, _colon, of = code.partition(":")
    if kind == "reason":
        domains = words.get("signs", {}).get(of, {}).get("domains", [])
        return bool(domains) and all(_gives(role, f"reason.{d}", Form.FULL, Form.WORDS) for d in domains)
    return _gives(role, f"fact.{of}" if kind == "fact" else NAME if kind == NAME else "child", Form.FULL)


def body_of(viewer: Viewer, child: Child, run: Run, role: str, wish: Wish) -> str:
    """Every line that leaves (label, value, source, as-of date) as JSON, in the desk's own language whoever prepares
    it: the same bytes for the same records."""
    with translation.override(settings.LANGUAGE_CODE):
        offered = {choice.code for choice in choices_for(viewer, child, run)}
        chosen = [code for code in wish.fields if code in offered and may_go_to(role, code, run.words)]
        of_the_desk = [line for code in chosen for line in _of(child, run, code)]
        leaving = [
            _line("asked", _("What is asked for"), wish.asked),
            *[line for line in of_the_desk if not looks_like_a_place(line["value"])],
            *([_line("wish", _("What the child wishes"), wish.wish)] if wish.wish else []),
            _line("purpose", _("What it is used for"), wish.purpose),
            _line("basis", _("Legal ground"), str(wish.basis.label)),
            _line("reply_until", _("Answer asked for by"), long_day(wish.reply_until)),
        ]
    return json.dumps(leaving, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def may_read(viewer: Viewer, child: Child, line: Line, words: w.Words) -> bool:
    """Whether a colleague of the sender may see a line that left: a domain hidden from them is hidden here too."""
    kind, _colon, of = line["field"].partition(":")
    about = child.subject()
    if kind == "reason":
        return may_see_reason(viewer, words.get("signs", {}).get(of, {}).get("domains", []), about, form=Form.WORDS)
    if kind == "fact":
        return may_see_fact(viewer, of, about)
    return kind != NAME or may(viewer, Thing.NAME, about=about)


def looks_like_a_place(text: str) -> bool:
    return _PLACE.search(text) is not None


def _gives(role: str, thing: str, *forms: Form) -> bool:
    return any(
        permits_of(role, purpose, Thing(thing), Action.VIEW, form) for purpose in PURPOSES[Role(role)] for form in forms
    )


def _line(field: str, label: str, value: str, source: str = "", as_of: str = "") -> Line:
    return {"field": field, "label": label, "value": value, "source": source, "as_of": as_of}


def _of(child: Child, run: Run, code: str) -> list[Line]:
    person, words = child.person, run.words
    kind, _colon, of = code.partition(":")
    register = (str(domain_names()["register"]), short_day(run.on))
    if kind == NAME:
        return [_line(code, _("Name and reading"), " ".join(filter(None, (person.name, person.kana))), *register)]
    if kind == AGE:
        age = age_on(person.birth_date, run.on)
        years = _("%(years)d years old") % {"years": age} if age is not None else _("not known")
        return [
            _line(code, _("Age and school year"), " ".join(filter(None, (years, grade_words(person.grade)))), *register)
        ]
    if kind == SCHOOL:
        return [_line(code, _("School"), person.school_name or _("not known"), *register)]
    if kind == "reason":
        # That the sign holds, in words: how strongly, against which limit and at which level stays at the desk.
        return [_line(code, _("Why support is thought of"), w.sign_name(words, of), "", short_day(run.on))]
    return [_fact(run, code, fact) for fact in _latest(words, child, of)]


def _own_facts(child: Child) -> list[FactRow]:
    """The child's own facts, without those of the household, in an order that does not depend on when they came."""
    facts = [fact for fact in queries.facts_about(child, []) if fact.item not in NEVER_SHOWN and fact.state == "known"]
    return sorted(facts, key=lambda f: (str(f.valid_from or ""), f.label, f.value, f.number or 0, f.holder))


def _latest(words: w.Words, child: Child, domain: str) -> list[FactRow]:
    newest = {fact.item: fact for fact in _own_facts(child)}
    in_order = [item for item in w.in_order(words, "items") if item in newest]
    return [newest[item] for item in in_order if w.domain_of_item(words, item) == domain]


def _fact(run: Run, code: str, fact: FactRow) -> Line:
    words, when = run.words, when_text(run.words, fact)
    value = value_text(words, fact)
    as_of = run.as_of.get(fact.holder, "")
    told = short_day(dt.date.fromisoformat(as_of) if as_of else fact.as_of)
    shown = _("%(value)s (%(when)s)") % {"value": value, "when": when} if value and when else value or when
    return _line(code, w.item_name(words, fact.item), shown, w.holder_name(words, fact.holder), told)
