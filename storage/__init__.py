"""Engine and transactions, tables and queries (a file per noun), migrations."""
