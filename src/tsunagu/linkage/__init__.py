"""Linkage: decide which records of which holders are one person.

Takes    SOURCE_RECORDS and SOURCE_FACTS of one delivery, a link model, the city's linkage rules, the day of the run.
Gives    LINKS (every record's person), REVIEW (doubtful pairs), PERSONS and PERSON_FACTS; for two plain tables, pairs.
Promises no record is dropped; a doubtful pair goes to a person and is never joined; the same input gives the same ids.
Read     delivery.py, then numbers.py, passes.py and residue.py (in the order evidence is used), compare.py and
         weights.py (the model), train.py (where the model comes from), tables.py (any two tables); keyed.py and
         keyed_links.py (the same over tokens, where names stay with their holder).
"""
