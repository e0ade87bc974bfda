"""The multi interface of libcurl on the event loop, which drives the transfers of one client.

libcurl names the sockets to watch and the time of its next step (curl_multi_socket_action(3)).
Rules of libcurl that shape this module: no handle may be added to or removed from the multi handle
while one of its callbacks runs, and callbacks run inside of `socket_action` and `pause` only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import pycurl

from eggd.httpclient.config import HttpClientConfig

_READABLE = {pycurl.POLL_IN, pycurl.POLL_INOUT}
_WRITABLE = {pycurl.POLL_OUT, pycurl.POLL_INOUT}
_SPARE = 64
"""Handles that are kept for later requests."""


class Finishing(Protocol):
    """A transfer, as `Multi` sees it."""

    curl: pycurl.Curl

    def finish(self, number: int, text: str) -> None:
        """Takes the end of the transfer: 0, or the number and text of libcurl's error."""


class Multi:
    """The connections and running transfers of a client."""

    def __init__(self, config: HttpClientConfig) -> None:
        self.loop = asyncio.get_running_loop()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, config.max_connections)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, config.max_connections_per_host)
        self._multi.setopt(pycurl.M_MAXCONNECTS, config.max_idle_connections)
        self._running: dict[pycurl.Curl, Finishing] = {}
        # Reset handles without any data of an earlier request.
        self._spare: list[pycurl.Curl] = []
        # The descriptors that the loop watches: libcurl wants to (read, write).
        self._watched: dict[int, tuple[bool, bool]] = {}
        self._timer: asyncio.Handle | None = None
        self.closed = False

    @property
    def running(self) -> int:
        """The number of transfers that have not ended."""
        return len(self._running)

    def handle(self) -> pycurl.Curl:
        """Returns a handle without options."""
        return self._spare.pop() if self._spare else pycurl.Curl()

    def start(self, transfer: Finishing) -> None:
        """Begins a transfer; `transfer.finish` is called once unless `drop` comes before."""
        self._running[transfer.curl] = transfer
        self._multi.add_handle(transfer.curl)

    def drop(self, transfer: Finishing) -> None:
        """Ends a transfer; the connection of an incomplete one is closed."""
        if self._running.pop(transfer.curl, None) is not None:
            self._release(transfer.curl)

    def close(self) -> None:
        """Ends all transfers with an error and closes all connections."""
        if self.closed:
            return
        self.closed = True
        for transfer in list(self._running.values()):
            self.drop(transfer)
            transfer.finish(pycurl.E_ABORTED_BY_CALLBACK, "the client is closed")
        self._set_timer(-1)
        self._multi.close()
        for fd in list(self._watched):
            self._unwatch(fd)
        for curl in self._spare:
            curl.close()
        self._spare.clear()

    def _release(self, curl: pycurl.Curl) -> None:
        self._multi.remove_handle(curl)
        curl.reset()
        if len(self._spare) < _SPARE:
            self._spare.append(curl)
        else:
            curl.close()

    def _watch(self, what: int, fd: int, multi: object, data: object) -> None:
        """Is called by libcurl when its interest in a socket changes (CURLMOPT_SOCKETFUNCTION)."""
        if what == pycurl.POLL_REMOVE:
            self._unwatch(fd)
            return
        before = self._watched.get(fd, (False, False))
        after = what in _READABLE, what in _WRITABLE
        self._watched[fd] = after
        loop = self.loop
        sides: tuple[tuple[Callable[..., object], Callable[..., object], int], ...] = (
            (loop.add_reader, loop.remove_reader, pycurl.CSELECT_IN),
            (loop.add_writer, loop.remove_writer, pycurl.CSELECT_OUT),
        )
        for (add, remove, event), was, now in zip(sides, before, after, strict=True):
            if now and not was:
                add(fd, self._act, fd, event)
            elif was and not now:
                remove(fd)

    def _unwatch(self, fd: int) -> None:
        read, write = self._watched.pop(fd, (False, False))
        if read:
            self.loop.remove_reader(fd)
        if write:
            self.loop.remove_writer(fd)

    def _set_timer(self, milliseconds: int) -> None:
        """Is called by libcurl with the time of its next step, -1 without one
        (CURLMOPT_TIMERFUNCTION)."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if milliseconds == 0:
            self._timer = self.loop.call_soon(self._on_time)
        elif milliseconds > 0:
            self._timer = self.loop.call_later(milliseconds / 1000, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self._act(pycurl.SOCKET_TIMEOUT, 0)

    def _act(self, fd: int, event: int) -> None:
        self._multi.socket_action(fd, event)
        left = 1
        while left:
            left, ok, failed = self._multi.info_read()
            for curl in ok:
                self._end(curl, 0, "")
            for curl, number, text in failed:
                self._end(curl, number, text)

    def _end(self, curl: pycurl.Curl, number: int, text: str) -> None:
        transfer = self._running.pop(curl, None)
        if transfer is not None:
            transfer.finish(number, text)
            self._release(curl)
