"""A wrong setting stops the start with its name, its value (never a secret's) and what would be right."""

import stat
from datetime import date, time
from pathlib import Path

import pytest

from bot.settings import WrongSettings, load, unknown_variables


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_TOKEN", "DATABASE_URL", "DATA_DIR", "DUTY_PHONE", "PUBLIC_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"HEARTHLINE_{name}", raising=False)


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("WEEKLY_CAP", "five", "a whole number from 0 (no cap) to 10000"),
        ("SEND_RATE", "5000", "from 1 to 1000"),
        ("APPROVAL_ABOVE", "many", "0 or nothing: nobody has to approve"),
        ("TIMEZONE", "Europe/Lodnon", "such as Europe/London"),
        ("QUIET_HOURS", "nine to five", "such as 21:00-08:00"),
        ("OFFICE_HOURS", "09:00-09:00", "such as 09:00-17:00"),
        ("LISTEN", "localhost", "such as 127.0.0.1:8080"),
        ("PUBLIC_URL", "http://fostering.example", "https://"),
        ("TELEGRAM_API_URL", "api.telegram.org", "such as https://api.telegram.org"),
        ("DUTY_PHONE", "ring us", "telephone number"),
        ("REGISTER_SINCE", "2015", "such as 2015-04-01"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        ("ENGINE", "postgres", "single"),
        ("MAIL_FROM", "Fostering", "an email address"),
        ("MAIL_REPLY_TO", "a@b.example, c@d.example", "an email address"),
        ("MAIL_BOUNCES", "bounces", "an email address"),
        ("MAIL_RATE", "0", "from 0.1 to 100"),
        ("RECEIVE", "webhook", "webhook needs HEARTHLINE_PUBLIC_URL"),
        ("RECEIVE", "pigeons", "polling or webhook"),
    ],
)
def test_a_wrong_value_is_named_shown_and_put_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, right: str
) -> None:
    monkeypatch.setenv(f"HEARTHLINE_{name}", value)
    with pytest.raises(WrongSettings) as wrong:
        load()
    [problem] = wrong.value.problems
    assert problem.startswith(f"HEARTHLINE_{name} is {value!r}.")
    assert right in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "not-a-token"),
        ("DATABASE_URL", "mysql://admin:hunter2@host/db"),
        ("SECRET_KEY", "hunter2"),
        ("SMTP_URL", "mail:hunter2"),
        ("SMTP_URL", "smtp://user:hunter2@"),
        ("SMTP_URL", "smtp://user:hunter2@host?starttls=hunter2"),
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"HEARTHLINE_{name}", value)
    with pytest.raises(WrongSettings) as wrong:
        load()
    assert f"HEARTHLINE_{name} is set, but wrong" in str(wrong.value)
    assert value not in str(wrong.value)


def test_several_wrong_values_are_all_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHLINE_WEEKLY_CAP", "-1")
    monkeypatch.setenv("HEARTHLINE_TIMEZONE", "Mars")
    with pytest.raises(WrongSettings) as wrong:
        load()
    assert len(wrong.value.problems) == 2


def test_a_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("123456:abc-DEF\n")
    monkeypatch.setenv("HEARTHLINE_TELEGRAM_TOKEN_FILE", str(secret))
    assert load().token == "123456:abc-DEF"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEARTHLINE_DUTY_PHONE_FILE", str(tmp_path / "nothing"))
    with pytest.raises(WrongSettings, match="No such file"):
        load()


def test_a_value_and_a_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEARTHLINE_DUTY_PHONE", "01709 000000")
    monkeypatch.setenv("HEARTHLINE_DUTY_PHONE_FILE", str(tmp_path / "phone"))
    with pytest.raises(WrongSettings, match="both set"):
        load()


def test_what_is_unset_has_the_documented_value(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load()
    assert settings.quiet_hours == (time(21), time(8))
    assert (settings.weekly_cap, settings.send_rate, settings.listen) == (5, 30, "127.0.0.1:8080")
    assert settings.timezone.key == "Europe/London"
    assert settings.database_address.endswith("/data/hearthline.db")


def test_a_services_own_danger_words_take_the_place_of_ours_or_are_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = {"suicid*", "crying every*", "لاپتہ", "ਲਾਪਤਾ", "مفقود*", "khatra"}
    assert ours <= set(load().words_of_danger)
    monkeypatch.setenv("HEARTHLINE_DANGER_WORDS_UR", "سیلاب*")
    assert ours - {"لاپتہ", "khatra"} | {"سیلاب*"} <= set(load().words_of_danger)
    assert not {"لاپتہ", "khatra"} & set(load().words_of_danger)
    monkeypatch.setenv("HEARTHLINE_DANGER_WORDS_EN", "+flood*, on fire")
    assert {"suicid*", "flood*", "on fire"} <= set(load().words_of_danger)
    monkeypatch.setenv("HEARTHLINE_DANGER_WORDS", "+ gas leak")
    assert {"suicid*", "flood*", "gas leak"} <= set(load().words_of_danger)


def test_danger_words_for_all_languages_take_the_place_of_all_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEARTHLINE_DANGER_WORDS", "flood*, on fire")
    assert load().words_of_danger == ("flood*", "on fire")
    monkeypatch.setenv("HEARTHLINE_DANGER_WORDS_AR", "+فيضان")
    assert load().words_of_danger == ("فيضان", "flood*", "on fire")


def test_danger_words_that_would_find_nothing_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHLINE_DANGER_WORDS_PA", " + , *")
    with pytest.raises(WrongSettings, match="HEARTHLINE_DANGER_WORDS_PA"):
        load()


def test_empty_quiet_hours_mean_none_and_any_other_empty_value_means_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEARTHLINE_QUIET_HOURS", "")
    monkeypatch.setenv("HEARTHLINE_WEEKLY_CAP", "")
    monkeypatch.setenv("HEARTHLINE_REGISTER_SINCE", "2015-04-01")
    settings = load()
    assert settings.quiet_hours is None
    assert settings.weekly_cap == 5
    assert settings.register_since == date(2015, 4, 1)


def test_a_broadcast_of_any_size_goes_out_unapproved_where_the_size_is_nothing_or_nought(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HEARTHLINE_APPROVAL_ABOVE", raising=False)
    assert load().approval_above == 200
    monkeypatch.setenv("HEARTHLINE_APPROVAL_ABOVE", "")
    assert load().approval_above is None
    monkeypatch.setenv("HEARTHLINE_APPROVAL_ABOVE", "0")
    assert not load().approval_above


def test_a_cap_of_any_sensible_size_is_taken_and_nought_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for cap in (0, 1, 1000):
        monkeypatch.setenv("HEARTHLINE_WEEKLY_CAP", str(cap))
        assert load().weekly_cap == cap


def test_the_secret_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "data")
    key = settings.key()
    assert len(key) >= 32
    assert load(data_dir=tmp_path / "data").key() == key
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_the_webhooks_secret_changes_with_the_key_and_fits_telegrams_alphabet(tmp_path: Path) -> None:
    settings = load(data_dir=tmp_path / "a", telegram_token="1:a")
    assert settings.webhook_secret() == settings.webhook_secret()
    assert settings.webhook_secret() != load(data_dir=tmp_path / "b", telegram_token="1:a").webhook_secret()
    assert settings.webhook_secret().isalnum()
    assert len(settings.webhook_secret()) <= 256


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHLINE_DUTY_FONE", "01709 000000")
    monkeypatch.setenv("HEARTHLINE_TEST_POSTGRES_URL", "ours")
    assert unknown_variables() == ["HEARTHLINE_DUTY_FONE"]


def test_updates_are_fetched_unless_there_is_a_public_address_or_although_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not load().by_webhook
    monkeypatch.setenv("HEARTHLINE_PUBLIC_URL", "https://rowdale.example/")
    assert load().by_webhook
    monkeypatch.setenv("HEARTHLINE_RECEIVE", "polling")
    settings = load()
    assert not settings.by_webhook
    assert settings.pages_address == "https://rowdale.example"


def test_the_password_of_the_mail_server_is_a_secret_however_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEARTHLINE_SMTP_URL", "smtps://post%40rowdale.example:hunter%2F2@mail.example")
    settings = load(service_name="Fostering Rowdale")
    assert "hunter/2" in settings.secrets()
    mail = settings.mail
    assert mail is not None
    assert (mail.server.port, mail.server.wrapped, mail.server.password) == (465, True, "hunter/2")
    assert "hunter" not in repr(mail)
    assert str(mail.sender.as_header()) == "Fostering Rowdale <post@rowdale.example>"
    assert load(smtp_url=None).mail is None
