"""A Telegram Bot API emulator with a chat page in the browser, and the demo data."""
