"""The desk at which the journeys of the console begin."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.journeys.desk import Desk, desk_with
from tests.support.stock import Stock


@pytest.fixture
async def desk(browser: Browser, stock: Stock, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_with(browser, stock, tmp_path) as one:
        yield one
