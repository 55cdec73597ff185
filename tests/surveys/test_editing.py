"""Staff write what surveys ask: drafts that lose nothing, and versions that can be asked."""

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from storage.engine import Database
from storage.households import Language
from storage.series import KindRule
from storage.staff import AuditEntry
from surveys.catalogue import definition_named, definitions, standard_definitions
from surveys.checking import Fault, Wrong, check
from surveys.definition import Occasion, QuestionType
from surveys.draft_questions import Asked, with_change, with_condition, with_favourable, with_question
from surveys.draft_texts import Source, missing, texts, unrevised, with_words
from surveys.editing import (
    Asking,
    Edited,
    Head,
    add_question,
    change_asking,
    change_head,
    change_question,
    find_draft,
    move_question,
    remove_question,
    set_condition,
    set_favourable,
    translate,
)
from surveys.form_use import Shelved, bring_back, retire
from surveys.form_views import form_lines, form_page, screens
from surveys.publishing import begin, begin_new, discard, publish, take_in
from surveys.reading import WrongDefinition, read_definition
from surveys.shaping import draft_from, file_of
from surveys.wording import asks_of_a_child, asks_who, speaks_of_wellbeing
from tests.support.cast import NOON, gather
from tests.surveys.stories import SOURCE

SINGLE, SEVERAL, TEXT = QuestionType.SINGLE, QuestionType.SEVERAL, QuestionType.TEXT
TEA = Asked("Tea or coffee?", SINGLE, ("Tea", "Coffee", "Neither"))


def draft(**more: Any) -> Source:
    return {**copy.deepcopy(SOURCE), **more}


async def test_a_survey_of_ones_own_is_written_translated_and_published(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        survey = await begin_new(session, "After the summer trip", cast.priya, NOON)
        assert survey == "after-the-summer-trip"
        head = Head("After the summer trip", "Two questions about the trip.", 1)
        assert await change_head(session, survey, 1, head, cast.priya, NOON) is Edited.SAVED
        assert await add_question(session, survey, 2, TEA, cast.priya, NOON) == (
            Edited.SAVED,
            "tea_or_coffee",
        )
        why = Asked("What kind?", TEXT)
        assert await add_question(session, survey, 3, why, cast.priya, NOON) == (Edited.SAVED, "what_kind")
        assert await set_condition(session, survey, 4, "what_kind", "tea_or_coffee", [1, 2], cast.priya, NOON)
        await set_favourable(session, survey, 5, "tea_or_coffee", [1], cast.priya, NOON)
        said = {"title": "گرمیوں کے سفر کے بعد", "q:tea_or_coffee:2": "کافی"}
        await translate(session, survey, 6, Language.URDU, said, cast.priya, NOON)
        assert survey not in await definitions(session)
        assert await publish(session, survey, 7, cast.priya, NOON) is Edited.SAVED
        assert await find_draft(session, survey) is None
        made = await definition_named(session, survey)
    assert made is not None
    assert made.version == 1
    assert made.title["ur"] == said["title"]
    assert made.questions[0].options[1].label == {"en": "Coffee", "ur": "کافی"}
    assert [one.id for one in made.asked({"tea_or_coffee": 3})] == ["tea_or_coffee"]


async def test_a_version_of_ones_own_goes_before_the_standard_one(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await begin(session, "pulse", cast.priya, NOON) is Edited.SAVED
        assert await begin(session, "pulse", cast.dee, NOON) is Edited.EXISTS
        assert await publish(session, "pulse", 1, cast.priya, NOON) is Edited.UNCHANGED
        await remove_question(session, "pulse", 1, "more", cast.priya, NOON)
        assert await publish(session, "pulse", 2, cast.priya, NOON) is Edited.SAVED
        found = (await definitions(session))["pulse"]
        assert (found.version, len(found.questions)) == (3, 2)
        page = await form_page(session, "pulse")
        assert page is not None
        assert [(one.number, one.standard) for one in page.versions] == [(3, False), (2, True)]
        line = next(one for one in await form_lines(session) if one.survey == "pulse")
        assert (line.is_own, line.drafted, line.retired) == (True, False, False)
    assert standard_definitions()["pulse"].version == 2


async def test_of_two_who_change_a_draft_at_once_one_is_told(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await begin(session, "pulse", cast.priya, NOON)
        assert await move_question(session, "pulse", 1, "more", -1, cast.priya, NOON) is Edited.SAVED
        assert await move_question(session, "pulse", 1, "more", -1, cast.dee, NOON) is Edited.OUTDATED
        assert await publish(session, "pulse", 1, cast.dee, NOON) is Edited.OUTDATED
        assert await discard(session, "pulse", cast.dee, NOON) is Edited.SAVED
        assert await move_question(session, "pulse", 2, "more", -1, cast.priya, NOON) is Edited.OUTDATED


async def test_what_others_depend_on_is_neither_removed_nor_put_after_them(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await begin(session, "health-check", cast.priya, NOON)
        gone = await remove_question(session, "health-check", 1, "leaving", cast.priya, NOON)
        assert gone is Edited.NEEDED
        late = await move_question(session, "health-check", 1, "leaving", 1, cast.priya, NOON)
        assert late is Edited.OUT_OF_ORDER
        assert await move_question(session, "health-check", 1, "help", -9, cast.priya, NOON) is Edited.SAVED
        nothing = await remove_question(session, "health-check", 2, "nonsense", cast.priya, NOON)
        assert nothing is Edited.NOT_FOUND
        found = await find_draft(session, "health-check")
    assert found is not None
    assert found.source["questions"][2]["id"] == "help"
    assert found.source["outcome"] == {"question": "leaving", "value": 1}


async def test_a_draft_that_cannot_be_asked_is_kept_and_not_published(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        survey = await begin_new(session, "!?", cast.priya, NOON)
        assert survey == "survey"
        half = Asked("", SINGLE, ("Only one",))
        await add_question(session, survey, 1, half, cast.priya, NOON)
        assert await publish(session, survey, 2, cast.priya, NOON) is Edited.WRONG
        found = await find_draft(session, survey)
    assert found is not None
    assert found.source["questions"][0]["options"] == [{"en": "Only one"}]
    assert set(found.faults) == {
        Fault(Wrong.NO_INTRODUCTION),
        Fault(Wrong.NO_WORDS, "question"),
        Fault(Wrong.NO_OPTIONS, "question"),
    }


async def test_a_question_about_wellbeing_makes_its_survey_anonymous(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await begin(session, "pulse", cast.priya, NOON)
        sleep = Asked("Do you sleep well?", QuestionType.YES_NO)
        await add_question(session, "pulse", 1, sleep, cast.priya, NOON)
        found = await find_draft(session, "pulse")
        assert found is not None
        assert found.faults == (Fault(Wrong.NOT_WELLBEING, "do_you_sleep_well"),)
        marked = Asked(sleep.text, sleep.type, wellbeing=True)
        await change_question(session, "pulse", 2, "do_you_sleep_well", marked, cast.priya, NOON)
        assert await publish(session, "pulse", 3, cast.priya, NOON) is Edited.SAVED
        asked = await definition_named(session, "pulse")
    assert asked is not None
    assert asked.anonymous_only


async def test_what_asks_for_a_name_is_published_only_once_it_was_thought_over(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await begin(session, "pulse", cast.priya, NOON)
        who = Asked("Who is your social worker?", TEXT)
        await add_question(session, "pulse", 1, who, cast.priya, NOON)
        assert await publish(session, "pulse", 2, cast.priya, NOON) is Edited.QUESTIONED
        assert await publish(session, "pulse", 2, cast.priya, NOON, thought_over=True) is Edited.SAVED


async def test_a_survey_out_of_use_is_offered_no_more_until_it_is_brought_back(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        assert await retire(session, "pulse", cast.priya, NOON) is Shelved.DONE
        assert await retire(session, "pulse", cast.priya, NOON) is Shelved.NOTHING
        assert "pulse" not in await definitions(session)
        assert await definition_named(session, "pulse") is None
        page = await form_page(session, "pulse")
        assert page is not None
        assert page.retired_at == NOON
        assert [one.standard for one in page.versions] == [True]
        assert (await form_lines(session))[-1].survey == "pulse"
        assert await bring_back(session, "pulse", cast.priya, NOON) is Shelved.DONE
        assert await bring_back(session, "pulse", cast.priya, NOON) is Shelved.NOTHING
        assert (await definitions(session))["pulse"] is standard_definitions()["pulse"]
        await begin(session, "pulse", cast.priya, NOON)
        await move_question(session, "pulse", 1, "more", -1, cast.priya, NOON)
        await publish(session, "pulse", 2, cast.priya, NOON)
        await retire(session, "pulse", cast.priya, NOON)
        assert await definition_named(session, "pulse") is None
        await bring_back(session, "pulse", cast.priya, NOON)
        again = await definition_named(session, "pulse")
        assert again is not None
        assert again.version == 3


async def test_what_an_event_or_an_occasion_asks_stays_in_use(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        rule = KindRule(kind="trip", remind_days=[], feedback_form="event-feedback", updated_at=NOON)
        session.add(rule)
        await session.flush()
        for survey in ("event-feedback", "panel-feedback", "exit-interview"):
            assert await retire(session, survey, cast.priya, NOON) is Shelved.IN_USE


async def test_what_is_asked_by_itself_goes_on_following_what_it_followed(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await begin(session, "panel-feedback", cast.priya, NOON)
        anytime = Asking(anonymous_only=True, occasion=None, outcome=None)
        await change_asking(session, "panel-feedback", 1, anytime, cast.priya, NOON)
        assert await publish(session, "panel-feedback", 2, cast.priya, NOON) is Edited.ASKED
        still = Asking(anonymous_only=True, occasion=Occasion.PANEL, outcome=None)
        await change_asking(session, "panel-feedback", 2, still, cast.priya, NOON)
        assert await publish(session, "panel-feedback", 3, cast.priya, NOON) is Edited.SAVED


async def test_a_survey_goes_out_as_a_file_and_comes_in_again(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        for definition in standard_definitions().values():
            taken = await take_in(session, file_of(definition.source), cast.priya, NOON)
            assert taken == (Edited.SAVED, definition.id)
            found = await find_draft(session, definition.id)
            assert found is not None
            assert found.faults == ()
            assert read_definition(found.source).questions == definition.questions
            unchanged = await publish(session, definition.id, 1, cast.priya, NOON)
            assert unchanged is Edited.UNCHANGED
        again = await take_in(session, orjson.dumps(SOURCE | {"id": "pulse"}), cast.priya, NOON)
        assert again == (Edited.EXISTS, "pulse")


@pytest.mark.parametrize(
    "content",
    [
        b"no json",
        b"[]",
        b"{}",
        b'{"id": "new", "questions": []}',
        b'{"id": "A b", "questions": []}',
        b'{"id": "a", "questions": {}}',
        b'{"id": "a", "questions": [1]}',
        b'{"id": "a", "questions": [{"id": "b", "type": "stars"}]}',
        b'{"id": "a", "questions": [{"id": "b/c", "type": "text"}]}',
        b'{"id": "a", "questions": [{"id": "b", "type": "text"}, {"id": "b", "type": "text"}]}',
        b'{"id": "a", "questions": [{"id": "b", "type": "text", "text": {"fr": "Oui"}}]}',
        b'{"id": "a", "questions": [{"id": "b", "type": "text", "text": "Yes"}]}',
        b'{"id": "a", "questions": [{"id": "b", "type": "0-10", "favourable": ["7"]}]}',
        b'{"id": "a", "questions": [{"id": "b", "type": "text", "asked_if": {"values": [1]}}]}',
        b'{"id": "a", "questions": [], "occasion": "birthday"}',
        b'{"id": "a", "questions": [], "outcome": 1}',
        b'{"id": "a", "questions": [], "minutes": -1}',
        b'{"id": "a", "questions": [], "blocks": [{"questions": []}]}',
    ],
)
def test_a_file_that_is_no_survey_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(WrongDefinition):
        draft_from(content)


def test_the_example_of_the_documentation_can_be_asked() -> None:
    page = (Path(__file__).parents[2] / "docs" / "surveys.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    assert check(draft_from(example.encode())) == ()


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 12) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "text", "options", "en", "question", "values", "value"]), inner
        )
    ),
    max_leaves=8,
)


@given(
    part=st.sampled_from(["title", "introduction", "minutes", "occasion", "outcome", "questions", "blocks"]),
    value=_json,
    within=st.sampled_from(["", "type", "text", "options", "favourable", "asked_if", "id"]),
)
def test_any_file_is_refused_or_becomes_a_draft_that_can_be_checked(
    part: str, value: Any, within: str
) -> None:
    source = draft()
    if within:
        source["questions"][0][within] = value
    else:
        source[part] = value
    try:
        made = draft_from(orjson.dumps(source))
    except WrongDefinition:
        return
    if not any(fault.stops for fault in check(made)):
        read_definition(made)


def test_answers_that_move_take_along_what_speaks_of_them() -> None:
    source, tea = with_question(draft(questions=[]), TEA)
    source, why = with_question(source, Asked("Why?", TEXT))
    source = with_words(source, "ur", {f"q:{tea}:1": "چائے", f"q:{tea}:2": "کافی"})
    source = with_condition(with_favourable(source, tea, [2]), why, tea, [1, 2])
    source["outcome"] = {"question": tea, "value": 2}
    changed = with_change(source, tea, Asked(TEA.text, SINGLE, ("Coffee, please", "Neither", "Tea")))
    question = changed["questions"][0]
    assert question["options"] == [
        {"en": "Coffee, please"},
        {"en": "Neither"},
        {"en": "Tea", "ur": "چائے"},
    ]
    assert changed["questions"][1]["asked_if"]["values"] == [3]
    assert "favourable" not in question
    assert "outcome" not in changed
    reworded = with_change(source, tea, Asked(TEA.text, SINGLE, ("Tea", "Coffee, please", "Neither")))
    assert reworded["questions"][0]["options"][1] == {"en": "Coffee, please", "ur": "کافی"}
    assert reworded["questions"][0]["favourable"] == [2]
    assert unrevised(reworded, source, "ur") == {f"q:{tea}:2"}
    assert unrevised(source, source, "ur") == frozenset()
    assert unrevised(with_words(source, "en", {"title": ""}), source, "ur") == frozenset()


def test_a_question_of_another_type_keeps_nothing_that_its_answers_cannot_bear() -> None:
    source, tea = with_question(draft(questions=[]), TEA)
    source = with_favourable(source, tea, [3])
    number = with_change(source, tea, Asked("How warm?", QuestionType.NUMBER))["questions"][0]
    assert "options" not in number
    assert "favourable" not in number
    several = with_change(source, tea, Asked("Which?", SEVERAL, TEA.options))["questions"][0]
    assert several["options"] == source["questions"][0]["options"]
    assert "favourable" not in several


def test_everything_that_is_wrong_is_said_at_once() -> None:
    source = draft(title={}, minutes=0, outcome={"question": "wish", "value": 1})
    scale, several, again, wish = source["questions"]
    scale["favourable"] = [9]
    several["options"] = [{"en": "Milk"}, {"en": "milk"}]
    again["text"] = {"en": "Another cup?" * 30}
    wish |= {"text": {"en": "What is your name?"}, "asked_if": {"question": "again", "values": [3]}}
    assert set(check(source)) == {
        Fault(Wrong.NO_TITLE),
        Fault(Wrong.NO_MINUTES),
        Fault(Wrong.BAD_OUTCOME),
        Fault(Wrong.BAD_FAVOURABLE, "warm"),
        Fault(Wrong.SAME_OPTIONS, "with", "en"),
        Fault(Wrong.TOO_LONG, "again", "en"),
        Fault(Wrong.BAD_CONDITION, "wish"),
        Fault(Wrong.ASKS_WHO, "wish"),
    }


@pytest.mark.parametrize(
    "said",
    ["How is your health?", "Are you stressed?", "Do you cope?", "Were you happy yesterday?", "Your mood?"],
)
def test_words_about_how_somebody_is_are_known(said: str) -> None:
    assert speaks_of_wellbeing(said)


@pytest.mark.parametrize(
    "said",
    ["Are you happy with the training?", "Did it go well?", "Was the room hot?", "The skill I need"],
)
def test_words_about_the_service_are_not_taken_for_wellbeing(said: str) -> None:
    assert not speaks_of_wellbeing(said)


def test_questions_that_would_name_somebody_are_known() -> None:
    assert asks_who("What is your date of birth?")
    assert asks_who("Please write your name")
    assert not asks_who("What would you change?")
    assert asks_of_a_child("How is your foster child doing?")
    assert asks_of_a_child("What does the child need?")
    assert not asks_of_a_child("Is there enough on offer for children?")


def test_what_is_not_translated_is_counted() -> None:
    assert missing(draft(), "ur") == sum(1 for _ in texts(draft())) - 2
    assert missing(draft(), "en") == 0


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_standard_survey_can_be_shown_as_carers_meet_it(language: str) -> None:
    for definition in standard_definitions().values():
        shown = screens(definition, language, NOON)
        assert [one.kind for one in shown] == ["survey"] + ["survey_question"] * len(definition.questions)
    why = screens(standard_definitions()["health-check"], "en", NOON)[11]
    assert why.because is not None
    assert why.because[1] == ("Yes",)


async def test_every_change_is_in_the_audit_log_without_its_words(database: Database) -> None:
    async with database.write() as session:
        cast = await gather(session)
        await begin(session, "pulse", cast.priya, NOON)
        asking = Asking(True, Occasion.EVENT, ("reach", 3))
        assert await change_asking(session, "pulse", 1, asking, cast.priya, NOON) is Edited.SAVED
        assert await change_asking(session, "pulse", 2, asking, cast.priya, NOON) is Edited.SAVED
        assert await publish(session, "pulse", 2, cast.priya, NOON) is Edited.SAVED
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(one.action, one.detail) for one in entries] == [
        ("survey_form.begin", {"version": 3}),
        ("survey_form.change", {"part": "asking"}),
        ("survey_form.publish", {"version": 3}),
    ]
    assert {one.subject for one in entries} == {"survey:pulse"}


def test_a_file_brings_no_sign_that_nobody_sees() -> None:
    asked = {**SOURCE["questions"][2], "text": {"en": "Another\ncup\x07,\u202e no\u202c?"}}
    taken = draft_from(
        orjson.dumps(
            draft(title={"en": "Tea\r\nBcc: all"}, introduction={"en": "One\nTwo"}, questions=[asked])
        )
    )
    assert taken["title"] == {"en": "Tea Bcc: all"}
    assert taken["introduction"] == {"en": "One\nTwo"}
    assert taken["questions"][0]["text"] == {"en": "Another cup, no\u202c?"}


def test_two_blocks_of_one_name_cannot_be_asked() -> None:
    block = {"id": "more", "title": {"en": "More"}, "questions": [{**SOURCE["questions"][2], "id": "one"}]}
    other = {**block, "questions": [{**SOURCE["questions"][2], "id": "two"}]}
    assert check(draft(blocks=[block])) == ()
    assert [fault.wrong for fault in check(draft(blocks=[block, other]))] == [Wrong.UNREADABLE]


def test_english_words_about_wellbeing_are_found_in_the_place_of_any_language() -> None:
    asked = {**SOURCE["questions"][2], "text": {"en": "How is it?", "ur": "Are you depressed?"}}
    assert Fault(Wrong.NOT_WELLBEING, "again") in check(draft(questions=[asked]))
