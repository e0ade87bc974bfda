"""The input of one connection: the requests in the client's bytes, and what its next bytes are."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection

from eggd.errors import HttpError
from eggd.http.body import Body
from eggd.http.config import HttpConfig
from eggd.http.head import (
    LENGTH,
    METHOD,
    Head,
    field_lines,
    is_1_1,
    is_decided,
    match_line,
    match_usual,
    persists,
    read_unusual,
    without_blank_lines,
)
from eggd.http.headers import Headers
from eggd.http.methods import METHODS

_LONGEST = 2048
"""Bytes of fields that are kept for a comparison: many idle connections must not keep much."""

_NONE = b"\n\n"
"""No head has this behind its request line."""


class State(enum.Enum):
    """The meaning of the next bytes from the client."""

    HEAD = "a part of the next request's head"
    BODY = "a part of the last request's body"
    HELD = "later requests, which are kept until they may be served"
    ENDED = "nothing: they are discarded, as no more requests are served"


HEAD = State.HEAD
"""A global, as Python 3.11 looks up the member of an Enum slowly."""


def next_state(state: State, *, body: bool, busy: bool) -> State:
    """Returns the input state after an event; the first line that applies decides.

    ===========================================  =====  ===========================================
    fact                                         state  events that change it
    ===========================================  =====  ===========================================
    the input has ended                          ENDED  a refused request, a failed body, the last
                                                        answer; it never changes back
    the `body` of the last request is            BODY   its head; its last byte
    incomplete
    the server is `busy`: an exchange is open,   HELD   a head whose answer comes later; the end of
    or the client takes no more of an answer            that answer; `pause_writing`,
                                                        `resume_writing`
    all other input                              HEAD
    ===========================================  =====  ===========================================
    """
    if state is State.ENDED:
        return state
    if body:
        return State.BODY
    return State.HELD if busy else State.HEAD


class Input:
    """The client's bytes that are not served yet."""

    __slots__ = (
        "_body_limit",
        "_fields",
        "_head_limit",
        "_length",
        "_methods",
        "_resume_reading",
        "body",
        "buffer",
        "content",
        "headers",
        "persists",
        "state",
    )

    def __init__(
        self, config: HttpConfig, methods: Collection[str], resume_reading: Callable[[], None]
    ) -> None:
        """Serves `methods` and those of `METHODS`; readers call `resume_reading`."""
        self.state = HEAD
        """The meaning of the next bytes."""
        self.buffer = b""
        """Bytes not served yet: a part of a head in HEAD, later requests in HELD, else empty."""
        self.body: Body | None = None
        """The body of the last request, while it is incomplete."""
        self.content: Body | bytes | None = None
        """The body of the last request: bytes if it came with the head, None without a body."""
        self.headers: Headers | None = None
        """The header fields of the last request if it has those of the one before it; else they are
        in its head."""
        self.persists = True
        """Whether the connection persists after the last request; once false, it is the last."""
        # The lines of the last request's fields if they may be repeated, and the length of its
        # body (None: chunked).
        self._fields = _NONE
        self._length: int | None = 0
        self._methods = methods
        self._head_limit = config.head_limit
        self._body_limit = config.body_limit
        self._resume_reading = resume_reading

    def move(self, *, busy: bool) -> None:
        """Sets the state after an event (`next_state`)."""
        self.state = next_state(self.state, body=self.body is not None, busy=busy)

    def request(self, data: bytes) -> Head | None:
        """Returns the head of the first request in `data`, None if it is incomplete.

        Sets `headers` and `content`, and keeps the bytes behind the request in `buffer`. Raises
        HttpError.
        """
        head, end, line_end = None, 0, data.find(b"\r\n")
        if data.startswith(self._fields, line_end):
            # Valid, and often read already.
            head, end = match_line(data), line_end + len(self._fields)
        if head is None or end > self._head_limit:
            head = self._read(data)
            if head is None:
                return None
            data, end = head.string, head.end()
        elif self.headers is None:
            self.headers = Headers(self._fields)
        if self._length == 0:
            self.content = None
        else:
            end = self._take_content(head, end)
        if end < len(data):
            self.buffer = data[end:]
        return head

    def add_to_head(self, data: bytes) -> bytes:
        """Adds to an incomplete head; returns it, or b"" if it is still incomplete and valid."""
        start = len(self.buffer)
        self.buffer += data
        if len(self.buffer) > self._head_limit or is_decided(self.buffer, start):
            return self.take_buffer()
        return b""

    def take_buffer(self) -> bytes:
        """Removes and returns the buffered bytes."""
        data, self.buffer = self.buffer, b""
        return data

    def receive_body(self, data: bytes) -> bool:
        """Takes a part of the body; returns whether it is complete. Raises HttpError."""
        assert self.body is not None
        rest = self.body.receive(data)
        if rest is None:
            return False
        self.body, self.buffer = None, rest
        return True

    def end(self, error: HttpError) -> None:
        """Discards all later bytes of the client; a reader of the body gets `error`."""
        self.state = State.ENDED
        self.buffer = b""
        body, self.body = self.body, None
        if body is not None and not body.skipping:
            body.fail(error)

    def lost(self) -> None:
        """Ends with the connection."""
        self.end(HttpError(400, "the client disconnected"))

    def _read(self, data: bytes) -> Head | None:
        """Returns any whole head, and notes its fields; keeps an incomplete one."""
        self.headers = None
        head = match_usual(data)
        if head is None or head.end() > self._head_limit:
            return self._unusual(data)
        self._length = int(head[LENGTH]) if head.lastindex == LENGTH else 0
        self._keep_fields(head)
        return head

    def _keep_fields(self, head: Head) -> None:
        lines = field_lines(head)
        self._fields = lines if len(lines) <= _LONGEST else _NONE

    def _unusual(self, data: bytes) -> Head | None:
        data = without_blank_lines(data)
        unusual = read_unusual(data, self._head_limit)
        if unusual is None:
            self.buffer = data
            return None
        head, self._length = unusual
        method = head[METHOD].decode()
        if method not in METHODS and method not in self._methods:
            raise HttpError(501, f"method {method}")
        self.persists = persists(head)
        self._fields = _NONE
        # Behind a line of `match_line` these lines are valid, too, and mean the same: such as those
        # of a client that sends Content-Length before Host.
        if self.persists and is_1_1(head) and self._length is not None and head.string is data:
            self._keep_fields(head)
        return head

    def _take_content(self, head: Head, start: int) -> int:
        """Sets `content`, the body behind the end of the head; returns the request's end."""
        length, limit, data = self._length, self._body_limit, head.string
        if length is not None and length <= limit and start + length <= len(data):
            self.content = data[start : start + length]
            return start + length
        headers = self.headers or Headers(field_lines(head))
        expects = "100-continue" in map(str.lower, headers.get_all("expect"))
        self.content = self.body = Body.begin(
            length, limit, self._resume_reading, expecting=expects and is_1_1(head)
        )
        self.state = State.BODY
        return start
