"""The ground that the other tests stand on."""

import os
import socket
import urllib.request
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page
from sqlalchemy import text

from storage.engine import Database
from tests.conftest import OutsideNetwork


async def test_a_database_is_there_and_empty_for_each_test(database: Database) -> None:
    async with database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM households"))).scalar_one() == 0


def test_nothing_reaches_beyond_this_machine() -> None:
    with pytest.raises(OutsideNetwork):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OutsideNetwork):
        urllib.request.urlopen("http://carers.example/", timeout=1)


def test_the_machine_stands_in_a_time_zone_that_no_service_uses() -> None:
    assert os.environ["TZ"] == "Pacific/Auckland"
    assert (
        datetime(2025, 1, 1, tzinfo=UTC).astimezone().utcoffset()
        != datetime(2025, 1, 1, tzinfo=UTC).utcoffset()
    )


@pytest.mark.browser
async def test_a_browser_shows_a_page_and_reaches_no_other_machine(page: Page) -> None:
    await page.set_content("<h1>Hearthline</h1>")
    assert await page.inner_text("h1") == "Hearthline"
    reached = await page.evaluate("fetch('http://192.0.2.1/').then(() => 'reached', () => 'refused')")
    assert reached == "refused"
