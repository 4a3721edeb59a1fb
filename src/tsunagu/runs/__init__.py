"""The run folder: written whole or not at all, read only when every hash agrees.

Read     folder.py (write_run, open_run), crypt.py (keys and the encrypted tables).
"""
