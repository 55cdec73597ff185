"""Start here: settings, the CLI, the composition root, the Telegram transport and sender, the jobs."""
