"""What will break, said without building it: linkcheck (shared-library links) and preflight (names that are gone)."""
