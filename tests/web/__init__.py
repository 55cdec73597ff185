"""The web: the console, and what else a browser or Telegram asks for."""
