"""From a carer's phone to the bot and back, over HTTP, by polling and by webhook."""

from bot.app import Hearthline
from carers.linking import new_link
from carers.people import Carer
from sandbox.server import Sandbox
from tests.support.cast import NOON, Cast, gather


async def gathered(hearthline: Hearthline, linked: bool = True) -> Cast:
    async with hearthline.database.write() as session:
        return await gather(session, linked=linked)


async def link_for(hearthline: Hearthline, carer: Carer) -> str:
    async with hearthline.database.write() as session:
        return await new_link(session, carer, NOON)


async def test_a_carer_opens_their_link_and_is_welcomed_with_the_notice_of_safety(
    hearthline: Hearthline, sandbox: Sandbox
) -> None:
    cast = await gathered(hearthline, linked=False)
    amal = sandbox.add_user("Amal", "Reed")
    amal.start(await link_for(hearthline, cast.amal))
    welcome = await sandbox.wait_for(lambda: amal.find("you are connected"))
    for needed in ("round the clock", "999", "01709 000000", "0800 040 7675", "116 123", "about a child"):
        assert needed in welcome.text
