"""Everything on a page is reached and used from the keyboard alone, in the order in which it is read."""

import pytest
from playwright.async_api import Page

from tests.support.cast import Cast
from tests.support.console import Console, sign_in
from tests.web.conftest import Busy

CONTROLS = """() => {
    window.controls = () => {
        const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
        const shown = [...document.querySelectorAll(all)]
            .filter(one => one.checkVisibility() && !one.disabled);
        // Of radio buttons of one name the tab key reaches one: the arrow keys go on from there.
        const groups = new Set();
        return shown.filter(one => {
            if (one.type !== "radio") return true;
            const group = [...document.getElementsByName(one.name)];
            const first = group.find(each => each.checked) ?? group[0];
            return one === first && !groups.has(one.name) && groups.add(one.name);
        });
    };
    document.activeElement.blur();
    window.scrollTo(0, 0);
    return window.controls().length;
}"""
"""Found anew each time: a live page draws a part of itself again."""
HERE = """() => {
    const one = document.activeElement;
    const ring = getComputedStyle(one), mark = getComputedStyle(one, "::before");
    const label = one.labels?.[0] ? getComputedStyle(one.labels[0], "::before") : mark;
    const next = one.nextElementSibling ? getComputedStyle(one.nextElementSibling) : ring;
    const seen = style => style.outlineStyle !== "none" || style.boxShadow !== "none";
    const box = one.getBoundingClientRect();
    return {
        number: window.controls().indexOf(one),
        what: one.outerHTML.slice(0, 120),
        seen: [ring, mark, label, next].some(seen) || ring.backgroundColor !== "rgba(0, 0, 0, 0)",
        inside: box.bottom > 0 && box.top < innerHeight,
    };
}"""


@pytest.mark.browser
async def test_the_tab_key_reaches_every_control_in_its_order_and_shows_where_it_is(
    shown: tuple[Console, Cast, Busy], page: Page
) -> None:
    console, cast, busy = shown
    await sign_in(page, console, cast.priya)
    for path in (
        "/",
        "/events/calendar",
        f"/events/{busy.coffee}",
        f"/events/{busy.coffee}/attendance",
        f"/carers/{cast.amal.id}",
        "/not-seen",
        "/search?q=reed",
        "/account",
    ):
        await page.goto(console.address + path)
        number = await page.evaluate(CONTROLS)
        reached = []
        for _ in range(number):
            await page.keyboard.press("Tab")
            at = await page.evaluate(HERE)
            assert at["seen"], (path, at["what"])
            assert at["inside"], (path, at["what"])
            reached.append(at["number"])
        assert reached == list(range(number)), path
