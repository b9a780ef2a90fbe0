"""Carries as a configuration writes them."""

from __future__ import annotations


def carry(*patches: str, name: str = "ours", more: str = "", until: str = "2099-01-01") -> str:
    """A ``[[carry]]`` table; ``more`` are further lines of it."""
    files = f"patches = {list(patches)}\n" if patches else ""
    return f"\n[[carry]]\nname = {name!r}\nreason = 'LLVM broke it'\nuntil = {until}\n{files}{more}\n"
