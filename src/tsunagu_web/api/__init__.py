"""API: the desk's list, search and pages once more, in JSON, for programs of the same city.

Read     views.py (the operations), then answers.py (their shapes).
"""
