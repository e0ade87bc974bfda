"""`HttpClient`: requests with redirects and retries, on connections that are kept alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Protocol, Unpack

import pycurl

from eggd.errors import ArgumentError
from eggd.httpclient import building
from eggd.httpclient.config import HttpClientConfig
from eggd.httpclient.details import ResponseDetails, Timing
from eggd.httpclient.errors import (
    HttpClientError,
    HttpClientRedirectError,
    HttpClientRequestError,
    HttpClientUrlError,
)
from eggd.httpclient.events import Listeners, RequestEvent, ResponseEvent
from eggd.httpclient.headers import ResponseHeaders
from eggd.httpclient.multi import Multi
from eggd.httpclient.options import CurlOptions, DataType
from eggd.httpclient.outgoing import CheckAddress, Outgoing, without_credentials
from eggd.httpclient.response import BodyStream, HttpClientResponse, Source, decoded
from eggd.httpclient.transfer import REDIRECTS, Transfer
from eggd.httpclient.url import join
from eggd.log import Logger

IDEMPOTENT = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "SEARCH"))
"""Methods whose request may be sent again without harm (RFC 9110 section 9.2.2)."""
E_HTTP2_STREAM = 92
"""CURLE_HTTP2_STREAM, which pycurl 7.45.2 has no name for."""
LOST = frozenset(
    (
        *(pycurl.E_GOT_NOTHING, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR),
        *(pycurl.E_PARTIAL_FILE, pycurl.E_HTTP2, E_HTTP2_STREAM),
    )
)
"""Errors of a connection that was open."""


class ReceivedResponse(Source, Protocol):
    """A response as it has arrived: complete, or its head with the body still to come."""

    status: int
    headers: ResponseHeaders
    timing: Timing
    size: int
    remote_address: str
    reused: bool
    version: str

    def content(self) -> bytes:
        """Returns the complete body."""
        ...


class HttpClient:
    """Sends requests; `app.httpclient` is one, `app.create_http_client()` makes others.

    A client keeps its own connections. It belongs to the loop that runs its first request.
    """

    def __init__(
        self,
        config: HttpClientConfig | None = None,
        *,
        check_address: CheckAddress | None = None,
        logger: Logger | None = None,
        tracer: object = None,
    ) -> None:
        self.config = config or HttpClientConfig()
        self.check_address = check_address
        self.tracer = tracer
        """The tracer of events without a ctx that has one."""
        self._listeners = Listeners(logger)
        self._ids = count(1)
        self._multi: Multi | None = None
        self._closed = False

    def on(self, name: str, listener: Callable[..., object]) -> None:
        """Calls `listener(event)` for each `request` or `response` (core:HTTP-6)."""
        self._listeners.add(name, listener)

    def off(self, name: str, listener: Callable[..., object]) -> None:
        """Removes a listener."""
        self._listeners.remove(name, listener)

    async def request(
        self, url: str, *, data_type: DataType = "", **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[object]:
        """Returns the response to a request, of any status.

        Raises ArgumentError for a wrong option, and the errors of eggd/httpclient/errors.py.
        """
        ctx = options.get("ctx")
        args: dict[str, object] = {**options, "headers": dict(options.get("headers") or {})}
        args["tracer"] = getattr(ctx, "tracer", None) or args.get("tracer") or self.tracer
        event = RequestEvent(request_id=next(self._ids), url=url, args=args, ctx=ctx)
        self._listeners.call("request", event)
        res = ResponseDetails()
        loop = asyncio.get_running_loop()
        began, error = loop.time(), None
        try:
            return await self._request(url, args, data_type, res, began)
        except BaseException as exc:
            if isinstance(exc, HttpClientError):
                exc.res = res
            error = exc
            raise
        finally:
            res.rt = loop.time() - began
            self._listeners.call(
                "response", ResponseEvent(req=event, res=res, error=error, ctx=ctx)
            )

    curl = request

    async def close(self) -> None:
        """Ends all requests with an error and closes all connections."""
        self._closed = True
        if self._multi is not None:
            self._multi.close()

    async def perform(self, outgoing: Outgoing) -> ReceivedResponse:
        """Sends one request and returns its response; the test kit replaces this.

        A streamed response is returned when its head is complete, another one with its body.
        """
        if self._closed:
            raise HttpClientRequestError(f"{outgoing.subject}: the client is closed")
        if self._multi is None:
            self._multi = Multi(self.config)
        transfer = Transfer(self._multi, outgoing, self.config)
        transfer.start()
        await (transfer.head() if outgoing.streams else transfer.end())
        return transfer

    async def _request(
        self, url: str, args: dict[str, object], data_type: str, res: ResponseDetails, now: float
    ) -> HttpClientResponse[object]:
        outgoing = building.build(url, args, data_type, self.config, self.check_address, now)
        retries = building.number(args, "retry", self.config.request.retry)
        while True:
            final, received = await self._follow(outgoing, args, res)
            response = await _response(final, received, data_type, args, res)
            if res.retries >= retries or not _is_retried(response, args):
                return response
            if isinstance(response.data, BodyStream):
                response.data.close()
            res.retries += 1
            await asyncio.sleep(
                building.duration(args, "retry_delay", self.config.request.retry_delay)
            )
            fields = {**outgoing.fields, "x-urllib-retry": f"{res.retries}/{retries}"}
            outgoing = replace(outgoing, fields=fields)

    async def _follow(
        self, outgoing: Outgoing, args: Mapping[str, object], res: ResponseDetails
    ) -> tuple[Outgoing, ReceivedResponse]:
        """Returns the last request and its response (core:HTTP-4b)."""
        limit = building.number(args, "max_redirects", self.config.request.max_redirects)
        for _ in range(limit + 1):
            res.request_urls.append(outgoing.url.text)
            received = await self._send(outgoing, args, res)
            _note(res, received)
            location = received.headers.get("location")
            if not outgoing.follows or received.status not in REDIRECTS or location is None:
                return outgoing, received
            received.abort()
            outgoing = _redirected(outgoing, location)
        raise HttpClientRedirectError(
            f"{outgoing.subject}: redirected more than {limit} times",
            hint="follow_redirect=False returns the first response",
        )

    async def _send(
        self, outgoing: Outgoing, args: Mapping[str, object], res: ResponseDetails
    ) -> ReceivedResponse:
        """Sends a request, again if its connection was lost (core:HTTP-4c)."""
        limit = building.number(args, "socket_error_retry", self.config.request.socket_error_retry)
        number = 0
        while True:
            try:
                return await self.perform(outgoing)
            except HttpClientRequestError as exc:
                if number >= limit or not _may_repeat(outgoing, exc):
                    raise
            number += 1
            res.socket_error_retries += 1
            mark = {"x-urllib-retry-on-socket-error": f"{number}/{limit}"}
            outgoing = replace(outgoing, fields={**outgoing.fields, **mark})


def _may_repeat(outgoing: Outgoing, error: HttpClientRequestError) -> bool:
    body = outgoing.body
    return (
        error.code in LOST and outgoing.method in IDEMPOTENT and (body is None or body.repeatable)
    )


def _redirected(outgoing: Outgoing, location: str) -> Outgoing:
    """Returns the request to a Location: the same, without credentials if the origin differs."""
    try:
        url = join(outgoing.url, location)
    except HttpClientUrlError as exc:
        raise HttpClientUrlError(f"{outgoing.subject}: {exc.message}", hint=exc.hint) from None
    url = replace(url, user="")
    if url.origin == outgoing.url.origin:
        return replace(outgoing, url=url)
    fields = without_credentials(outgoing.fields)
    return replace(outgoing, url=url, fields=fields, digest="", socket_path="")


def _note(res: ResponseDetails, received: ReceivedResponse) -> None:
    res.status, res.headers, res.timing = received.status, received.headers, received.timing
    res.size, res.remote_address = received.size, received.remote_address
    res.keep_alive_socket, res.http_version = received.reused, received.version


async def _response(
    outgoing: Outgoing,
    received: ReceivedResponse,
    data_type: str,
    args: Mapping[str, object],
    res: ResponseDetails,
) -> HttpClientResponse[object]:
    data: object = None
    target = args.get("write_stream")
    if target is not None:
        await _write(BodyStream(received), target)
    elif outgoing.streams:
        data = BodyStream(received)
    else:
        data = decoded(received.content(), data_type, res, outgoing.subject)
    return HttpClientResponse(status=received.status, headers=received.headers, data=data, res=res)


async def _write(stream: BodyStream, target: object) -> None:
    """Writes a body to a binary file, in threads."""
    write = getattr(target, "write", None)
    if write is None:
        raise ArgumentError(f"curl: write_stream must be a binary file, not {target!r}")
    async with stream:
        async for chunk in stream:
            await asyncio.to_thread(write, chunk)


def _is_retried(response: HttpClientResponse[object], args: Mapping[str, object]) -> bool:
    decide = args.get("is_retry")
    if decide is None:
        return response.status >= 500
    if not callable(decide):
        raise ArgumentError(f"curl: is_retry must be a function, not {decide!r}")
    return decide(response) is True
