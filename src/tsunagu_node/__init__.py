"""A holder's node: carries signed requests and sealed answers between two organisations (decisions 0034, 0036).

Transport knows who asks, that nobody changed a bit, and that an answer opens at one place only. What is asked and may
be answered is the office's business, by the holder's own copy of the agreement and through the core's gate.

Read     answering.py (from a signed request to a signed answer), signed.py (RFC 9421, always with the body),
         memory.py (what was seen and what was answered, on disk), sealed.py (HPKE in pieces), directory.py and
         current.py (who the organisations are, and which of their keys are good now), tls.py (the private authority
         and the two ends of a connection), serving.py and listening.py (the routes and their limits), asking.py and
         opening.py (the client), mailbox.py, replies.py and polling.py (for a holder without an inbound port),
         handing.py and carrying.py (hand-overs of cases),
         refusals.py (how a refusal reads); office.py (what is answered, logged first), log.py (one chain, and what was
         told), store.py and holdings.py (what a holder keeps, sealed, and computes), replying.py (office and wire);
         inquiry.py (the requester's side: logged before and after, taken where it is what was asked for);
         own_heads.py (heads of the own log), witnessing.py (those of others), bringing.py and heads_wire.py (how they
         travel); description.py (the routes as OpenAPI), log_commands.py (commands
         about logs), __main__.py (the others).
"""
