"""Cures: how others mended the same, rules mined from that, edits tried on a copy and kept by the compiler's word."""
