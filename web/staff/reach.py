"""Who can be told and by which way, by social worker; what carers chose; letters with links to the bot."""

from carers.colleagues import staff_names
from carers.directory import NO_WAY, Channel, Contact
from carers.handing_out import MOST_LETTERS, count_to_be_linked, link_letters, withdraw_all_links
from carers.reach import Reach, reach_by_worker
from carers.roles import Action
from carers.topics import Topic
from web.staff.links import letters_to_print
from web.staff.views import Deed, Done, Look, Page, Route, Shown, do, see
from web.staff.words import plural

PER_PAGE = 50
"""Social workers on a page, the same ones in each of its tables."""


def routes() -> list[Route]:
    return [
        see("/reach", Action.SEE_REACH, overview),
        see("/reach/letters", Action.LINK_CARERS, ask_for_letters),
        do("/reach/letters", Action.LINK_CARERS, print_letters),
        see("/reach/withdraw", Action.LINK_CARERS, ask_to_withdraw),
        do("/reach/withdraw", Action.LINK_CARERS, withdraw),
    ]


async def overview(look: Look) -> Page:
    everybody, parts = await reach_of(look)
    pages = max(1, -(-len(parts) // PER_PAGE))
    page = min(look.page, pages)
    context = {
        "everybody": everybody,
        "parts": parts[(page - 1) * PER_PAGE : page * PER_PAGE],
        "every": len(parts),
        "page": page,
        "pages": pages,
        "contacts": [one for one in Contact if one is not Contact.NOT_CONNECTED],
        "ways": [*(channel.value for channel in Channel), NO_WAY],
        "topics": list(Topic),
        "own": look.own_households is not None,
        "most": MOST_LETTERS,
    }
    return Page("staff/reach.html", context)


async def reach_of(look: Look) -> tuple[Reach, list[tuple[str, Reach]]]:
    """Of all whom this person may see together, and of each social worker's, by name; nobody's come last."""
    everybody, parts = await reach_by_worker(look.session, look.now, look.today, look.own_households)
    names = await staff_names(look.session)
    ordered = sorted(parts, key=lambda one: (not one.worker, names.get(one.worker or 0, ""), one.worker))
    return everybody, [(names.get(one.worker or 0, "No social worker"), one) for one in ordered]


async def ask_for_letters(look: Look) -> Page:
    number = await count_to_be_linked(look.session, look.today, look.own_households)
    first = f" The first {MOST_LETTERS} now: who has no link yet goes first." if number > MOST_LETTERS else ""
    lines = (
        f"{plural(number, 'carer has', 'carers have')} not connected to the bot.{first}",
        "Each letter holds a fresh personal link with its QR code, which is shown this once. Links given out "
        "earlier stay good.",
        "Print them at once, and post them or hand them over.",
    )
    title = f"Make {plural(min(number, MOST_LETTERS), 'letter')} with links?"
    context = {"title": title, "lines": lines, "back": "/reach"}
    return Page("staff/confirm.html", {**context, "action": "/reach/letters", "button": "Make the letters"})


async def print_letters(deed: Deed) -> Shown | Done:
    bot = deed.parts.bot_username()
    if not bot:
        return Done(
            "/reach", "Nothing was made: the bot’s name is not known yet. It is once the bot has started."
        )
    letters, left = await link_letters(
        deed.session, bot, deed.staff, deed.now, deed.today, deed.own_households
    )
    if not letters:
        return Done("/reach", "Nothing was made: everybody is connected.")
    page = letters_to_print(letters, left=left, back="/reach", back_text="Reach")
    return Shown(
        page, "/reach", "Letters were made a moment ago and shown once. Make others if you need them."
    )


async def ask_to_withdraw(look: Look) -> Page:
    everybody, _ = await reach_of(look)
    whose = "of your own households" if look.own_households is not None else "of the service"
    lines = (
        f"Every personal link to the bot that a carer {whose} has not used will open nothing any more, on "
        "paper and as a QR code too. Do this when a list of links or a pile of letters went astray.",
        f"{plural(everybody.with_a_link, 'carer')} who would connect with one will need a new one. Chats "
        "that are connected stay so.",
    )
    context = {"title": "End all unused links?", "lines": lines, "back": "/reach", "warning": True}
    return Page(
        "staff/confirm.html", {**context, "action": "/reach/withdraw", "button": "End all unused links"}
    )


async def withdraw(deed: Deed) -> Done:
    links, carers = await withdraw_all_links(deed.session, deed.staff, deed.now, deed.own_households)
    ended = f"{plural(links, 'unused link')} of {plural(carers, 'carer')} ended."
    return Done("/reach", ended if links else "There was no unused link.")
