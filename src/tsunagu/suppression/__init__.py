"""Suppression: whose address must stay hidden (DV等支援措置), decided in one place and on the safe side.

Read     spread.py (to household and address), in_force.py (on the day of a run), live_list.py (at each display),
         other_party.py (from whom it is hidden).
"""
