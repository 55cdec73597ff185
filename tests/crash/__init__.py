"""The real process, killed at the worst moments: nothing that came in is lost, nothing happens twice."""
