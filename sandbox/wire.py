"""Reading a request of the Bot API in each of its forms, and writing its answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from sandbox.call import Answer
from sandbox.errors import ApiError, bad_request
from sandbox.files import Upload

MOST_BYTES = 60 * 1024 * 1024
"""Of a whole request."""


async def read_parameters(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return the parameters and the files of a request; raise ApiError 400 for what cannot be read."""
    parameters: dict[str, Any] = dict(request.query) if request.query_string else {}
    if request.method != "POST" or not request.body_exists:
        return parameters, {}
    kind = request.content_type
    if kind == "application/json":
        parameters.update(_json(await request.read()))
    elif kind == "application/x-www-form-urlencoded":
        parameters.update(_form(await request.read()))
    elif kind == "multipart/form-data":
        return await _multipart(request, parameters)
    elif await request.read():
        raise bad_request(f"content type {kind} is not supported")
    return parameters, {}


def _json(body: bytes) -> dict[str, Any]:
    try:
        parameters = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise bad_request("can't parse JSON encoded request") from None
    if not isinstance(parameters, dict):
        raise bad_request("the JSON of a request must be an object")
    return parameters


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


async def _multipart(
    request: web.Request, parameters: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Upload]]:
    uploads: dict[str, Upload] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[name] = Upload(value.filename, value.content_type, value.file.read())
        elif isinstance(value, str):
            parameters[name] = value
        else:
            uploads[name] = Upload(name, "", bytes(value))
    return parameters, uploads


def success(result: Any) -> web.Response:
    """Return the answer to a request that took effect."""
    body: dict[str, Any] = {"ok": True, "result": result}
    if isinstance(result, Answer):
        body = {"ok": True, "result": result.result, "description": result.description}
    return web.Response(body=orjson.dumps(body), content_type="application/json")


def failure(error: ApiError) -> web.Response:
    """Return the answer to a request that was refused."""
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    headers = {}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
        headers["Retry-After"] = str(error.retry_after)
    return web.Response(
        status=error.code, body=orjson.dumps(body), content_type="application/json", headers=headers
    )
