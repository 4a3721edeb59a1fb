"""Simulated cases: types × ages × severity × complexity with their truth, for training, tests and the protocol.

Takes    a number of cases and a seed.
Gives    cases with answers to the standard sheet, decisions, outcomes and views, in the layout of real ones.
Promises equal arguments give equal bytes; the truth is made of latent causes and knows no rule of the sheet;
         nobody in it exists.
Read     causes.py (what is so), signs.py (what staff know of it), aftermath.py (what is decided and comes after),
         case.py, readers.py (panel and reading study), write.py.
"""

from tsunagu.simulated_cases.case import SimulatedCase, draw_cases
from tsunagu.simulated_cases.write import write_simulated_cases

__all__ = ["SimulatedCase", "draw_cases", "write_simulated_cases"]
