"""What staff know of a simulated case when they decide: signs as noisy consequences, and what is unknown.

A sign is a cause seen through noise. What nobody knows comes in clusters: who has not seen the child knows nothing of
its body and its words, who has not met the guardian nothing of theirs, and a neighbour's call tells little of a home.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tsunagu.guidance.answers import ABSENT, UNKNOWN, Answer, State
from tsunagu.guidance.sheet import SITES
from tsunagu.simulated_cases.causes import Causes

# Which questions one and the same gap leaves open.
OF_THE_CHILD = ("child_asks", "injury", "neglect_harm", "fear", "infant_moves", "dark_look", "body_symptoms")
OF_THE_GUARDIAN = (
    "guardian_asks",
    "words_of_harm",
    "violence_at_home",
    "not_recognised",
    "guardian_unstable",
    "substances",
    "rejecting",
)
OF_THE_HOME = ("nobody_protects", "new_person", "home_change", "care", "child_burden")
OF_THE_PAST = ("past_reports", "old_and_new", "hospital")
CLUSTERS = (OF_THE_CHILD, OF_THE_GUARDIAN, OF_THE_HOME, OF_THE_PAST)
#: How often each cluster is still open when the case is decided; a neighbour's or a relative's call leaves more.
OPEN = (0.011, 0.011, 0.12, 0.03)
OPEN_MORE = {"neighbour": 1.6, "relative": 1.2, "hospital": 0.8, "police": 0.8}
#: Within an open cluster, how often one question is open; outside of it, how often one is: asked first, and later.
OPEN_WITHIN = 0.75
OPEN_ALONE = (0.0005, 0.05)
LATER = frozenset(
    (
        "hospital",
        "dark_look",
        "body_symptoms",
        "substances",
        "nobody_protects",
        "new_person",
        "child_burden",
        "home_change",
        "care",
    )
)
_TORSO = ("head", "face", "ear", "mouth", "neck", "chest", "belly")
#: Where grave blows land, and where slight ones and a child's own falls do.
_SITES_GRAVE = tuple(5 if site in _TORSO else 1 for site in SITES)
_SITES_SLIGHT = tuple(1 if site in _TORSO else 2 for site in SITES)


def draw_answers(causes: Causes, chance: Random) -> dict[str, Answer]:
    """The answers to the standard sheet at the time of the decision."""
    given = _seen(causes, chance)
    factor = OPEN_MORE.get(causes.notifier, 1.0)
    for cluster, often in zip(CLUSTERS, OPEN, strict=True):
        if chance.random() < often * factor:
            given.update((id, UNKNOWN) for id in cluster if id in given and chance.random() < OPEN_WITHIN)
            if cluster is OF_THE_CHILD:
                given["unseen"] = _present(2 if chance.random() < 0.7 else 3)
    for id in given:
        if chance.random() < OPEN_ALONE[id in LATER] and id != "young":
            given[id] = UNKNOWN
    return given


def _seen(causes: Causes, chance: Random) -> dict[str, Answer]:
    """Every question as it would be answered if nothing were open."""
    gauss = chance.gauss
    physical, neglect, psychological, sexual = causes.severity
    gravest = causes.gravest
    # How far what is told of one case lies from what is so, beside the noise of each sign.
    off = gauss(0.0, 0.08)
    blur = 0.14 + 0.04 * causes.complexity

    def sign(level: float) -> Answer:
        return _present(_grade(level + off + gauss(0.0, blur))) if level > 0.2 else ABSENT

    # What is grave is grave in one way at least: threats, violence that the child sees, or rejection and terror.
    threats, violence, rejection = _ways(psychological, chance)
    speaks = causes.months >= 36
    given = {
        "child_asks": sign(0.75 * gravest - 0.55 + 0.25 * (causes.band == 3)) if speaks else ABSENT,
        "guardian_asks": sign(0.8 * causes.strain - 0.5),
        "words_of_harm": sign(max(threats, causes.strain - 1.2)),
        "injury": _injury(physical + off, blur, causes, chance),
        "neglect_harm": sign(neglect),
        "young": _young(causes),
        "dangerous_act": sign(max(physical, neglect - 0.8)),
        # A case is of this type because somebody suspects it; of other children a word is now and then misread.
        "sexual_suspected": _present(max(1, _grade(sexual + 0.2 + off + gauss(0.0, blur))))
        if sexual > 0
        else _present(int(chance.random() < 0.01)),
        "sexual_act": sign(sexual - 2.0),
        "sexual_other": sign(sexual - 0.2),
        "unseen": _present(1) if chance.random() < 0.25 else ABSENT,
        "old_and_new": sign(min(physical, causes.past + 0.4)),
        "past_reports": sign(causes.past + 0.2),
        "not_recognised": sign(0.6 * causes.refusal + 0.3 * gravest),
        "guardian_unstable": sign(causes.strain),
        "fear": sign(max(0.85 * physical, 0.85 * psychological, rejection, 0.65 * sexual)),
        "refuses_help": sign(causes.refusal),
        "violence_at_home": sign(violence),
        "hospital": sign(max(neglect - 0.4, 0.5 * causes.past)),
        "dark_look": sign(0.65 * gravest),
        "body_symptoms": sign(0.6 * max(neglect, psychological)),
        "rejecting": sign(max(0.5 * psychological, rejection)),
        "substances": sign(0.7 * causes.strain),
        "nobody_protects": sign(3.2 * (1 - causes.shelter) - 0.5),
        "new_person": sign(causes.change),
        "child_burden": sign(1.8 * causes.disability + 0.2 * causes.strain),
        "home_change": sign(0.8 * causes.change),
        "care": sign(neglect + 0.1),
    }
    if physical > 0 and causes.months < 36:
        given["infant_moves"] = sign(physical - 0.4)
    if neglect > 0 or given["young"].grade:
        given["alone"] = sign(neglect - 0.2)
    if given["sexual_suspected"].grade:
        near = 3 if causes.access and sexual > 0 else chance.choice((0, 1, 2))
        given["person_near"] = _present(near)
    return given


def _ways(psychological: float, chance: Random) -> tuple[float, float, float]:
    """How far psychological abuse is threats, violence at home, and rejection: one carries all of it, others less."""
    shares = [chance.choice((0.0, 0.4, 0.7)) for _ in range(3)]
    shares[chance.choices((0, 1, 2), (25, 50, 25))[0]] = 1.0
    return shares[0] * psychological, shares[1] * psychological, shares[2] * psychological


def _injury(physical: float, blur: float, causes: Causes, chance: Random) -> Answer:
    if physical <= 0.2:
        # Children fall: a slight bruise without any violence.
        if chance.random() > (0.06 if causes.months >= 12 else 0.01):
            return ABSENT
        return _present(1, 1, frozenset(chance.choices(SITES, _SITES_SLIGHT)))
    if chance.random() < 0.15:
        return ABSENT  # blows that leave no mark
    grade = _grade(physical - 0.2 + chance.gauss(0.0, blur))
    if not grade:
        return ABSENT
    extent = max(1, _grade(physical - 0.2 + chance.gauss(0.0, 0.5)))
    weights = _SITES_GRAVE if physical >= 2.5 else _SITES_SLIGHT
    return _present(grade, extent, frozenset(chance.choices(SITES, weights, k=extent)))


def _young(causes: Causes) -> Answer:
    months = causes.months
    return _present(3 if months < 12 else 2 if months < 36 else 1 if months < 72 or causes.disability else 0)


def _grade(level: float) -> int:
    return (level >= 0.6) + (level >= 1.6) + (level >= 2.6)


def enter_again(answers: dict[str, Answer], chance: Random) -> dict[str, Answer]:
    """The same case as a second person enters it: now and then a grade off by one, or a thing not known."""
    found = {}
    for id, answer in answers.items():
        drawn = chance.random()
        if drawn < 0.01:
            found[id] = UNKNOWN
        elif drawn < 0.06 and answer.grade is not None:
            found[id] = replace(answer, grade=min(3, max(1, answer.grade + chance.choice((-1, 1)))))
        elif drawn < 0.02 and answer.state is State.ABSENT and id in OF_THE_PAST:
            found[id] = _present(1)
        else:
            found[id] = answer
    return found


def _present(grade: int, extent: int | None = None, sites: frozenset[str] | None = None) -> Answer:
    return Answer(State.PRESENT, grade, extent, sites, source="simulated") if grade else ABSENT
