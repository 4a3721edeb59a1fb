"""Reminders to staff: what waits for somebody, in the desk and by mail; derived from the work and never typed.

Read     models.py, then services.py (following the work), mail.py (what leaves the desk), queries.py and targets.py.
"""
