"""gateway.toml: its schema, loading it with all faults at once, explaining it."""
