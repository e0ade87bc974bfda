"""HTTP/1.1 on a listening socket: requests in, one `Exchange` each, answers out.

What the server guarantees:

- One `Exchange` per request for one `handle`, called synchronously as soon as the head is complete,
  with the part of the body that has arrived; pipelined requests one after the other, in order.
- Strictness: a bare LF or CR, a blank before the colon, a folded line, control bytes, no Host or
  two, lengths that differ or stand beside Transfer-Encoding are 400; a transfer coding other than
  chunked, and a method that neither a route nor a registry has, 501; another version 505; above the
  limits 413, 414 or 431; too late 408. Each is a small page and a close; `handle` is not called.
- Back-pressure both ways: an unread body and requests that cannot be served yet pause reading; a
  client that does not read pauses its own writers and its own next request only.
- A client that disconnects raises no exception in the middle of an answer.
- No timer per request, and no timer without connections. listen(2) is called once, by the socket's
  owner.

The files of `GET /` from bytes to bytes, in order:

connection.py   the protocol of one accepted socket: from `data_received` to `handle`
input.py        the input state, and the first request in the client's bytes
head.py         which heads are valid: one regular expression for most of them
methods.py      the methods that are served without a route
exchange.py     the request and its answer, as the handler sees them
exchange_events.py  what may happen before the answer is complete: a disconnect, the drain
link.py         the interface of a connection that an exchange uses
headers.py      the request's header fields, decoded when read
origin.py       the parts of a request that a client repeats: its address and id
fixed_fields.py header fields that every answer carries
answer.py       status lines, Date and Connection fields; the answers to malformed requests

A request with a body, and the connection's other side:

body.py         the body: what has arrived, and waiting for the rest
framing.py      where a body ends, by its length or its chunks
file_sending.py  parts of files, by sendfile(2)
flow.py         the transport: pausing, resuming and ending
hangup.py       notices clients that close while reading is paused

The server:

config.py       limits and times
shared.py       what all connections of a server share
server.py       the listener, its connections, and the drain
acceptor.py     accepting, fairly among workers
accept_page.py  the shared page of connection counts, by which workers are fair
sweep.py        the time limits of connections, checked once a tick
greeting.py     the PROXY header before TLS and HTTP
tls.py          the TLS context, from a certificate and a key
meter.py        counts answers and their times
pages.py        a small server of pages about a process: health, metrics

Loaded when used:

detach.py       a connection that has left HTTP
websocket.py    a WebSocket on it
incoming.py     the messages of its client
heartbeat.py    its pings
turns.py        turns for other connections while a client's frames are read
guests/         applications of other frameworks

The folder knows neither the application nor systemd.
"""

from __future__ import annotations

from eggd.http.accept_page import AcceptPage
from eggd.http.body import Body
from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from eggd.http.fixed_fields import NO_FIELDS, FixedFields
from eggd.http.headers import Headers
from eggd.http.server import HttpServer

__all__ = [
    "NO_FIELDS",
    "AcceptPage",
    "Body",
    "Exchange",
    "FixedFields",
    "Headers",
    "HttpConfig",
    "HttpServer",
]
