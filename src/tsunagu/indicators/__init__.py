"""Indicators: facts about a child on a day, each known, missing or not applicable.

Takes    persons, their facts, and the indicators of a criteria file.
Gives    one typed value per child in scope and indicator, with the value at the worst of what is unknown.
Promises unknown is never no; no clock, no rounding, no engine's row order.
Read     language.py (what can be said), plain.py (what it means), calendar.py, sql_measures.py (the same as SQL),
         load.py (how it is read), measured.py and measure.py (a table of all), definition.py (a definition's hash);
         history.py, plain_months.py, sql_columns.py and sql_months.py are parts of these.
"""
