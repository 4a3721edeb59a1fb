"""The list of noticed children: who comes first, why, what is not known, what is due.

Read     queries.py (order, filters, search), then rows.py and views.py.
"""
