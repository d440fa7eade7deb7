"""The HTTP API, and the pages that stand on it."""
