"""Where tables are computed: DuckDB in one place.

Read     duck.py (the connection, the only place that executes SQL text).
"""
