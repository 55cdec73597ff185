"""Bring govuk-frontend's stylesheet and script into `web/static/govuk/`, without what only GOV.UK may use.

The package comes from npm, held to the integrity hash in `package-lock.json`. The GDS Transport typeface
and the crown are for services on GOV.UK alone, so the font faces, the font's name and the pictures are taken
out, and our own font stack stands in their place. The folder is ignored by git and included in the wheel.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "node_modules" / "govuk-frontend"
TARGET = ROOT / "web" / "static" / "govuk"
NOTICE = (
    "/*! govuk-frontend, MIT licence, Copyright (c) 2017 Crown Copyright (Government Digital Service);"
    " changed here: no typeface, crown or other picture of GOV.UK. */\n"
)
FONT_STACK = 'system-ui,-apple-system,"Segoe UI","Noto Sans",Roboto,arial,sans-serif'


class Leftover(Exception):
    """Something reserved for GOV.UK is still in the stylesheet: a new release changed its shape."""


def neutral_stylesheet(css: str) -> str:
    """The stylesheet without comments, font faces, GDS Transport and any picture of GOV.UK's.

    Raises Leftover when a trace remains, so that an upgrade cannot ship one unnoticed.
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r'font-family:"?GDS Transport"?,arial,sans-serif', f"font-family:{FONT_STACK}", css)
    css = re.sub(r"[\w-]+:url\(/assets/[^)]*\)[^;}]*;?", "", css)
    for trace in ("GDS Transport", "/assets/", "@font-face", "sourceMappingURL"):
        if trace in css:
            raise Leftover(f"{trace!r} is still in govuk-frontend's stylesheet")
    return css.strip() + "\n"


def npm() -> str:
    """The path of npm: the machine's own, or the one that a wheel brings where there is none."""
    if own := shutil.which("npm"):
        return own
    scripts = Path(sys.executable).parent
    lock = ROOT / "requirements-node.lock"
    uv_install = [str(scripts / "uv"), "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*uv_install, "--python", sys.executable, "-r", str(lock)], check=True)
    return str(scripts / "npm")


def main() -> None:
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.environ["PATH"] + os.pathsep + scripts}
    quietly = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [npm(), "ci", "--ignore-scripts", *quietly]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    built = PACKAGE / "dist" / "govuk"
    css = (built / "govuk-frontend.min.css").read_text(encoding="utf-8")
    script = (built / "govuk-frontend.min.js").read_text(encoding="utf-8")
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "govuk-frontend.min.css").write_text(neutral_stylesheet(css) + NOTICE, encoding="utf-8")
    # The script's map is not copied; a reference to it would be a 404 in every developer's console.
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)
    (TARGET / "govuk-frontend.min.js").write_text(script + NOTICE, encoding="utf-8")


if __name__ == "__main__":
    main()
