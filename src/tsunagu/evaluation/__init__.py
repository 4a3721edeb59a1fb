"""Evaluation: what a run got right, against a delivery whose truth is known.

Takes    a finished run folder and a truth folder (columns as in the sample delivery's README).
Gives    figures with their counts: rows, linkage, judgments; every miss by kind.
Promises the figures come from the run folder alone; a person or row missing there counts as missed.
Read     report.py (the figures together), then linkage_truth.py, row_truth.py, judgment_truth.py.
"""
