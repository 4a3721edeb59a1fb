"""What a simulated case is before anybody looks at it: latent causes, and the danger that comes of them.

    centre, notifier ──► how grave it is when it is notified
    type × age × complexity ──► severity of each type, strain of the guardian, what happened before
    severity + how little the child can protect itself + access − a protecting adult ──► danger ──► "now" or not

Nothing here knows a question or a rule of the sheet: the truth is danger alone. Severity has the five steps of practice
(0 none or a doubt, 1 slight, 2 moderate, 3 grave, 4 a danger to life), and a case lies a little to either side of its
step.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

TYPES = ("physical", "neglect", "psychological", "sexual")
# Rarer types are drawn more often than they are notified, so that figures by type have cases to stand on.
TYPE_WEIGHTS = (31, 26, 36, 7)
#: First and last month of age of each band, and how often it is drawn.
AGE_BANDS = ((0, 35), (36, 71), (72, 143), (144, 215))
AGE_WEIGHTS = {
    "physical": (20, 22, 36, 22),
    "neglect": (30, 26, 28, 16),
    "psychological": (22, 22, 34, 22),
    "sexual": (3, 12, 40, 45),
}
NOTIFIERS = ("police", "school", "nursery", "hospital", "relative", "neighbour")
#: By age band; a baby is not notified by a school.
NOTIFIER_WEIGHTS = (
    (34, 0, 10, 16, 20, 20),
    (30, 0, 24, 8, 20, 18),
    (34, 26, 0, 4, 18, 18),
    (34, 32, 0, 4, 22, 8),
)
STEPS = (0, 1, 2, 3, 4)
STEP_WEIGHTS = (0.32, 0.46, 0.145, 0.057, 0.018)
#: How much graver than the mean the cases are that a notifier brings.
NOTIFIED_GRAVER = {"police": 0.0, "school": 0.05, "nursery": 0.0, "hospital": 0.35, "relative": 0.0, "neighbour": -0.25}


@dataclass(frozen=True)
class Centre:
    """graver   how much graver its cases are
    harm      log-odds by which severe harm at home is commoner there
    protects  log-odds by which it protects more readily
    """

    id: str
    weight: int
    graver: float
    harm: float
    protects: float


CENTRES = (
    Centre("north", 16, 0.00, 0.0, 0.0),
    Centre("harbour", 14, 0.10, 0.2, 0.4),
    Centre("east", 12, -0.10, -0.2, -0.3),
    Centre("valley", 11, 0.05, 0.1, -0.6),
    Centre("south", 10, -0.05, 0.0, 0.5),
    Centre("hill", 9, 0.00, 0.1, 0.0),
    Centre("river", 8, 0.05, -0.1, 0.2),
    Centre("plain", 8, -0.05, 0.0, -0.2),
    Centre("coast", 6, 0.10, 0.0, 0.0),
    Centre("islands", 6, 0.00, -0.1, 0.3),
)


@dataclass(frozen=True)
class Causes:
    """One case. severity: of each of TYPES, 0 to about 4; strain, past, change and refusal on the same scale.

    access      whoever harms lives with the child, or reaches it freely
    shelter     0 nobody protects the child day by day, 1 somebody always does
    frailty     0 to about 1.5: how little the child can protect itself
    """

    centre: Centre
    abuse: str
    also: str | None
    months: int
    band: int
    complexity: int
    notifier: str
    sex: str
    nationality: str
    disability: bool
    welfare: bool
    severity: tuple[float, float, float, float]
    strain: float
    past: float
    change: float
    refusal: float
    access: bool
    shelter: float
    frailty: float

    @property
    def gravest(self) -> float:
        return max(self.severity)


def draw_causes(chance: Random) -> Causes:
    """The latent causes of one case."""
    gauss, pick = chance.gauss, chance.choices
    centre = pick(CENTRES, [one.weight for one in CENTRES])[0]
    abuse = pick(TYPES, TYPE_WEIGHTS)[0]
    band = pick(range(4), AGE_WEIGHTS[abuse])[0]
    months = chance.randint(*AGE_BANDS[band])
    complexity = pick((1, 2, 3), (50, 33, 17))[0]
    notifier = pick(NOTIFIERS, NOTIFIER_WEIGHTS[band])[0]
    disability = chance.random() < 0.1
    welfare = chance.random() < 0.14
    shift = centre.graver + NOTIFIED_GRAVER[notifier] + 0.12 * (complexity - 1)
    severity = dict.fromkeys(TYPES, 0.0)
    severity[abuse] = _severity(shift, chance)
    also = None
    if chance.random() < 0.18 + 0.12 * (complexity - 1):
        also = pick([one for one in TYPES if one != abuse], (30, 25, 40) if abuse != "physical" else (25, 45, 6))[0]
        severity[also] = _severity(shift - 0.5, chance)
    gravest = max(severity.values())
    # A bruise on a baby that does not move by itself is a sign of its own.
    young = 1.3 if months < 12 else 0.6 if months < 36 else 0.35 if months < 72 else 0.0
    return Causes(
        centre=centre,
        abuse=abuse,
        also=also,
        months=months,
        band=band,
        complexity=complexity,
        notifier=notifier,
        sex="2" if chance.random() < (0.8 if abuse == "sexual" else 0.49) else "1",
        nationality="other" if chance.random() < 0.05 else "japanese",
        disability=disability,
        welfare=welfare,
        severity=(severity["physical"], severity["neglect"], severity["psychological"], severity["sexual"]),
        strain=max(0.0, gauss(0.35 + 0.3 * gravest + 0.15 * complexity, 0.7)),
        past=max(0.0, gauss(0.1 + 0.35 * gravest + 0.2 * (complexity - 1) + 0.2 * welfare, 0.8)),
        change=max(0.0, gauss(0.2 + 0.25 * (complexity - 1), 0.8)),
        refusal=max(0.0, gauss(0.1 + 0.35 * gravest, 0.7)),
        access=chance.random() < (0.45 if abuse == "sexual" else 0.85),
        shelter=min(1.0, max(0.0, gauss(0.62 - 0.1 * gravest - 0.05 * complexity, 0.25))),
        frailty=young + 0.25 * disability,
    )


def _severity(shift: float, chance: Random) -> float:
    """A step, drawn more often among the graver ones where `shift` is above 0, and a little to either side of it."""
    weights = [weight * 2.0 ** (shift * (step - 1)) for step, weight in zip(STEPS, STEP_WEIGHTS, strict=True)]
    step: int = chance.choices(STEPS, weights)[0]
    return max(0.0, step + chance.uniform(-0.2, 0.2)) if step else 0.0


#: By how much less severity of a type is already a danger: harm that is sexual does not heal by waiting.
_SOONER = (0.0, 0.0, 0.0, 1.0)
#: How much more a child that cannot protect itself is in danger by each type: a blow or a day without food, most.
_FRAIL = (0.6, 0.6, 0.2, 0.2)
#: How much it adds that whoever harms is near: most where the harm is sexual.
_NEAR = (0.3, 0.3, 0.3, 1.0)
#: From this danger on grave harm is there or is to be expected within days: the truth's "now".
NOW = 2.8
#: Danger below which the next classes begin.
CLASSES = (NOW, 1.9, 1.0)


def danger_of(causes: Causes) -> float:
    """How near grave harm is, whatever anybody knows of it."""
    second = sorted(causes.severity)[-2]
    return (
        max(
            grave + sooner + frail * causes.frailty + near * causes.access if grave else 0.0
            for grave, sooner, frail, near in zip(causes.severity, _SOONER, _FRAIL, _NEAR, strict=True)
        )
        + 0.15 * second
        - 0.5 * causes.shelter
        + 0.2 * max(0.0, causes.strain - 1.5)
    )


def urgency_of(danger: float) -> int:
    """The class of a danger: 1 is "now", 4 the least."""
    return 1 + sum(danger < limit for limit in CLASSES)
