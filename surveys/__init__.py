"""Survey definitions, rounds, answers and their anonymity."""
