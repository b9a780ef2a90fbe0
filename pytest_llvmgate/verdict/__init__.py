"""The verdict: one result model and its renderings. Knows nothing of how the results came about."""
