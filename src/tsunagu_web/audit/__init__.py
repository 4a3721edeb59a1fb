"""Who looked at what: the stored log, the gate that lets no page out before its look is recorded, the auditor's pages.

Read     services.py (append), middleware.py (the gate), then queries.py and views.py.
"""
