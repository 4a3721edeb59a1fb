"""Serving: the desk's own answers around every page (headers, errors in plain words) and the command that serves it.

Read     middleware.py, errors.py, management/commands/serve.py.
"""
