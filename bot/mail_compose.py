"""What the engine of email asks for words: as for the app, with the event for calendars beside them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.compose import Composers
from bot.mail_message import LetterheadNow
from bot.mail_settings import usable
from broadcasts.sender import Content, Skip
from carers.people import Carer
from events.calendar_mail import calendar_part
from storage.deliveries import Delivery
from storage.engine import Session
from texts.message import Medium, Message
from texts.render import Texts


class MailComposer(Composers):
    """The `broadcasts.sender.Composer` of email. ``address``: where staff find the console."""

    def __init__(self, letterhead: LetterheadNow, address: str) -> None:
        super().__init__()
        self._head = letterhead
        self._address = address

    async def notice(self, session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
        content = await super().notice(session, delivery, now)
        if delivery.staff_id is not None and isinstance(content, Content):
            return replace(content, params={**content.params, "console": self._address})
        carer = await session.get(Carer, delivery.carer_id) if delivery.carer_id is not None else None
        address = usable(carer.email or "") if carer is not None else None
        if isinstance(content, Skip) or carer is None or address is None:
            return content
        organiser = self._head().organiser(carer.id, address)
        part = await calendar_part(session, delivery, address, organiser, now)
        if part is None:
            return content
        calendar = {"method": part.method, "content": part.content, "filename": part.filename}
        return Content(content.kind, {**content.params, "calendar": calendar}, content.language)


class MailTexts:
    """The `broadcasts.sender.Renderer` of email."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def render(self, kind: str, params: dict[str, Any], language: str) -> Message:
        return self._texts.render(kind, params, language, Medium.EMAIL)
