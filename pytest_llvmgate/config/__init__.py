"""What the user wrote: schema, loading with file and line, and the expansion of axes into configurations."""
