"""What every text may say of the service, as the settings have it."""

from bot.settings import Settings
from texts.render import Service


def service_of(settings: Settings) -> Service:
    """Its name, and whom to ring."""
    return Service(
        name=settings.service_name,
        duty_phone=settings.duty_phone or "",
        fosterline_phone=settings.fosterline_phone,
        samaritans_phone=settings.samaritans_phone,
    )
