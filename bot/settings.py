"""The settings: environment variables ``HEARTHLINE_...``, each also as ``HEARTHLINE_..._FILE``, a path.

A wrong value stops the start and says the name, the value (never a secret's) and what would be right.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.decided import EMPTY_MEANS_NONE, WORDS_OF_DANGER, Decided, Words
from bot.mail_settings import MailSettings, parse_mailbox, parse_server, sender_of
from care.danger import chosen
from care.retention import Keeping

PREFIX = "HEARTHLINE_"
SHORTEST_PASSWORD = 4
"""Signs of a mail server's password that is looked for in the log."""
TELEGRAM = "https://api.telegram.org"


class WrongSettings(Exception):
    """One or more settings are wrong; ``problems`` holds a plain sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Environment(PydanticBaseSettingsSource):
    """Reads ``NAME`` or, for a secret kept in a file, ``NAME_FILE``. Empty means unset, or none where
    `EMPTY_MEANS_NONE` says so."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = variable(field_name)
        value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
        if value is not None and path is not None:
            raise WrongSettings([f"{name} and {name}_FILE are both set. Set one of them."])
        if path is not None:
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problem = getattr(error, "strerror", None) or "it is not text"
                raise WrongSettings([f"{name}_FILE is {path!r}, which cannot be read: {problem}."]) from error
        if value == "" and field_name not in EMPTY_MEANS_NONE:
            value = None
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in Settings.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(Decided, BaseSettings):
    """Every setting, with what a right value looks like as its description."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    telegram_token: SecretStr | None = Field(
        None, description="the bot's token as @BotFather gave it: digits, a colon, then letters and digits"
    )
    telegram_api_url: str = Field(
        TELEGRAM, description=f"the address of a Bot API server, such as {TELEGRAM}"
    )
    database_url: SecretStr | None = Field(
        None, description="sqlite:///FILE or postgresql://user:password@host/name"
    )
    data_dir: Path = Field(Path("data"), description="a folder that Hearthline may write to")
    listen: str = Field("127.0.0.1:8080", description="an address and a port, such as 127.0.0.1:8080")
    public_url: str | None = Field(
        None, description="the https:// address at which the internet reaches this server"
    )
    receive: Literal["polling", "webhook"] | None = Field(
        None,
        description=(
            "polling or webhook; webhook needs HEARTHLINE_PUBLIC_URL, and is used where that is set and "
            "this is not"
        ),
    )
    secret_key: SecretStr | None = Field(None, description="a random text of 32 characters or more")
    timezone: ZoneInfo = Field(
        ZoneInfo("Europe/London"), description="the name of a time zone, such as Europe/London"
    )
    audit_years: int = Field(6, ge=1, le=100, description="a whole number of years from 1 to 100")
    send_rate: int = Field(30, ge=1, le=1000, description="messages a second: a whole number from 1 to 1000")
    smtp_url: SecretStr | None = Field(
        None,
        description=(
            "smtp://user:password@host:port or smtps://..., signs such as @ : / # in user and password "
            "written %40 %3A %2F %23"
        ),
    )
    mail_from: str | None = Field(None, description="an email address, or a name and <address>")
    mail_reply_to: str | None = Field(None, description="an email address, or a name and <address>")
    mail_bounces: str | None = Field(None, description="an email address that takes name+anything@ as well")
    mail_rate: float = Field(2.0, ge=0.1, le=100, description="emails a second: a number from 0.1 to 100")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR"
    )
    register_since: date | None = Field(None, description="a date such as 2015-04-01")
    engine: Literal["single"] = Field("single", description="single: this version runs one sending process")
    danger_words: Words | None = Field(None, description=WORDS_OF_DANGER)
    metrics_from: str = Field(
        "127.0.0.0/8, ::1/128", description="networks that may read /metrics, parted by commas"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls)

    @field_validator("telegram_token")
    @classmethod
    def _a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
            raise ValueError
        return value

    @field_validator("telegram_api_url", "public_url")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _the_internet_or_this_machine(cls, value: str | None) -> str | None:
        here = value is not None and urlsplit(value).hostname in ("127.0.0.1", "localhost", "::1")
        if value is not None and not value.startswith("https://") and not here:
            raise ValueError
        return value

    @field_validator("database_url")
    @classmethod
    def _a_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"(sqlite|postgresql)://", value.get_secret_value()):
            raise ValueError
        return value

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError
        return value

    @field_validator("timezone", mode="before")
    @classmethod
    def _a_zone(cls, value: str | ZoneInfo) -> ZoneInfo:
        # A name that no file has raises KeyError, which must stop the start like any wrong value.
        try:
            return ZoneInfo(value) if isinstance(value, str) else value
        except (KeyError, OSError) as error:
            raise ValueError from error

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_server(value.get_secret_value())
        return value

    @field_validator("mail_from", "mail_reply_to", "mail_bounces")
    @classmethod
    def _a_mailbox(cls, value: str | None) -> str | None:
        if value is not None:
            parse_mailbox(value)
        return value

    @field_validator("receive")
    @classmethod
    def _reachable(cls, value: str | None, given: ValidationInfo) -> str | None:
        # A wrong public address is a problem of its own, and is not in what was read so far.
        if value == "webhook" and given.data.get("public_url", "") is None:
            raise ValueError
        return value

    @property
    def database_address(self) -> str:
        """Where the data is: as set, or a file in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / 'hearthline.db'}"

    @property
    def journal(self) -> Path:
        """Where the engine notes its requests, for after a crash. Not part of any backup."""
        return self.data_dir / "requests.journal"

    @property
    def round_keys(self) -> Path:
        """The folder of the keys of anonymous rounds: outside the database and its backups."""
        return self.data_dir / "round-keys"

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def address(self) -> str:
        """Where a browser finds the console: the public address, or the one listened on."""
        return self.public_url or f"http://{self.listen}"

    @property
    def pages_address(self) -> str:
        """Where carers find their own pages: by the internet only where there is a public address."""
        return self.address

    @property
    def by_webhook(self) -> bool:
        """Whether Telegram brings updates; if not, they are fetched."""
        return self.public_url is not None and self.receive != "polling"

    @property
    def mail(self) -> MailSettings | None:
        """The settings of email; null where the service sends none."""
        if self.smtp_url is None:
            return None
        server = parse_server(self.smtp_url.get_secret_value())
        return MailSettings(
            server,
            sender_of(server, self.service_name, self.mail_from),
            parse_mailbox(self.mail_reply_to) if self.mail_reply_to else None,
            parse_mailbox(self.mail_bounces) if self.mail_bounces else None,
        )

    @property
    def words_of_danger(self) -> tuple[str, ...]:
        """The words that mark a message as urgent, of all languages."""
        by_language = {
            "en": self.danger_words_en,
            "ur": self.danger_words_ur,
            "pa": self.danger_words_pa,
            "ar": self.danger_words_ar,
        }
        return chosen(self.danger_words, by_language)

    @property
    def keeping(self) -> Keeping:
        """What the service decides about how long things are kept."""
        return Keeping(self.timezone, self.audit_years)

    @property
    def mail_journal(self) -> Path:
        """As `journal`, for email."""
        return self.data_dir / "mail.journal"

    @property
    def token(self) -> str:
        """The bot's token. Raises `WrongSettings` when it is unset."""
        if self.telegram_token is None:
            raise WrongSettings([unset("telegram_token")])
        return self.telegram_token.get_secret_value()

    def secrets(self) -> tuple[str, ...]:
        """What must appear in no log."""
        given = (self.telegram_token, self.secret_key, self.smtp_url)
        found = [secret.get_secret_value() for secret in given if secret is not None]
        password = (self.mail and self.mail.server.password) or ""
        # A shorter one would be taken out of half the words of the log.
        return (*found, *([password] if len(password) >= SHORTEST_PASSWORD else []))

    def key(self) -> str:
        """The secret key: as set, or made once and kept in the data folder, readable by its owner alone."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()

    def webhook_secret(self) -> str:
        """What Telegram sends with every update, so that nobody else can. Bound to the key and the token."""
        return hmac.new(self.key().encode(), f"webhook:{self.token}".encode(), hashlib.sha256).hexdigest()


SECRETS = frozenset({"telegram_token", "database_url", "secret_key", "smtp_url"})


def _write_once(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all; who comes second changes nothing."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    Path(temporary).unlink()


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def unset(field: str) -> str:
    """The sentence that says a needed setting is missing."""
    return f"{variable(field)} is not set. It should be {Settings.model_fields[field].description}."


def load(**given: Any) -> Settings:
    """The settings from the environment; ``given`` goes before it. Raises `WrongSettings`."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise WrongSettings([_sentence(problem) for problem in error.errors()]) from None


def _sentence(problem: Any) -> str:
    field = str(problem["loc"][0])
    if field in SECRETS:
        return wrong_secret(field)
    return (
        f"{variable(field)} is {problem['input']!r}. It should be {Settings.model_fields[field].description}."
    )


def wrong_secret(field: str) -> str:
    """The sentence that says a setting is wrong and does not show it."""
    right = Settings.model_fields[field].description
    return f"{variable(field)} is set, but wrong (its value is a secret). It should be {right}."


def unknown_variables() -> list[str]:
    """Names in the environment that look like settings and are none: most often a slip of the pen."""
    known = {variable(field) for field in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    others = (f"{PREFIX}TEST_", f"{PREFIX}SCREENSHOTS")
    return sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(others)
    )
