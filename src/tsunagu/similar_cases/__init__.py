"""Similar cases: a centre's own past cases that are nearest to the answers of a sheet, by declared distances.

Takes    a file of distances, the centre's past cases without names, and the case of now.
Gives    how the nearest ones differ, and two tables apart: what came after, and what was decided; each with its n.
Promises unknown is never as near as absent; two cases are as far one way as the other; nothing is told of fewer than
         fifteen, or beyond a distance that the past cases themselves gave; whoever was not followed to the end is no
         "no"; what was decided is never a share of anything.
Read     distances.py (how far two cases are apart), load_distances.py, past_cases.py (many of them, quickly),
         similar.py (the radius, who is near, why nothing is told), counts.py (the two tables).
"""
