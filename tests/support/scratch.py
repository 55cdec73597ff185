"""Where a run keeps its databases and files: in memory where the machine has room there, else on its disk.

Nothing in the tests needs a disk: what they kill is our own process, and what it wrote stays. On a disk the
tests wait for it half of their time.
"""

import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's own folder in memory
ROOM = 2 * 1024**3
"""Bytes; a run has needed a quarter of it."""


def use_memory() -> None:
    """Let temporary files, also of the processes that we start, lie in memory, unless TMPDIR is given."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # so that it is looked up again


def _has_room(folder: Path) -> bool:
    """Whether we may write there, run what we wrote, and nobody else goes short of it."""
    try:
        free = min(shutil.disk_usage(folder).free, psutil.virtual_memory().available // 2)
        return free >= ROOM and os.access(folder, os.W_OK) and not os.statvfs(folder).f_flag & os.ST_NOEXEC
    except OSError:  # no such folder
        return False
