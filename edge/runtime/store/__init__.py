"""The store: history and outbox in one SQLite file, written by one thread."""

from edge.runtime.store.closed import remembered
from edge.runtime.store.stats import StoreStats
from edge.runtime.store.store import Store
from edge.runtime.store.vault import Quarantined

__all__ = ["Quarantined", "Store", "StoreStats", "remembered"]
