"""Bring what the tests need beside Python: a Chromium, fonts for every language, WeasyPrint's libraries.

As root on Debian they are installed. Elsewhere one line names what is missing and which tests it costs; with
CI=true that line is a failure, because a build server that skips in silence proves nothing.
The one argument is a file to touch when nothing is missing.
"""

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

SHELL = "chromium-headless-shell"
"""Chromium without its windows: the same engine, and a page costs a third less. Not every Debian has it."""
BROWSERS = (SHELL, "chromium", "chromium-browser", "google-chrome")
PACKAGES = (
    "chromium",
    "fonts-noto-core",
    "fonts-noto-color-emoji",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
)


def browser() -> str | None:
    """The path of a Chromium: HEARTHLINE_TEST_CHROMIUM, or the first that the machine has."""
    if chosen := os.environ.get("HEARTHLINE_TEST_CHROMIUM"):
        return chosen
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def missing() -> list[str]:
    """What is not there, each with the tests that it costs."""
    lacks = []
    if browser() is None:
        lacks.append("Chromium (browser tests)")
    if not all(map(find_library, ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))):
        lacks.append("Pango and HarfBuzz (PDF tests)")
    return lacks


def install(*packages: str) -> bool:
    """Whether Debian's packages could be installed; a mirror that is out of reach is soon given up."""
    apt = ["apt-get", "-qq", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = [*apt, "install", "-y", "--no-install-recommends", *packages]
    return all(
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode == 0
        for command in ([*apt, "update"], wanted)
    )


def main() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if missing() and not install(*PACKAGES):
            print("Debian's packages could not be installed.")
        if browser() == shutil.which("chromium"):
            install(SHELL)
    if lacks := missing():
        print(f"SKIPPED TESTS: missing {'; '.join(lacks)}. On Debian: apt-get install {' '.join(PACKAGES)}")
        if os.environ.get("CI") == "true":
            sys.exit("On CI nothing may be missing.")
    else:
        Path(sys.argv[1]).touch()


if __name__ == "__main__":
    main()
