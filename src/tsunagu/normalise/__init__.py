"""Normalise: one form for names, readings, addresses and school years, so that offices' spellings can be compared.

Takes    SOURCE_RECORDS with identity columns as the senders wrote them.
Gives    folded forms of each distinct value (names, readings, addresses), and plain functions for one value.
Promises the original is never changed; folding a folded form changes nothing; equal input gives equal output.
Read     names.py, addresses.py, schoolyears.py, then dictionaries.py.
"""
