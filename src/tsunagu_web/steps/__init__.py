"""Steps: every move of a piece of work from one state to the next, with who, when and why.

Read     models.py (the row of a step), services.py (taking one), guards.py (what the database refuses).
"""
