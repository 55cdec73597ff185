"""Tests of the small-number rules."""
