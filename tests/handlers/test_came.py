"""Every kind of message that Telegram knows is read or answered, and so is one that it will learn."""

from typing import Any

import pytest
from telegram import MaybeInaccessibleMessage, Message, Update

from bot.telegram import ALLOWED_UPDATES
from handlers.came import ABOUT, NEWS, THINGS, UNKNOWN, WORDS, Came, what_came

FIELDS = """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count
    sender_business_bot sender_tag date guest_query_id business_connection_id chat forward_origin
    is_topic_message is_automatic_forward reply_to_message external_reply quote reply_to_story
    reply_to_checklist_task_id reply_to_poll_option_id via_bot guest_bot_caller_user
    guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post media_group_id
    author_signature paid_star_count text entities link_preview_options suggested_post_info effect_id
    rich_message animation audio document live_photo paid_media photo sticker story video video_note
    voice caption caption_entities show_caption_above_media has_media_spoiler checklist contact dice
    game poll venue location new_chat_members left_chat_member chat_owner_left chat_owner_changed
    new_chat_title new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created
    channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id
    pinned_message invoice successful_payment refunded_payment users_shared chat_shared gift unique_gift
    gift_upgrade_sent connected_website write_access_allowed passport_data proximity_alert_triggered
    boost_added chat_background_set checklist_tasks_done checklist_tasks_added
    direct_message_price_changed forum_topic_created forum_topic_edited forum_topic_closed
    forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden giveaway_created
    giveaway giveaway_winners giveaway_completed managed_bot_created paid_message_price_changed
    poll_option_added poll_option_deleted suggested_post_approved suggested_post_approval_failed
    suggested_post_declined suggested_post_paid suggested_post_refunded video_chat_scheduled
    video_chat_started video_chat_ended video_chat_participants_invited web_app_data reply_markup
"""
"""The fields of a Message in version 10.1 of the Bot API."""

UPDATES = """
    update_id message edited_message channel_post edited_channel_post business_connection
    business_message edited_business_message deleted_business_messages guest_message message_reaction
    message_reaction_count inline_query chosen_inline_result callback_query shipping_query
    pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member
    chat_join_request chat_boost removed_chat_boost managed_bot
"""
"""The kinds of Update there, by the name of their field."""

NOT_FOR_US = {
    "channel": "channel_post edited_channel_post chat_boost removed_chat_boost",
    "group": "chat_member chat_join_request",
    "somebody else's chat": "business_connection business_message edited_business_message "
    "deleted_business_messages guest_message managed_bot",
    "another bot's deed": "inline_query chosen_inline_result poll poll_answer",
    "money": "shipping_query pre_checkout_query purchased_paid_media",
    "wants no answer": "message_reaction message_reaction_count",
}
"""Why the bot does not ask for them: it does nothing in channels, groups and other people's chats, sends no
poll, offers nothing inline and sells nothing."""

BASE: dict[str, Any] = {"message_id": 5, "date": 1, "chat": {"id": 101, "type": "private"}}


def read(**fields: Any) -> Came:
    message = Message.de_json({**BASE, **fields}, None)
    return what_came(message)


def test_every_field_of_a_message_is_sorted_once() -> None:
    sets = (ABOUT, WORDS, frozenset(THINGS), NEWS)
    assert sum(map(len, sets)) == len(frozenset().union(*sets))
    assert frozenset().union(*sets) == set(FIELDS.split())


def test_the_library_knows_no_field_that_nobody_has_sorted() -> None:
    library = {
        name for name in (*Message.__slots__, *MaybeInaccessibleMessage.__slots__) if not name.startswith("_")
    }
    assert {"from" if name == "from_user" else name for name in library} - {"api_kwargs"} <= set(
        FIELDS.split()
    )


def test_every_kind_of_update_is_asked_for_or_there_is_a_reason_not_to() -> None:
    left_out = [name for names in NOT_FOR_US.values() for name in names.split()]
    assert sorted([*ALLOWED_UPDATES, *left_out, "update_id"]) == sorted(UPDATES.split())
    assert set(Update.ALL_TYPES) <= set(UPDATES.split())


@pytest.mark.parametrize("thing", THINGS)
def test_whatever_is_no_words_is_seen_though_we_may_not_know_what_is_in_it(thing: str) -> None:
    message = Message.de_json(BASE, None)
    with message._unfrozen():
        message.api_kwargs = {thing: {"anything": 1}}  # as the library keeps what it cannot read
    assert what_came(message) == Came("", thing)


@pytest.mark.parametrize("news", sorted(NEWS))
def test_what_telegram_writes_itself_is_nothing_that_anybody_sent(news: str) -> None:
    message = Message.de_json(BASE, None)
    with message._unfrozen():
        message.api_kwargs = {news: True}
    assert what_came(message).is_news


def test_what_telegram_has_learnt_since_is_a_thing_that_was_sent() -> None:
    assert read(hologram={"size": 3}) == Came("", UNKNOWN)
    assert read() == Came("", UNKNOWN)


def test_words_are_read_wherever_they_stand() -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
    assert read(text="hello") == Came("hello", "")
    assert read(photo=photo, caption="look") == Came("look", "photo")
    assert read(text="hello", hologram={}) == Came("hello", UNKNOWN)


def test_an_animation_is_no_document_and_a_venue_no_mere_place() -> None:
    file = {"file_id": "a", "file_unique_id": "b"}
    moving = file | {"width": 1, "height": 1, "duration": 1}
    assert read(animation=moving, document=file).thing == "animation"
    place = {"latitude": 53.4, "longitude": -1.3}
    assert read(location=place, venue={"location": place, "title": "t", "address": "a"}).thing == "venue"


def test_the_words_of_a_message_with_headings_and_tables_are_read() -> None:
    paragraph = {"type": "paragraph", "text": ["We ", {"type": "bold", "text": "cannot"}, " come."]}
    cells = [[{"text": "one"}, {"text": {"type": "italic", "text": "two"}}]]
    items = [{"label": "1.", "blocks": [{"type": "paragraph", "text": "first"}]}]
    blocks = [
        {"type": "heading", "text": "Saturday", "size": 1},
        paragraph,
        {"type": "table", "cells": cells},
        {"type": "list", "items": items},
        {"type": "divider"},
    ]
    words = "Saturday\nWe cannot come.\none\ntwo\nfirst"
    assert read(rich_message={"blocks": blocks}) == Came(words, "")
    assert read(rich_message={"blocks": [{"type": "divider"}]}) == Came("", UNKNOWN)
    assert read(rich_message="nonsense") == Came("", UNKNOWN)
