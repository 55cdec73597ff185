"""The kinds of notice, and how each is treated: one table, read by the queue and the engine."""

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """Lower goes first. A carer's own tap comes before all of these: see `storage.deliveries.Reply`."""

    URGENT = 10
    REMINDER = 20
    INVITATION = 30
    BROADCAST = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of notice is treated.

    ``always``: goes out in quiet hours and whatever the cap, because the news cannot wait. ``capped``:
    counts towards, and waits for, the household's weekly cap; ``untold``: it waits, but what is held back
    because of it would tell staff who got it. ``repeats``: sent once more when nobody can
    tell whether it arrived, because a duplicate is harmless and a loss is not. ``card``: the message that
    goes out becomes the carer's card of the invitation. ``optional``: a carer who opted out of its topic,
    paused or wrote /stop does not get it; what concerns something they said yes to is never optional.
    ``email``: it makes sense outside the app, ``app``: within. ``post``: it is worth a letter; staff ring
    about the others.
    """

    name: str
    priority: Priority
    always: bool = False
    capped: bool = False
    untold: bool = False
    repeats: bool = False
    card: bool = False
    optional: bool = False
    email: bool = True
    app: bool = True
    post: bool = False


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("cancellation", Priority.URGENT, always=True, repeats=True, post=True),
        Kind("change", Priority.URGENT, always=True, repeats=True, card=True, post=True),
        Kind("join_link", Priority.URGENT, always=True, repeats=True),
        Kind("calendar_update", Priority.URGENT, always=True),  # with one of the above, or after a tap
        Kind("thread_answer", Priority.URGENT, always=True, post=True),  # the carer asked for it
        Kind("offer", Priority.URGENT, card=True),
        Kind("offer_lapsed", Priority.REMINDER, card=True),
        Kind("ballot_lost", Priority.REMINDER, card=True, post=True),
        Kind("reminder", Priority.REMINDER, card=True),
        Kind("answer_changed", Priority.REMINDER, card=True),
        Kind("calendar_follow_up", Priority.REMINDER),
        Kind("invitation", Priority.INVITATION, capped=True, card=True, optional=True, post=True),
        Kind("nudge", Priority.INVITATION, capped=True, card=True, optional=True),
        Kind("tap_again", Priority.INVITATION, capped=True, card=True, optional=True, email=False),
        Kind("feedback", Priority.INVITATION, capped=True, optional=True),
        Kind("survey", Priority.INVITATION, capped=True, optional=True, post=True),
        Kind("survey_reminder", Priority.INVITATION, capped=True, untold=True, optional=True),
        Kind("broadcast", Priority.BROADCAST, capped=True, optional=True, post=True),
        Kind("broadcast_test", Priority.URGENT, always=True),
        Kind("sign_in_link", Priority.URGENT, always=True, app=False),  # somebody waits for it
        Kind("staff_urgent", Priority.URGENT, always=True, email=False),  # beside an email of the same
        Kind("staff_alert", Priority.REMINDER, always=True),
        Kind("staff_report", Priority.REMINDER),  # nobody waits for it, and least of all at night
    )
}

COUNTED = tuple(kind.name for kind in KINDS.values() if kind.capped and not kind.untold)
"""What counts towards the weekly cap."""
