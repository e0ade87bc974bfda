"""WebSocket's handshake and frames as values (RFC 6455): bytes in, bytes out, no socket here."""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from eggd.errors import HttpError

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CODES = frozenset((1000, 1001, 1002, 1003, *range(1007, 1015)))
"""Close codes below 3000 that may be on the wire (RFC 6455 section 7.4, IANA)."""


class Op(enum.IntEnum):
    """The kind of a frame."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class BrokenFrameError(Exception):
    """Raised when the client breaks the protocol; `code` is that of the Close frame."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class FrameHead:
    """The first two bytes of a frame."""

    op: Op
    final: bool
    """Whether the frame ends its message."""
    length: int
    """Bytes of payload, if `more` is 0."""
    more: int
    """Bytes that hold the length instead: 0, 2 or 8."""


def is_upgrade(method: str, version: str, fields: Mapping[str, str]) -> bool:
    """Returns whether a request asks for WebSocket: `Upgrade` lists it and `Connection` names the
    field. Every other `Upgrade` is ignored (RFC 9110 section 7.8)."""
    return (
        method == "GET"
        and version == "1.1"
        and "websocket" in _members(fields["upgrade"])
        and "upgrade" in _members(fields["connection"])
    )


def _members(value: str) -> list[str]:
    return [part.strip() for part in value.lower().split(",")]


def answer_key(method: str, version: str, fields: Mapping[str, str]) -> str:
    """Returns the Sec-WebSocket-Accept of a good handshake (RFC 6455 section 4.2.1).

    `fields` has the values of `upgrade`, `connection` and the `sec-websocket-*` in lower case
    names. Raises HttpError 426 if WebSocket version 13 is not requested, 400 for a bad key.
    """
    if not is_upgrade(method, version, fields):
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        raise HttpError(426, "this is a WebSocket", headers=headers)
    if fields["sec-websocket-version"] != "13":
        raise HttpError(426, "WebSocket version 13", headers={"Sec-WebSocket-Version": "13"})
    key = fields["sec-websocket-key"].encode("latin-1")
    try:
        size = len(base64.b64decode(key, validate=True))
    except binascii.Error:
        size = 0
    if size != 16:
        raise HttpError(400, "bad Sec-WebSocket-Key")
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def frame_head(data: bytes) -> FrameHead:
    """Returns the beginning of a client's frame; raises BrokenFrameError 1002 for a bad one."""
    first, second = data
    if first & 0x70:
        raise BrokenFrameError(1002, "reserved bits are set")
    if not second & 0x80:
        raise BrokenFrameError(1002, "a client's frame must be masked")
    try:
        op = Op(first & 0x0F)
    except ValueError:
        raise BrokenFrameError(1002, f"unknown opcode {first & 0x0F}") from None
    final, length = bool(first & 0x80), second & 0x7F
    if op >= Op.CLOSE and (not final or length > 125):
        raise BrokenFrameError(1002, "a control frame is short and whole")
    return FrameHead(op, final, length, {126: 2, 127: 8}.get(length, 0))


def frame_length(data: bytes) -> int:
    """Returns the payload length in the 2 or 8 bytes after a frame's first two.

    Raises BrokenFrameError 1002 if fewer bytes would hold the length (RFC 6455 section 5.2).
    """
    length = int.from_bytes(data)
    if length < (126 if len(data) == 2 else 65536):
        raise BrokenFrameError(1002, f"the length {length} is not in its shortest form")
    return length


def frame(op: Op, payload: bytes) -> bytes:
    """Returns a whole, unmasked frame, as servers send them."""
    size = len(payload)
    if size < 126:
        return b"%c%c%b" % (0x80 | op, size, payload)
    if size < 65536:
        return b"%c\x7e%b%b" % (0x80 | op, size.to_bytes(2), payload)
    return b"%c\x7f%b%b" % (0x80 | op, size.to_bytes(8), payload)


def unmasked(mask: bytes, payload: bytes) -> bytes:
    """Returns a payload with the mask of four bytes applied or removed."""
    size = len(payload)
    whole = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(whole)).to_bytes(size)


def close_payload(code: int, reason: str = "") -> bytes:
    """Returns the payload of a Close frame; a long reason is cut."""
    return code.to_bytes(2) + reason.encode()[:123].decode("utf-8", "ignore").encode()


def close_reason(payload: bytes) -> tuple[int, str]:
    """Returns code and reason of a Close frame, 1005 if it is empty (RFC 6455 7.1.5)."""
    if not payload:
        return 1005, ""
    code = int.from_bytes(payload[:2])
    if len(payload) < 2 or not (code in _CODES or 3000 <= code <= 4999):
        raise BrokenFrameError(1002, "bad close code")
    return code, text(payload[2:])


def text(payload: bytes) -> str:
    """Returns a text message; raises BrokenFrameError 1007 for malformed UTF-8."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise BrokenFrameError(1007, "malformed UTF-8 in a text message") from None
