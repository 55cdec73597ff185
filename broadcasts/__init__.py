"""Notices, the deliveries of an audience, the outbox, the delivery engine and its rate limits."""
