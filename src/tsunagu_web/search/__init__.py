"""Search by words: the desk's own index of names, readings and notes, and the words that were searched for, sealed.

Rooms give their texts to services.py in the transaction of their own write, and ask queries.py with the people a viewer
may see.

Read     services.py (what is kept), queries.py (what is found), then words.py (what was typed, for the auditor).
"""
