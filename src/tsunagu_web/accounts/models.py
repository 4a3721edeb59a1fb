"""Staff with one role each, the wrong tries that lock a login for a while, and the browsers that are signed in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.terms import Role


class StaffManager(BaseUserManager["Staff"]):
    def create(self, *, login: str, password: str | None = None, **fields: object) -> Staff:
        staff = self.model(login=login, **fields)
        staff.set_password(password)
        staff.full_clean(exclude=["password"])
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(login=username)


class Staff(AbstractBaseUser):
    """A member of staff. The login stays with the person; a role may change, so the log keeps the role of each act."""

    login = models.CharField(_("Login"), max_length=60, unique=True)
    name = models.CharField(_("Name"), max_length=60)
    role = models.CharField(_("Role"), max_length=40, choices=Role.choices)
    department = models.CharField(_("Department"), max_length=60, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Set while the password is one that somebody else handed over: it opens only the page for choosing another.
    start_password_until = models.DateTimeField(null=True, blank=True)
    oidc_subject = models.CharField(max_length=255, null=True, blank=True, unique=True)

    objects = StaffManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="staff_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.login

    @property
    def actor(self) -> str:
        """How the access log names this person."""
        return f"staff:{self.pk}"

    def get_session_auth_hash(self) -> str:
        """What a session is bound to: when password, role or department change, it is over. Duties: `sessions`."""
        standing = "\n".join([self.password, self.role, self.department])
        return salted_hmac("tsunagu_web.accounts.standing", standing, algorithm="sha256").hexdigest()


class FailedLogin(models.Model):
    """A wrong password or code; the login as typed is kept only where it is somebody's."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="failed_logins")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["staff", "at"], name="failed_login_staff_at")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.at:%Y-%m-%d %H:%M}"


class SignIn(models.Model):
    """A browser in which somebody proved both factors; without its row a session opens nothing.

    Browser and system are coarse words for the person's own page. No network address is kept: it would tell where
    somebody works from, and nothing here needs it.

    session_key  of the session under which it was begun, so that both are read in one journey; "" where not known
    """

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, default="", db_index=True)
    since = models.DateTimeField()
    last_used = models.DateTimeField()
    browser = models.CharField(max_length=20)
    system = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["staff", "since"], name="sign_in_staff_since")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.since:%Y-%m-%d %H:%M}"


class MailChoice(models.Model):
    """Where somebody wants mail of the desk, and of what not. No row: none is sent.

    language  of the mails
    off       kinds of reminders that this person does not want by mail; the desk shows them all the same
    """

    staff = models.OneToOneField(Staff, primary_key=True, on_delete=models.CASCADE, related_name="mail_choice")
    address = models.EmailField()
    language = models.CharField(max_length=2, choices=[("ja", _("Japanese")), ("en", _("English"))], default="ja")
    off = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return str(self.staff_id)
