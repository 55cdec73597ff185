"""The keys of anonymous rounds: small files outside the database and its backups, destroyed at the close.

Everything that could link a carer to an answer is sealed under such a key while its round is open. A backup
of the database alone can therefore never be read, and once the key is gone nor can any copy of anything.
With several replicas the folder must be one that all of them share.
"""

import os
import re
import secrets
from pathlib import Path

KEY_BYTES = 32
_REF = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class KeyMissing(Exception):
    """The key of a round that is not closed yet cannot be found; ``ref`` says which. Restore the folder."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"the key of round {ref} is missing")
        self.ref = ref


class RoundKeys:
    """A folder of keys, one file a round, readable by this program's user alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, ref: str) -> bytes:
        """A new 256-bit key, on disk before this returns; the one that is there if there is one.

        A crash between this and the commit that opens the round leaves a key that sealed nothing.
        """
        found = self.find(ref)
        if found is not None:
            return found
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY_BYTES)
        unfinished = self.folder / f".{ref}.{secrets.token_hex(8)}"
        _write(unfinished, key, os.O_CREAT | os.O_EXCL)
        try:
            os.link(unfinished, self._path(ref))  # refuses to replace the key of another process
        except FileExistsError:
            return self.get(ref)
        finally:
            unfinished.unlink()
            self._sync_folder()
        return key

    def find(self, ref: str) -> bytes | None:
        """The key, or None where there is none."""
        try:
            key = self._path(ref).read_bytes()
        except FileNotFoundError:
            return None
        return key if len(key) == KEY_BYTES else None

    def get(self, ref: str) -> bytes:
        """The key. Raises `KeyMissing`."""
        key = self.find(ref)
        if key is None:
            raise KeyMissing(ref)
        return key

    def refs(self, prefix: str) -> list[str]:
        """The names of the keys that begin so."""
        return sorted(path.stem for path in self.folder.glob(f"{prefix}*.key"))

    def destroy(self, ref: str) -> None:
        """Overwrite the key and remove it, both on disk before this returns. Doing it again does nothing."""
        path = self._path(ref)
        if path.exists():
            _write(path, secrets.token_bytes(KEY_BYTES), 0)
            path.unlink()
            self._sync_folder()

    def _path(self, ref: str) -> Path:
        if not _REF.fullmatch(ref):
            raise ValueError(f"{ref!r} cannot name a round's key")
        return self.folder / f"{ref}.key"

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(path: Path, content: bytes, flags: int) -> None:
    file = os.open(path, os.O_WRONLY | flags, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
