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
    is_decided,
    match_usual,
    persists,
    read_unusual,
    without_blank_lines,
)
from eggd.http.methods import METHODS


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
        "_head_limit",
        "_methods",
        "_resume_reading",
        "body",
        "buffer",
        "content",
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
        self.persists = True
        """Whether the connection persists after the last request; once false, it is the last."""
        self._methods = methods
        self._head_limit = config.head_limit
        self._body_limit = config.body_limit
        self._resume_reading = resume_reading

    def move(self, *, busy: bool) -> None:
        """Sets the state after an event (`next_state`)."""
        self.state = next_state(self.state, body=self.body is not None, busy=busy)

    def request(self, data: bytes) -> Head | None:
        """Returns the head of the first request in `data`, None if it is incomplete.

        Sets `content`, and keeps the bytes behind the request in `buffer`. Raises HttpError.
        """
        head = match_usual(data)
        if head is None or (end := head.end()) > self._head_limit:
            unusual = self._unusual(data)
            if unusual is None:
                return None
            head, length = unusual
            data = head.string
            end = self._take_content(head, length)
        elif head.lastindex == LENGTH:
            end = self._take_content(head, int(head[LENGTH]))
        else:
            self.content = None
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

    def _unusual(self, data: bytes) -> tuple[Head, int | None] | None:
        """Returns any head and the length of its body, or keeps an incomplete one."""
        data = without_blank_lines(data)
        unusual = read_unusual(data, self._head_limit)
        if unusual is None:
            self.buffer = data
            return None
        head = unusual[0]
        method = head[METHOD].decode()
        if method not in METHODS and method not in self._methods:
            raise HttpError(501, f"method {method}")
        self.persists = persists(head)
        return unusual

    def _take_content(self, head: Head, length: int | None) -> int:
        """Sets `content`, a body of `length` bytes (None: chunked); returns the request's end."""
        start, limit = head.end(), self._body_limit
        end = start + (length or 0)
        if length == 0:
            self.content = None
        elif length is not None and length <= limit and end <= len(head.string):
            self.content = head.string[start:end]
        else:
            self.content = self.body = Body.begin(head, length, limit, self._resume_reading)
            self.state = State.BODY
            return start
        return end
