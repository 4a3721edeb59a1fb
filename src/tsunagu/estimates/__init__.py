"""Estimates: what may come again at home, as an interval and one of two zones; an advice, never a decision.

Takes    answers to a sheet of urgency, decisions, and outcomes that the centre does not control.
Gives    "low" with a guaranteed error, or no statement with its cause; an interval with its n; the terms as reasons.
Promises a graver answer never lowers it; the terms add up exactly; it neither raises nor lowers the floor; it says
         nothing where its lift over the floor is not shown, and nothing from the moment its switch is off.
Read     steps.py (what it sees), train.py (how it is made), estimate.py (what it says), bounds.py, switch.py,
         card.py (the model card), fit.py (the arithmetic; the one place with numpy, extra `[models]`).
"""
