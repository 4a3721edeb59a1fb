"""A node as `tsunagu node serve` runs it, whose rounds for the directory follow each other fast: `... HOLDER.toml`."""

from __future__ import annotations

import sys
from pathlib import Path

from tsunagu_node import news
from tsunagu_node.node import open_node
from tsunagu_node.running import run

if __name__ == "__main__":
    news.SPREAD = 0.3
    run(open_node(Path(sys.argv[1])))
