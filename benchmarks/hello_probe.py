"""Asks GET / of one server evenly, and notes its latency and the memory of the server."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_INTERVAL = 0.002
"""Seconds between two requests."""
_MEMORY = 8
"""Requests between two readings of the memory."""
_REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Probe:
    """A client beside the load; its thread runs before the load's on the same core if it may."""

    def __init__(self, port: int, pids: Iterable[int] = ()) -> None:
        self.resident = dict.fromkeys(pids, 0)
        """The largest resident set size of processes in KiB."""
        self._port = port
        self._times: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def p99(self) -> float:
        """Returns the 99th percentile in milliseconds."""
        times = sorted(self._times)
        return times[int(len(times) * 0.99)] * 1000

    def _ask(self) -> None:
        with suppress(OSError):  # not root
            own = os.sched_getparam(0).sched_priority  # that of `chrt`, which the servers have, too
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(own + 2))
        with socket.create_connection(("127.0.0.1", self._port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            due = time.perf_counter()
            while not self._ended.is_set():
                start = time.perf_counter()
                sock.sendall(_REQUEST)
                if not sock.recv(4096):
                    raise ConnectionError("the server has closed the connection of the probe")
                now = time.perf_counter()
                self._times.append(now - start)
                if len(self._times) % _MEMORY == 0:
                    self._look()
                due = max(due + _INTERVAL, now)
                time.sleep(max(due - time.perf_counter(), 0))

    def _look(self) -> None:
        for pid, memory in resident(self.resident).items():
            self.resident[pid] = max(self.resident[pid], memory)


def resident(pids: Iterable[int]) -> dict[int, int]:
    """Returns the resident set size of processes in KiB."""
    result: dict[int, int] = {}
    for pid in pids:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
        result[pid] = int(pages) * 4
    return result
