"""Pins over time: what they said at every commit, when they agreed, how old they are, and who carries a commit."""
