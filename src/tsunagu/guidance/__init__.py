"""Guidance: the sheet of urgency, its safety floor and what to ask next, over plain values; no storage and no clock.

Takes    a sheet file (questions, classes, declared rules) and the answers to it.
Gives    the class that known signs demand, the class that cannot be excluded yet, why, and what to ask next.
Promises unknown is never read as absent; a sign added or made graver, or a known one made unknown, never lowers the
         floor; no answer is weighed, and nothing is summed up to a figure.
Read     sheet.py (what a file says), load_sheet.py, answers.py (what was answered), floor.py (what the rules come to),
         asking.py (which answer could change the class most).
"""
