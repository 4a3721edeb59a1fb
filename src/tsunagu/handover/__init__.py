"""Hand-over: a child's case goes to the municipality to which the family moved, and is at no moment nobody's.

Takes    a case as a closed document with its files, from a named official; messages whose sender was proved.
Gives    hand-overs with their state, clock and receipts at either end; what was handed over, to those it is for.
Promises the sender is responsible until it has the receipt of a person's acceptance; only the receiving side decides
         how a hand-over ends, once; each step stands in one transaction with its receipt and its log entry; no level,
         score or judgment of the program and no address can be written; contents are destroyed at the end.
Read     document.py (what travels), reading.py and package.py (strictly, in salted parts), manifest.py, receipts.py and
         signing.py (what is signed), states.py (the steps at either end), working_days.py (the clock), people.py,
         kept.py (one file), store.py (what people do: the desk's interface), passage.py (what nodes do).
"""
