"""API: what the desk's pages do with children, cases, tasks and referrals, in JSON, for programs that act for a person.

Read     urls.py (one address, one method, one policy), then operations/, reached.py, acts.py, answers/, shapes/,
         problems.py, description.py.
"""
