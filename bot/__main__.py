"""``python -m bot`` is ``hearthline``."""

from bot.cli import main

main()
