"""What is held about a carer, for them to see: a summary, and all of it.

Nothing of another person is in it. Reminders of anonymous surveys are not, which would say that somebody had
not answered; nor is an answer to one, which cannot be found by whose it is. Of access and dietary needs it
says only that there are some: their words are for the organiser and never exported. Where another carer
nominated them it says so, and once they were celebrated what was read out, but neither by whom nor what was
written. `surveys.held` has what is held of named surveys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from carers.audience import group_words
from storage import held_rows
from storage.conversations import CarerMessage
from storage.engine import Session
from storage.events import Event
from storage.held_queries import (
    count_answers,
    count_messages,
    count_nominations,
    count_notices,
    group_names_left,
    group_names_of,
)
from storage.households import Carer
from storage.households_queries import opted_out_topics
from storage.nominations import Nomination, NominationState
from storage.rsvp import Invitation

Facts = dict[str, Any]
"""Plain JSON: texts, numbers, lists; days and times (UTC) as ISO text, a time of day as on the clock of the
service; null where nothing is held."""


@dataclass(frozen=True, slots=True)
class Held:
    """A summary: the register's row and how much there is of the rest."""

    groups: tuple[str, ...]
    answers: int
    messages: int
    notices: int
    nominations: int


async def groups_of(session: Session, carer: Carer) -> tuple[str, ...]:
    """The groups that the carer belongs to, as people call them."""
    return tuple(group_words(name) for name in await group_names_of(session, carer.id))


async def what_is_held(session: Session, carer: Carer) -> Held:
    """The summary of one carer. What they answered anonymously cannot be found by who they are."""
    return Held(
        groups=await groups_of(session, carer),
        answers=await count_answers(session, carer),
        messages=await count_messages(session, carer.id),
        notices=await count_notices(session, carer.id),
        nominations=await count_nominations(session, carer.id),
    )


async def everything_held(session: Session, carer: Carer) -> Facts:
    """All that is held about one carer and has their name on it, save named surveys; the latest first."""
    rows = held_rows
    return {
        "register": await _register(session, carer),
        "settings": await _settings(session, carer),
        "invitations": [_invitation(*one) for one in await rows.invitations_of_carer(session, carer)],
        "draws": _facts(await rows.draws_of_carer(session, carer)),
        "attendance": _facts(await rows.attendance_of_carer(session, carer.id)),
        "feedback": _facts(await rows.feedback_of_carer(session, carer.id)),
        "conversations": _facts(await rows.threads_of_carer(session, carer.id)),
        "messages": [_message(one) for one in await rows.messages_of_carer(session, carer.id)],
        "notices": _facts(await rows.notices_of_carer(session, carer.id)),
        "app_links": _facts(await rows.links_of_carer(session, carer.id)),
        "letter_codes": _facts(await rows.codes_of_carer(session, carer.id)),
        "calendar": _facts(await rows.calendar_copies_of_carer(session, carer.id)),
        "nominations": _facts(await rows.nominations_by_carer(session, carer.id)),
        "nominated": [_nominated(one) for one in await rows.nominations_of_carer(session, carer)],
        "check_ins": _facts(await rows.check_ins_of_household(session, carer.household_id)),
        "done_by_staff": _facts(await rows.deeds_about(session, carer.ref)),
    }


async def _register(session: Session, carer: Carer) -> Facts:
    household, worker = await held_rows.home_of(session, carer)
    return _plain(
        {
            "carer_ref": carer.ref,
            "first_name": carer.first_name,
            "last_name": carer.last_name,
            "main_carer": carer.main_carer,
            "birth_year": carer.birth_year,
            "email": carer.email,
            "phone": carer.phone,
            "left_on": carer.left_on,
            "groups": list(await groups_of(session, carer)),
            "groups_left": list(await group_names_left(session, carer.id)),
            "household_ref": household.ref,
            "household_type": household.type,
            "approved_on": household.approved_on,
            "area": household.area,
            "constellation": household.constellation,
            "constellation_role": household.constellation_role,
            "on_hold_since": household.on_hold_since,
            "social_worker": worker,
        }
    )


async def _settings(session: Session, carer: Carer) -> Facts:
    return _plain(
        {
            "language": carer.language,
            "language_chosen": carer.language_chosen,
            "unwanted": sorted(await opted_out_topics(session, carer.id)),
            "quiet_from": carer.quiet_from,
            "quiet_until": carer.quiet_until,
            "paused_until": carer.paused_until,
            "stopped_at": carer.stopped_at,
            "channel": carer.channel,
            "telegram_chat": carer.chat_id,
            "shares_the_chat": carer.shares_chat,
            "linked_at": carer.linked_at,
            "unreachable_since": carer.unreachable_since,
            "unreachable_reason": carer.unreachable_reason,
            "email_failed_at": carer.email_failed_at,
            "email_failed_reason": carer.email_failed_reason,
            "calendar_feed": (carer.feed_number or 0) > 0,
            "asked_for_erasure_at": carer.erasure_asked_at,
        }
    )


def _invitation(invitation: Invitation, event: Event) -> Facts:
    return _plain(
        {
            "title": event.title,
            "starts_at": event.starts_at,
            "for_the_household": invitation.carer_id is None,
            "state": invitation.state,
            "mode": invitation.mode,
            "adults": invitation.adults,
            "children_0_4": invitation.children_0_4,
            "children_5_10": invitation.children_5_10,
            "children_11_15": invitation.children_11_15,
            "children_16_up": invitation.children_16_up,
            "needs_noted": invitation.needs is not None,
            "invited_at": invitation.invited_at,
            "answered_at": invitation.answered_at,
            "waiting_since": invitation.waiting_since,
            "offered_at": invitation.offered_at,
            "nudges": invitation.nudges,
        }
    )


def _nominated(one: Nomination) -> Facts:
    celebrated = one.state is NominationState.CELEBRATED
    return _plain(
        {
            "at": one.created_at,
            "for_the_household": one.carer_id is None,
            "state": one.state,
            "read_out": one.citation if celebrated else None,
        }
    )


def _message(message: CarerMessage) -> Facts:
    return _plain(
        {
            "at": message.received_at,
            "from_the_service": message.written_by_id is not None,
            "came_with": message.came_with,
            "text": message.text,
        }
    )


def _facts(rows: Iterable[Mapping[str, Any]]) -> list[Facts]:
    return [_plain(row) for row in rows]


def _plain(facts: Mapping[str, Any]) -> Facts:
    return {name: _plain_value(value) for name, value in facts.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
