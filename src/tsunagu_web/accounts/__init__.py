"""Staff: who they are, what their duty is, how they log in.

Read     models.py, then services.py (logging in, locking out), then views.py.
"""
