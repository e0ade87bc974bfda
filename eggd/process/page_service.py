"""Serves the agent's pages of one subject at one address, and restores a removed Unix socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from eggd.errors import ListenError
from eggd.http.pages import Make, PageServer
from eggd.process.page_listener import PageListener
from eggd.process.reconciliation import Log
from eggd.suite import address

_SUBJECTS = {"health": "health checks", "metrics": "metrics"}


class PageService:
    """The pages of `health` or `metrics`, which is also the section below `cluster`."""

    def __init__(self, name: str, default: str, pages: Mapping[str, Make], log: Log) -> None:
        """Prepares; `default` is the path of the Unix socket, `pages` has a page for each path."""
        self._name = name
        self._default = default
        self._pages = pages
        self._log = log
        # None until `open`.
        self._listener: PageListener | None = None
        self._server: PageServer | None = None
        # The reopening under way, and why the last one failed, which is logged once.
        self._repairing: asyncio.Future[None] | None = None
        self._problem = ""

    @property
    def address(self) -> str:
        """The address of the listener, `[HOST:]PORT` or a path; "" before `open`."""
        return self._listener.stream if self._listener is not None else ""

    async def open(self, listen: str) -> None:
        """Begins to answer at an address, "" for the default; raises ListenError."""
        stream = address.parse(listen) if listen else self._default
        self._listener = PageListener(stream, f"cluster.{self._name}.listen")
        await self._serve(self._listener.open())

    async def close(self) -> None:
        """Stops answering."""
        if self._repairing is not None:
            self._repairing.cancel()
        if self._listener is not None:
            self._listener.unlink()
        if self._server is not None:
            await self._server.close()

    def repair(self) -> None:
        """Opens the Unix socket again if its file was removed or replaced."""
        if self._listener is not None and self._repairing is None and not self._listener.intact:
            self._repairing = asyncio.ensure_future(self._reopen(self._listener))

    async def _reopen(self, place: PageListener) -> None:
        try:
            listener = place.open()
            if self._server is not None:
                await self._server.close()
            await self._serve(listener)
            self._log("warning", f"the socket of {_SUBJECTS[self._name]} was removed: opened again")
        except ListenError as exc:
            if exc.line != self._problem:
                self._log("warning", exc.line)
            self._problem = exc.line
        finally:
            self._repairing = None

    async def _serve(self, listener: socket.socket) -> None:
        self._server = PageServer(self._log)
        for path, make in self._pages.items():
            self._server.add(path, make)
        await self._server.start(listener)


class Publisher:
    """Base of the parts of the agent that have such pages."""

    def __init__(self, service: PageService) -> None:
        self._service = service

    @property
    def address(self) -> str:
        """The address, `[HOST:]PORT` or a path; "" while it is not open."""
        return self._service.address

    async def close(self) -> None:
        """Stops answering."""
        await self._service.close()

    def repair(self) -> None:
        """Opens the Unix socket again if its file was removed or replaced."""
        self._service.repair()
