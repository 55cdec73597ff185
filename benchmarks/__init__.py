"""Benchmarks, each a ratio against its peer in the same run."""
