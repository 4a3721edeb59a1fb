"""Staff with one role each, and the failed logins that lock an account for a while."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.table import Role


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


class FailedLogin(models.Model):
    """A wrong password; the login as typed is kept only where it is somebody's."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="failed_logins")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["staff", "at"], name="failed_login_staff_at")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.at:%Y-%m-%d %H:%M}"
