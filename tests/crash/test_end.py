"""SIGTERM while all is in use: it ends at once, and what was coming in is done after the next start."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from storage.staff import StaffMember
from tests.crash.test_kill import BURST, assert_each_once_and_in_order, burst, cast_in_sandbox, until
from tests.support.console import Console, visitor
from tests.support.process import environment, kill, start_service, terminate


async def test_sigterm_with_a_live_page_open_and_a_burst_coming_in_ends_it_within_two_seconds(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with cast_in_sandbox(sqlite_url) as (sandbox, database, users):
        settings, log = environment(sandbox, sqlite_url, tmp_path, "polling"), tmp_path / "service.log"
        async with database.read() as session:
            query = select(StaffMember).where(StaffMember.name == "Priya Lane")
            priya = (await session.scalars(query)).one()
        console = Console(database, f"http://{settings['HEARTHLINE_LISTEN']}", datetime.now(UTC))
        process = await start_service(settings, log)
        try:
            await sandbox.wait_for(lambda: sandbox.polling, timeout=30)
            async with visitor(console, priya) as page, page.client.get(f"{console.address}/live") as stream:
                assert stream.content_type == "text/event-stream"
                assert await stream.content.readline()
                burst(users, 0)
                await until(database, 3)
                assert await terminate(process) < 2
            process = await start_service(settings, log)
            await until(database, BURST)
        finally:
            if process.returncode is None:
                await kill(process)
        await assert_each_once_and_in_order(database, 1)
