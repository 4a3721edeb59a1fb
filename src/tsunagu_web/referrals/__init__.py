"""Referrals: asking another office or colleague to help a child, with chosen fields, seen before they leave.

Read     models.py (what a referral is), leaving.py (what may leave, and to whom), services.py (its steps), views.py.
"""
