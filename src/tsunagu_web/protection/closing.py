"""A case is not closed over a child who is under temporary protection: nobody would count its days any more."""

from django.utils.translation import gettext_lazy as _

from tsunagu_web.cases.closing import Stop, stops_the_closing
from tsunagu_web.protection.models import Protection

stops_the_closing(
    Stop(
        _("The child is under temporary protection: the case cannot be closed. End the protection on its page first."),
        lambda case: Protection.objects.filter(
            child_id=case.child_id, state=Protection.State.UNDER_PROTECTION
        ).exists(),
    )
)
