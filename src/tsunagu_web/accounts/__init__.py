"""Staff: who they are, what their duty is, how they sign in with two factors, and from which browsers.

Read     models.py, then arrival.py (the steps between password and desk), services.py (each step), factors.py,
         lockout.py, sessions.py (who is here), register.py (staff), then views.py and own_views.py.
"""
