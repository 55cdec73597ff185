"""Conversations, from a raw update to the message that comes back, without a network."""
