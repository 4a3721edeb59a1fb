"""Programmes: support that a family may be eligible for and does not receive.

Takes    persons, their facts, and a city's programme files.
Gives    entitlements: child and programme, may be eligible or cannot tell, with reasons and what is not known.
Promises nothing found here raises a level; an unknown value is read neither as eligible nor as received.
Read     programme.py (what a file says), load.py, merge.py, search.py.
"""
