"""`tsunagu ...`: parses, calls, prints. Results go to stdout, progress and errors to stderr.

Read     commands.py (the verbs), demo.py (the example city, start to desk), desk.py (starting the desk's own program).
"""

from tsunagu.cli.commands import main

__all__ = ["main"]
