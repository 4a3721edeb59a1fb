"""Words of this room; what programmes are called comes from the run."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STANDINGS: Mapping[str, Promise] = {
    "to_tell": _("To be told"),
    "planned": _("Planned"),
    "told": _("Told"),
    "over": _("Finished"),
}
ACTS: Mapping[str, Promise] = {
    "confirm": _("The office in charge says that it is not received"),
    "plan_way": _("Plan how to tell the family"),
    "tell": _("The family was told"),
    "miss": _("Nobody was reached"),
    "put_back": _("Take the plan back"),
    "apply": _("The family has applied"),
    "receive": _("It is received already"),
    "turn_down": _("The family does not want it"),
    "offer_again": _("Offer it once more"),
}
WHY_NOT: Mapping[str, Promise] = {
    "way": _("This family cannot be told in that way at present. Choose another one. Nothing was recorded."),
    "not_confirmed": _(
        "No record says whether this is received. Ask the office in charge first. Nothing was recorded."
    ),
    "late": _("Somebody else has recorded something in the meantime. Look at it, then record yours again."),
    "no_step": _(
        "This cannot be recorded for everything you chose: it stands at different points. Nothing was recorded."
    ),
    "no_letter": _("No letter can be made for this family at present. Nothing left the desk."),
    "no_print": _("No PDF can be made here. Ask whoever runs the system (docs/how-to/make-a-support-plan.md)."),
}
