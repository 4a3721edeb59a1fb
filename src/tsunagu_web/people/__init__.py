"""People: who somebody is, in which households, and how they are related; apart from notice and case.

Read     models.py, then queries.py (households in force, kin), then register.py (what the register says of kinship).
"""
