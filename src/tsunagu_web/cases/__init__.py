"""A child: why noticed, what is not known, the facts by department, the household, and what people decided.

Read     models.py, then queries.py (reads, limited to the viewer), services.py (decisions), then page.py and views.py.
"""
