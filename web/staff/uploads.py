"""Forms that bring a file along: read part by part, so that a file too large costs neither memory nor words.

aiohttp's own reading of a form refuses the whole request where one part is too large; the person would lose
what they typed. Here the file alone is dropped, and the form says so beside its field.
"""

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from web.staff.forms import Upload

MOST_TEXT = 512 * 1024
"""Bytes of all typed fields together."""

MOST_PARTS = 60
MOST_READ = 100 * 1024 * 1024
"""A request larger than this is not read to its end, whatever it holds."""

CHUNK = 256 * 1024


async def read_multipart(
    request: web.Request, largest_file: int
) -> tuple[list[tuple[str, str]], dict[str, Upload]]:
    """The typed fields and the files of a form. Raises 400 for what is none, 413 for what is far too large.

    A file of more than ``largest_file`` bytes is read past and comes without content.
    """
    budget = _Budget(MOST_READ)
    fields: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    texts = _Budget(MOST_TEXT)
    reader = MultipartReader(request.headers, request.content)
    try:
        while (part := await reader.next()) is not None:
            if (
                not isinstance(part, BodyPartReader)
                or not part.name
                or len(fields) + len(files) >= MOST_PARTS
            ):
                raise web.HTTPBadRequest(reason="This is not a form of the console")
            if part.filename is None:
                text = await _read(part, MOST_TEXT, budget) or b""
                texts.spend(len(text))
                fields.append((part.name, text.decode("utf-8", "replace")))
            elif part.filename:
                mime = part.headers.get("Content-Type", "application/octet-stream")
                content = await _read(part, largest_file, budget)
                files[part.name] = Upload(_bare(part.filename), mime, content)
            else:
                await _read(part, 0, budget)  # no file was chosen
    except (ValueError, RuntimeError, HttpProcessingError) as error:  # what aiohttp says of a broken body
        raise web.HTTPBadRequest(reason="The form did not arrive whole") from error
    return fields, files


class _Budget:
    """How much may still be read."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def spend(self, size: int) -> None:
        """Raises 413 once more is spent than there was."""
        self._left -= size
        if self._left < 0:
            raise web.HTTPRequestEntityTooLarge(max_size=self._most, actual_size=self._most - self._left)


async def _read(part: BodyPartReader, most: int, budget: _Budget) -> bytes | None:
    """A part to its end; None where it is longer than ``most``, and then none of it stays in memory."""
    kept: bytearray | None = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        budget.spend(len(chunk))
        if kept is None or len(kept) + len(chunk) > most:
            kept = None
        else:
            kept += chunk
    return None if kept is None else bytes(kept)


def _bare(filename: str) -> str:
    """The name alone: some browsers send the whole path."""
    return filename.replace("\\", "/").rpartition("/")[2].replace("\x00", "").strip()[:200]
