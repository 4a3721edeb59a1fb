"""The operations: each asks the same queries and services as its page, and records the look before it answers.

Read     children.py, cases.py, tasks.py, referrals.py (the recipient), child_referrals.py (the sender), own.py.
"""
