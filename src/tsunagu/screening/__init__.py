"""Screening: a city's criteria, applied to every child in scope.

Takes    persons, their facts, and a criteria file.
Gives    indicators, judgments with at_least and at_most, notices, and reasons with values and row keys.
Promises every level is reproduced by the slow engine; an unknown value is never read as no.
Read     criteria.py (what a file says), load.py, reference.py (what it means), compile_rules.py, compile.py, screen.py.
"""
