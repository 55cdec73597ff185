"""What staff are told by email: where to look, and nothing of any carer."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.console import LONDON
from texts.mail import Mail, MailLinks, compose_mail
from texts.message import Medium
from texts.render import TEMPLATES, Service, Texts

CARER = "Amal Reed"
EXCERPT = "A coach to the coast"
CONSOLE = "https://rowdale.example"
THREAD = {"carer": CARER, "thread_id": 7}
BROADCAST = {"id": 5, "excerpt": EXCERPT, "by": "Priya Lane"}
CALL = {"carer": CARER, "about": "Coffee afternoon", "until": None}
PAGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "alert_broadcast_approval": (
        "/broadcasts/5",
        {**BROADCAST, "version": 1, "going": 40, "messages_to": "everybody", "send_at": None},
    ),
    "alert_broadcast_approved": ("/broadcasts/5", {**BROADCAST, "starts_at": "2025-05-06T11:00:00+00:00"}),
    "alert_broadcast_finished": ("/broadcasts/5", {**BROADCAST, "sent": 40, "failed": 1, "unknown": 1}),
    "alert_broadcast_paused": ("/broadcasts", {"id": None, "failures": 20}),
    "alert_broadcast_sent_back": ("/broadcasts/5", BROADCAST),
    "alert_call": ("/letters", {**CALL, "kind": "offer"}),
    "alert_erasure_asked": ("/erasures", {"carer": CARER, "url": ""}),
    "alert_message_back": ("/messages/7", THREAD),
    "alert_message_handed": ("/messages/7", {**THREAD, "by": "Tom Birch"}),
    "alert_message_new": ("/messages/7", THREAD),
    "alert_message_waits": ("/messages/7", THREAD),
    "alert_urgent_message": ("/messages/7", THREAD),
    "report_told": (
        "/reports?year=2025/26",
        {
            "year": "2025/26",
            "finished": False,
            "counted": "2 May 2025",
            "parts": [{"title": "Who left", "lines": ["9 of 120 households left: 7.5%."]}],
            "left_out": True,
            "link": "http://console/reports?year=2025/26",
        },
    ),
    "sign_in_mail": ("/sign-in/secret", {"path": "/sign-in/secret", "minutes": 15}),
}
"""By kind: the page of the console to which its button leads, and what is known besides."""

TEXTS = Texts(Service("Fostering Rowdale", "01709 000000"), LONDON)


def mailed(kind: str, params: Mapping[str, Any]) -> Mail:
    message = TEXTS.render(kind, {**params, "console": CONSOLE}, "en", Medium.EMAIL)
    links = MailLinks(page=None, home="", privacy="", account=f"{CONSOLE}/account")
    return compose_mail(TEXTS, message, "en", links, "Dee")


def test_every_alert_has_a_form_for_email() -> None:
    alerts = {path.stem for path in TEMPLATES.glob("alert_*.j2")}
    assert alerts == {kind for kind in PAGES if kind.startswith("alert_")}


@pytest.mark.parametrize("kind", sorted(PAGES))
def test_an_email_to_staff_leads_to_the_page_and_names_no_carer(kind: str) -> None:
    page, params = PAGES[kind]
    mail = mailed(kind, params)
    assert mail.subject not in ("", "A message from Fostering Rowdale")
    assert EXCERPT not in mail.subject
    for words in (mail.subject, mail.text, mail.html):
        assert "Amal" not in words
        assert "Reed" not in words
    assert f": {CONSOLE}{page}\n" in mail.text
    assert f'href="{CONSOLE}{page}"' in mail.html
    assert f"How you are told: {CONSOLE}/account" in mail.text
    assert "No more emails" not in mail.text
    assert mail.text.startswith("Hello Dee,")


@pytest.mark.parametrize("kind", ["offer", "join_link", "cancellation", "change"])
def test_a_call_to_make_says_by_email_what_it_is_about(kind: str) -> None:
    mail = mailed("alert_call", {**CALL, "kind": kind})
    assert "Coffee afternoon" in mail.text
    assert "Amal" not in mail.text + mail.html


def test_in_the_app_an_alert_still_says_who_it_is_about() -> None:
    message = TEXTS.render("alert_message_new", THREAD)
    assert CARER in message.text
    assert [button.url for row in message.buttons for button in row] == [""]
