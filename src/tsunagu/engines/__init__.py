"""Where tables are computed: DuckDB, or Spark for more than one machine holds; each in one place.

Read     duck.py (the connection, executes SQL text), bench.py (what screening needs of an engine),
         spark_text.py (the same text in Spark's words), spark.py (its session, the only place with PySpark).
"""
