"""/report: the year in figures for staff who may see it, and for nobody else."""

from datetime import date

import pytest

from storage.households import Household, HouseholdType
from tests.handlers.chats import Chats
from tests.support.cast import STRANGER_CHAT, gather

pytestmark = pytest.mark.one_database

AMAL, PRIYA, TOM, DEE, ASH = 101, 901, 902, 903, 904


async def settle_in(chats: Chats) -> None:
    """The cast, and a household that left in April 2025."""
    async with chats.database.write() as session:
        await gather(session)
        session.add(
            Household(
                ref="L1",
                type=HouseholdType.MAINSTREAM,
                approved_on=date(2020, 5, 1),
                ended_on=date(2025, 4, 9),
            )
        )


@pytest.mark.parametrize("chat", [PRIYA, DEE, ASH])
async def test_staff_get_the_year_in_figures_with_what_each_is_made_of(chats: Chats, chat: int) -> None:
    await settle_in(chats)
    await chats.write(chat, "/report")
    said = chats.last(chat).text
    assert "The year 2025/26 so far" in said
    assert (
        "1 of 4 households approved at any time in 2025/26 left in it: 25% (95% interval 4.6% to 70%)" in said
    )
    assert "Change on the year before: not known. The year before had none." in said
    assert said.rstrip().endswith("http://console/reports")


@pytest.mark.parametrize("chat", [AMAL, TOM, STRANGER_CHAT], ids=["carer", "social worker", "stranger"])
async def test_others_get_what_any_unknown_command_gets(chats: Chats, chat: int) -> None:
    await settle_in(chats)
    await chats.write(chat, "/nosuchthing")
    usual = chats.last(chat).text
    await chats.write(chat, "/report")
    assert chats.last(chat).text == usual
    assert "approved" not in usual
