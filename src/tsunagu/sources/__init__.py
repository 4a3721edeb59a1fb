"""Sources: read what departments hand over, exactly as it is.

Takes    an extracts folder, a city's `sources/`, `catalogue/` and `holders/` as reviewed TOML files.
Gives    SOURCE_RECORDS, SOURCE_FACTS, QUARANTINE, and an account of every line of every file.
Promises no row is lost, a damaged file stops nothing else, no value is guessed, no individual number is stored.
Read     delivery.py, then reading.py, rows.py and tables.py; spec.py is what a city can say.
"""

from tsunagu.sources.delivery import Delivery, read_delivery
from tsunagu.sources.loading import load_catalogue, load_holders, load_municipality
from tsunagu.sources.spec_loading import load_sources

__all__ = ["Delivery", "load_catalogue", "load_holders", "load_municipality", "load_sources", "read_delivery"]
