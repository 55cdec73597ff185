"""Engine and transactions, tables, queries named as the domain names them, migrations."""
