"""The data behind a button: ``topic:argument:argument``, within Telegram's 64 bytes.

It comes back from anyone's client and is never trusted: whoever reads it checks owner, state and deadline.
"""

LIMIT = 64


def pack(topic: str, *arguments: str | int) -> str:
    """The data of a button. Raises ``ValueError`` when it would not fit or could not be read back."""
    parts = [topic, *map(str, arguments)]
    if any(":" in part for part in parts):
        raise ValueError(f"a colon inside a button's data: {parts}")
    data = ":".join(parts)
    if not 1 <= len(data.encode()) <= LIMIT:
        raise ValueError(f"a button's data must be 1 to {LIMIT} bytes: {data}")
    return data


def unpack(data: str) -> tuple[str, tuple[str, ...]]:
    """Topic and arguments of a tapped button. Never raises: nonsense gives a topic that nobody handles."""
    topic, *arguments = data.split(":")
    return topic, tuple(arguments)


def as_id(argument: str) -> int:
    """The key of a row from a button's data; 0, which no row has, for what cannot be one."""
    if not (argument.isascii() and argument.isdecimal()):
        return 0
    number = int(argument)
    return number if number < 2**31 else 0
