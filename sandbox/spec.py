"""The Bot API's table of methods and types, compiled into checks once at import.

`bot_api.json` holds one line a method and a type: name, type, `!` when required, limits.
`[X]` is an array of X, `A|B` either of two; `1-64` counts characters (of a string), items (of an
array) or bounds an integer; `1-64 bytes` counts UTF-8; `1-4096 parsed` counts what remains once the
entities are parsed and is checked where they are; `=a,b` lists the permitted values.

The real server ignores what it does not know; this one refuses it by name, so that a misspelt
parameter is found here and not by a carer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from sandbox.errors import ApiError, bad_request

Check: TypeAlias = Callable[[Any], Any]

_FIELD = re.compile(
    r"(?P<type>[\w\[\]|]+)(?P<required>!)?"
    r"(?: (?P<low>\d+)-(?P<high>\d+)(?: (?P<unit>bytes|parsed))?| =(?P<choices>[\w,]+))?"
)
_TRUE = frozenset({"true", "True", "yes", "1"})
_FALSE = frozenset({"false", "False", "no", "0"})

_OWN_WORDS = {
    ("InlineKeyboardButton", "callback_data"): "BUTTON_DATA_INVALID",
    ("answerCallbackQuery", "text"): "MESSAGE_TOO_LONG",
    ("BotCommand", "command"): "BOT_COMMAND_INVALID",
    ("BotCommand", "description"): "BOT_COMMAND_DESCRIPTION_INVALID",
    ("sendChatAction", "action"): "wrong parameter action in request",
}
"""Limits for whose breach the real server has its own words."""


class WrongValueError(Exception):
    """A value that does not fit its type; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a method or one field of a type."""

    type: str
    required: bool
    limit: tuple[int, int] | None
    unit: str
    choices: frozenset[str] | None

    @classmethod
    def read(cls, line: str) -> Field:
        """Read one entry of the table."""
        found = _FIELD.fullmatch(line)
        if found is None:
            raise ValueError(f"cannot read the table's entry {line!r}")
        low, high, choices = found["low"], found["high"], found["choices"]
        return cls(
            type=found["type"],
            required=bool(found["required"]),
            limit=(int(low), int(high)) if low else None,
            unit=found["unit"] or "",
            choices=frozenset(choices.split(",")) if choices else None,
        )


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API that the sandbox answers."""

    name: str
    parameters: Mapping[str, Check]
    required: tuple[str, ...]
    returns: Check

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check and convert what a request gave; raise ApiError 400 naming what is wrong."""
        arguments: dict[str, Any] = {}
        parameters = self.parameters
        for name, value in given.items():
            check = parameters.get(name)
            if check is None:
                raise bad_request(f'unknown parameter "{name}" of method {self.name}')
            try:
                arguments[name] = check(value)
            except WrongValueError as error:
                raise _refusal(self.name, name, error) from None
        for name in self.required:
            if name not in arguments:
                raise bad_request(_missing(name))
        return arguments


def _missing(name: str) -> str:
    if name == "chat_id":
        return "chat_id is empty"
    if name == "text":
        return "message text is empty"
    return f'parameter "{name}" is required'


def _refusal(method: str, parameter: str, error: WrongValueError) -> ApiError:
    words = error.args[0]
    if words.isupper() or words.startswith("wrong parameter"):
        return bad_request(words)
    return bad_request(f'parameter "{parameter}" of method {method} {words}')


class Table:
    """The whole table, ready to check requests and answers with."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.version: str = source["version"]
        self._types: dict[str, dict[str, Field]] = {
            name: {field: Field.read(line) for field, line in fields.items()}
            for name, fields in source["types"].items()
        }
        self._lines: dict[str, dict[str, str]] = source["methods"]
        self._unions: dict[str, str] = source["unions"]
        self._objects: dict[str, Check] = {}
        self.methods: dict[str, Method] = {
            name.lower(): self._method(name, lines, source["returns"][name])
            for name, lines in source["methods"].items()
        }
        self.not_implemented = {
            name.lower(): name for line in source["known_but_not_implemented"] for name in line.split()
        }
        self.update_kinds = frozenset(self._types["Update"]) - {"update_id"}

    def limit(self, owner: str, field: str) -> tuple[int, int]:
        """Return the lower and upper limit of a parameter of a method."""
        limit = Field.read(self._lines[owner][field]).limit
        if limit is None:
            raise KeyError(f"{owner}.{field} has no limit")
        return limit

    def check(self, type_name: str, value: Any) -> None:
        """Raise WrongValueError unless `value` is a well-formed `type_name`."""
        self._check_for(type_name)(value)

    def _method(self, name: str, lines: Mapping[str, str], returns: str) -> Method:
        fields = {key: Field.read(line) for key, line in lines.items()}
        return Method(
            name=name,
            parameters={key: self._parameter(name, key, field) for key, field in fields.items()},
            required=tuple(key for key, field in fields.items() if field.required),
            returns=self._check_for(returns),
        )

    def _parameter(self, owner: str, name: str, field: Field) -> Check:
        """Return the check of a top-level parameter, which may arrive as text in a form."""
        convert = _from_text(field.type)
        check = self._field(owner, name, field)
        if convert is None:
            return check

        def read(value: Any) -> Any:
            return check(convert(value) if isinstance(value, str) else value)

        return read

    def _field(self, owner: str, name: str, field: Field) -> Check:
        check = self._check_for(field.type)
        if (field.limit is None and field.choices is None) or field.unit == "parsed":
            return check
        words = _OWN_WORDS.get((owner, name))
        within = _within(field)

        def limited(value: Any) -> Any:
            value = check(value)
            if not within(value):
                raise WrongValueError(words or f"must be {_expectation(field)}")
            return value

        return limited

    def _check_for(self, type_name: str) -> Check:
        if type_name.startswith("["):
            return _array(self._check_for(type_name[1:-1]), type_name)
        if type_name in self._unions:
            type_name = self._unions[type_name]
        if "|" in type_name:
            return self._either(type_name.split("|"))
        if type_name in _PLAIN:
            return _PLAIN[type_name]
        if type_name not in self._types:
            return _any_object
        return self._object(type_name)

    def _object(self, name: str) -> Check:
        """Return the check of a type; its fields are compiled at first use, as types nest."""
        if name in self._objects:
            return self._objects[name]
        compiled: dict[str, Check] = {}
        required = [key for key, field in self._types[name].items() if field.required]

        def check(value: Any) -> Any:
            if not isinstance(value, dict):
                raise WrongValueError(f"must be of type {name}")
            if not compiled:
                compiled.update(
                    (key, self._field(name, key, field)) for key, field in self._types[name].items()
                )
            for key, item in value.items():
                checker = compiled.get(key)
                if checker is None:
                    raise WrongValueError(f'has an unknown field "{key}" of {name}')
                try:
                    checker(item)
                except WrongValueError as error:
                    raise _inside(name, key, error) from None
            for key in required:
                if key not in value:
                    raise WrongValueError(f'lacks the field "{key}" of {name}')
            return value

        self._objects[name] = check
        return check

    def _either(self, names: list[str]) -> Check:
        checks = [(name, self._check_for(name)) for name in names]
        required = {
            name: {key for key, field in self._types.get(name, {}).items() if field.required}
            for name in names
        }

        def check(value: Any) -> Any:
            closest: WrongValueError | None = None
            for name, checker in checks:
                try:
                    return checker(value)
                except WrongValueError as error:
                    if isinstance(value, dict) and required[name] and required[name] <= set(value):
                        closest = closest or error
            raise closest or WrongValueError(f"must be of type {' or '.join(names)}")

        return check


def _inside(name: str, key: str, error: WrongValueError) -> WrongValueError:
    words = error.args[0]
    if words.isupper() or words.startswith(("has an unknown", "lacks")):
        return WrongValueError(words)
    return WrongValueError(f'field "{key}" of {name} {words}')


def _expectation(field: Field) -> str:
    if field.choices:
        return "one of " + ", ".join(sorted(field.choices))
    low, high = field.limit or (0, 0)
    if field.type.startswith("["):
        return f"a list of {low}-{high}"
    if field.type == "Integer":
        return f"between {low} and {high}"
    return f"{low}-{high} {field.unit or 'characters'} long"


def _within(field: Field) -> Callable[[Any], bool]:
    if field.choices is not None:
        return field.choices.__contains__
    low, high = field.limit or (0, 0)
    if field.type == "Integer":
        return lambda value: low <= value <= high
    if field.unit == "bytes":
        return lambda value: low <= len(value.encode()) <= high
    return lambda value: low <= len(value) <= high


def _from_text(type_name: str) -> Check | None:
    """Return what turns the text of a form field into the value of its type, if anything must."""
    if type_name in ("String", "InputFile|String"):
        return None
    if type_name == "Integer":
        return _integer_from_text
    if type_name == "Integer|String":
        return _chat_from_text
    if type_name == "Boolean":
        return _boolean_from_text
    if type_name.startswith("Float"):
        return float
    return _json_from_text


def _integer_from_text(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise WrongValueError("must be of type Integer") from None


def _chat_from_text(text: str) -> int | str:
    digits = text[1:] if text.startswith("-") else text
    return int(text) if digits.isascii() and digits.isdigit() else text


def _boolean_from_text(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise WrongValueError("must be of type Boolean")


def _json_from_text(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise WrongValueError("must be a JSON-serialised value") from None


def _plain(name: str, *kinds: type) -> Check:
    def check(value: Any) -> Any:
        if type(value) not in kinds:
            raise WrongValueError(f"must be of type {name}")
        return value

    return check


def _array(item: Check, name: str) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise WrongValueError(f"must be an array: {name}")
        for entry in value:
            item(entry)
        return value

    return check


def _any_object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise WrongValueError("must be an object")
    return value


def _a_file(value: Any) -> Any:
    raise WrongValueError("must be a file")


_PLAIN: dict[str, Check] = {
    "String": _plain("String", str),
    "Integer": _plain("Integer", int),
    "Boolean": _plain("Boolean", bool),
    "True": _plain("True", bool),
    "Float": _plain("Float", float, int),
    "InputFile": _a_file,
}

API = Table(json.loads(Path(__file__).with_name("bot_api.json").read_text(encoding="utf-8")))
"""The one table of this process."""
