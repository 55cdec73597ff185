"""Sealing under a round's key: AES-256-GCM, and every row of a round padded to one size.

A sealed row tells nothing by its length: a sheet of ticks and one with a long comment are the same number of
bytes. Nor by where it is found: the owner is a keyed hash, which without the key fits every carer alike.
"""

import hmac
import secrets
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_LENGTH = 4


class Unreadable(Exception):
    """This was not sealed under this key for this purpose, or was changed since."""


def owner_of(key: bytes, carer_id: int, visit: str = "") -> str:
    """What stands for a carer, or for one visit in their name, in the sealed rows of one round: 64
    hexadecimal digits, which without the key do not say whether two are of one carer."""
    whose = f"{carer_id} {visit}" if visit else str(carer_id)
    return hmac.digest(_part(key, "owner"), whose.encode(), "sha256").hex()


def seal(key: bytes, purpose: str, content: Any, size: int) -> bytes:
    """Encrypt plain JSON data, padded so that every result for this ``size`` in bytes is as long.

    ``purpose`` is bound to it: a row put in another's place does not open. Raises ``ValueError`` when the
    content is larger than ``size``.
    """
    plain = orjson.dumps(content)
    if len(plain) > size:
        raise ValueError(f"{len(plain)} bytes do not fit into {size}")
    padded = len(plain).to_bytes(_LENGTH, "big") + plain.ljust(size, b"\0")
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_part(key, "seal")).encrypt(nonce, padded, purpose.encode())


def unseal(key: bytes, purpose: str, sealed: bytes) -> Any:
    """What `seal` was given. Raises `Unreadable`."""
    try:
        padded = AESGCM(_part(key, "seal")).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
    length = int.from_bytes(padded[:_LENGTH], "big")
    return orjson.loads(padded[_LENGTH : _LENGTH + length])


def _part(key: bytes, use: str) -> bytes:
    """A key of its own for each use, so that the hash of an owner says nothing of the cipher."""
    return hmac.digest(key, f"hearthline {use}".encode(), "sha256")
