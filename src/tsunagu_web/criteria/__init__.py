"""The editor of criteria: sentences, exact counts as a limit moves, and a next version that two people approve.

The one room of the desk that may reach screening and evaluation; it sees a table of indicators without names.
"""
