"""Hand-overs at the desk: a case goes to another municipality, is accepted there by a person, and comes from one.

What travels, how it is carried and who is responsible until when is the core's (tsunagu.handover); this room prepares
it from a child's record, shows exactly what will travel, and puts what was accepted into a case of its own.

Read     offices.py (to whom, and where it is kept), leaving.py (what may travel), models.py, services.py (out),
         arriving.py (in), queries.py, views.py.
"""
