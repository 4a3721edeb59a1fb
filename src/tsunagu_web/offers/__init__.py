"""Support that nobody claimed: which families may be told of it, how each may be told, and what came of it."""
