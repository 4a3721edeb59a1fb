"""Writing: taking in a run's pairs, deciding, taking back. One transaction, one entry in the log."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import RunFolder
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.vault import Vault, room_for, size_of
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Run
from tsunagu_web.link_review.models import MARKS, LinkDecision, LinkPair, Marked, Question, Verdict, Why
from tsunagu_web.people.services import ChangedMeanwhile
from tsunagu_web.steps.once import require_same

_BATCH = 2_000
_SHOWN = ("holder", "name", "kana", "alias", "birth_date", "sex", "school_name", "grade")


@dataclass(frozen=True)
class Wish:
    """What somebody decides. seen, content: what the page showed; form: the form's own mark."""

    verdict: Verdict
    why: Why
    seen: int
    content: str
    form: uuid.UUID


def pairs_of(folder: RunFolder, key: bytes) -> list[LinkPair]:
    """The run's doubtful pairs, sealed anew with the desk's own key for them."""
    rows = folder.review_records(key).to_pylist()
    sides: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        sides.setdefault(row["pair"], {})[row["side"]] = row
    contents = {pair: _content(both["left"], both["right"]) for pair, both in sides.items()}
    room = room_for(max((size_of(content) for content in contents.values()), default=0))
    vault = open_vault()
    return [
        _pair(both["left"], both["right"], sealed=vault.seal(pair, contents[pair], room=room))
        for pair, both in sides.items()
    ]


def replace_pairs(pairs: list[LinkPair]) -> None:
    """Puts the pairs in place of the former run's, in the caller's transaction; decisions stay."""
    LinkPair.objects.all().delete()
    LinkPair.objects.bulk_create(pairs, batch_size=_BATCH)


def decide(pair: LinkPair, viewer: Viewer, wish: Wish) -> LinkDecision:
    """Decides a pair. The same form gives the decision it made first.

    raises  ChangedMeanwhile when somebody else decided it, or a run changed it, after the page was made
    """
    if pair.content != wish.content:
        raise ChangedMeanwhile
    marks = str(Run.objects.get(seal=viewer.run).manifest.get("marks", ""))
    return _write(pair, pair.pair, viewer, wish, marks=marks, run=viewer.run)


def take_back(decision: LinkDecision, viewer: Viewer, *, form: uuid.UUID) -> LinkDecision:
    """Takes a decision back, by a later one; raises ChangedMeanwhile when it is no longer the last of its pair."""
    if decision.verdict == Verdict.TAKEN_BACK:
        raise ChangedMeanwhile
    wish = Wish(Verdict.TAKEN_BACK, Why.MISTAKE, decision.number, decision.content, form)
    return _write(decision, decision.pair, viewer, wish, marks=decision.marks, run=decision.run)


def open_vault() -> Vault:
    """The vault of this room, with its own key (TSUNAGU_LINK_KEY); every error of a key file."""
    return Vault(read_key(settings.ENVIRONMENT.link_key), where="link review")


def _write(of: Marked, pair: str, viewer: Viewer, wish: Wish, **more: str) -> LinkDecision:
    try:
        with transaction.atomic():
            again = LinkDecision.objects.filter(form=wish.form, pair=pair, by=viewer.staff_id).first()
            if again is not None:
                require_same(again, {"verdict": wish.verdict, "why": wish.why})
                return again
            if LinkDecision.objects.filter(pair=pair).count() != wish.seen:
                raise ChangedMeanwhile
            made = LinkDecision.objects.create(
                pair=pair,
                number=wish.seen + 1,
                verdict=wish.verdict,
                why=wish.why,
                form=wish.form,
                by_id=viewer.staff_id,
                at=timezone.now(),
                **more,
                **{name: getattr(of, name) for name in MARKS},
            )
            append(
                action="decide",
                object=Thing.LINK_REVIEW.value,
                staff=viewer,
                purpose=viewer.purpose,
                persons=made.persons,
                detail={"outcome": made.verdict, "reason": made.why, "number": made.pk},
                content=made,
            )
    except IntegrityError as error:  # somebody else at the same moment
        raise ChangedMeanwhile from error
    return made


def _content(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    both = {side: {name: row[name] for name in _SHOWN} for side, row in (("left", left), ("right", right))}
    return {**both, **{name: left[name] for name in ("agrees", "differs", "address")}}


def _pair(left: dict[str, Any], right: dict[str, Any], *, sealed: bytes) -> LinkPair:
    return LinkPair(
        pair=left["pair"],
        question=left["question"],
        urgency=Question.values.index(left["question"]),
        differs=len([name for name in left["differs"].split(",") if name]),
        content=left["content"],
        sealed=sealed,
        **{
            f"{side}_{name}": row[column]
            for side, row in (("left", left), ("right", right))
            for name, column in (("number", "number"), ("said", "said"), ("person", "person_id"))
        },
    )
