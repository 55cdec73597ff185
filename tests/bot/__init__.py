"""The Telegram side: settings, logs, the wire, the inbox, the lease, the command line."""
