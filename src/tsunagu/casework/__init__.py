"""Casework: the rules of the work with a child, over plain values; no storage and no clock.

Takes    plain values: states, days, answers, changed facts; form files and casework.toml of a city folder.
Gives    what may happen next, what is due, and why; Form, Problem and Choices.
Promises a step that no table names does not exist; the database holds the same tables.
         Unknown is an answer and not the same as no answer; no answer is guessed, weighed or summed up to a figure.
Read     machines.py (states and the steps between them), forms.py (what is asked), answers.py, choices.py and rules.py
         (what a city chooses), then clock.py (when a case is looked at again), reminders.py (who is told of what) and
         boards.py (what a board of a school marks).
"""
