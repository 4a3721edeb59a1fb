"""tsunagu, the core: from departments' extracts to notices with reasons.

The flow, in reading order (the import contract in pyproject.toml keeps it):

    sources      read a holder's files as they are; every row accounted for
    normalise    one form for names, readings, dates, addresses; the original kept
    linkage      which records are one child; doubtful pairs go to a person
    indicators   facts about a child on a day, with what is not known
    screening    criteria that staff can read: facts to notices with reasons
    programmes   support that a family may be eligible for and does not receive; raises no level
    casework     the rules of the work with a child: what may be asked, which step may follow which
    handover     a case goes to another municipality: document, receipts, states at both ends
    guidance     the centre's sheet of urgency: the floor below which nobody goes, what to ask next
    similar_cases  a centre's own past cases nearest to a sheet's answers: outcomes and decisions, apart
    estimates    what may come again at home: an interval, "low" with a guaranteed error or no statement
    evaluation   figures against a truth, later: did it help, for whom, fairly
    municipality one city's folder as typed objects
    pipeline     the stages in order; writes a run folder (from_holders.py: the same of what nodes answered)
    cli          `tsunagu ...`

Ground floor: records, errors, engines, text, wording, keys, durable, purposes, audit, suppression, runs.
"""

__version__ = "0.1.0"
