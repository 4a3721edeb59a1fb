"""A plan ends with its case: one in force ends, a draft is withdrawn."""

from django.utils.translation import gettext_lazy as _

from tsunagu_web.cases.closing import Ending, ends_with_its_case
from tsunagu_web.plans.models import SupportPlan

STATE = SupportPlan.State
ends_with_its_case(
    Ending(
        _("Support plans in force or being written"),
        lambda case: SupportPlan.objects.filter(case=case),
        {STATE.DRAFT: "withdraw", STATE.APPROVED: "end"},
    )
)
