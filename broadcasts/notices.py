"""What the notices of this folder say."""

from datetime import datetime

from broadcasts.sender import Content
from storage.deliveries import Delivery, Notice
from storage.engine import Session


async def staff_alert(session: Session, delivery: Delivery, now: datetime) -> Content:
    """The text that the notice names in ``params["text"]``, with the rest of its parameters."""
    notice = await session.get_one(Notice, delivery.notice_id)
    params = dict(notice.params)
    return Content(params.pop("text"), params)


COMPOSERS = {"staff_alert": staff_alert}
