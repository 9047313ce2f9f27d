"""Spec tables: each module's ROWS run as tests and print the pages of docs/semantics.md."""
