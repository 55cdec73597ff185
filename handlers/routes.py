"""The topics of conversation, in the order in which they are asked. Free text is last: it takes the rest."""

from importlib import import_module
from typing import Any

from telegram.ext import Application, BaseHandler

TOPICS = (
    "first",
    "start",
    "speaking",
    "help",
    "settings",
    "mydata",
    "console",
    "rsvp",
    "party",
    "join",
    "ballot",
    "calendar",
    "events",
    "checkin",
    "feedback",
    "newevent",
    "broadcast",
    "rsvps",
    "phone",
    "waiting",
    "walkins",
    "changing",
    "report",
    "inbox",
    "mygroups",
    "nominations",
    "said",
    "told",
    "surveys",
    "free_text",
)

Handler = BaseHandler[Any, Any, Any]


def handlers() -> list[Handler]:
    """Every topic's handlers. The first that fits an update takes it."""
    return [handler for topic in TOPICS for handler in import_module(f"handlers.{topic}").handlers()]


def add_handlers(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Give every topic to python-telegram-bot."""
    application.add_handlers(handlers())
