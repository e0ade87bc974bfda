"""One shared client in a worker: it asks the leader in the agent for everything.

unknown --state--> ready | failed        `_settled` is set; `ready` returns or raises
any     --the agent ends, closed, missing--> unknown     calls wait for the next leader
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from eggd import (
    Application,
    MessengerError,
    NoHandlerError,
    NoPeerError,
    OutboxFullError,
    RequestTimeoutError,
)
from eggd.plugins.cluster_client.errors import (
    ClusterClientError,
    ClusterClientResponseTimeoutError,
    NoLeaderError,
    unpack,
)
from eggd.plugins.cluster_client.listeners import Listener, Listeners
from eggd.plugins.cluster_client.methods import Methods
from eggd.plugins.cluster_client.options import Options
from eggd.plugins.cluster_client.protocol import INVOKE, TO_LEADER, message
from eggd.plugins.cluster_client.publisher import Publisher
from eggd.plugins.cluster_client.values import decode, encode, encode_call

SILENT = "the agent does not answer"
"""The reason to wait until the agent has sent something."""
_RETRY = 1.0
"""Seconds until the next attempt to subscribe while the queue to the agent is full."""
_GRACE = 1.0
"""Seconds beyond `response_timeout` for the leader to report that it has passed."""


class Follower:
    """The listeners of this worker, and calls that wait for the leader."""

    def __init__(
        self, app: Application, options: Options, methods: Methods, closed: Callable[[str], None]
    ) -> None:
        self._app = app
        self._options = options
        self._methods = methods
        self._closed = closed
        self._is_closed = False
        self._listeners = Listeners(app, options)
        self._publisher = Publisher(
            methods.real("publish"), options.limits.max_invocations, self._send_call, self.failed
        )
        # Keys without listeners whose `unsubscribe` the leader has not got.
        self._ended: dict[str, None] = {}
        # Runs while a message waits for room in the queue to the agent.
        self._timer: asyncio.TimerHandle | None = None
        # The term of the leader, ready or failed; "" while it is unknown.
        self._term = ""
        # Whether it knows the subscriptions: it is ready.
        self._is_following = False
        # Set while the leader is known to be ready or to have failed.
        self._settled = asyncio.Event()
        self._error: dict[str, object] | None = None
        # The reason why it is not set.
        self._reason = SILENT
        self._hint = "check that the agent runs"
        # Calls that wait for the leader or its answer.
        self._waiting = 0

    def join(self) -> None:
        """Asks the agent for the state of the leader; the question waits for the agent."""
        if not self._is_closed:
            self._tell("join")

    def lost(self) -> None:
        """Forgets the leader: the agent has ended."""
        self._settled.clear()
        self._publisher.close()
        self._ended.clear()
        self._term, self._error, self._is_following = "", None, False
        self._reason, self._hint = SILENT, "check that the agent runs"
        self.join()

    def missing(self, hint: str) -> None:
        """Notes that the agent has no such client yet."""
        self._reason = f"agent.py has not created {self._options.name!r}"
        self._hint = f"call app.cluster(...).create() in agent.py, too{hint}"

    def starting(self) -> None:
        """Notes that the leader is not ready yet."""
        self._reason = "its ready() in the agent has not returned"
        self._hint = ""

    def settle(self, term: str, error: dict[str, object] | None) -> None:
        """Notes the state of the leader; subscribes and publishes if it is a new one that works."""
        is_new = term != self._term
        self._term, self._error = term, error
        self._settled.set()
        if error is None and (is_new or not self._is_following):
            self._is_following = True
            self._introduce()
        if error is None and (is_new or not self._publisher.is_open):
            self._publisher.open()

    def put(self, key: str, text: str) -> None:
        """Passes a value to the listeners."""
        self._listeners.put(key, text)

    def done(self, number: object, error: object, *, is_busy: bool) -> None:
        """Notes the end of a call without a result."""
        if isinstance(number, int):
            self._publisher.done(
                number, error if isinstance(error, dict) else None, is_busy=is_busy
            )

    def failed(self, packed: object) -> None:
        """Emits an error of the leader, which no caller waits for, as `error` of the app."""
        if isinstance(packed, dict):
            self._app.emit("error", unpack(packed))

    def subscribe(self, info: object, listener: Listener) -> None:
        """Adds a listener; the first one of a key subscribes at the leader (process:CC-3)."""
        key = self._options.format_key(info)
        is_new = key not in self._listeners
        if is_new:
            self._check_open(f"subscribe({key!r})", len(self._listeners))
        text = encode(info, self._options, f"{self._options.name}.subscribe({key!r})")
        self._listeners.add(key, text, listener)
        self._ended.pop(key, None)
        if is_new and self._is_following:
            self._tell("subscribe", key=key, info=text)

    def unsubscribe(self, info: object, listener: Listener | None = None) -> None:
        """Removes one listener, or all of a key (process:CC-5)."""
        key = self._options.format_key(info)
        if self._listeners.remove(key, listener) and self._term:
            self._ended[key] = None
            self._end_subscriptions()

    def publish(self, info: object) -> None:
        """Publishes through the leader, and again through each later one (process:CC-6, CC-11).

        Its error is emitted as `error` of the app.
        """
        key = self._options.format_key(info)
        if key not in self._publisher:
            self._check_open(f"publish({key!r})", len(self._publisher))
        place = f"{self._options.name}.publish({key!r})"
        self._publisher.put(key, encode_call((info,), {}, self._options, place))

    async def invoke(
        self, method: str, args: tuple[object, ...], named: Mapping[str, object]
    ) -> object:
        """Returns a copy of the result of a method in the agent (process:CC-7).

        Raises the error that the method raised, as a LeaderError; NoLeaderError without a leader,
        or if the agent ends meanwhile; ClusterClientResponseTimeoutError; ClusterClientError for a
        call or result above `messenger.max_size`, or if the agent or its queue is full.
        """
        self._check_open(method, self._waiting, self._options.limits.max_invocations)
        call = encode_call(args, named, self._options, f"{self._options.name}.{method}")
        self._waiting += 1
        try:
            await self._known()
            answer = await self._answer(method, call)
        finally:
            self._waiting -= 1
        error = answer.get("error")
        if isinstance(error, dict):
            raise unpack(error)
        return decode(str(answer["result"]), self._options)

    def invoke_oneway(
        self, method: str, args: tuple[object, ...], named: Mapping[str, object]
    ) -> None:
        """Calls a method in the agent; without a leader it is lost, with an error in the log.

        Raises ClusterClientError if `max_invocations` calls are going on, or for a call that is too
        large. An error of the method is emitted as `error` of the app.
        """
        self._check_open(method, self._publisher.going, self._options.limits.max_invocations)
        place = f"{self._options.name}.{method}"
        call = encode_call(args, named, self._options, place)
        if not self._term:
            self._app.core_logger.error("[cluster_client] %s is lost: %s", place, self._reason)
            return
        try:
            self._publisher.call(method, call)
        except MessengerError as exc:
            raise ClusterClientError(f"{place}: {exc.message}", hint=exc.hint) from exc

    async def ready(self) -> None:
        """Waits for the leader.

        Raises the error of its `ready()`, or NoLeaderError after `max_wait_time` seconds
        (process:CC-10).
        """
        await self._known()
        if self._error is not None:
            raise unpack(self._error)

    async def close(self) -> None:
        """Ends the subscriptions of this worker (process:CC-14)."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._term:
            self._tell("leave")
        self._is_following = False
        self._publisher.close()
        self._listeners.clear()
        self._closed(self._options.name)

    async def _known(self) -> None:
        """Waits until the state of the leader is known."""
        limit = self._options.limits.max_wait_time
        try:
            async with asyncio.timeout(limit):
                await self._settled.wait()
        except TimeoutError:
            text = f"{self._options.name}: no leader within {limit:g} s: {self._reason}"
            raise NoLeaderError(text, hint=self._hint) from None

    async def _answer(self, method: str, call: str) -> dict[str, object]:
        """Returns the answer of the leader to a call; a caller that is cancelled cancels it."""
        name, limit = self._options.name, self._options.limits.response_timeout
        data = {"client": name, "term": self._term, "method": method, "call": call}
        try:
            answer: dict[str, object] = await self._app.messenger.request(
                INVOKE, data, timeout=limit + _GRACE
            )
        except RequestTimeoutError as exc:
            text = f"{name}.{method}: no answer in {limit:g} s"
            raise ClusterClientResponseTimeoutError(text) from exc
        except (NoPeerError, NoHandlerError) as exc:
            text = f"{name}: the agent ended before it answered"
            raise NoLeaderError(text, hint="call again") from exc
        except MessengerError as exc:
            raise ClusterClientError(f"{name}.{method}: {exc.message}", hint=exc.hint) from exc
        return answer

    def _introduce(self) -> None:
        """Sends all subscriptions to a leader, and those that have ended."""
        for key, info in self._listeners.infos():
            if not self._tell("subscribe", key=key, info=info):
                return
        self._end_subscriptions()

    def _end_subscriptions(self) -> None:
        """Tells the leader which keys have no listeners any more."""
        for key in list(self._ended):
            if not self._is_following or not self._tell("unsubscribe", key=key):
                return
            del self._ended[key]

    def _tell(self, kind: str, **fields: object) -> bool:
        """Sends a message, or returns False if the queue is full: all are sent again then.

        The error of one that can never be sent is emitted.
        """
        try:
            self._send(kind, **fields)
        except OutboxFullError:  # the messenger logs it
            self._is_following = False
            self._retry()
            return False
        except MessengerError as exc:
            self._app.emit("error", ClusterClientError(f"{self._options.name}: {exc.message}"))
        return True

    def _retry(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_RETRY, self._join_again)

    def _join_again(self) -> None:
        self._timer = None
        self.join()

    def _send_call(self, number: int, method: str, call: str) -> None:
        self._send("call", number=number, method=method, call=call)

    def _send(self, kind: str, **fields: object) -> None:
        data = message(self._options.name, kind, term=self._term, **fields)
        self._app.messenger.send_to_agent(TO_LEADER, data)

    def _check_open(self, what: str, count: int, most: int = 0) -> None:
        place = f"{self._options.name}.{what}"
        if self._is_closed:
            raise ClusterClientError(f"{place}: the client is closed")
        most = most or self._options.limits.max_subscriptions
        if count >= most:
            raise ClusterClientError(
                f"{place}: this worker has {count} already",
                hint="raise cluster_client.max_subscriptions or max_invocations",
            )
