"""What somebody's browser is called, out of what it says of itself, so that they know it again in a list.

Nothing else of that is kept: its many numbers tell people apart, and a list of browsers needs none of them.
"""

_BROWSERS = (
    # Each also says what those below it say, so the first that is found is the one.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "a Mac"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str, *, within: str = "") -> str:
    """``Chrome on Windows``; empty where nothing is known. ``within``: the app that shows our pages, which
    says more than the browser in it does."""
    browser = within or _found(_BROWSERS, user_agent)
    system = _found(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "")


def _found(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for sign, name in names if sign in text), "")
