"""Casework: the rules of the work with a child, over plain values; no storage and no clock.

Takes    plain values: states, days, answers, changed facts.
Gives    what may happen next, what is due, and why.
Promises a step that no table names does not exist; the database holds the same tables.
Read     machines.py (states and the steps between them).
"""
