"""A holder's node: carries signed requests and sealed answers between two organisations (decisions 0034, 0036).

It knows who asks, that nobody changed a bit, and that an answer opens at one place only. It does not know what is
asked: what answers is given to it as a function from a verified request to a reply.

Read     answering.py (from a signed request to a signed answer), signed.py (RFC 9421, always with the body),
         memory.py (what was seen and what was answered, on disk), sealed.py (HPKE in pieces), directory.py and
         current.py (who the organisations are, and which of their keys are good now), tls.py (the private authority
         and the two ends of a connection), serving.py and listening.py (the routes and their limits), asking.py and
         opening.py (the client), mailbox.py, replies.py and polling.py (for a holder without an inbound port),
         refusals.py (how a refusal reads).
"""
