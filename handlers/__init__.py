"""One file per conversation topic: parse an update, call one use case, reply."""
