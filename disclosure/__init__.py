"""Small-number suppression, complement and differencing, and intervals. Pure: the standard library alone."""
