"""Audit: a log of who looked at what, chained so that a change can be shown.

Takes    entries: who did what to which object, about which persons, when; ids and codes only, never a name or a value.
Gives    sealed rows: a number, a canonical line, and a hash over the line, which names the hash of the row before.
Promises a row that was edited, removed, inserted or re-ordered is named by its number, and with a saved head also a
         log that was cut short or written anew; one and the same check for a database and for an exported file.
Read     entry.py, then chain.py, table.py (in a SQLite file), verify.py, proof.py; witness.py for peers that sign heads
         too, held.py for what they hold.
"""
