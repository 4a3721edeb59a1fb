"""Link review: doubtful pairs of records side by side, what people decide about them, and the file for the next run.

Takes the encrypted table of doubtful pairs from a run; no other room reads it, and it reads no other room's names.
"""
