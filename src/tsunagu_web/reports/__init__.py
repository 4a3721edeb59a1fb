"""How the work stands, in numbers: for teams, and for those who answer for the city. No child is named here.

Read     funnel.py (how far the help has come), waiting.py (what waits for whom); small counts: the core's
         evaluation.small_counts.
"""
