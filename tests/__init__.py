"""The tests; a package, so that no other installed package named `tests` can stand before it."""
