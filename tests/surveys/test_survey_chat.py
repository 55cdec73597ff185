"""A survey in the chat: what a carer sees, and what nobody else gets to see."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from carers.pages import Opened, Purpose, open_page
from storage.actions import ActionState, ServiceAction
from storage.conversations import CarerMessage, Conversation
from storage.engine import Database
from storage.surveys import Participant, Round, RoundState, SealedDraft
from surveys import answering
from surveys.answering import Outcome, Step
from surveys.catalogue import standard_definitions
from surveys.closing import close_rounds
from surveys.definition import words
from surveys.drafts import Sheet
from surveys.keys import RoundKeys
from surveys.notices import round_params
from surveys.pages import page
from surveys.reading import with_blocks
from surveys.rounds import remind_due
from surveys.sealed_replies import SealedReplies
from tests.handlers.chats import ADDRESS, SECRET_KEY, SERVICE, Chats
from tests.support.cast import NOON, STRANGER_CHAT, Cast, gather
from tests.surveys.insider import all_words
from tests.surveys.stories import CLOSES, LONDON, open_round, sent_sheets
from tests.texts.samples import QUESTION
from texts.message import Message
from texts.render import Texts

pytestmark = pytest.mark.one_database

AMAL, JO, SAM = 101, 102, 103
WISH = "A quieter kettle, please"


@pytest.fixture
async def cast(database: Database) -> Cast:
    async with database.write() as session:
        return await gather(session)


@pytest.fixture
def chats(database: Database, keys: RoundKeys) -> Chats:
    return Chats(database, keys.folder)


@pytest.fixture
async def round(database: Database, keys: RoundKeys, cast: Cast, chats: Chats) -> Round:
    opened = await open_round(database, keys)
    await chats.pass_time()
    return opened


def labels(message: Message) -> list[str]:
    return [button.label for row in message.buttons for button in row]


async def answer_to_the_review(chats: Chats, chat: int) -> None:
    await chats.tap(chat, "Start")
    await chats.tap(chat, "Often")
    await chats.tap(chat, "⬜ Milk")
    await chats.tap(chat, "⬜ Lemon")
    await chats.tap(chat, "Done")
    await chats.tap(chat, "Yes")
    await chats.write(chat, WISH)


async def count(database: Database, table: type) -> int:
    async with database.read() as session:
        return (await session.scalars(select(func.count()).select_from(table))).one()


async def test_the_notice_says_in_plain_words_what_anonymous_means(chats: Chats, round: Round) -> None:
    text = chats.last(AMAL).text
    assert "About tea" in text
    assert "This survey is anonymous." in text
    assert "someone who controls our server could find out" in text
    assert "Telegram and your phone" in text
    assert "fewer than 5 people" in text
    assert labels(chats.last(AMAL)) == ["Start", "Answer on a web page"]


async def test_who_would_rather_not_answer_in_the_chat_gets_their_own_page(
    database: Database, cast: Cast, chats: Chats, round: Round
) -> None:
    await chats.tap(AMAL, "Answer on a web page")
    message = chats.last(AMAL)
    token = message.text.partition(f"{ADDRESS}/c/")[2].split()[0]
    assert message.protect
    async with database.read() as session:
        opened = await open_page(session, token, SECRET_KEY, chats.now, LONDON)
        assert isinstance(opened, Opened)
        assert (opened.carer.id, opened.purpose, opened.about) == (cast.amal.id, Purpose.SURVEY, round.id)
    before = len(chats.all(STRANGER_CHAT))
    await chats.send_data(STRANGER_CHAT, f"survey:{round.id}:web")
    await chats.send_data(AMAL, "survey:999:web")
    assert len(chats.all(STRANGER_CHAT)) == before
    assert chats.last(AMAL) is message


def test_a_round_that_collects_says_that_staff_do_not_see_how_many_took_part() -> None:
    definition = standard_definitions()["panel-feedback"]
    told = {
        "id": 1,
        "anonymous": True,
        "threshold": 5,
        "closes_at": CLOSES,
        "definition": dict(definition.source),
    }
    for asks_until, seen in ((NOON, "how many were asked"), (None, "how many have taken part")):
        params = round_params(Round(**told, asks_until=asks_until))
        assert f"staff see only {seen}." in Texts(SERVICE, LONDON).render("survey", params, "en").text


async def test_a_named_round_says_that_it_is_not(
    database: Database, keys: RoundKeys, chats: Chats, cast: Cast
) -> None:
    await open_round(database, keys, anonymous=False)
    await chats.pass_time()
    assert "This survey is not anonymous." in chats.last(AMAL).text


async def test_from_the_first_question_to_the_thanks_in_one_message(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await chats.tap(AMAL, "Start")
    assert "1 of 4" in chats.last(AMAL).text
    assert labels(chats.last(AMAL)) == ["Never", "Seldom", "At times", "Often", "Always"]
    await chats.tap(AMAL, "Often")
    assert "2 of 4" in chats.last(AMAL).text
    assert labels(chats.last(AMAL)) == ["⬜ Milk", "⬜ Sugar", "⬜ Lemon", "Back", "Skip"]
    await chats.tap(AMAL, "⬜ Milk")
    await chats.tap(AMAL, "⬜ Lemon")
    assert labels(chats.last(AMAL)) == ["✅ Milk", "⬜ Sugar", "✅ Lemon", "Back", "Done", "No answer"]
    await chats.tap(AMAL, "Done")
    await chats.tap(AMAL, "Yes")
    assert "4 of 4" in chats.last(AMAL).text
    assert "Nobody watches these messages round the clock." in chats.last(AMAL).text
    assert "01709 000000" in chats.last(AMAL).text
    assert len(chats.all(AMAL)) == 1
    await chats.write(AMAL, WISH)
    review = chats.last(AMAL)
    assert "Often" in review.text
    assert "Milk, Lemon" in review.text
    assert WISH in review.text
    assert labels(review) == ["Back", "Send"]
    await chats.tap(AMAL, "Send")
    assert "Your answers are in" in chats.last(AMAL).text
    assert await sent_sheets(database, keys, round) == [{"warm": 4, "with": [1, 3], "again": 1, "wish": WISH}]


async def test_no_table_holds_a_word_of_it_while_the_round_is_open(
    chats: Chats, round: Round, database: Database
) -> None:
    await answer_to_the_review(chats, AMAL)
    assert WISH.encode() not in await all_words(database)
    await chats.tap(AMAL, "Send")
    assert WISH.encode() not in await all_words(database)
    assert await count(database, CarerMessage) == 0


async def test_back_shows_the_answer_that_was_given(chats: Chats, round: Round) -> None:
    await chats.tap(AMAL, "Start")
    await chats.tap(AMAL, "Often")
    await chats.tap(AMAL, "Back")
    assert labels(chats.last(AMAL)) == ["Never", "Seldom", "At times", "✅ Often", "Always", "Next"]
    await chats.tap(AMAL, "Next")
    assert "2 of 4" in chats.last(AMAL).text


async def test_after_a_restart_it_goes_on_at_the_same_question(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await chats.tap(AMAL, "Start")
    await chats.tap(AMAL, "Often")
    await chats.tap(AMAL, "⬜ Sugar")
    started_again = Chats(database, keys.folder, NOON + timedelta(hours=2))
    await started_again.write(AMAL, "/surveys")
    await started_again.tap(AMAL, "About tea")
    await started_again.tap(AMAL, "Start")
    assert "2 of 4" in started_again.last(AMAL).text
    assert "✅ Sugar" in labels(started_again.last(AMAL))


async def test_words_at_a_question_with_buttons_are_kept_nowhere(
    chats: Chats, round: Round, database: Database
) -> None:
    await chats.tap(AMAL, "Start")
    await chats.write(AMAL, "Four, because of my social worker")
    assert "I did not keep what you wrote" in chats.last(AMAL).text
    assert await count(database, CarerMessage) == 0
    assert b"social worker" not in (await all_words(database)).replace(b"social_worker", b"")


async def test_a_cry_for_help_at_a_question_with_buttons_is_answered_with_the_numbers_first(
    chats: Chats, round: Round, database: Database
) -> None:
    await chats.tap(AMAL, "Start")
    await chats.write(AMAL, "I think of suicide")
    assert chats.last(AMAL).text.startswith("<b>Please do not wait for an answer here.</b>")
    assert "I did not keep what you wrote" in chats.last(AMAL).text
    assert await count(database, CarerMessage) == 0


async def test_a_comment_that_comes_after_the_close_does_not_reach_staff_under_a_name(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await chats.tap(AMAL, "Start")
    await chats.tap(AMAL, "Often")
    await chats.tap(AMAL, "Skip")
    await chats.tap(AMAL, "Skip")
    await close_rounds(database, CLOSES, keys)
    chats.now = CLOSES + timedelta(minutes=1)
    await chats.write(AMAL, WISH)
    assert "not open any more" in chats.last(AMAL).text
    assert await count(database, CarerMessage) == 0
    await chats.write(AMAL, "Could somebody ring me?")
    assert await count(database, CarerMessage) == 1


async def test_an_afterthought_does_not_reach_staff_under_a_name(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await answer_to_the_review(chats, AMAL)
    await chats.tap(AMAL, "Send")
    await chats.write(AMAL, "And a better teapot")
    assert "Nobody has read them" in chats.last(AMAL).text
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(CarerMessage)) == 0


async def test_what_is_written_long_after_a_survey_is_a_message(
    chats: Chats, round: Round, database: Database
) -> None:
    await answer_to_the_review(chats, AMAL)
    await chats.tap(AMAL, "Send")
    chats.now += timedelta(hours=1)
    await chats.write(AMAL, "I cannot come on Tuesday")
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(CarerMessage)) == 1


async def test_after_the_close_the_conversation_does_not_say_who_had_sent(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await answer_to_the_review(chats, AMAL)
    await chats.tap(AMAL, "Send")
    await answer_to_the_review(chats, SAM)
    await close_rounds(database, CLOSES, keys)
    async with database.read() as session:
        rows = (await session.scalars(select(Conversation))).all()
        assert len(rows) == 2
        assert len({(row.step, str(row.data), row.updated_at) for row in rows}) == 1


async def test_a_text_that_is_too_long_is_not_cut_but_asked_for_again(
    chats: Chats, round: Round, database: Database
) -> None:
    await chats.tap(AMAL, "Start")
    await chats.tap(AMAL, "Often")
    await chats.tap(AMAL, "Skip")
    await chats.tap(AMAL, "Skip")
    await chats.write(AMAL, "x" * 1001)
    assert "longer than 1000 characters" in chats.last(AMAL).text
    await chats.write(AMAL, WISH)
    assert WISH in chats.last(AMAL).text


async def test_sending_again_changes_nothing_and_says_so(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await answer_to_the_review(chats, AMAL)
    await chats.tap(AMAL, "Send")
    for data in (f"survey:{round.id}:send", f"survey:{round.id}:0:1"):
        await chats.send_data(AMAL, data)
        assert "sent your answers already" in chats.screens.messages[AMAL][1].text
    assert len(await sent_sheets(database, keys, round)) == 1


@pytest.mark.parametrize(
    "data",
    [
        "survey:{round}:0:9",
        "survey:{round}:99:1",
        "survey:{round}:0:skip",
        "survey:{round}:3:1",
        "survey:{round}:1:1",
        "survey:{round}:0:1:on",
        "survey:{round}:0:back",
        "survey:{round}:send",
        "survey:999999999:0:1",
        "survey:{round}:999999999:back",
        "survey:{round}:0:1:sideways",
        "survey:{round}",
        "survey:0x1:start",
        "survey:{round}:0:1\n",
        "survey:٣:0:1",
    ],
)
async def test_whatever_a_client_makes_up_changes_nothing(
    chats: Chats, round: Round, database: Database, keys: RoundKeys, cast: Cast, data: str
) -> None:
    await chats.send_data(SAM, data.format(round=round.id))
    async with database.write() as session:
        step = await answering.stand(session, round.id, cast.sam.id, keys, NOON)
        assert step.sheet == Sheet()
        assert not (await session.scalars(select(Participant).where(Participant.took_part))).all()


async def test_strangers_and_staff_cannot_answer(chats: Chats, round: Round, database: Database) -> None:
    for chat in (STRANGER_CHAT, 901):
        await chats.send_data(chat, f"survey:{round.id}:0:5")
        await chats.send_data(chat, f"survey:{round.id}:start")
        await chats.write(chat, "/surveys")
    assert await count(database, SealedDraft) == 0
    assert "About tea" not in "".join(message.text for message in chats.all(STRANGER_CHAT))


async def test_surveys_lists_several_and_says_when_there_is_none(
    chats: Chats, round: Round, database: Database, keys: RoundKeys
) -> None:
    await open_round(database, keys, definition=standard_definitions()["pulse"])
    await chats.pass_time()
    await chats.write(AMAL, "/surveys")
    assert labels(chats.last(AMAL)) == ["About tea", "Quick pulse", "Nominate somebody"]
    await chats.send_data(AMAL, f"survey:{round.id}:intro", max(chats.screens.messages[AMAL]))
    assert "This survey is anonymous." in chats.last(AMAL).text
    await close_rounds(database, CLOSES, keys)
    chats.now = CLOSES
    await chats.write(AMAL, "/surveys")
    assert "No survey is open for you" in chats.last(AMAL).text


async def test_surveys_leads_to_what_carers_told_us_and_what_came_of_it(
    chats: Chats, round: Round, database: Database, cast: Cast
) -> None:
    async with database.write() as session:
        shared = await session.get_one(Round, round.id)
        shared.state, shared.shared_at = RoundState.CLOSED, NOON
        said = {"said": "The kettle is loud.", "did": "We bought a quiet one.", "state": ActionState.DONE}
        session.add(ServiceAction(**said, created_at=NOON, changed_at=NOON, published_at=NOON))
    await chats.write(AMAL, "/surveys")
    assert labels(chats.last(AMAL)) == ["What you told us", "You said, we did", "Nominate somebody"]
    for way in ("What you told us", "You said, we did"):
        await chats.tap(AMAL, way)
        await chats.tap(AMAL, "Back")
        assert labels(chats.last(AMAL)) == ["What you told us", "You said, we did", "Nominate somebody"]
    await chats.write(901, "/surveys")
    assert labels(chats.last(901)) == []


async def test_a_question_that_depends_on_an_answer_comes_after_it_and_not_otherwise(
    chats: Chats, cast: Cast, database: Database, keys: RoundKeys
) -> None:
    leaving = standard_definitions()["exit-interview"]
    avoidable, what_if = (leaving.questions[number].text["en"] for number in (2, 3))
    round = await open_round(database, keys, definition=leaving)
    await chats.pass_time()
    await chats.tap(AMAL, "Start")
    total = len(leaving.questions)
    assert f"1 of {total - 1}" in chats.last(AMAL).text
    await chats.send_data(AMAL, f"survey:{round.id}:3:back", 1)
    assert avoidable in chats.last(AMAL).text
    await chats.tap(AMAL, "Yes")
    assert what_if in chats.last(AMAL).text
    assert f"of {total} " in chats.last(AMAL).text
    started_again = Chats(database, keys.folder, NOON + timedelta(hours=2))
    await started_again.send_data(AMAL, f"survey:{round.id}:start")
    assert what_if in started_again.last(AMAL).text
    await started_again.write(AMAL, WISH)
    await started_again.tap(AMAL, "Back")
    assert WISH in started_again.last(AMAL).text
    await started_again.tap(AMAL, "Back")
    await started_again.tap(AMAL, "No")
    assert what_if not in started_again.last(AMAL).text
    await started_again.send_data(AMAL, f"survey:{round.id}:{total - 1}:skip", 1)
    review = started_again.last(AMAL).text
    assert avoidable in review
    assert WISH not in review
    await started_again.tap(AMAL, "Send")
    assert await sent_sheets(database, keys, round) == [{"avoidable": 3}]


async def test_a_reminder_reaches_those_alone_who_have_not_sent(
    chats: Chats, round: Round, database: Database
) -> None:
    await answer_to_the_review(chats, AMAL)
    await chats.tap(AMAL, "Send")
    chats.now = NOON + timedelta(days=7)
    async with database.write() as session:
        await remind_due(session, chats.now)
    await chats.pass_time()
    assert "A gentle reminder" in chats.last(SAM).text
    assert "A gentle reminder" not in chats.last(AMAL).text


async def test_a_reply_that_is_late_for_its_round_says_that_it_is_over(tmp_path: Path) -> None:
    renderer = SealedReplies(Texts(SERVICE, LONDON), RoundKeys(tmp_path))
    late = renderer.render("survey_review", {"sealed_for": "tea-2025-05", "sealed": "AAAA"}, "en")
    assert "not open any more" in late.text


async def test_the_questions_come_in_the_carers_language(
    chats: Chats, round: Round, database: Database, cast: Cast
) -> None:
    await chats.write(AMAL, "/language")
    await chats.tap(AMAL, "اردو")
    await chats.send_data(AMAL, f"survey:{round.id}:start", 1)
    shown = chats.screens.messages[AMAL][1]
    assert "چائے کے بارے میں" in shown.text
    assert "اکثر" in labels(shown)
    assert "The tea is warm." in shown.text  # it has no Urdu


def test_a_review_shows_all_in_full_where_a_message_has_room_for_it() -> None:
    definition = with_blocks(standard_definitions()["health-check"], {"wellbeing"})
    step = Step(
        Outcome.STANDS,
        Round(id=1, anonymous=True),
        definition,
        Sheet(16, {"leaving": 1, "leaving_why": [4, 6]}),
    )
    lines = page(step, "ur")[1]["lines"]
    assert [line["text"] for line in lines] == [words(one.text, "ur") for one in definition.questions]
    assert lines[10]["answer"] == "آرام کے بہت کم وقفے، کام یا پڑھائی"
    assert all(line["text"].endswith("…") for line in page(step, "en", 150)[1]["lines"][:9])


def test_what_takes_an_answer_away_has_a_row_of_its_own() -> None:
    rows = Texts(SERVICE, LONDON).render("survey_question", QUESTION, "ur").buttons[-2:]
    assert [[button.label for button in row] for row in rows] == [["پیچھے", "آگے"], ["جواب نہیں دینا"]]


PULSE = {
    AMAL: ("اردو", "مشکل", "ہاں، جلدی", "⬜ ٹریننگ", "ہو گیا", "بھیجیں"),
    JO: ("العربية", "صعبة", "نعم، بسرعة", "⬜ التدريب", "تم", "إرسال"),
    104: ("ਪੰਜਾਬੀ", "ਔਖੇ", "ਹਾਂ, ਜਲਦੀ", "⬜ ਸਿਖਲਾਈ", "ਹੋ ਗਿਆ", "ਭੇਜੋ"),
    SAM: ("✅ English", "Hard", "Yes, quickly", "⬜ Training", "Done", "Send"),
}


async def test_the_same_answers_in_four_languages_count_as_the_same(
    chats: Chats, cast: Cast, database: Database, keys: RoundKeys
) -> None:
    round = await open_round(database, keys, definition=standard_definitions()["pulse"])
    await chats.pass_time()
    for chat, (language, *taps) in PULSE.items():
        await chats.write(chat, "/language")
        await chats.tap(chat, language)
        await chats.write(chat, "/surveys")
        await chats.send_data(chat, f"survey:{round.id}:start", max(chats.screens.messages[chat]))
        for label in taps:
            await chats.tap(chat, label)
    answers = await sent_sheets(database, keys, round)
    assert answers == [{"weeks": 2, "reach": 1, "more": [3]}] * len(PULSE)


async def test_a_round_keeps_its_definition_in_every_language(
    cast: Cast, database: Database, keys: RoundKeys
) -> None:
    pulse = standard_definitions()["pulse"]
    round = await open_round(database, keys, definition=pulse)
    async with database.read() as session:
        kept = await session.get_one(Round, round.id)
    assert kept.definition == pulse.source
    assert set(kept.definition["questions"][0]["options"][0]) == {"en", "ur", "pa", "ar"}
