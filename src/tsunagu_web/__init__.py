"""The desk: where named people read what a run noticed, and decide.

Takes    finished run folders, through intake and no other door.
Gives    pages for staff, decisions with actor and time, and a log of every look.
Promises nobody sees more than the one access table allows; no page with a person leaves before its look is recorded.
Read     access/table.py (who may what), then worklist/, cases/, audit/, intake/, accounts/.
"""
