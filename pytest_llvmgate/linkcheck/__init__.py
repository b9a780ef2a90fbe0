"""Which shared libraries would not link, told from a static build."""
