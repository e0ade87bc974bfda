"""The floor answers what it is sent, in however many pieces."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import pytest

from tests.house.imports import ROOT

HEAD = b"POST /echo HTTP/1.1\r\nHost: a\r\n\r\n"
GET = b"GET /hello HTTP/1.1\r\n\r\n"


class Kept(asyncio.Transport):
    """Keeps the bodies of what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []

    def write(self, data: Any) -> None:
        self.bodies.append(bytes(data).partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("pieces", "bodies"),
    [
        ([HEAD + b"1", HEAD + b"2"], [b"1", b"2"]),
        ([HEAD, b"1", HEAD, b"2"], [b"1", b"2"]),
        ([HEAD, b"1", GET], [b"1", b"hello, egg"]),
    ],
)
def test_a_body_may_come_after_its_head(
    pieces: list[bytes], bodies: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "apps" / "python")
    connection, transport = importlib.import_module("floor").Fixed(), Kept()
    connection.connection_made(transport)
    for piece in pieces:
        connection.data_received(piece)
    assert transport.bodies == bodies
