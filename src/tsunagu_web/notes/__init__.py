"""Notes and attachments of a child's record, each with its label; nothing written is overwritten.

Read     models.py, kinds.py (what a file is by its bytes), store.py (where it lies), then services.py and views.py.
"""
