"""The subscriptions of a leader: one of the real client for each key (process:CC-3).

topic "orders"   receivers: worker 4711, worker 4712, the agent      last value: text
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from eggd import Agent
from eggd.plugins.cluster_client.calls import finished
from eggd.plugins.cluster_client.errors import ClusterClientError
from eggd.plugins.cluster_client.methods import Methods
from eggd.plugins.cluster_client.options import Options
from eggd.plugins.cluster_client.receiver import Receiver
from eggd.plugins.cluster_client.values import encode

_FIRST_DELAY, _LAST_DELAY = 1.0, 30.0
"""Seconds between two attempts to subscribe; the pause doubles."""


@dataclass(eq=False)
class Topic:
    """One key."""

    key: str
    info: object
    """The argument of the real client's `subscribe`."""
    receivers: dict[Hashable, Receiver] = field(default_factory=dict)
    """The subscribers, by pid; the agent itself by 0."""
    text: str | None = None
    """The last value; None before the first."""
    listener: Callable[[object], None] = field(init=False)
    """The listener that the real client has."""
    task: asyncio.Task[None] | None = None
    """Calls the real client's `subscribe`."""
    is_called: bool = False
    """Whether it has done so."""


class Topics:
    """The topics of one leader; real subscriptions begin with `attach`."""

    def __init__(self, agent: Agent, options: Options, methods: Methods) -> None:
        self._agent = agent
        self._options = options
        self._subscribe, self._unsubscribe = methods.real("subscribe"), methods.real("unsubscribe")
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._topics: dict[str, Topic] = {}
        # The ready client; None before it is ready, and after the end.
        self._real: object | None = None
        # Calls of the real client's `unsubscribe` by key: a new subscription waits for them.
        self._ending: dict[str, asyncio.Task[None]] = {}

    def attach(self, real: object) -> None:
        """Subscribes to all keys at a client that has become ready."""
        self._real = real
        for topic in list(self._topics.values()):
            self._begin(topic)

    async def detach(self) -> None:
        """Ends all topics without a call of the client, after the calls that go on."""
        self._real = None
        for topic in self._topics.values():
            if topic.task is not None:
                topic.task.cancel()
        self._topics.clear()
        if self._ending:
            await asyncio.wait(self._ending.values())

    def add(self, key: str, info: object, who: Hashable, receiver: Receiver) -> None:
        """Adds a subscriber, and sends it the last value; one that is known gets it again."""
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = Topic(key, info)
            topic.listener = self._listener(topic)
            topic.receivers[who] = receiver
            self._begin(topic)
            return
        topic.receivers[who] = receiver
        if topic.text is not None and self._options.is_broadcast:
            receiver.push(key, topic.text)

    def remove(self, key: str, who: Hashable) -> None:
        """Removes a subscriber; without any left the real subscription ends (process:CC-5)."""
        topic = self._topics.get(key)
        if topic is None or topic.receivers.pop(who, None) is None or topic.receivers:
            return
        if not self._unsubscribe:  # it cannot end: the topic stays for the next subscriber
            return
        del self._topics[key]
        if topic.task is not None:
            self._end(topic)

    def drop(self, who: Hashable) -> None:
        """Removes a subscriber of any key."""
        for key in list(self._topics):
            self.remove(key, who)

    def _listener(self, topic: Topic) -> Callable[[object], None]:
        """Returns the listener for the real client, which may call it in any thread."""

        def listener(value: object) -> None:
            if threading.get_ident() == self._thread:
                self._take(topic, value)
            else:
                self._loop.call_soon_threadsafe(self._take, topic, value)

        return listener

    def _take(self, topic: Topic, value: object) -> None:
        """Keeps a value and sends it; nothing after the end of a topic (process:CC-14)."""
        if self._topics.get(topic.key) is not topic:
            return
        name = self._options.name
        try:
            topic.text = encode(value, self._options, f"{name}: value of {topic.key!r}")
        except ClusterClientError as exc:
            self._agent.core_logger.error("[cluster_client] %s", exc.line)
            return
        receivers = list(topic.receivers.values())
        if receivers and not self._options.is_broadcast:
            receivers = [random.choice(receivers)]
        for receiver in receivers:
            receiver.push(topic.key, topic.text)

    def _begin(self, topic: Topic) -> None:
        if self._real is not None and self._subscribe:
            topic.task = self._loop.create_task(self._started(topic, self._real))

    async def _started(self, topic: Topic, real: object) -> None:
        """Calls the real client's `subscribe` until it succeeds."""
        if (ending := self._ending.get(topic.key)) is not None:
            await asyncio.wait([ending])
        delay = _FIRST_DELAY
        while True:
            topic.is_called = True
            try:
                await finished(getattr(real, self._subscribe), topic.info, topic.listener)
            except Exception as exc:
                self._report(f"{self._subscribe} of {topic.key!r} failed, trying again", exc)
            else:
                return
            await asyncio.sleep(delay)
            delay = min(_LAST_DELAY, delay * 2)

    def _end(self, topic: Topic) -> None:
        task = self._loop.create_task(self._ended(topic, self._real))
        self._ending[topic.key] = task
        task.add_done_callback(lambda task: self._forget(topic.key, task))

    def _forget(self, key: str, task: asyncio.Task[None]) -> None:
        if self._ending.get(key) is task:
            del self._ending[key]

    async def _ended(self, topic: Topic, real: object) -> None:
        """Waits for the call of `subscribe` that goes on, or cancels its repetition."""
        if topic.task is not None:
            topic.task.cancel()
            await asyncio.wait([topic.task])
        if not topic.is_called:
            return
        try:
            await finished(getattr(real, self._unsubscribe), topic.info, topic.listener)
        except Exception as exc:
            self._report(f"{self._unsubscribe} of {topic.key!r} failed", exc)

    def _report(self, text: str, exc: Exception) -> None:
        log = self._agent.core_logger
        log.error("[cluster_client] %s: %s: %s", self._options.name, text, exc, exc_info=exc)
