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

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
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


def install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True)
    quietly = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    subprocess.run(quietly, env=environment, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
    if lacks := missing():
        print(f"SKIPPED TESTS: missing {'; '.join(lacks)}. On Debian: apt-get install {' '.join(PACKAGES)}")
        if os.environ.get("CI") == "true":
            sys.exit("On CI nothing may be missing.")
    else:
        Path(sys.argv[1]).touch()


if __name__ == "__main__":
    main()
