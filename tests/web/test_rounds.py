"""Rounds of programs of their own: ended in the middle, made again, made twice at once."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

GRANTS = 30
KILLED = f"""
import datetime as dt, django, os, signal
django.setup()
from django.utils import timezone
from tsunagu_web.access.models import Grant
from tsunagu_web.accounts.models import Staff
who = [Staff.objects.create(login=f"{{role}}", password="x" * 12, name="職員", role=role)
       for role in ("supervisor", "privacy_officer", "lead_worker")]
now = timezone.now()
for number in range({GRANTS}):
    Grant.objects.create(staff=who[2], granted_by=who[2], person_id=f"P{{number}}", purpose="early_support",
        basis="emergency", reason="見本", starts_at=now, ends_at=now + dt.timedelta(hours=24))
from tsunagu_web.reminders import services
from tsunagu_web.rounds.services import make_round
services.append = lambda **_fields: os.kill(os.getpid(), signal.SIGKILL)
make_round()
"""


def test_a_round_that_is_killed_leaves_nothing_and_two_at_once_make_one(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tsunagu_web"]
    subprocess.run([*command, "migrate", "-v", "0"], env=environment, check=True, capture_output=True)
    killed = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    both = [
        subprocess.Popen([*command, "make-round"], env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = sorted(re.findall(r"(\d+) reminders were made", one.communicate(timeout=120)[0])[0] for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert said == ["0", str(2 * GRANTS)], "the killed one left nothing; each matter is told to two, by one round"
