"""/report: the year in figures for staff who may see it, and for nobody else."""

from datetime import date

import pytest

from storage.households import Household, HouseholdType
from tests.handlers.chats import Chats
from tests.support.cast import STRANGER_CHAT, gather

pytestmark = pytest.mark.one_database

AMAL, PRIYA, TOM, DEE, ASH = 101, 901, 902, 903, 904


async def settle_in(chats: Chats) -> None:
    """The cast, and two households that left in June 2019 and in April 2025."""
    async with chats.database.write() as session:
        await gather(session)
        for ref, ended_on in (("L1", date(2025, 4, 9)), ("L2", date(2019, 6, 3))):
            session.add(
                Household(
                    ref=ref,
                    type=HouseholdType.MAINSTREAM,
                    approved_on=date(2015, 5, 1),
                    ended_on=ended_on,
                )
            )


@pytest.mark.parametrize("chat", [PRIYA, DEE, ASH])
async def test_staff_get_the_year_in_figures_with_what_each_is_made_of(chats: Chats, chat: int) -> None:
    await settle_in(chats)
    await chats.write(chat, "/report")
    said = chats.last(chat).text
    assert said.startswith("<b>The year 2025/26 so far</b>\nAs counted on 6 May 2025.\n\n<b>Who left</b>\n• ")
    assert (
        "1 of 4 households approved at any time so far in 2025/26 has left: 25% (95% interval 4.6% to 70%)"
        in said
    )
    assert "Change on the same days of the year before: the year before had none." in said
    assert said.endswith("http://console/reports?year=2025/26")


@pytest.mark.parametrize("chat", [AMAL, TOM, STRANGER_CHAT], ids=["carer", "social worker", "stranger"])
async def test_others_get_what_any_unknown_command_gets(chats: Chats, chat: int) -> None:
    await settle_in(chats)
    await chats.write(chat, "/nosuchthing")
    usual = chats.last(chat).text
    await chats.write(chat, "/report")
    assert chats.last(chat).text == usual
    assert "approved" not in usual
    await chats.send_data(chat, "report:2024")
    assert chats.last(chat).text == usual


@pytest.mark.parametrize("typed", ["2023/24", "2023-24", " 2023 / 2024 ", "2023–24"])
async def test_another_year_is_typed_in_any_usual_way(chats: Chats, typed: str) -> None:
    await settle_in(chats)
    await chats.write(PRIYA, f"/report {typed}")
    said = chats.last(PRIYA).text
    assert said.startswith("<b>The year 2023/24</b>\nAs counted on 6 May 2025.")
    assert "so far" not in said
    assert said.endswith("http://console/reports?year=2023/24")


async def test_another_year_is_a_tap_away_in_the_same_message(chats: Chats) -> None:
    await settle_in(chats)
    await chats.write(PRIYA, "/report")
    assert chats.labels(PRIYA) == [["2024/25", "2023/24", "2022/23"]]
    await chats.tap(PRIYA, "2023/24")
    assert len(chats.all(PRIYA)) == 1
    assert "The year 2023/24" in chats.last(PRIYA).text
    assert chats.labels(PRIYA) == [["2025/26", "2024/25", "2022/23"]]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "2023",
            "“2023” is not a year that I know. A year runs from 1 April to 31 March: write /report 2025/26",
        ),
        ("2023/25", "“2023/25” is not a year that I know."),
        ("<b>" + "x" * 500, "“&lt;b&gt;xxxxxxxxxxxxxxxxx” is not a year"),
        ("2026/27", "2026/27 has not begun. The latest year is 2025/26: /report"),
        ("1999/00", "nothing on record about 1999/00. The years are 2019/20 to 2025/26."),
    ],
)
async def test_a_year_that_is_none_is_answered_with_what_to_write(
    chats: Chats, typed: str, said: str
) -> None:
    await settle_in(chats)
    await chats.write(PRIYA, f"/report {typed}")
    assert said in chats.last(PRIYA).text
    assert chats.labels(PRIYA) == [["2025/26", "2024/25", "2023/24"]]


async def test_while_the_register_is_empty_there_is_nothing_to_report(chats: Chats) -> None:
    async with chats.database.write() as session:
        cast = await gather(session)
        for carer in (cast.amal, cast.jo, cast.sam, cast.lin):
            await session.delete(carer)
        await session.flush()
        for household in (cast.reeds, cast.okafors, cast.marshes):
            await session.delete(household)
    for words in ("/report", "/report 2023/24"):
        await chats.write(PRIYA, words)
        assert "no household is in the register" in chats.last(PRIYA).text
        assert chats.labels(PRIYA) == []


async def test_a_button_for_a_year_that_there_is_not_changes_nothing(chats: Chats) -> None:
    await settle_in(chats)
    await chats.write(PRIYA, "/report")
    before = chats.last(PRIYA)
    for data in ("report:1999", "report:9999", "report:٢٠٢٤"):
        await chats.send_data(PRIYA, data)
        assert chats.last(PRIYA) == before


async def test_a_year_that_is_running_is_held_against_the_same_days_of_the_one_before(chats: Chats) -> None:
    await settle_in(chats)
    async with chats.database.write() as session:
        for number, ended_on in enumerate((date(2024, 4, 20), date(2024, 4, 30), date(2024, 11, 5))):
            session.add(
                Household(
                    ref=f"E{number}",
                    type=HouseholdType.SHORT_BREAK,
                    approved_on=date(2015, 5, 1),
                    ended_on=ended_on,
                )
            )
    await chats.write(PRIYA, "/report")
    said = chats.last(PRIYA).text
    assert "than the 2 that had left by the same day of the year before" in said
    assert "1 fewer household had left by " in said
    assert "than the 3" not in said
