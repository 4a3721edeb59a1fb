"""The shapes of what is asked and answered; the description that programs read is made from them.

Read     parts.py, then children.py, work.py, referrals.py.
"""
