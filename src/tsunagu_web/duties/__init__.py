"""Duties: what somebody is here for, whose children they answer for, and access given, taken or kept from a person.

Read     viewers.py (who asks), middleware.py (no page before a purpose), then views.py.
"""
