"""Write `docs/roles.md` from the table of roles that the product goes by: ``python -m tools.roles_page``."""

from pathlib import Path

from carers.roles import TOPICS, Reach, Role, reach

PAGE = Path(__file__).parents[1] / "docs" / "roles.md"
HEAD = """# Who may do what

This page is made from the table in `carers/roles.py` by `python -m tools.roles_page`; a test holds the two
together. Every page of the console and every staff command and button in the chat is checked against it on
the server, for each request anew: who is given another role or leaves is held to it with the next click.

"Own households" are those whose supervising social worker the person is. What belongs to another household
is answered as if it were not there. The console shows the same table under the name of one's role.

Whoever changes something leaves an entry in the audit log, and so does whoever looks at the data of many at
once: an export, a report, letters, personal links, a list for the door, access and dietary needs. Entries
hold references and counts, never a name, a contact or what a carer wrote; nothing in the product changes
one, and the purge alone deletes them when the service keeps them no longer.
"""
_MARKS = {Reach.ALL: "yes", Reach.OWN: "own households", Reach.NONE: "–"}


def page() -> str:
    """The whole document, as Markdown."""
    names = " | ".join(role.value.replace("_", " ") for role in Role)
    parts = [HEAD]
    for title, actions in TOPICS.items():
        rows = [
            f"| {action.value} | " + " | ".join(_MARKS[reach(role, action)] for role in Role) + " |"
            for action in actions
        ]
        parts.append(
            "\n".join([f"## {title}\n", f"| | {names} |", "|---" * (len(Role) + 1) + "|", *rows, ""])
        )
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
