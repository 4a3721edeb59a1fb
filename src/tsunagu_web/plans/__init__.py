"""Support plans: what was agreed with a child and a family, in versions that stay, approved by a second person.

Read     models.py, services.py (draft to end), then copies.py (what each reader's copy says), ruby.py and pdf.py.
"""
