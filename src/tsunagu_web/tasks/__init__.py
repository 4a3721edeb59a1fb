"""Tasks: what somebody promised to do for a child, by when; set by people and by conferences, never forgotten unseen.

Read     models.py, then services.py (setting and finishing), queries.py (whose, and in which order).
"""
