"""http: HTTP/1.1 on a socket that somebody else made.

What the server promises:

- One `Exchange` per request to one `handle`, called synchronously as soon as the head is whole,
  with whatever arrived of the body; pipelined requests one after the other, answers in order.
- Strictness is ours and the same under every httptools: bare LF or CR, a blank before the colon,
  a folded line, control bytes, none or two Hosts, lengths that differ or stand beside
  Transfer-Encoding are 400; an unknown coding 501; another version 505; above the limits 413, 414
  or 431; late 408. Each with a small page and a close, never a traceback, never a handler.
- Back-pressure both ways: a body nobody takes and requests nobody serves are not read on; a
  client that does not read holds up its own writers and its own next request only.
- A client that goes away never raises in the middle of an answer.
- No timer per request, none at all without connections. The accept queue is never made shorter.

The map, lowest first: `config`, `answer` (status lines, Date, error page), `head` (a request's
head judged: pure), `framing` (where a body ends: pure), `headers`, `body`, `intake` (the one fills
the other), `exchange` (the public object), `flow` (the transport), `sweep` (time limits) and
`rounds` (when they are looked at), `shared` (what connections share), `refusal` (what is no
request), `link` (a connection's socket), `connection` (the protocol on it), `page` and `acceptor`
(fair accept), `tls`, `server`. Beside it, loaded when used: `detach` (a connection that left HTTP),
`websocket` and its `heartbeat`, and guests of other frameworks: `guest`, `asgi`, `asgi_socket`,
`tornado`. It knows neither the app nor systemd.
"""

from __future__ import annotations

from eggd.http.accept_page import AcceptPage
from eggd.http.body import Body
from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from eggd.http.headers import Headers
from eggd.http.server import HttpServer

__all__ = ["AcceptPage", "Body", "Exchange", "Headers", "HttpConfig", "HttpServer"]
