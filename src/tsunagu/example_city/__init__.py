"""Example city: a made-up city whose departments hand over files as real ones do, with the right answers beside.

Takes    a number of children, a seed, the as-of day, how many months, how much is damaged.
Gives    a delivery (extracts/, in the layout of the departments' extracts) and its truth (truth/).
Promises equal arguments give byte-equal files; every damaged row and every fact it takes along is in the truth;
         nobody in it exists.
Read     city.py, then people.py, families.py and school_life.py, then sheets.py and faults.py.
"""

from tsunagu.example_city.city import Counts, write_example_city

__all__ = ["Counts", "write_example_city"]
