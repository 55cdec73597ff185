"""Files that were sent: their identifiers, their paths, and the size of a picture."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import struct
from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request

PHOTO_BYTES = 10 * 1024 * 1024
DOCUMENT_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a request."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that the sandbox keeps."""

    file_id: str
    path: str
    """As getFile gives it, below `/file/bot<token>/`."""
    name: str
    mime_type: str
    content: bytes

    @property
    def unique_id(self) -> str:
        """The identifier that stays the same for the same content."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    def described(self) -> dict[str, Any]:
        """Return the fields that every kind of file has on the wire."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


def store(number: int, folder: str, upload: Upload) -> StoredFile:
    """Return the `number`-th file, kept in a folder such as `photos` or `documents`."""
    suffix = re.search(r"\.[A-Za-z0-9]{1,8}$", upload.name)
    mime_type = upload.mime_type
    if not mime_type or mime_type == "application/octet-stream":
        mime_type = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    return StoredFile(
        file_id=f"SANDBOX-{folder[:3].upper()}-{number:08d}",
        path=f"{folder}/file_{number}{suffix[0] if suffix else ''}",
        name=upload.name,
        mime_type=mime_type,
        content=upload.content,
    )


def picture_size(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels; raise ApiError 400 for what Telegram would not take as a photo."""
    size = _png(content) or _gif(content) or _jpeg(content) or _webp(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _png(content: bytes) -> tuple[int, int] | None:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif(content: bytes) -> tuple[int, int] | None:
    if content[:6] not in (b"GIF87a", b"GIF89a") or len(content) < 10:
        return None
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _jpeg(content: bytes) -> tuple[int, int] | None:
    if content[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    if content[12:16] == b"VP8X":
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return (
        int.from_bytes(content[26:28], "little") & 0x3FFF,
        int.from_bytes(content[28:30], "little") & 0x3FFF,
    )
