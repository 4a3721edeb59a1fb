"""Open tasks are dropped when the case of their child is closed."""

from django.utils.translation import gettext_lazy as _

from tsunagu_web.cases.closing import Ending, ends_with_its_case
from tsunagu_web.tasks.models import Task

ends_with_its_case(
    Ending(_("Tasks that are open"), lambda case: Task.objects.filter(child=case.child_id), {Task.State.OPEN: "drop"})
)
