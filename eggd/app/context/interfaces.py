"""`AppLike`: the members of an application that the objects of a request use.

`Application` and `Agent` implement it. They import this folder, so it cannot import them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Unpack

from eggd.app.config import TraceConfig
from eggd.config import Config
from eggd.http import Exchange
from eggd.log import Loggers

if TYPE_CHECKING:
    from eggd.httpclient.options import CurlOptions, DataType
    from eggd.httpclient.response import HttpClientResponse


class Tasks(Protocol):
    """Runs functions that no response waits for."""

    def run(self, function: Callable[..., object], ctx: Any, name: str = "") -> None:
        """Runs a sync or async function after the current code."""


class Events(Protocol):
    """Tells listeners what happened."""

    def error(self, error: BaseException, ctx: Any = None) -> None:
        """Emits `error`."""

    def call(self, name: str, *arguments: object) -> None:
        """Calls the listeners of an event; never raises."""


class AppLike(Protocol):
    """An application, as a request's objects see it."""

    config: Config
    meta_enabled: bool
    trace: TraceConfig
    behind_proxy: bool
    plain_requests: bool
    trace_in_logs: bool
    plain_traces: bool

    async def curl(
        self, url: str, *, data_type: DataType = "", **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[object]:
        """Returns the response to a request of the HTTP client."""
        ...

    @property
    def background(self) -> Tasks:
        """The background tasks of the application."""
        ...

    @property
    def emitter(self) -> Events:
        """The events of the application."""
        ...

    @property
    def locals(self) -> dict[str, Any]:
        """The first values of every `ctx.state`."""
        ...

    @property
    def loggers(self) -> Loggers:
        """The loggers of the process, without a context's bracket."""
        ...

    @property
    def context_class(self) -> Callable[[], Any]:
        """The application's own class of contexts."""
        ...

    @property
    def response_class(self) -> Callable[[], Any]:
        """The application's own class of responses."""
        ...

    def log_error(self, error: BaseException, ctx: object = None, status: int = 0) -> None:
        """Logs an error once, by the status of its answer."""

    def request(self, exchange: Exchange) -> Any:
        """Returns a new request of the application's own class."""

    def services(self, ctx: Any) -> Any:
        """Returns the namespace of services for one context."""

    def helper(self, ctx: Any) -> Any:
        """Returns a new helper of the application's own class for one context."""
