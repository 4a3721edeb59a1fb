"""Assessments of a child: forms answered by people, their own judgment before the machine's level, and a conclusion.

Read     models.py, sheet.py (a form with its answers as a page shows it), machine.py (the level beside it),
         then services.py and views.py.
"""
