"""The things that travel, and the shape of every table between the stages.

Read     shapes.py (what a table promises), stage_tables.py (between stages), run_tables.py (the run folder).
"""
