"""The store: history and outbox in one SQLite file, written by one thread."""
