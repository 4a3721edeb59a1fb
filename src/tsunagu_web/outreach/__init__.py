"""Outreach: attempts to reach a family, how it may be contacted, who saw the child when, and the re-assessment clock.

Read     models.py, attempts.py and sights.py (writing them), clock.py (starting and ending a re-assessment), then
         queries.py and views.py. Which changed facts start it: tsunagu.casework.clock.
"""
