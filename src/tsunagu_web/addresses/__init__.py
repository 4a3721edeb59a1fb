"""Addresses: kept apart under a key of their own, shown only while the list at the register says that they may be.

Read     vault.py (sealing), models.py, in_force_now.py (who is hidden at this moment), queries.py, services.py.
"""
