"""One shared client in the agent: it has the real client (process:CC-1)."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from eggd import Agent
from eggd.plugins.cluster_client.calls import finished
from eggd.plugins.cluster_client.errors import (
    ClusterClientError,
    ClusterClientResponseTimeoutError,
    pack,
)
from eggd.plugins.cluster_client.listeners import Listener, Listeners
from eggd.plugins.cluster_client.methods import Methods
from eggd.plugins.cluster_client.options import Options
from eggd.plugins.cluster_client.protocol import message
from eggd.plugins.cluster_client.real import RealClient
from eggd.plugins.cluster_client.topics import Topics
from eggd.plugins.cluster_client.values import decode_call, encode


class Done(Protocol):
    """Reports the end of a call to the worker: None, or the packed error."""

    async def __call__(self, error: dict[str, object] | None, *, is_busy: bool) -> None:
        """Returns when the worker has the report, or has ended."""
        ...


_ITSELF = 0
"""The agent among the subscribers of a topic; the others are pids."""


class Leader:
    """The real client, its topics and the subscribers in the agent itself."""

    def __init__(
        self,
        agent: Agent,
        options: Options,
        methods: Methods,
        make: Callable[[], object],
        announce: Callable[[dict[str, object]], None],
        closed: Callable[[str], None],
    ) -> None:
        self.options = options
        self.term = f"{os.getpid()}-{time.monotonic_ns()}"
        """The name of this leader among all that this client ever has."""
        self._agent = agent
        self._methods = methods
        # Sends a message to every worker.
        self._announce = announce
        # Called with the name at the end.
        self._closed = closed
        self._is_closed = False
        self._real = RealClient(make, methods.real("close"), self._changed)
        self.topics = Topics(agent, options, methods)
        """The subscriptions of all processes."""
        self._listeners = Listeners(agent, options)
        # Calls without an answer: the loop itself holds tasks weakly.
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Makes the client ready."""
        self._real.start()

    def state(self) -> dict[str, object]:
        """Returns the message that tells a worker the state of this client."""
        name = self.options.name
        if self._real.is_ready:
            return message(name, "state", term=self.term, error=None)
        if self._real.error is not None:
            return message(name, "state", term=self.term, error=pack(self._real.error))
        return message(name, "starting")

    def push(self, key: str, text: str) -> None:
        """Passes a value to the listeners in the agent."""
        self._listeners.put(key, text)

    def subscribe(self, info: object, listener: Listener) -> None:
        """Subscribes in the agent itself."""
        key = self.options.format_key(info)
        is_new = key not in self._listeners
        self._listeners.add(key, info, listener)
        if is_new:
            self.topics.add(key, info, _ITSELF, self)

    def unsubscribe(self, info: object, listener: Listener | None = None) -> None:
        """Ends a subscription of the agent itself."""
        key = self.options.format_key(info)
        if self._listeners.remove(key, listener):
            self.topics.remove(key, _ITSELF)

    def publish(self, info: object) -> None:
        """Publishes when the client is ready; an error is logged (process:CC-6).

        Raises ClusterClientError if `max_invocations` calls are going on.
        """
        self._begin(self._methods.real("publish"), (info,), {})

    async def invoke(
        self, method: str, args: tuple[object, ...], named: Mapping[str, object]
    ) -> object:
        """Returns the result of a method of the real client, not a copy; raises its errors.

        After `response_timeout` seconds the method is cancelled; raises
        ClusterClientResponseTimeoutError.
        """
        limit = self.options.limits.response_timeout
        scope = asyncio.timeout(limit)
        try:
            async with scope:
                real = await self._real.usable()
                return await finished(getattr(real, method), *args, **named)
        except TimeoutError as exc:
            if not scope.expired():  # the method's own
                raise
            text = f"{self.options.name}.{method}: no result in {limit:g} s"
            raise ClusterClientResponseTimeoutError(text) from exc

    def invoke_oneway(
        self, method: str, args: tuple[object, ...], named: Mapping[str, object]
    ) -> None:
        """Calls a method of the real client; an error is logged. Raises as `publish`."""
        self._begin(method, args, named)

    async def answer(self, method: str, call: str) -> dict[str, object]:
        """Returns the result of a call, or its error (process:CC-7)."""
        place = f"{self.options.name}.{method}"
        try:
            if not self._methods.is_invoked(method):
                raise ClusterClientError(f"{place} is not shared by the agent")
            args, named = decode_call(call, self.options)
            result = await self.invoke(method, tuple(args), named)
            return {"result": encode(result, self.options, f"{place}: result")}
        except Exception as exc:
            self._report(place, exc)
            return {"error": pack(exc)}

    def called(self, method: str, call: str, done: Done) -> None:
        """Does what a worker called without waiting for a result; reports the end to it.

        Beyond `max_invocations` it reports at once that it is busy.
        """
        place = f"{self.options.name}.{method}"
        if self._is_full:
            self._contained(done(pack(self._full(place)), is_busy=True), place)
        else:
            self._contained(self._call(method, call, done), place)

    async def ready(self) -> None:
        """Waits until the real client is ready; raises its error."""
        await self._real.ready()

    async def close(self) -> None:
        """Ends the subscriptions and closes the real client (process:CC-14)."""
        if self._is_closed:
            return
        self._is_closed = True
        self._closed(self.options.name)
        await self.topics.detach()
        self._listeners.clear()
        for task in self._tasks:
            task.cancel()
        await self._real.close()

    def _changed(self) -> None:
        name, error = self.options.name, self._real.error
        if self._real.is_ready:
            self._contained(self._attach(), f"{name}: subscribing")
        elif error is not None:
            text = "[cluster_client] %s is not ready, trying again: %s"
            self._agent.core_logger.error(text, name, error, exc_info=error)
        self._announce(self.state())

    async def _attach(self) -> None:
        self.topics.attach(await self._real.usable())

    def _begin(self, method: str, args: tuple[object, ...], named: Mapping[str, object]) -> None:
        """Starts a call without an answer."""
        place = f"{self.options.name}.{method}"
        if self._is_full:
            raise self._full(place)
        self._contained(self.invoke(method, args, named), place)

    @property
    def _is_full(self) -> bool:
        return len(self._tasks) >= self.options.limits.max_invocations

    def _full(self, place: str) -> ClusterClientError:
        return ClusterClientError(
            f"{place} is left out: {self.options.limits.max_invocations} calls are going on",
            hint="raise cluster_client.max_invocations",
        )

    async def _call(self, method: str, call: str, done: Done) -> None:
        """Calls a method for a worker, and reports its error to it."""
        error = None
        try:
            if not (self._methods.is_invoked(method) or method == self._methods.real("publish")):
                raise ClusterClientError(f"{self.options.name}.{method} is not shared by the agent")
            args, named = decode_call(call, self.options)
            await self.invoke(method, tuple(args), named)
        except Exception as exc:
            self._report(f"{self.options.name}.{method}", exc)
            error = pack(exc)
        await done(error, is_busy=False)

    def _contained(self, work: Awaitable[object], place: str) -> None:
        async def run() -> None:
            try:
                await work
            except Exception as exc:
                self._report(place, exc)

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _report(self, place: str, exc: Exception) -> None:
        log = self._agent.core_logger
        log.error("[cluster_client] %s failed: %s", place, exc, exc_info=exc)
