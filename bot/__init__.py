"""Start here: settings, the CLI, the composition root, start and stop order, the Telegram transport and sender, the scheduled jobs."""
