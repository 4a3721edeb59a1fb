"""What each tone of the charts stands for; charts.js gives the parts of a table's row these tones, in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu_web.reports import no_mark
from tsunagu_web.reports.funnel import Furthest

_Keys = Sequence[tuple[str, str | Promise]]
_NOT_TOLD = ("hidden-part", _("not told: few, or beside few"))
# From those with whom the help has come furthest; who was supported before stands last, since nobody knows how far.
_FROM_THE_FURTHEST = (*reversed([step for step in Furthest if step is not Furthest.ELSEWHERE]), Furthest.ELSEWHERE)

KEYS: Mapping[str, _Keys] = {
    "waits": (("calm", _("Within its time")), ("late", _("Its day has passed"))),
    "steps": (*((f"step-{step}", step.label) for step in _FROM_THE_FURTHEST), _NOT_TOLD),
    "marks": (*((f"mark-{part}", label) for part, label in no_mark.LABELS.items()), _NOT_TOLD),
    "loads": (("calm", _("In hand")), ("late", _("of them past the day"))),
    "ages": (("calm", _("In time")), ("late", _("Past its time")), ("within", _("To come within days"))),
}
