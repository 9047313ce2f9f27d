"""The store's databases, which the ledger stands on."""

from tests.store.conftest import cluster, empty, store, url

__all__ = ["cluster", "empty", "store", "url"]
