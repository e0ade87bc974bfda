"""The limits of time of a transfer, and the phase in which one is exceeded."""

from __future__ import annotations

import asyncio
from typing import Protocol

import pycurl

from eggd.httpclient.errors import (
    HttpClientConnectTimeoutError,
    HttpClientError,
    HttpClientRequestTimeoutError,
)
from eggd.httpclient.outgoing import Outgoing
from eggd.httpclient.upload import Upload

CONNECTING = ("resolving the name", "connecting", "in the TLS handshake")
READING = "reading the body"


class TimedTransfer(Protocol):
    """A transfer, as its clock sees it."""

    curl: pycurl.Curl
    outgoing: Outgoing
    upload: Upload | None
    head_ended: bool
    began: float
    active: float

    @property
    def is_slow_reader(self) -> bool:
        """Whether what has arrived waits for a reader."""
        ...

    def fail(self, error: HttpClientError) -> None:
        """Ends the transfer."""


def phase(transfer: TimedTransfer) -> str:
    """Returns what a transfer does now."""
    get = transfer.curl.getinfo
    if transfer.head_ended:
        return READING
    if get(pycurl.NAMELOOKUP_TIME) == 0:
        return "resolving the name"
    if get(pycurl.CONNECT_TIME) == 0 and get(pycurl.LOCAL_PORT) <= 0:
        return "connecting"
    if get(pycurl.PRETRANSFER_TIME) == 0:
        return "in the TLS handshake"
    if transfer.upload is not None and not transfer.upload.sent:
        return "sending the body"
    return "waiting for the head of the response"


class Clock:
    """One timer per transfer: when it fires, either a limit is exceeded or it is set again.

    What arrives only notes the time, so that a body costs no timer per piece.
    """

    def __init__(self, transfer: TimedTransfer, loop: asyncio.AbstractEventLoop) -> None:
        self._transfer = transfer
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Sets the timer to the first limit."""
        limits = self._transfer.outgoing.limits
        self._check_at(self._transfer.began + min(limits.connect, limits.head))

    def read_body(self) -> None:
        """Sets the timer anew if silence in the body is limited more strictly than before it."""
        limits = self._transfer.outgoing.limits
        if limits.idle < limits.head:
            self.stop()
            self._check_at(self._transfer.active + limits.idle)

    def stop(self) -> None:
        """Cancels the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _check_at(self, when: float) -> None:
        deadline = self._transfer.outgoing.limits.deadline
        self._timer = self._loop.call_at(min(when, deadline or when), self._check)

    def _check(self) -> None:
        transfer, now = self._transfer, self._loop.time()
        limits, current = transfer.outgoing.limits, phase(transfer)
        if limits.deadline and now >= limits.deadline:
            self._exceed(limits.total, current, "total_timeout")
        elif current == READING:
            if transfer.is_slow_reader:
                transfer.active = now  # the reader is slow, not the server
            self._check_silence(now, limits.idle, current)
        elif current in CONNECTING:
            self._check_connect(now, current)
        else:
            self._check_silence(now, limits.head, current)

    def _check_connect(self, now: float, current: str) -> None:
        limits, began = self._transfer.outgoing.limits, self._transfer.began
        limit = min(limits.connect, limits.head)
        if now < began + limit:
            self._check_at(began + limit)
            return
        self._exceed(limit, current, "connect_timeout" if limit < limits.head else "timeout")

    def _check_silence(self, now: float, limit: float, current: str) -> None:
        if now >= self._transfer.active + limit:
            self._exceed(limit, current, "timeout")
        else:
            self._check_at(self._transfer.active + limit)

    def _exceed(self, limit: float, current: str, option: str) -> None:
        connecting = current in CONNECTING
        kind = HttpClientConnectTimeoutError if connecting else HttpClientRequestTimeoutError
        subject = self._transfer.outgoing.subject
        self._transfer.fail(kind(subject, limit, current, hint=f"the limit is {option}"))
