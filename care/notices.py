"""What alerts to staff say: the notice itself names the text and holds its parameters."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from broadcasts.sender import Content, Skip
from storage.deliveries import Delivery, Notice
from storage.engine import Session

Compose = Callable[[Session, Delivery, datetime], Awaitable[Content | Skip]]


async def staff_alert(session: Session, delivery: Delivery, now: datetime) -> Content | Skip:
    """``params["text"]`` is the kind of text, the rest its parameters. It never quotes a carer."""
    notice = await session.get_one(Notice, delivery.notice_id)
    params = dict(notice.params)
    return Content(params.pop("text"), params)


COMPOSERS: dict[str, Compose] = {"staff_alert": staff_alert}
"""By the kind of notice; the composition root gives them to the engine."""
