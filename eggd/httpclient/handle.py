"""The options of a libcurl handle for one request."""

from __future__ import annotations

from typing import Protocol

import pycurl

from eggd.httpclient.config import HttpClientConfig
from eggd.httpclient.content import Body
from eggd.httpclient.outgoing import Outgoing
from eggd.httpclient.upload import Upload

SUPPRESS_CONNECT_HEADERS = 265
"""CURLOPT_SUPPRESS_CONNECT_HEADERS, which pycurl has no name for."""
_SMALL = 64 * 1024
"""Bytes of a body that libcurl gets at once; a larger one is handed over in pieces."""
_SLOW_BUFFER = 4096
"""Bytes of a compressed stream that are decompressed at once: at most 1032 times as many."""
_DECODED = "gzip, deflate, br"


class Callbacks(Protocol):
    """A transfer: what libcurl calls while a request runs."""

    curl: pycurl.Curl
    outgoing: Outgoing
    upload: Upload | None

    def on_header(self, line: bytes) -> int | None:
        """Takes a line of a head."""

    def on_body(self, data: bytes) -> int | None:
        """Takes bytes of the body."""

    def on_open(self, purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> object:
        """Returns the socket for a connection."""

    def touch(self) -> None:
        """Notes that the request's body went on."""

    def resume(self) -> None:
        """Continues a paused direction."""

    def fail(self, error: BaseException) -> None:
        """Ends the transfer with an error of the request's body."""


def prepare(transfer: Callbacks, config: HttpClientConfig) -> None:
    """Sets the options of a new handle."""
    curl, outgoing = transfer.curl, transfer.outgoing
    setopt = curl.setopt
    setopt(pycurl.URL, outgoing.url.text)
    setopt(pycurl.NOSIGNAL, 1)
    setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    setopt(pycurl.HEADERFUNCTION, transfer.on_header)
    setopt(pycurl.WRITEFUNCTION, transfer.on_body)
    setopt(pycurl.HTTPHEADER, _field_lines(outgoing))
    setopt(pycurl.MAXAGE_CONN, max(1, round(config.idle_timeout)))
    if outgoing.check_address is not None:
        setopt(pycurl.OPENSOCKETFUNCTION, transfer.on_open)
    if outgoing.decodes:
        # The field that libcurl would send for it is among the field lines, or suppressed there.
        setopt(pycurl.ACCEPT_ENCODING, _DECODED)
        if outgoing.streams:
            setopt(pycurl.BUFFERSIZE, _SLOW_BUFFER)
    if outgoing.digest:
        setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_DIGEST)
        setopt(pycurl.USERPWD, outgoing.digest.encode())
    _set_method(transfer)
    _set_connection(curl, outgoing, config)


def _set_connection(curl: pycurl.Curl, outgoing: Outgoing, config: HttpClientConfig) -> None:
    if not config.allow_h2:
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    if not config.verify:
        curl.setopt(pycurl.SSL_VERIFYPEER, 0)
        curl.setopt(pycurl.SSL_VERIFYHOST, 0)
    if config.ca_file:
        curl.setopt(pycurl.CAINFO, config.ca_file)
    if outgoing.socket_path:
        curl.setopt(pycurl.UNIX_SOCKET_PATH, outgoing.socket_path)
    if outgoing.proxy != "environment":
        curl.setopt(pycurl.PROXY, outgoing.proxy)
    if outgoing.proxy:
        curl.setopt(SUPPRESS_CONNECT_HEADERS, 1)
        if config.no_proxy:
            curl.setopt(pycurl.NOPROXY, ",".join(config.no_proxy))


def _set_method(transfer: Callbacks) -> None:
    curl, outgoing = transfer.curl, transfer.outgoing
    body = outgoing.body
    if outgoing.method == "HEAD":
        curl.setopt(pycurl.NOBODY, 1)
    elif body is not None:
        _set_body(transfer, body)
    if outgoing.method not in ("GET", "HEAD") or body is not None:
        curl.setopt(pycurl.CUSTOMREQUEST, outgoing.method)


def _set_body(transfer: Callbacks, body: Body) -> None:
    curl = transfer.curl
    if body.source is None and len(body.data) <= _SMALL:
        curl.setopt(pycurl.POSTFIELDS, body.data)
        return
    transfer.upload = upload = Upload(body, transfer.resume, transfer.fail)

    def on_read(size: int) -> bytes | int:
        transfer.touch()
        return upload.on_read(size)

    curl.setopt(pycurl.UPLOAD, 1)
    curl.setopt(pycurl.READFUNCTION, on_read)
    curl.setopt(pycurl.SEEKFUNCTION, upload.on_seek)
    if upload.length is not None:
        curl.setopt(pycurl.INFILESIZE_LARGE, upload.length)


_SUPPRESSED = {
    name: f"{name}:".encode()
    for name in ("expect", "content-type", "user-agent", "accept", "accept-encoding")
}
"""Fields that libcurl adds unless they are named without a value."""


def _field_lines(outgoing: Outgoing) -> list[bytes]:
    """Returns the header fields, and those that libcurl must not add."""
    fields = outgoing.fields
    # "name;" is libcurl's form of an empty value.
    lines = [
        f"{name}: {value}".encode("latin-1") if value else f"{name};".encode()
        for name, value in fields.items()
    ]
    return lines + [line for name, line in _SUPPRESSED.items() if name not in fields]
