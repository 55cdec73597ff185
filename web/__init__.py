"""One aiohttp application: the console, carers' signed pages, the webhook, the calendar, health, metrics."""
