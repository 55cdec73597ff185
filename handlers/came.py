"""What a message brings: words, something that is no words, or only news of the chat itself.

Telegram has some sixty kinds of message, and a carer may send any of them. Each field of a message stands in
exactly one of the sets below (a test goes through all of them). What stands in none, because Telegram has
learnt it since, counts as a thing that was sent: a needless answer is better than silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from telegram import Message


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABOUT = _names(
    """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot
    sender_tag date guest_query_id business_connection_id chat forward_origin is_topic_message
    is_automatic_forward reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id
    reply_to_poll_option_id via_bot guest_bot_caller_user guest_bot_caller_chat edit_date
    has_protected_content is_from_offline is_paid_post media_group_id author_signature paid_star_count
    link_preview_options suggested_post_info effect_id show_caption_above_media has_media_spoiler reply_markup
    """
)
"""Who sent it, when, how, and in answer to what: nothing that is sent by itself."""

WORDS = frozenset(("text", "entities", "caption", "caption_entities", "rich_message"))
"""What is read, whether it was forwarded, came by another bot, or stands under a picture."""

THINGS = (
    "live_photo",
    "photo",
    "animation",
    "video",
    "video_note",
    "voice",
    "audio",
    "paid_media",
    "document",
    "sticker",
    "story",
    "venue",
    "location",
    "contact",
    "checklist",
    "poll",
    "dice",
    "game",
    "invoice",
    "gift",
    "unique_gift",
    "giveaway",
    "giveaway_winners",
    "users_shared",
    "chat_shared",
    "web_app_data",
    "passport_data",
    "successful_payment",
    "refunded_payment",
)
"""What somebody sends that is no words, the more telling name first: a venue has a location with it, an
animation a document, for old apps. It is answered and not kept."""

NEWS = _names(
    """
    new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo
    delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message connected_website
    write_access_allowed proximity_alert_triggered boost_added chat_background_set checklist_tasks_done
    checklist_tasks_added direct_message_price_changed forum_topic_created forum_topic_edited
    forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden
    gift_upgrade_sent giveaway_created giveaway_completed managed_bot_created paid_message_price_changed
    poll_option_added poll_option_deleted suggested_post_approved suggested_post_approval_failed
    suggested_post_declined suggested_post_paid suggested_post_refunded video_chat_scheduled
    video_chat_started video_chat_ended video_chat_participants_invited
    """
)
"""Lines that Telegram itself writes into a chat when somebody pins a message, changes the background or ticks
a list of their own. Nobody has said anything to us, so nothing is answered."""

UNKNOWN = "other"
_WITH_WORDS = ("blocks", "items", "cells", "summary", "text", "caption", "credit", "alternative_text")
"""Where the words of a richly formatted message stand, in their order."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a message brings. ``thing`` is a name of `THINGS`, `UNKNOWN`, or empty where there is none."""

    words: str = ""
    thing: str = ""

    @property
    def is_news(self) -> bool:
        """Whether nobody said anything: there is nothing to answer."""
        return not self.words and not self.thing


def what_came(message: Message) -> Came:
    """Read what a message brings. One without anything that we know brings an unknown thing."""
    fields = {name for name, value in message.to_dict().items() if value is not False}
    words = words_of(message)
    known = next((thing for thing in THINGS if thing in fields), "")
    unheard_of = fields - ABOUT - WORDS - NEWS - frozenset(THINGS)
    nothing = not words and not known and not fields & NEWS
    return Came(words, known or (UNKNOWN if unheard_of or nothing else ""))


def words_of(message: Message) -> str:
    """What was written: under a picture too, where the words are its caption."""
    return message.text or message.caption or _rich(message)


def _rich(message: Message) -> str:
    """The words of a message with headings and tables, which the library does not read yet."""
    rich = (message.api_kwargs or {}).get("rich_message")
    return "\n".join(_lines(rich.get("blocks"))) if isinstance(rich, dict) else ""


def _lines(blocks: Any) -> Iterator[str]:
    """One line a block, a cell or an item."""
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, list):
            yield from _lines(block)
        elif isinstance(block, dict):
            for name in _WITH_WORDS:
                inner = block.get(name)
                if name in ("blocks", "items", "cells"):
                    yield from _lines(inner)
                elif line := _inline(inner).strip():
                    yield line


def _inline(text: Any) -> str:
    """The words of one run of text, whatever is bold or linked in it."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(_inline, text))
    if isinstance(text, dict):
        return _inline(text.get("text", text.get("alternative_text", text.get("expression", ""))))
    return ""
