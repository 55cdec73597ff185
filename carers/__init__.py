"""Households, carers, groups, audiences, consent, linking and erasure."""
