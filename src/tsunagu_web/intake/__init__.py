"""Intake: the only door for results. Takes in a finished run folder, whole or not at all.

Read     services.py, then management/commands/intake.py.
"""
