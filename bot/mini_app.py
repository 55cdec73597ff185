"""Where the app may open the console within itself."""

from urllib.parse import urlsplit

from bot.settings import Settings

PATH = "/app"
_HERE = ("127.0.0.1", "localhost", "::1")


def app_address(settings: Settings) -> str:
    """The address of the console's page within the app, or nothing where the app would not open it.

    Telegram opens https alone, and refuses the whole message that has a button to anything else. A server on
    this machine that stands in for Telegram takes http on this machine too.
    """
    address = settings.public_url or ""
    tried_out = urlsplit(settings.telegram_api_url).hostname in _HERE
    return f"{address}{PATH}" if address.startswith("https://") or (address and tried_out) else ""
