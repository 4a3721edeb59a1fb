"""Conferences of the regional council (要対協) in its three layers: agenda, attendees, minutes, and the ledger.

Whoever attends sees the children of the agenda while the meeting is held, and no longer. What is agreed becomes tasks;
the progress ledger is made from what is recorded and never typed.

Read     models.py, services.py (calling, holding, recording), queries.py, ledger.py (the progress ledger).
"""
