"""What the console tells of the settings: those that it may change, and the others to read. No secret."""

from collections.abc import Sequence

from bot.decided import NAMES, read, right, text_of
from bot.settings import SECRETS, Settings, variable
from web.server_settings import ServerSetting

MEANINGS = {
    "public_url": "Where carers' pages and the console are on the internet",
    "listen": "Where this process listens",
    "receive": "How Telegram's updates come in: fetched, or brought",
    "telegram_token": "The bot's token",
    "telegram_api_url": "Where Telegram's Bot API is",
    "send_rate": "Messages a second by the app",
    "smtp_url": "The server that takes email",
    "mail_from": "Whom email comes from",
    "mail_reply_to": "Where carers' replies to email go",
    "mail_bounces": "Where returned email goes",
    "mail_rate": "Emails a second",
    "timezone": "The clock by which everything is said and planned",
    "register_since": "From which day the register holds every household that left",
    "audit_years": "How many years the audit log is kept",
    "danger_words": "Words of danger for all languages at once",
    "database_url": "The database",
    "data_dir": "The folder of the keys, and of the database where it is a file",
    "secret_key": "What signs links and cookies",
    "metrics_from": "Networks that may read the figures for monitoring",
    "log_level": "How much is written to the log",
    "engine": "How many processes send",
}
"""What each setting is for, in the order in which they are shown."""

UNSET = {
    "public_url": "this machine alone reaches them",
    "receive": "brought where there is a public address, otherwise fetched",
    "smtp_url": "no email is sent",
    "mail_from": "made of the service's name and the server's",
    "mail_reply_to": "to whom it comes from",
    "mail_bounces": "to whom it comes from",
    "register_since": "no retention curve in reports",
    "danger_words": "those of each language alone",
    "database_url": "a file in the data folder",
    "secret_key": "made once and kept in the data folder",
}
"""What it means that nothing is set."""


class SettingsTold:
    """The `web.server_settings.ServerSettings` of this process."""

    names: Sequence[str] = NAMES

    def __init__(self, server: Settings) -> None:
        self._server = server

    def of_server(self, name: str) -> str:
        return text_of(getattr(self._server, name))

    def read(self, name: str, text: str) -> str:
        return text_of(read(name, text))

    def right(self, name: str) -> str:
        return right(name)

    def others(self) -> list[ServerSetting]:
        return [
            ServerSetting(variable(name), meaning, self._said(name)) for name, meaning in MEANINGS.items()
        ]

    def _said(self, name: str) -> str:
        value = getattr(self._server, name)
        if value is None:
            return f"Not set: {UNSET[name]}" if name in UNSET else "Not set"
        return "Set; a secret" if name in SECRETS else text_of(value)
