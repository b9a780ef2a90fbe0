"""The command line of what is not a test: one module per sub-command."""
