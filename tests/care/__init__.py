"""What carers write to the service."""
