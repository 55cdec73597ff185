"""One aiohttp application: the staff console, carers' signed pages, the webhook, the calendar feed, health and metrics."""
