"""Benchmarks: each prints medians, a ratio to a yardstick measured beside it, and ends with `NAME ratio VALUE`."""
