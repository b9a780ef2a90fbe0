"""The pytest plugin: options, collection, hooks and scheduling. Thin: the work is done by the gate."""
