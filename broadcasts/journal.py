"""The journal: which requests went out and which were accepted, written around each of them.

The ledger is written in batches, so that a crash would leave a few hundred rows marked ``sending`` of which
only those in flight are really in doubt. The journal tells them apart. A line goes to the system before each
request and after each accepted one; a killed process loses none of them, and nothing has to reach the disk
for that. A power cut may take the last lines with it, so after one (the machine has started since) a missing
line proves nothing, and every claimed row is in doubt as if there were no journal.

The file covers one busy period: it begins afresh whenever nothing is claimed, with a new mark that the ledger
keeps too, so that no journal is ever read against another database, or an older copy of it.
"""

import logging
import os
from dataclasses import dataclass, field
from errno import ENOSPC
from mmap import mmap
from pathlib import Path
from typing import Protocol
from uuid import uuid4

log = logging.getLogger(__name__)

BOOT = Path("/proc/sys/kernel/random/boot_id")
FIRST_SIZE = 1 << 20
"""Bytes; enough for the lines of some twenty thousand messages. It doubles when it is full."""
Entry = tuple[str, int]
"""A lane's name and the number of its row."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a journal says of rows that were claimed when the process ended.

    ``complete``: a row that it does not name was never requested. ``started``: a request went out, perhaps.
    ``accepted``: Telegram took it, as the message with this number where one was made; ``photos``: those of
    which that message is a picture.
    """

    complete: bool = False
    started: frozenset[Entry] = frozenset()
    accepted: dict[Entry, int | None] = field(default_factory=dict)
    photos: frozenset[Entry] = frozenset()

    def untouched(self, lane: str, ids: set[int]) -> set[int]:
        """Those of these rows for which no request was made, for certain."""
        return {id for id in ids if (lane, id) not in self.started} if self.complete else set()

    def accepted_by(self, lane: str, ids: set[int]) -> dict[int, int | None]:
        """Those of these rows that Telegram accepted, and as which message."""
        return {id: self.accepted[lane, id] for id in ids if (lane, id) in self.accepted}


class Journal(Protocol):
    """What the engine writes around its requests."""

    @property
    def mark(self) -> str: ...
    def begin(self) -> None:
        """Start afresh with a new mark: nothing is claimed. Raises ``OSError``."""
        ...

    def start(self, lane: str, id: int) -> bool:
        """A request is about to go out; false if that could not be written, and it must not."""
        ...

    def accept(self, lane: str, id: int, message_id: int | None, photo: bool = False) -> None:
        """It was accepted, and perhaps is a picture now."""
        ...

    def remember(self, mark: str | None) -> Memory:
        """What is known from the process before, if the ledger's mark is this journal's."""
        ...


class NoJournal:
    """For an engine without one: whatever is claimed when it is killed is in doubt."""

    mark = ""

    def begin(self) -> None: ...
    def start(self, lane: str, id: int) -> bool:
        return True

    def accept(self, lane: str, id: int, message_id: int | None, photo: bool = False) -> None: ...
    def remember(self, mark: str | None) -> Memory:
        return Memory()


class FileJournal:
    """A journal in a file that is mapped into memory: a line costs no call of the system, and none is lost
    when the process is killed, for the pages are the system's.

    ``boot`` names the machine's present run, empty where it cannot be told.
    """

    def __init__(self, path: Path, boot: str | None = None) -> None:
        self._path = path
        self._boot = _boot() if boot is None else boot
        self._pages: mmap | None = None
        self._end = 0
        self.mark = ""

    def begin(self) -> None:
        if self._pages is None:
            self._pages = self._new_file()
        self._pages[: self._end] = bytes(self._end)
        self._end = 0
        self.mark = uuid4().hex
        self._write(f"{self.mark} {self._boot}\n")

    def start(self, lane: str, id: int) -> bool:
        try:
            self._write(f"> {lane} {id}\n")
        except OSError as error:
            # A full disk: what cannot be written down is not sent.
            log.warning("the journal cannot grow: %s", error.strerror)
            return False
        return True

    def accept(self, lane: str, id: int, message_id: int | None, photo: bool = False) -> None:
        try:
            self._write(f"< {lane} {id} {message_id or ''}{' photo' if photo else ''}\n")
        except OSError as error:
            # Costs only doubt: after a crash the request counts as one that nobody can vouch for.
            log.warning("the journal cannot grow: %s", error.strerror)

    def _write(self, line: str) -> None:
        text = line.encode("ascii")
        end = self._end + len(text)
        pages = self._pages
        if pages is None:
            raise RuntimeError("a journal begins before anything is written to it")
        if end > len(pages):
            pages = self._pages = _mapped(self._path, 2 * len(pages))
        pages[self._end : end] = text
        self._end = end

    def _new_file(self) -> mmap:
        """A file of our own in place of the old one: a process that lost its lead and does not know it yet
        goes on writing to the file that it has open."""
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        pages = _mapped(new, FIRST_SIZE)
        new.replace(self._path)
        return pages

    def close(self) -> None:
        """Let the file go."""
        if self._pages is not None:
            self._pages.close()
            self._pages = None

    def remember(self, mark: str | None) -> Memory:
        try:
            written_down, _, _ = self._path.read_bytes().partition(b"\0")
            lines = written_down.decode("ascii", "replace").split("\n")
        except OSError:
            return Memory()
        written, _, boot = lines[0].partition(" ")
        if not written or written != mark:
            return Memory()
        started: set[Entry] = set()
        accepted: dict[Entry, int | None] = {}
        photos: set[Entry] = set()
        for line in lines[1:-1]:  # the last is empty, or was cut off, and then its request never went out
            match line.split():
                case [">", lane, id] if id.isdecimal():
                    started.add((lane, int(id)))
                case ["<", lane, id, *rest] if id.isdecimal():
                    accepted[lane, int(id)] = int(rest[0]) if rest and rest[0].isdecimal() else None
                    if rest[1:] == ["photo"]:
                        photos.add((lane, int(id)))
                case _:
                    pass
        complete = bool(boot) and boot == self._boot
        return Memory(complete, frozenset(started), accepted, frozenset(photos))


def _mapped(path: Path, size: int) -> mmap:
    """The file at this size, its room on the disk taken: a page without any would end the process."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        there = os.fstat(file).st_size
        if os.pwrite(file, bytes(size - there), there) < size - there:
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        return mmap(file, size)
    finally:
        os.close(file)


def _boot() -> str:
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
