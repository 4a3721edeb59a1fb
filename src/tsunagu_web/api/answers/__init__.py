"""Answers as plain values, made from the very values that pages are made of: what a page hides is not in here.

Read     parts.py, then children.py, work.py, referrals.py.
"""
