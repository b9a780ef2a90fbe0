"""Errors that follow from others: proven by what the log shows, or probable by the units they are seen in."""
