"""What can be chosen in this room, with its words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Route(TextChoices):
    """From which kind of person or office the notification came (通告経路)."""

    CHILD = "child", _("The child")
    FAMILY = "family", _("Family or relative")
    NEIGHBOUR = "neighbour", _("Neighbour or acquaintance")
    SCHOOL = "school", _("School")
    NURSERY = "nursery", _("Nursery or kindergarten")
    MEDICAL = "medical", _("Medical institution")
    POLICE = "police", _("Police")
    MUNICIPALITY = "municipality", _("Municipality")
    OTHER_CENTRE = "other_centre", _("Another guidance centre")
    OTHER = "other", _("Other")


class Complaint(TextChoices):
    """What it is about, in the words of the notifier's main complaint (主訴); judged by nobody yet."""

    PHYSICAL = "physical", _("Physical abuse")
    SEXUAL = "sexual", _("Sexual abuse")
    NEGLECT = "neglect", _("Neglect")
    PSYCHOLOGICAL = "psychological", _("Psychological abuse")
    CARE = "care", _("Care that is missing for another reason")
    NOT_CLEAR = "not_clear", _("Not clear yet")


class Naming(TextChoices):
    """Whether the notifier allows that the family is told who notified."""

    NOT_ASKED = "not_asked", _("Not asked")
    NO = "no", _("May not be named")
    YES = "yes", _("May be named")


class Difference(TextChoices):
    """Why somebody's view afterwards is not their view before, or is below the floor; counted, to judge the sheet."""

    KNOWN_MORE = "known_more", _("We know what the sheet does not hold")
    SETTLED = "settled", _("An open question has been settled since")
    GRAVER = "graver", _("It is graver than the sheet can tell")
    RECONSIDERED = "reconsidered", _("What was shown led to another view")
    TOGETHER = "together", _("Decided together with colleagues or other offices")


class Course(TextChoices):
    """What an intake meeting decides; `meetings.STEPS` says which step carries it out."""

    INVESTIGATE = "investigate", _("Open a case and investigate")
    PROTECT = "protect", _("Temporary protection now")
    SEND = "send", _("Send it to the city's office or another one")
    ADVISE = "advise", _("Advice only")
    NO_ACTION = "no_action", _("No further action")
