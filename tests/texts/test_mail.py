"""Every email and letter that a carer may get: what it says can be done there, and it fetches nothing."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from broadcasts.kinds import KINDS
from tests.texts.samples import (
    BY_EMAIL,
    BY_LETTER,
    CARDS,
    EVENT,
    GOING,
    INVITED,
    ROUND,
    SAMPLES,
    Params,
    card,
)
from texts.blocks import as_plain, blocks_of
from texts.callbacks import unpack
from texts.catalogue import LANGUAGES, RIGHT_TO_LEFT, catalogue
from texts.mail import Mail, MailLinks, compose_mail
from texts.message import Medium, Message
from texts.render import Service, Texts

TEXTS = Texts(Service(name="Hope Fostering", duty_phone="01709 000000"), ZoneInfo("Europe/London"))
PAGE, HOME = "https://hope.example/c/page", "https://hope.example/c/home"
LINKS = MailLinks(PAGE, HOME, f"{HOME}/privacy", "https://hope.example/c/unsubscribe", "training")
OURS = (PAGE, HOME, f"{HOME}/privacy", LINKS.unsubscribe)
NUMBERS = ("tel:01709000000", "tel:08000407675", "tel:116123")
EVENT_PART = {"method": "REQUEST", "content": "BEGIN:VCALENDAR", "filename": "event.ics"}
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
TAPS = {"en": r"\b[Tt]ap\b", "ur": "دبائیں|دبانا", "pa": "ਦਬਾਓ|ਦਬਾਉਣਾ", "ar": "اضغط|ضغطة"}
COMMAND = re.compile(r"(?<![\w/<:.])/[a-z]{2,}")
SIGNS = re.compile("[📅📍💻🎉🎟]")
FETCHING = frozenset(
    ("img", "link", "script", "iframe", "object", "embed", "video", "audio", "source", "base")
)
FETCHING |= {"form", "input", "svg", "picture"}


class Seen(HTMLParser):
    """What a document holds: tags, where its links lead, the words of its style sheet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.hrefs: list[str] = []
        self.others: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.setdefault(tag, dict(attrs))
        for name, value in attrs:
            (self.hrefs if (tag, name) == ("a", "href") else self.others).append(value or "")
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "tags are closed in the order in which they were opened"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words += data


def mail(
    kind: str, params: Params, language: str = "en", links: MailLinks = LINKS, name: str = "Amal"
) -> Mail:
    return compose_mail(TEXTS, TEXTS.render(kind, params, language, Medium.EMAIL), language, links, name)


def samples(kind: str) -> list[Params]:
    return [*SAMPLES[kind], *(CARDS if kind == "invitation" else ())]


def told(medium: Medium, language: str, *, ours: bool = True) -> Iterator[tuple[Params, Message]]:
    """Every sample of every kind that goes by this way; unless ``ours`` is off, without staff's own words."""
    for kind in BY_EMAIL if medium is Medium.EMAIL else BY_LETTER:
        if kind == "broadcast" and ours:
            continue
        for params in samples(kind):
            yield params, TEXTS.render(kind, params, language, medium)


def words(message: Message) -> str:
    return "\n".join([message.subject, as_plain(blocks_of(message.text))])


def test_the_kinds_that_go_by_email_and_by_letter_are_tried_here() -> None:
    renamed = {"calendar_follow_up": "calendar_update"}
    to_staff = {"broadcast_test", "sign_in_link", "staff_alert", "staff_report"}  # see test_staff_mails
    by_email = {renamed.get(kind.name, kind.name) for kind in KINDS.values() if kind.email}
    assert by_email - to_staff == set(BY_EMAIL)
    assert {kind.name for kind in KINDS.values() if kind.post} == set(BY_LETTER)


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("medium", [Medium.EMAIL, Medium.LETTER])
def test_nothing_is_to_be_tapped_or_commanded_where_that_cannot_be(medium: Medium, language: str) -> None:
    for _, message in told(medium, language):
        said = words(message)
        assert not re.search(TAPS[language], said), said
        assert not COMMAND.search(re.sub(r"https?://\S+", "", said)), said
        assert not SIGNS.search(said), said
        assert not re.search(r"\{\{|\}\}|%\(|\bNone\b|  |\n\n\n", said), said


@IN_EACH_LANGUAGE
def test_each_has_a_subject_of_one_line_that_says_what_it_is_about(language: str) -> None:
    for medium in (Medium.EMAIL, Medium.LETTER):
        for params, message in told(medium, language, ours=False):
            assert message.subject == message.subject.strip()
            assert 5 < len(message.subject) <= 110
            assert "\n" not in message.subject
            title = params.get("title")
            assert title is None or (title if isinstance(title, str) else title["en"]) in message.subject


def test_a_subject_says_first_what_has_happened_and_when_it_is() -> None:
    assert mail("invitation", INVITED).subject == "Invitation: Coffee & cake afternoon, Saturday 23 May"
    assert mail("cancellation", GOING).subject.startswith("Cancelled: ")
    assert mail("change", SAMPLES["change"][0]).subject.startswith("Changed: ")


def test_what_staff_wrote_is_called_by_its_first_words_after_the_greeting() -> None:
    def subject(html: str) -> str:
        return mail("broadcast", {"html": html}).subject

    assert subject("<b>The office is closed</b>\n\nFrom Monday on.") == "The office is closed"
    assert subject("Dear Amal,\nTea &amp; cake on <i>Friday</i>.") == "Tea & cake on Friday."
    assert subject("Dear Amal,") == "A message from Hope Fostering"
    assert subject(f"Long {'words ' * 40}") == f"Long {'words ' * 12}".strip() + "…"


def test_no_header_can_be_slipped_into_a_subject() -> None:
    odd = "Tea\r\nBcc: all@example.org\n<b>&amp;"
    assert "\n" not in (subject := mail("invitation", card(title=odd)).subject)
    assert "\r" not in subject
    assert "Tea Bcc: all@example.org <b>&amp;" in subject


def test_there_is_a_link_for_each_choice_in_the_words_alone_and_laid_out() -> None:
    for params in CARDS:
        composed = mail("reminder", params)
        for choice in params["choices"]:
            address = f"{PAGE}?answer={choice}"
            assert address in Seen(composed.html).hrefs
            assert re.search(rf": {re.escape(address)}$", composed.text, re.MULTILINE)


def test_only_an_answer_that_is_waited_for_stands_out() -> None:
    assert mail("invitation", INVITED).html.count('td class="button"') == 3
    assert mail("reminder", GOING).html.count('td class="button"') == 0


@IN_EACH_LANGUAGE
def test_a_choice_is_called_what_the_chat_calls_it(language: str) -> None:
    seen = Seen(mail("invitation", INVITED, language).html).words
    for name in ("Going", "Maybe", "Can't go"):
        assert catalogue(language).gettext(name) in seen


def test_each_rating_the_questions_and_the_online_door_are_links() -> None:
    hrefs = Seen(mail("feedback", EVENT).html).hrefs
    assert [href for href in hrefs if "rating" in href] == [
        f"{PAGE}?rating={number}" for number in range(1, 6)
    ]
    assert PAGE in Seen(mail("survey", ROUND).html).hrefs
    joining = SAMPLES["join_link"][0]
    assert joining["url"] in Seen(mail("join_link", joining).html).hrefs


def test_what_is_done_on_the_page_besides_leads_there_under_its_own_name() -> None:
    text = mail("reminder", GOING).text
    assert f"Change who is coming: {PAGE}\n" in text
    assert f"Access or food needs: {PAGE}\n" in text
    assert "calendar" not in text  # the email brings the event itself
    assert f"Why? {PAGE}\n" in mail("ballot_lost", SAMPLES["ballot_lost"][0]).text


def test_without_a_page_an_email_says_how_else_to_answer() -> None:
    alone = MailLinks(None, "", "")
    for kind, params in (("invitation", INVITED), ("feedback", EVENT), ("survey", ROUND)):
        composed = mail(kind, params, links=alone)
        assert "tell your social worker" in composed.text
        seen = [href for href in Seen(composed.html).hrefs if not href.startswith("tel:")]
        assert seen in ([], [params.get("map_url")])
    assert "tell your social worker" not in mail("cancellation", GOING, links=alone).text


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("kind", BY_EMAIL)
def test_an_email_fetches_nothing_and_leads_only_where_it_says(kind: str, language: str) -> None:
    for params in samples(kind)[:12]:
        composed = mail(kind, params, language)
        seen = Seen(composed.html)
        assert not seen.tags & FETCHING
        assert not any("//" in value or "url(" in value or "cid:" in value for value in seen.others)
        style = composed.html[composed.html.index("<style>") : composed.html.index("</style>")]
        assert not re.search(r"url\(|@import|//", style)
        known = {*OURS, *NUMBERS, params.get("map_url"), params.get("url")}
        assert {href.split("?answer=")[0].split("?rating=")[0] for href in seen.hrefs} <= known


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("kind", BY_EMAIL)
def test_every_email_has_the_notice_of_safety_the_way_out_and_its_language(kind: str, language: str) -> None:
    composed = mail(kind, SAMPLES[kind][0], language)
    seen = Seen(composed.html)
    say = catalogue(language).gettext
    for shown in (composed.text, seen.words):
        for number in ("999", "01709 000000", "0800 040 7675", "116 123"):
            assert number in shown
        assert say("Nobody watches these messages round the clock.") in shown
        assert (
            say("If you reply, please never write about a child: no name, no picture, no details.") in shown
        )
    for address in (HOME, f"{HOME}/privacy", "https://hope.example/c/unsubscribe"):
        assert address in seen.hrefs
        assert f": {address}" in composed.text
    assert seen.attributes["html"]["lang"] == language
    assert seen.attributes["html"]["dir"] == ("rtl" if language in RIGHT_TO_LEFT else "ltr")
    assert not re.search(r"</?[a-z]\w*>|&[a-z]+;", re.sub(r"<https?://[^>]*>", "", composed.text))


@IN_EACH_LANGUAGE
def test_no_tag_of_a_topic_is_needed_to_leave_it(language: str) -> None:
    links = MailLinks(PAGE, HOME, HOME, "https://hope.example/c/unsubscribe", "no such topic")
    assert "no such topic" not in mail("invitation", INVITED, language, links).text
    assert "unsubscribe" not in mail("cancellation", GOING, language, MailLinks(PAGE, HOME, HOME)).html


def test_answers_stand_out_only_while_one_is_asked_for() -> None:
    def loud(params: Params) -> list[str]:
        return re.findall(r'class="button" href="[^"]*answer=(\w+)', mail("reminder", params).html)

    assert loud(INVITED) == ["going", "maybe", "not_going"]
    assert loud(card(state="maybe", chosen="maybe")) == ["going", "not_going"]
    assert loud(GOING) == loud(SAMPLES["ballot_lost"][0]) == []


def test_the_questions_of_a_survey_are_led_to_once() -> None:
    assert Seen(mail("survey", ROUND | {"web": True}).html).hrefs.count(PAGE) == 1


def test_the_numbers_to_ring_dial_and_read_as_they_are_said() -> None:
    composed = mail("invitation", INVITED)
    assert set(NUMBERS) <= set(Seen(composed.html).hrefs)
    assert "Duty social worker: 01709 000000\n" in composed.text


def test_an_address_that_was_typed_is_a_link_without_the_stop_behind_it() -> None:
    composed = mail("broadcast", {"html": "See https://x.example/a?b=1&amp;c=2. Or (https://y.example)!"})
    assert {"https://x.example/a?b=1&c=2", "https://y.example"} <= set(Seen(composed.html).hrefs)
    assert "See https://x.example/a?b=1&c=2. Or (https://y.example)!" in composed.text


@IN_EACH_LANGUAGE
def test_no_line_ends_between_a_time_and_its_part_of_the_day(language: str) -> None:
    said = Seen(mail("invitation", INVITED, language).html).words
    assert len(re.findall(r"\xa0\d:\d\d|\d:\d\d\xa0", said)) == 3
    assert "\xa0" not in TEXTS.render("invitation", INVITED, language).text


def test_a_mail_for_the_calendar_confirms_an_answer_or_says_that_something_changed() -> None:
    going, out, moved, late = (mail("calendar_update", params) for params in SAMPLES["calendar_update"])
    assert "Thank you. This is your answer as we have it. This email brings your calendar" in going.text
    assert "This email takes the event out of your calendar." in out.text
    assert (going.subject[:12], moved.subject[:8], late.subject[:17]) == (
        "Your answer:",
        "Changed:",
        "For your calendar",
    )
    assert "There is a change to an event." in moved.text
    assert "This is how things stand now." in late.text


def test_a_mailbox_shows_the_first_words_and_they_are_not_cut_in_two() -> None:
    html = mail("invitation", INVITED).html
    preview = Seen(html[html.index("<div") : html.index("</div>") + 6]).words
    assert preview.startswith("You are invited. Coffee & cake afternoon When: Saturday 23 May")
    assert preview.endswith("…")
    assert len(preview) <= 141


def test_a_carer_is_greeted_once() -> None:
    assert mail("invitation", INVITED).text.startswith("Hello Amal,\n\n")
    assert mail("invitation", INVITED, name="").text.startswith("Hello,\n\n")
    assert mail("broadcast", {"html": "A note on Amalgams."}).text.startswith("Hello Amal,\n\n")
    written = mail("broadcast", {"html": "Dear Amal,\n\nwe are closed on Monday."})
    assert written.text.startswith("Dear Amal,\n\nwe are closed")


def test_what_staff_wrote_keeps_its_looks_and_can_do_no_harm() -> None:
    html = "<b>Closed</b> on <i>Monday</i>\n\n<a href='https://x.example/'>More</a> <script>alert(1)</script>"
    composed = mail("broadcast", {"html": html}, links=MailLinks(None, HOME, HOME))
    assert "<strong>Closed</strong> on <em>Monday</em>" in composed.html
    assert "script" not in Seen(composed.html).tags
    assert "https://x.example/" in composed.text


def test_the_event_for_calendars_comes_with_the_email_and_not_as_a_file_besides() -> None:
    document = {"filename": "event.ics", "mime": "text/calendar", "content": "BEGIN:VCALENDAR"}
    in_the_app = TEXTS.render(
        "calendar_update", {"title": "Tea", "cancelled": False, "document": document, "calendar": True}
    )
    params: Params = GOING | {"cancelled": False, "document": document, "calendar": EVENT_PART}
    by_email = TEXTS.render("calendar_update", params, "en", Medium.EMAIL)
    assert (in_the_app.calendar, by_email.attachment, in_the_app.buttons) == (None, None, ())
    assert in_the_app.attachment is not None
    assert by_email.calendar is not None
    assert (by_email.calendar.method, by_email.calendar.filename) == ("REQUEST", "event.ics")
    card_with_part = TEXTS.render("reminder", GOING | {"calendar": EVENT_PART}, "en", Medium.EMAIL)
    assert card_with_part.calendar == by_email.calendar


@IN_EACH_LANGUAGE
def test_a_letter_links_to_nothing_but_what_is_written_out(language: str) -> None:
    for _, message in told(Medium.LETTER, language):
        assert "<a " not in message.text


@IN_EACH_LANGUAGE
def test_the_app_says_what_it_has_always_said(language: str) -> None:
    for params in CARDS:
        message = TEXTS.render("invitation", params, language)
        assert (message.subject, message.calendar) == ("", None)
        assert "<section>" not in message.text
        assert "📅" in message.text
        choices = [unpack(button.data)[1][1] for button in message.buttons[0]] if params["choices"] else []
        assert choices == params["choices"]
