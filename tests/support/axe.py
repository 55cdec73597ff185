"""axe in an open page: its script goes over once a browser, and what comes back is what is wrong alone.

Handing over the script (half a megabyte) and everything that is right took as long as axe itself.
"""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

_RUN = """async options => {
    const found = await axe.run(options);
    return { wrong: found.violations, right: found.passes.length };
}"""


async def violations(page: Page, rules: list[str] | None = None) -> list[dict[str, Any]]:
    """What axe finds wrong with the open page, by all of its rules or by these; past the page's policy."""
    if not await page.evaluate("'axe' in window"):
        await page.context.add_init_script(AXE_SCRIPT)  # whatever is opened next has it from the start
        await page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = await page.evaluate(_RUN, options)
    wrong: list[dict[str, Any]] = found["wrong"]
    assert wrong or found["right"], "axe has looked at nothing"
    return wrong
