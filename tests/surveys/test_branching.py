"""Questions that depend on earlier answers: who comes to which, and what is kept of a change of mind."""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from storage.engine import Database, Session, open_database
from storage.surveys import Participant, Round, RoundState
from storage.surveys_closing import sealed_of
from storage.surveys_queries import comments_of, participants_of, responses_of
from surveys import answering
from surveys.answering import Outcome, Step
from surveys.branching import backwards, of_asked, onwards, places
from surveys.definition import LONGEST_TEXT, MOST_OPTIONS, Definition
from surveys.drafts import Sheet, open_sheet, sheet_size
from surveys.keys import RoundKeys
from surveys.pages import page
from surveys.reading import read_definition
from surveys.sealed_replies import seal_params
from surveys.sealing import seal
from surveys.sending import parted
from tests.support.cast import NOON, gather
from tests.surveys.stories import CLOSES

LATER = NOON + timedelta(hours=1)
SOME = [{"en": "One"}, {"en": "Two"}, {"en": "Three"}]


def question(
    id: str, type: str, asked_if: tuple[str, list[int]] | None = None, **more: Any
) -> dict[str, Any]:
    raw = {"id": id, "type": type, "text": {"en": f"Question {id}"}, **more}
    if asked_if:
        raw["asked_if"] = {"question": asked_if[0], "values": asked_if[1]}
    if type in ("scale", "single", "several"):
        raw.setdefault("options", SOME)
    return raw


def survey(*questions: dict[str, Any]) -> Definition:
    said = {"title": {"en": "A survey"}, "introduction": {"en": "A few questions."}}
    return read_definition(
        {"id": "branches", "version": 1, "minutes": 1, **said, "questions": list(questions)}
    )


LEAVING = survey(
    question("leaving", "yes/no"),
    question("why", "several", ("leaving", [1])),
    question("which", "single", ("why", [2, 3])),
    question("stay", "scale", ("leaving", [2]), required=True),
    question("wish", "text"),
)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [0, 4]),
        ({"leaving": 1}, [0, 1, 4]),
        ({"leaving": 2}, [0, 3, 4]),
        ({"leaving": 1, "why": [1]}, [0, 1, 4]),
        ({"leaving": 1, "why": [1, 3]}, [0, 1, 2, 4]),
        ({"leaving": 2, "why": [3]}, [0, 3, 4]),
    ],
)
def test_a_question_is_asked_of_who_was_asked_the_one_before_and_gave_such_an_answer(
    answers: dict[str, Any], expected: list[int]
) -> None:
    assert places(LEAVING, answers) == expected
    assert [onwards(LEAVING, answers, number) for number in range(6)] == [
        next((one for one in expected if one >= number), 5) for number in range(6)
    ]
    assert backwards(LEAVING, answers, 5) == 4
    assert backwards(LEAVING, answers, 4) == expected[-2]
    assert [backwards(LEAVING, answers, number) for number in (-1, 0, 6)] == [None] * 3


def test_what_is_sent_answers_only_what_was_asked() -> None:
    changed = {"leaving": 2, "why": [3], "which": 1, "wish": "Tea"}
    assert of_asked(LEAVING, changed) == {"leaving": 2, "wish": "Tea"}
    assert parted(LEAVING, Sheet(answers=changed)) == ({"leaving": 2}, [("wish", "Tea")])


async def open_for(
    session: Session, keys: RoundKeys, carer_id: int, source: Definition, anonymous: bool
) -> Round:
    """A round of any survey, open for one carer: what planning one would look at does not matter here."""
    round = Round(
        ref=f"branches-{secrets.token_hex(6)}",
        survey=source.id,
        title="A survey",
        anonymous=anonymous,
        definition=dict(source.source),
        state=RoundState.OPEN,
        opens_at=NOON,
        closes_at=CLOSES,
        created_at=NOON,
    )
    session.add(round)
    await session.flush()
    session.add(Participant(round_id=round.id, carer_id=carer_id, segments={}))
    if anonymous:
        keys.make(round.ref)
    await session.flush()
    return round


@pytest.mark.parametrize("anonymous", [True, False])
async def test_a_change_of_mind_loses_nothing_until_it_is_sent(
    database: Database, keys: RoundKeys, anonymous: bool
) -> None:
    async with database.write() as session:
        cast = await gather(session)
        round = await open_for(session, keys, cast.amal.id, LEAVING, anonymous)
        who, rest = (session, round.id, cast.amal.id), (keys, LATER)

        def shown(step: Step) -> tuple[Any, ...]:
            _, params = page(step, "en")
            return step.question and step.question.id, params.get("place"), params["total"]

        assert shown(await answering.stand(*who, *rest)) == ("leaving", 1, 2)
        assert shown(await answering.choose(*who, 0, 1, *rest)) == ("why", 2, 3)
        await answering.tick(*who, 1, 3, True, *rest)
        assert shown(await answering.go_on(*who, 1, *rest)) == ("which", 3, 4)
        assert shown(await answering.choose(*who, 2, 2, *rest)) == ("wish", 4, 4)
        assert shown(await answering.choose(*who, 0, 2, *rest)) == ("stay", 2, 3)
        required = await answering.skip(*who, 3, *rest)
        assert required.outcome is Outcome.WRONG
        assert shown(await answering.choose(*who, 3, 1, *rest)) == ("wish", 3, 3)
        assert shown(await answering.back(*who, 4, *rest)) == ("stay", 2, 3)
        assert shown(await answering.back(*who, 3, *rest)) == ("leaving", 1, 3)
        assert shown(await answering.choose(*who, 0, 1, *rest)) == ("why", 2, 4)
        review = await answering.skip(*who, 4, *rest)
        assert [line["answer"] for line in page(review, "en")[1]["lines"]] == ["Yes", "Three", "Two", ""]
        assert shown(review) == (None, None, 4)
        assert (await answering.send(*who, *rest)).outcome is Outcome.SENT
        assert await _counted(session, round, keys) == [{"leaving": 1, "why": [3], "which": 2}]


async def _counted(session: Session, round: Round, keys: RoundKeys) -> list[dict[str, Any]]:
    """The answers of the sheets that will count."""
    if round.anonymous:
        sent = [row for row in await sealed_of(session, round.id) if row.submitted]
        return [dict(open_sheet(keys.get(round.ref), round, row).answers) for row in sent]
    comments = {one.question: one.text for one in await comments_of(session, round.id)}
    return [row.answers | comments for row in await responses_of(session, round.id)]


def test_the_fullest_sheet_of_any_survey_fits_into_its_row() -> None:
    options = [{"en": str(number)} for number in range(MOST_OPTIONS)]
    kinds = ["text", "several", "single", "0-10"]
    names = [f"{'“' * 38}{number:02}" for number in range(40)]
    full = survey(
        *[
            question(name, kind, None, **({"options": options} if kind in ("several", "single") else {}))
            for name, kind in zip(names, kinds * 10, strict=True)
        ]
    )
    most = {"text": '"' * LONGEST_TEXT, "several": list(range(1, 13)), "single": 12, "0-10": 10}
    answers = {one.id: most[one.type] for one in full.questions}
    content = {"at": 40, "answers": answers, "segments": {"household": "x" * 60}, "visit_of": "f" * 64}
    assert seal(bytes(32), "a sheet", content, sheet_size(full))


# --- Any survey and any taps, against a plain model -------------------------------------------------------


@dataclass
class Plain:
    """A sheet as one would keep it on paper."""

    questions: list[dict[str, Any]]
    answers: dict[str, Any] = field(default_factory=dict)
    at: int = 0
    is_sent: bool = False

    def values(self, number: int) -> list[int]:
        one = self.questions[number]
        fixed = {"yes/no": [1, 2], "0-10": list(range(11)), "text": []}
        return fixed.get(one["type"]) or list(range(1, len(one.get("options", [])) + 1))

    def asked(self, number: int) -> bool:
        needs = self.questions[number].get("asked_if")
        if needs is None:
            return True
        parent = next(at for at, one in enumerate(self.questions) if one["id"] == needs["question"])
        given = self.answers.get(needs["question"])
        hits = [one for one in (given if isinstance(given, list) else [given]) if one in needs["values"]]
        return self.asked(parent) and bool(hits)

    def stand_at(self, number: int) -> Outcome:
        while number < len(self.questions) and not self.asked(number):
            number += 1
        self.at = number
        return Outcome.STANDS

    def lacks(self, number: int) -> bool:
        one = self.questions[number]
        return self.asked(number) and bool(one.get("required")) and one["id"] not in self.answers

    def kept(self) -> dict[str, Any]:
        numbers = [number for number in range(len(self.questions)) if self.asked(number)]
        ids = [self.questions[number]["id"] for number in numbers]
        return {id: self.answers[id] for id in ids if id in self.answers}

    def do(self, deed: str, number: int, value: int) -> Outcome:
        if deed == "send":
            return self.send()
        if deed == "back":
            return self.back(number)
        if deed == "write":
            number = self.at
        if not 0 <= number < len(self.questions):
            return Outcome.WRONG
        one = self.questions[number]
        id, several, is_text = one["id"], one["type"] == "several", one["type"] == "text"
        if deed in ("write", "write at") and is_text:
            self.answers[id] = f"words {value}"
        elif deed == "choose" and not several and not is_text and value in self.values(number):
            self.answers[id] = value
        elif deed in ("tick", "untick") and several and value in self.values(number):
            boxes = set(self.answers.pop(id, [])) - {value} | ({value} if deed == "tick" else set())
            self.answers |= {id: sorted(boxes)} if boxes else {}
            return self.stand_at(number)
        elif deed == "tick_all" and several and value in self.values(number):
            self.answers[id] = sorted({1, value})
        elif deed == "skip" and not (self.asked(number) and one.get("required")):
            self.answers.pop(id, None)
        elif deed != "go_on" or self.lacks(number):
            return Outcome.WRONG
        return self.stand_at(number + 1)

    def back(self, number: int) -> Outcome:
        earlier = [one for one in range(min(number, len(self.questions))) if self.asked(one)]
        if not 0 < number <= len(self.questions):
            return Outcome.WRONG
        return self.stand_at(earlier[-1])

    def send(self) -> Outcome:
        lacking = [number for number in range(len(self.questions)) if self.lacks(number)]
        if lacking:
            self.at = lacking[0]
            return Outcome.REQUIRED
        self.is_sent = bool(self.kept())
        return Outcome.SENT if self.is_sent else Outcome.WRONG


# What is listed more often happens more often.
DEEDS = (
    *("answer", "answer", "answer", "answer", "send", "send", "send"),
    *("choose", "tick", "untick", "tick_all", "write", "go_on", "skip", "back"),
)
ANSWERED_BY = {"text": "write at", "several": "tick_all"}
WAYS = ("", "", "one visit", "another visit")
NUMBERS = (0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, -1)
VALUES = (1, 1, 1, 2, 2, 3, 4, 0)
TAPS = st.lists(
    st.tuples(*(st.sampled_from(chances) for chances in (WAYS, DEEDS, NUMBERS, VALUES))),
    min_size=10,
    max_size=24,
)


@st.composite
def surveys(draw: Any) -> list[dict[str, Any]]:
    """Up to seven questions of all types, each asked of everybody or after any earlier one."""
    questions: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 7))):
        type = draw(st.sampled_from(("yes/no", "single", "several", "several", "scale", "0-10", "text")))
        before = [one for one in questions if one["type"] != "text"]
        asked_if = None
        if before and draw(st.integers(0, 2)):
            parent = draw(st.sampled_from(before))
            most = 2 if parent["type"] == "yes/no" else 3
            asked_if = (parent["id"], draw(st.lists(st.integers(1, most), min_size=1, unique=True)))
        required = {"required": True} if draw(st.integers(0, 5)) == 0 else {}
        questions.append(question(f"q{number}", type, asked_if, **required))
    return questions


class Bench:
    """One database for all examples; each is a round of its own, and one transaction."""

    def __init__(self, url: str, keys: RoundKeys) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = open_database(url)
        self.keys = keys
        self.carer_id = self.loop.run_until_complete(self._amal())

    async def _amal(self) -> int:
        async with self.database.write() as session:
            return (await gather(session)).amal.id

    def run(self, story: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(story)

    def end(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()

    async def play(
        self, questions: list[dict[str, Any]], taps: list[tuple[str, str, int, int]], anonymous: bool
    ) -> None:
        definition = survey(*questions)
        async with self.database.write() as session:
            round = await open_for(session, self.keys, self.carer_id, definition, anonymous)
            plain = {way: Plain(questions) for way in WAYS}
            counted: list[dict[str, Any]] = []
            for way, deed, number, value in [*taps, ("", "send", 0, 0)]:
                sheet = plain[way]
                if deed == "answer":
                    number = max(number, 0) % len(questions)
                    deed = ANSWERED_BY.get(questions[number]["type"], "choose")
                session.expunge_all()  # as after a restart: what counts is what is in the database
                had_sent = sheet.is_sent
                expected = Outcome.ALREADY_SENT if had_sent else sheet.do(deed, number, value)
                step = await self._do(session, round, way, deed, number, value)
                assert step.outcome is expected, (deed, number, value)
                if expected is Outcome.SENT and (not way or not anonymous or not plain[""].is_sent):
                    counted = [sheet.kept()]
                self._agrees(round, step, sheet)
                if not anonymous and expected in (Outcome.STANDS, Outcome.REQUIRED, Outcome.SENT):
                    self._named(questions, plain, way, expected)
            assert await _counted(session, round, self.keys) == counted
            assert await participants_of(session, round.id) == plain[""].is_sent

    def _named(
        self, questions: list[dict[str, Any]], plain: dict[str, Plain], way: str, outcome: Outcome
    ) -> None:
        """What was sent was sent for all ways; of visits the latest alone is kept."""
        for other in plain:
            if way and other not in ("", way):
                plain[other] = Plain(questions)
        for sheet in plain.values():
            sheet.is_sent = outcome is Outcome.SENT

    async def _do(self, session: Session, round: Round, way: str, deed: str, number: int, value: int) -> Step:
        who, rest = (session, round.id, self.carer_id), (self.keys, LATER)
        match deed:
            case "choose":
                return await answering.choose(*who, number, value, *rest, visit=way)
            case "tick" | "untick":
                return await answering.tick(*who, number, value, deed == "tick", *rest, visit=way)
            case "tick_all":
                return await answering.tick_all(*who, number, [value, 1], *rest, visit=way)
            case "write":
                return await answering.write(*who, f"words {value}", *rest, visit=way)
            case "write at":
                return await answering.write(*who, f"words {value}", *rest, number, visit=way)
            case "go_on":
                return await answering.go_on(*who, number, *rest, visit=way)
            case "skip":
                return await answering.skip(*who, number, *rest, visit=way)
            case "back":
                return await answering.back(*who, number, *rest, visit=way)
            case _:
                return await answering.send(*who, *rest, visit=way)

    def _agrees(self, round: Round, step: Step, sheet: Plain) -> None:
        if sheet.is_sent:
            return
        assert step.sheet is not None
        assert (step.sheet.position, step.sheet.answers) == (sheet.at, sheet.answers)
        _, params = page(step, "en")
        assert seal_params(self.keys, round, params)
        asked = [number for number in range(len(sheet.questions)) if sheet.asked(number)]
        assert (params["number"], params["total"]) == (sheet.at, len(asked))
        if step.question is not None:
            assert asked[params["place"] - 1] == sheet.at
        else:
            assert len(params["lines"]) == len(asked)


@pytest.fixture
def bench(sqlite_url: str, keys: RoundKeys) -> Any:
    bench = Bench(sqlite_url, keys)
    yield bench
    bench.end()


@pytest.mark.parametrize("anonymous", [True, False])
def test_any_survey_and_any_taps_agree_with_a_sheet_on_paper(bench: Bench, anonymous: bool) -> None:
    # Without shrinking, which would take minutes: two dozen taps can be read as they are.
    @settings(
        max_examples=30,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(surveys(), TAPS)
    def play(questions: list[dict[str, Any]], taps: list[tuple[str, str, int, int]]) -> None:
        bench.run(bench.play(questions, taps, anonymous))

    play()
