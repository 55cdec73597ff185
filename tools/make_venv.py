"""Make `.venv` from a plain Python, or say in plain words what the machine lacks. Standard library only."""

import os
import subprocess
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent.parent / ".venv"


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever Python the machine has
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            "Hearthline needs Python 3.11 or newer; this is " + found + ". Try: make PYTHON=python3.11 ..."
        )
    try:
        import ensurepip  # noqa: F401 - Debian parts it from Python
    except ImportError:
        _install_ensurepip()
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def _install_ensurepip() -> None:
    package = "python{}.{}-venv".format(*sys.version_info)
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        sys.exit("This Python cannot make environments. As root: apt-get install " + package)
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True)


if __name__ == "__main__":
    main()
