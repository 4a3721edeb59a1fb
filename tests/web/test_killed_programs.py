"""Long work of programs of their own: killed in the middle it leaves nothing half done, and is simply begun again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from builders import a_child, a_run

GRANTS = 30
PROGRAM = f"""
import datetime as dt, os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from tsunagu_web.access.models import Grant
from tsunagu_web.accounts.models import Staff
from tsunagu_web.intake import services as intake
from tsunagu_web.reminders import services as reminders
from tsunagu_web.search import services as search

def killed(command, *arguments, module, name):
    connections.close_all()
    if not (child := os.fork()):
        setattr(module, name, lambda *_a, **_more: os.kill(os.getpid(), signal.SIGKILL))
        call_command(command, *arguments)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL, command

call_command("migrate", verbosity=0)
who = [Staff.objects.create(login=f"{{role}}", password="x" * 12, name="職員", role=role)
       for role in ("supervisor", "privacy_officer", "lead_worker")]
now = timezone.now()
for number in range({GRANTS}):
    Grant.objects.create(staff=who[2], granted_by=who[2], person_id=f"P{{number}}", purpose="early_support",
        basis="emergency", reason="見本", starts_at=now, ends_at=now + dt.timedelta(hours=24))
killed("make_round", module=reminders, name="append")
killed("intake", *sys.argv[1:], module=intake, name="append")
call_command("intake", *sys.argv[1:])
killed("search_index", module=search, name="_remove_strangers")
call_command("search_index")
"""


def test_what_is_killed_is_begun_again_and_two_at_once_make_one(environment: dict[str, str], tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", a_child(), key=tmp_path / "run.key")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(run), "--key", str(tmp_path / "run.key")],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "1 children noticed, 1 of them new" in done.stdout, "the killed one had written nothing"
    assert "1 children and 0 notes can be found" in done.stdout
    assert done.stderr.count("  1 children\n") >= 2, "progress, of the killed one as well"
    command = [sys.executable, "-m", "tsunagu_web", "make-round"]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(re.findall(r"(\d+) reminders were made", one.communicate(timeout=120)[0])[0] for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert said == ["0", str(2 * GRANTS)], "each matter is told to two people, by one round"
