"""The page of the model card: what the estimate is made of, what it is worth, and when it is silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tsunagu.errors import TsunaguError
from tsunagu.estimates.card import model_card
from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.words import language
from tsunagu_web.guidance_centre.own_past import is_switched_on, speaker


@dataclass(frozen=True)
class Block:
    """A piece of the card. kind: title, heading, text, list or table.

    lines   its words; of a table the words of its head
    rows    of a table: each cell with the head above it
    """

    kind: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()


@needs(Thing.URGENCY, Action.VIEW)
@require_safe
def card(request: HttpRequest) -> HttpResponse:
    try:
        found = speaker()
    except TsunaguError:
        found = None
    record_look(request, Thing.URGENCY, estimate="card" if found else "none")
    blocks = tuple(blocks_of(model_card(found.estimate, language()))) if found else ()
    context = {"blocks": blocks, "is_on": is_switched_on()}
    return render(request, "guidance_centre/card.html", context)


def blocks_of(card: str) -> Iterator[Block]:
    """The card's Markdown in pieces, as far as `model_card` writes it: titles, lists, tables, paragraphs."""
    for piece in card.replace("`", "").split("\n\n"):
        lines = tuple(line for line in piece.splitlines() if line)
        if not lines:
            continue
        if lines[0].startswith("# "):
            yield Block("title", (lines[0].removeprefix("# "),))
        elif lines[0].startswith("## "):
            yield Block("heading", (lines[0].removeprefix("## "),))
        elif all(line.startswith("- ") for line in lines):
            yield Block("list", tuple(line.removeprefix("- ") for line in lines))
        elif lines[0].startswith("|"):
            head, _rule, *rows = (tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)
            yield Block("table", head, tuple(tuple(zip(head, row, strict=True)) for row in rows))
        else:
            yield Block("text", lines)
