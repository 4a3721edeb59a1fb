"""`make-round`: one round of the desk, for a timer where the desk is not served by `serve`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.rounds.services import make_round


class Command(BaseCommand):
    help = (
        "Lets run out what nobody answered, reminds staff of what waits for them, and posts mail: "
        "python -m tsunagu_web make-round. It may be called at any time, and twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = make_round()
        self.stdout.write(
            f"{done.expired:,} referrals have run out. {done.late:,} hand-overs are late. "
            f"{done.followed.made:,} reminders were made, "
            f"{done.followed.settled:,} settled, {done.followed.forgotten:,} deleted. {done.posted.sent:,} mails were "
            "sent."
        )
        if done.untold:
            self.stderr.write(f"{done.untold:,} matters wait of which nobody could be told: check the duties of staff.")
        if done.unsent:
            self.stderr.write(f"{done.unsent:,} mails could not be sent and will be tried again.")
