"""Reasons as the viewer may see them: sentence, basis, source, picture; or what to watch; or hidden, and said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tsunagu_web.access.decision import Subject
from tsunagu_web.access.policy import may, may_see_reason
from tsunagu_web.access.terms import DOMAINS, Form, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import words as w
from tsunagu_web.cases.models import Reason
from tsunagu_web.cases.pictures import Spark, spark


@dataclass(frozen=True)
class ShownReason:
    code: str
    sentence: str
    basis: str
    source: str
    judgment: str
    rows: tuple[str, ...]
    beside: tuple[str, ...]
    picture: Spark | None
    is_in_words: bool


@dataclass(frozen=True)
class ShownMissing:
    code: str
    name: str
    sentence: str
    source: str


@dataclass(frozen=True)
class Reasons:
    """signs, missing: what may be shown. watch: texts in their place. is_hidden: some are kept from this role."""

    signs: tuple[ShownReason, ...]
    missing: tuple[ShownMissing, ...]
    watch: tuple[str, ...]
    is_hidden: bool


@dataclass(frozen=True)
class Brief:
    """A child's reasons in the room of one row: the main sentence, how many more signs, names of what is missing."""

    main: str
    others: int
    missing: tuple[str, ...]
    watch: tuple[str, ...]
    is_hidden: bool


def reasons_for(viewer: Viewer, words: w.Words, reasons: Sequence[Reason], about: Subject) -> Reasons:
    """The child's reasons in the order of the run, one per code.

    is_hidden never depends on the reasons themselves: whether this child has hidden ones stays hidden as well.
    """
    allowed = _allowed(viewer, words, reasons, about)
    shown = _one_per_code(words, allowed)
    with_values = _with_values(viewer, words, reasons, about)
    return Reasons(
        signs=tuple(
            _sign(words, r, _beside(words, r, with_values)) if r in with_values else _sign_in_words(words, r)
            for r in shown
            if r.kind == "sign"
        ),
        missing=tuple(_missing(words, r) for r in shown if r.kind == "missing"),
        watch=_watch_texts(viewer, words, reasons, about),
        is_hidden=_hides_some(viewer, about),
    )


def brief_for(viewer: Viewer, words: w.Words, reasons: Sequence[Reason], about: Subject, *, first: str) -> Brief:
    """The same in short. first: the code of the main reason; where it may not be shown, the first that may."""
    shown = _one_per_code(words, _allowed(viewer, words, reasons, about))
    signs = [r for r in shown if r.kind == "sign"]
    main = next((r for r in signs if r.code == first), signs[0] if signs else None)
    in_words = main is not None and main not in _with_values(viewer, words, reasons, about)
    return Brief(
        main="" if main is None else w.sign_name(words, main.code) if in_words else w.sentence(words, main),
        others=max(len(signs) - 1, 0),
        missing=tuple(w.missing_name(words, r.code) for r in shown if r.kind == "missing"),
        watch=_watch_texts(viewer, words, reasons, about),
        is_hidden=_hides_some(viewer, about),
    )


def _allowed(viewer: Viewer, words: w.Words, reasons: Sequence[Reason], about: Subject) -> list[Reason]:
    return [r for r in reasons if may_see_reason(viewer, w.domains_of(words, r), about, form=Form.WORDS)]


def _with_values(viewer: Viewer, words: w.Words, reasons: Sequence[Reason], about: Subject) -> list[Reason]:
    return [r for r in reasons if may_see_reason(viewer, w.domains_of(words, r), about)]


def _one_per_code(words: w.Words, allowed: Sequence[Reason]) -> list[Reason]:
    """For each code the row that carries the sentence, in the order of the run."""
    main: dict[tuple[str, str], Reason] = {}
    for reason in sorted(allowed, key=lambda r: not w.is_main(words, r)):
        main.setdefault((reason.kind, reason.code), reason)
    return sorted(main.values(), key=lambda r: r.place)


def _hides_some(viewer: Viewer, about: Subject) -> bool:
    return not all(may_see_reason(viewer, [domain], about, form=Form.WORDS) for domain in DOMAINS)


def _watch_texts(viewer: Viewer, words: w.Words, reasons: Sequence[Reason], about: Subject) -> tuple[str, ...]:
    """What to watch, only from signs that rest on the school's own records: every other one would tell."""
    if not may(viewer, Thing.WATCH, about=about):
        return ()
    own = [r for r in reasons if r.kind == "sign" and w.domains_of(words, r) == {"education"}]
    return tuple(dict.fromkeys(text for text in (w.watch_text(words, r.code) for r in own) if text))


def _beside(words: w.Words, main: Reason, allowed: Sequence[Reason]) -> tuple[str, ...]:
    """What the sign's further rows name beside its sentence."""
    rest = [r for r in allowed if r.kind == main.kind and r.code == main.code and r is not main]
    return tuple(dict.fromkeys(w.sentence(words, r) for r in rest))


def _sign(words: w.Words, reason: Reason, beside: tuple[str, ...]) -> ShownReason:
    return ShownReason(
        code=reason.code,
        sentence=w.sentence(words, reason),
        basis=w.basis(words, reason),
        source=_source(words, reason),
        judgment=w.judgment_name(words, reason.judgment),
        rows=tuple(reason.row_keys),
        beside=beside,
        picture=spark(
            reason.series,
            threshold=reason.threshold,
            compared=reason.number,
            at=reason.at,
            is_coded=w.is_coded(words, reason.indicator),
        ),
        is_in_words=False,
    )


def _sign_in_words(words: w.Words, reason: Reason) -> ShownReason:
    """That the sign holds, and whose record says so: no value, no row, no picture."""
    return ShownReason(
        code=reason.code,
        sentence=w.sign_name(words, reason.code),
        basis="",
        source=_source(words, reason),
        judgment=w.judgment_name(words, reason.judgment),
        rows=(),
        beside=(),
        picture=None,
        is_in_words=True,
    )


def _missing(words: w.Words, reason: Reason) -> ShownMissing:
    return ShownMissing(
        reason.code, w.missing_name(words, reason.code), w.sentence(words, reason), _source(words, reason)
    )


def _source(words: w.Words, reason: Reason) -> str:
    holders = [part.strip() for part in reason.source.split(",") if part.strip()]
    return "・".join(w.holder_name(words, holder) for holder in holders)
