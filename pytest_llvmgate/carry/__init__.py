"""Carried patches: which there are, applying them, and what has become of them on another commit."""
