"""A datagram between eggd's processes: bytes in, values out, and the other way round.

    datagram := version byte, compact JSON
    JSON     := {"from": [role, slot, pid], "seq": number of the first message to this peer,
                 "messages": [[action, data] or [action, data, pid of the receiver], ...]}
              | {"from": ..., "seq": ..., "memfd": size of the one message in the passed descriptor}

Rules:
1. Messages that one tick of the loop sends to one peer share a datagram; each is encoded once,
   however many peers it goes to.
2. Decoding never raises: any other datagram is returned as `Garbage` with the reason.
3. Unknown keys are ignored, so that neighbouring versions read each other; the version byte changes
   only when they could not.
4. The pid in the frame is only a claim. The receiver uses the kernel's.
"""

from __future__ import annotations

import datetime
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from json.scanner import make_scanner
from typing import NamedTuple, NoReturn

from eggd.errors import MessengerError
from eggd.wire.compact_json import encoder

VERSION = 1
ROLES = frozenset({"worker", "agent"})
HIGHEST_SLOT = 999


class Sender(NamedTuple):
    """The sender of a message: role "worker" or "agent", slot (the agent's is 0) and pid."""

    role: str
    slot: int
    pid: int

    @property
    def name(self) -> str:
        """The name of its socket: "agent", or "worker-2" for slot 2."""
        return self.role if self.role == "agent" else f"{self.role}-{self.slot}"


class Message(NamedTuple):
    """One message; `to` is the pid of its receiver, or 0 for any (process:IPC-1)."""

    action: str
    data: object = None
    to: int = 0


class Datagram(NamedTuple):
    """A decoded frame: either messages, or the `size` of the one that a sealed memfd carries.

    `following` is the number that this sender's next message to us will have.
    """

    sender: Sender
    sequence: int
    following: int
    messages: list[Message]
    size: int = 0


@dataclass(frozen=True, slots=True)
class Garbage:
    """A datagram that is not valid; `reason` fits a log line, `kind` is the counter's name."""

    reason: str
    kind: str = "garbage"


class _VanishingError(TypeError):
    """Data holds a function, which JSON leaves out (process:IPC-11)."""


def encode(action: str, data: object = None, to: int = 0, *, name: str = "") -> bytes:
    """Returns one message's JSON; raises MessengerError for data that JSON cannot hold.

    Dates become text, functions are dropped, NaN becomes null (process:IPC-11). The error names
    `name`, by default the action.
    """
    if not isinstance(action, str):
        raise MessengerError(f"an action must be text, not {action!r}")
    message = [action, data, to] if to else [action, data]
    try:
        return _dump(message)
    except (TypeError, ValueError, RecursionError) as exc:
        raise MessengerError(
            f"data of {(name or action)!r} is not JSON: {exc}", hint="send plain values"
        ) from exc


def head(sender: Sender) -> bytes:
    """Returns the beginning of every frame of this sender; `pack` and `pack_memfd` take it."""
    origin = json.dumps(list(sender), separators=(",", ":")).encode()
    return b'%c{"from":%b,"seq":' % (VERSION, origin)


def pack(start: bytes, sequence: int, messages: Iterable[bytes]) -> bytes:
    """Returns the frame of some encoded messages, the first of which is number `sequence`."""
    return b'%b%d,"messages":[%b]}' % (start, sequence, b",".join(messages))


def pack_memfd(start: bytes, sequence: int, size: int) -> bytes:
    """Returns the frame that goes with a memfd holding one encoded message of `size` bytes."""
    return b'%b%d,"memfd":%d}' % (start, sequence, size)


def decode(data: bytes) -> Datagram | Garbage:
    """Returns the datagram, or Garbage with the reason; skips messages without a text action."""
    if not data:
        return Garbage("it is empty")
    if data[0] != VERSION:
        return Garbage(f"version {data[0]}, not {VERSION}", "version")
    frame = _load(data[1:])
    if isinstance(frame, Garbage):
        return frame
    return _datagram(frame) if isinstance(frame, dict) else Garbage("the frame is not an object")


def split(data: bytes) -> tuple[bytes, int, bytes] | None:
    """Returns head, number and messages (a JSON array) of a frame in the form that `pack` writes.

    None for any other frame, which only `decode` can judge.
    """
    start = data.find(b',"seq":') + 7
    end = data.find(b',"messages":[', start, start + 40)
    number = data[start:end]
    if start < 7 or end < 0 or not number.isdigit() or len(number) > 18 or data[-2:] != b"]}":
        return None
    return data[:start], int(number), data[end + 12 : -1]


def decode_messages(array: bytes) -> list[Message] | None:
    """Returns the messages in a JSON array, or None if it is not one of valid messages."""
    try:
        text = str(array, "utf-8")
        items, end = _SCAN(text, 0)
    except (ValueError, RecursionError, StopIteration):
        return None
    if end != len(text) or not items:
        return None
    messages = []
    for item in items:
        message = _message(item)
        if message is None:
            return None
        messages.append(message)
    return messages


def decode_message(data: bytes) -> Message | Garbage:
    """Returns the one message of a memfd, or Garbage with the reason."""
    item = _load(data)
    if isinstance(item, Garbage):
        return item
    return _message(item) or Garbage("it is not a message")


def _datagram(frame: dict[str, object]) -> Datagram | Garbage:
    sender = _sender(frame.get("from"))
    if sender is None:
        return Garbage(f"sender {_display(frame.get('from'))}")
    sequence, size = _whole(frame.get("seq")), _whole(frame.get("memfd", 0))
    items = frame.get("messages", [])
    if sequence is None or size is None:
        return Garbage(f"number {_display(frame.get('seq'))}, size {_display(frame.get('memfd'))}")
    if not isinstance(items, list) or bool(items) == bool(size):
        return Garbage("neither messages nor a memfd, or both")
    messages = [message for item in items if (message := _message(item)) is not None]
    return Datagram(sender, sequence, sequence + (len(items) or 1), messages, size)


def _message(item: object) -> Message | None:
    if type(item) is str:
        return Message(item, item)  # process:IPC-1
    if type(item) is not list or not item or type(item[0]) is not str:
        return None
    if len(item) == 2:
        return _new(Message, (item[0], item[1], 0))
    if len(item) == 3:
        return _new(Message, item) if _whole(item[2]) is not None else None
    return Message(item[0]) if len(item) == 1 else None


def _sender(origin: object) -> Sender | None:
    if not isinstance(origin, list) or len(origin) != 3:
        return None
    role, slot, pid = origin[0], _whole(origin[1]), _whole(origin[2])
    if not isinstance(role, str) or role not in ROLES or slot is None or pid is None:
        return None
    return Sender(role, slot, pid) if slot <= HIGHEST_SLOT else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 63 else None


def _display(value: object) -> str:
    return repr(value)[:60]


def _load(data: bytes) -> object:
    try:
        return _DECODER.decode(str(data, "utf-8"))
    except (ValueError, RecursionError) as exc:
        return Garbage(f"it is not JSON: {exc}"[:120])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _dump(message: list[object]) -> bytes:
    try:
        text = _encode(message)
    except (_VanishingError, ValueError):
        text = _encode(_plain(message))
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but an escape
        return json.dumps(json.loads(text), separators=(",", ":")).encode()


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if not callable(item)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if callable(value) else value


def _default(value: object) -> object:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if callable(value):
        raise _VanishingError("a function")
    raise TypeError(f"{type(value).__name__} {_display(value)}")


_encode = encoder(_default)
_DECODER = json.JSONDecoder(parse_constant=_refuse)
# A NamedTuple's own constructor takes three times as long.
_new = tuple.__new__
# Without the search for white space around the value.
_SCAN = make_scanner(_DECODER)  # type: ignore[arg-type]  # its stub wants itself
