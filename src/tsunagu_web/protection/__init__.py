"""Temporary protection of a child (一時保護): the child's own view first, the record, and the statute's clocks as work.

There only where the office switched the first response on (TSUNAGU_GUIDANCE_CENTRE). The days are counted by
tsunagu.casework.protection.

Read     models.py, hearings.py (the child's own view), services.py (beginning and steps), clock.py (what waits, for
         whom, and when a supervisor is told), then the views.
"""
