"""Plays a case against a server: `websockets` shakes hands and judges what the server sends."""

from __future__ import annotations

import contextlib
import socket

from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.uri import parse_uri

from tests.autobahn.case import CLOSE, Case, Chops, Event, Step, Wait, close

LIMIT = 30.0
"""Seconds that one answer may take."""


class Peer:
    """One connection."""

    def __init__(self, port: int, path: str) -> None:
        """Connects and shakes hands."""
        self.events: list[Event] = []
        self.ended = False
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}{path}"), max_size=None)
        self._socket = socket.create_connection(("127.0.0.1", port), LIMIT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._protocol.send_request(self._protocol.connect())
        self._socket.sendall(b"".join(self._protocol.data_to_send()))
        while self._protocol.state.name == "CONNECTING" and not self.ended:
            self.read()

    @property
    def closing(self) -> bool:
        """Whether the server has sent its Close frame, or the connection has ended."""
        return self._protocol.close_rcvd is not None or self.ended

    @property
    def code(self) -> int:
        """The code in the server's Close frame; 1006 without one."""
        received = self._protocol.close_rcvd
        return int(received.code) if received is not None else 1006

    @property
    def complaint(self) -> str:
        """The protocol error that `websockets` found in the server's frames, or ""."""
        found = self._protocol.handshake_exc or self._protocol.parser_exc
        return "" if found is None or isinstance(found, EOFError) else repr(found)

    def read(self) -> None:
        """Receives the next events, or the end."""
        try:
            data = self._socket.recv(1 << 20)
        except ConnectionError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self.ended = True
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode != CLOSE:
                self.events.append((int(event.opcode), bytes(event.data)))
        if self._protocol.close_rcvd is None:
            self._protocol.data_to_send()

    def do(self, step: Step) -> None:
        """Sends, or waits; does nothing once the server has closed."""
        if isinstance(step, Wait):
            while len(self.events) < step.events and not self.closing:
                self.read()
        elif isinstance(step, Chops):
            for at in range(0, len(step.data), step.size):
                self.do(step.data[at : at + step.size])
        else:
            with contextlib.suppress(ConnectionError):
                self._socket.sendall(step)

    def end(self) -> None:
        """Answers the server's Close frame and waits for its end of the connection."""
        while not self.closing:
            self.read()
        self.do(b"".join(self._protocol.data_to_send()))
        while not self.ended:
            self.read()
        self._socket.close()


def play(port: int, path: str, case: Case) -> str:
    """Returns the failure, "" if the case passed."""
    peer = Peer(port, path)
    for step in [*case.steps, Wait(len(case.events))]:
        peer.do(step)
    if case.ours:
        peer.do(close())
    peer.end()
    if peer.complaint:
        return peer.complaint
    expected = case.events[: len(peer.events)] if case.lax else case.events
    if peer.events != list(expected):
        return f"events {_short(peer.events)}, not {_short(case.events)}"
    return "" if peer.code in case.codes else f"close code {peer.code}, not {case.codes}"


def _short(events: object) -> str:
    text = str(events)
    return text if len(text) < 200 else f"{text[:200]}..."
