"""Why data may move: what two sides have agreed, in one file that both have signed (decision 0034).

Read     canonical.py (the one form in which content is signed), agreement.py (what an agreement says, read strictly),
         signatures.py (who signed it, and what is wrong with it on a day), page.py (the page that a signer reads),
         tokens.py (what stands for a person between two sides), request.py (what is asked), grant.py (what of it may be
         answered), answering.py (the holder's rows in tokens and bands), gate.py (the one way out), cells.py (counts),
         manifest.py (what goes with an answer, and how it is taken).
"""
