"""Codes and numbers as staff read them."""

from enum import StrEnum

_WORDS = {
    "in_person": "In person",
    "online": "Online",
    "hybrid": "In person and online",
    "invited": "No answer yet",
    "not_going": "Not going",
    "waitlisted": "Waiting list",
    "offered": "Offered a place",
    "ballot_entered": "In the draw",
    "ballot_lost": "Not drawn",
    "no_show": "Did not come",
    "social_worker": "Social worker",
    "first_come": "First come, first served",
    "app": "The app",
    "letter": "Letters",
    "none": "No way at all",
    "thread_answer": "Answer to a message",
    "staff_alert": "Alert to staff",
    "staff_urgent": "Urgent alert to staff",
    "staff_report": "Report to managers",
    "sign_in_link": "Link to the console",
    "en": "English",
    "ur": "Urdu",
    "pa": "Punjabi",
    "ar": "Arabic",
}


def in_words(code: StrEnum | str | None) -> str:
    """A code as words: ``support_group`` is "Support group". Empty for none."""
    if not code:
        return ""
    text = str(code)
    return _WORDS.get(text) or text.replace("_", " ").replace("-", " ").strip().capitalize()


_REASONS = {
    "no_app": "Has not connected to the bot and gets no email",
    "stopped": "Asked for no messages",
    "blocked": "Blocked the bot",
    "deactivated": "Telegram account is gone",
    "chat_not_found": "Telegram does not know the chat",
    "opted_out": "Does not want this kind",
    "paused": "Paused messages",
    "unreachable": "Cannot be reached",
    "quiet_hours": "Waits for the morning",
    "same_chat": "Told in the chat that two carers share",
    "weekly_cap": "Household has had enough this week",
    "interrupted": "Interrupted on its way",
    "late": "Too late to be of use",
    "no_answer": "Telegram did not answer in time",
    "server_fault": "Telegram had a fault",
    "not_connected": "Telegram could not be reached",
    "never_started": "Has never opened the chat",
    "corrected": "Was corrected",
    "app_only": "Of use in the app alone",
    "mail_only": "Goes by email alone, and none reaches them",
    "not_by_letter": "Not sent by letter",
    "printed": "Printed, not posted yet",
    "email_failed": "Email address does not work",
    "no_such_address": "There is no such email address",
    "already answered": "Had answered already",
    "taken_away": "The words were taken away",
    "no_right": "May not see it any more",
}
_NOT_AMENDED = "not_amended:"


def reason_in_words(code: str | None) -> str:
    """Why a delivery stands as it does; what the table does not know is shown as it is."""
    if code and code.startswith(_NOT_AMENDED):
        return f"Could not be taken back or corrected: {code.removeprefix(_NOT_AMENDED)}"
    return _REASONS.get(code or "") or in_words(code)


_BROADCAST_STATES = {
    "draft": "Draft",
    "awaiting_approval": "Waits for approval",
    "scheduled": "Scheduled",
    "sending": "Going out",
    "paused": "Paused",
    "finished": "Sent",
    "cancelled": "Cancelled",
    "recalled": "Taken back",
}


def broadcast_in_words(state: StrEnum | str) -> str:
    """Where a message to many stands."""
    return _BROADCAST_STATES.get(str(state)) or in_words(state)


_TOPICS = {"socials": "Social events and days out", "tickets": "Ticket offers"}


def topic_in_words(topic: StrEnum | str | None) -> str:
    """What a message is about; without a topic it is for everybody."""
    return _TOPICS.get(str(topic)) or in_words(topic) if topic else "Service news"


_CHANNELS = {
    "app": "On Telegram",
    "email": "By email",
    "letter": "By letter",
    "phone": "By telephone",
    "none": "Not at all",
}


def channel_in_words(name: StrEnum | str | None) -> str:
    """The way that a message goes, or by which a carer is told."""
    return _CHANNELS.get(str(name or "none")) or in_words(name)


_DELIVERY_STATES = {
    "queued": "Waiting",
    "sending": "On its way",
    "held": "Held for later",
    "retrying": "Trying again",
    "unknown": "In doubt",
    "skipped": "Left out",
    "missed": "Too late",
    "recalled": "Taken back",
}


def delivery_in_words(state: StrEnum | str) -> str:
    """What became of a message to one carer."""
    return _DELIVERY_STATES.get(str(state)) or in_words(state)


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 carer``, ``2 carers``, ``1,240 carers``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
