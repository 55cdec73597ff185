"""Our own files that browsers fetch: stylesheets, the mark, the console's script."""

import hashlib
from pathlib import Path

STATIC = Path(__file__).parent / "static"


def asset(name: str) -> str:
    """The address of a file of ours; it changes with the file's content, so browsers may keep it for ever."""
    return f"/static/{name}?v={_fingerprint(name)}"


_fingerprints: dict[tuple[str, int], str] = {}


def _fingerprint(name: str) -> str:
    path = STATIC / name
    key = (name, path.stat().st_mtime_ns)
    if key not in _fingerprints:
        _fingerprints[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return _fingerprints[key]
