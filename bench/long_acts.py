"""How long the acts take that a page starts: a support plan's copy as PDF, the list as a file, beside an empty page.

Run:  python bench/long_acts.py. Makes a desk of its own in memory, with invented people.
The decision whether they need a worker beside the desk rests on these figures (docs/decisions/0021).
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / "web"), str(TESTS)]
ROUNDS = 7
MOST = 9  # goals and services that the form of a plan takes


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tsunagu-bench-"))
    os.environ |= {"TSUNAGU_DESK": str(folder), "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings"}
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment

    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    from tsunagu_web.access.reach import the_program

    with the_program():
        _measure(folder)


def _measure(folder: Path) -> None:
    from planned import PLANS, a_case, a_sheet
    from signed_in import signed_in

    from builders import a_child, a_run
    from tsunagu.runs.crypt import read_key
    from tsunagu.runs.folder import open_run
    from tsunagu_web.access.models import INTAKE_TEAM
    from tsunagu_web.access.terms import Purpose, Role
    from tsunagu_web.accounts.models import Staff
    from tsunagu_web.duties.middleware import SESSION_KEY
    from tsunagu_web.intake.services import take_in

    others = [a_child(f"例田 {n}番", "レイタ", household=str(n + 10)) for n in range(499)]
    run = a_run(folder / "run", a_child(), *others, key=folder / "run.key")
    take_in(open_run(run), read_key(folder / "run.key"))
    who = Staff.objects.create(login="boss", password="a password for it", name="職員A", role=Role.SUPERVISOR)
    who.duties.create(kind="team", key=INTAKE_TEAM, starts_on="2026-01-01")
    a_case(who)

    def browser(purpose: str) -> object:
        client = signed_in(who)
        session = client.session
        session[SESSION_KEY] = purpose
        session.save()
        return client

    case, early = browser(Purpose.CASE_SUPPORT), browser(Purpose.EARLY_SUPPORT)
    goals = [{"text": "朝、起きられるようになる", "words_of": "together"}] * MOST
    one = {"kind": "household_help", "what": "週に一度、家のことを手伝う", "responsible": "子育て支援課"}
    services = [{**one, "starts_on": "2026-11-01", "how_often": "毎週火曜日"}] * MOST
    long_words = "学校に行きたいけど、朝がつらい。" * 120
    sheet = a_sheet(goals=goals, services=services, child_words=long_words, guardian_words=long_words)
    plan = case.post(f"{PLANS}new/", sheet)["Location"]  # type: ignore[attr-defined]
    floor = _seconds(lambda: case.get("/account/"))  # type: ignore[attr-defined]
    first = _seconds(lambda: case.get(f"{plan}pdf/child/"), rounds=1)  # type: ignore[attr-defined]
    print("seconds of the processor, and times the floor")
    print(f"{'the first copy since the desk was started':<48} {first:6.2f} s")
    for name, act in {
        "a page with nothing on it": lambda: case.get("/account/"),  # type: ignore[attr-defined]
        f"a plan's copy, {MOST} goals, {MOST} services, full of text": lambda: case.get(f"{plan}pdf/child/"),  # type: ignore[attr-defined]
        "the list as a file, 500 children": lambda: early.post("/children/export/"),  # type: ignore[attr-defined]
    }.items():
        took = _seconds(act)
        print(f"{name:<48} {took:6.2f} s   {took / floor:6.1f} x")


def _seconds(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Of the processor: what else the machine does at the time is left out."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        answer = act()
        times.append(time.process_time() - begun)
        assert answer.status_code == 200, answer.status_code  # type: ignore[attr-defined]
    return statistics.median(times)


if __name__ == "__main__":
    main()
