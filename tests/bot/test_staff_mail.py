"""Emails to staff, as they leave the service: a link to the console that nothing but the email holds, and
alerts."""

import io
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession

from broadcasts.sign_in_mail import ask_for_sign_in_mail
from care.desk import Desk
from care.inbox import receive
from storage.copies import back_up
from storage.households import Carer
from tests.bot.test_mail_service import arrived, log, post, settings_with
from tests.support.cast import gather
from tests.support.mail_server import PostOffice
from tests.support.service import clock_from, service

__all__ = ["log", "post"]
pytestmark = pytest.mark.one_database
DEE = "dee@rowdale.example"
WORDS = "suicide is on my mind"


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_the_link_stands_in_the_email_alone(post: PostOffice, tmp_path: Path, log: io.StringIO) -> None:
    settings = settings_with(post, f"sqlite:///{tmp_path}/hearthline.db", tmp_path, public_url=None)
    async with service(settings, clock_from()) as app:
        async with app.database.write() as session:
            cast = await gather(session, linked=False)
            cast.dee.email = DEE
        async with app.database.write() as session:
            assert await ask_for_sign_in_mail(session, DEE, app.clock())
            await receive(
                session,
                await session.get_one(Carer, cast.amal.id),
                WORDS,
                app.clock(),
                Desk(danger_words=("suicide",)),
            )
        app.wake()
        mails = {mail["Subject"]: mail for mail in await arrived(post, DEE, 2)}
        link, alert = mails["Your link to the console"], mails["Urgent: a message that may mean danger"]
        words = link.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        (token,) = re.findall(rf"{app.address}/sign-in/([\w-]{{22}})\s", words)
        async with ClientSession() as browser, browser.get(f"{app.address}/sign-in/{token}") as page:
            assert page.status == 200
        await back_up(app.database, tmp_path / "copy.hearthline")
        kept = files_of(tmp_path)
        assert {"hearthline.db", "hearthline.db-wal", "copy.hearthline"} <= kept.keys()
        assert [name for name, content in kept.items() if token.encode() in content] == []
    assert [name for name, content in files_of(tmp_path).items() if token.encode() in content] == []
    assert token not in log.getvalue()
    for mail in (link, alert):
        assert mail["List-Unsubscribe"] is None
        assert mail["To"] == f"Dee <{DEE}>"
        assert mail["Auto-Submitted"] == "auto-generated"
    said = alert.as_string()
    assert "Amal" not in said
    assert "mind" not in said
