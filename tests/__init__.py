"""Tests of the whole product, written as sentences."""
