"""The desk's round: every few minutes it lets run out what nobody answered, reminds whom the work waits for, and posts
mail.

Read     matters.py (what waits, and for whom), then services.py (one round) and timer.py (when).
"""
