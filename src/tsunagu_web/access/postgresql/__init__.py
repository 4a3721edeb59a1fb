"""Django's PostgreSQL, with one thing more: a SELECT may travel in front of the next statement (`base.py`)."""
