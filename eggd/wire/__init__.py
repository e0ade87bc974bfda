"""Codecs: values in, bytes or decisions out.

No sockets, loops, threads or logging here, and no policies: only formats.

    between processes
      datagram.py     a datagram between eggd's processes
      request.py      requests between processes, and their answers
      compact_json.py a JSON encoder for many values
      ucred.py        the kernel's credentials of a sender
      activation.py   the environment that a service manager sets
      notify.py       notifications of sd_notify(3)
      envfile.py      environment files such as /etc/default/eggd
      unitfile.py     unit files of systemd
      line_error.py   the error of both, with the number of the line
      terminal.py     foreign text, safe for terminals and journals
    HTTP
      percent.py      percent-decoding
      query.py        query strings
      form.py         form bodies
      inflate.py      compressed bodies
      mime.py         media types
      mime_table.py   the media types of file extensions
      html_text.py    text in HTML
      negotiate.py    Accept and its relatives
      conditional.py  validators and 304
      ranges.py       ranges
      disposition.py  Content-Disposition
      cookie.py       Cookie and Set-Cookie
      keygrip.py      signatures of cookies
      cookie_cipher.py   encrypted values of cookies
      signed_token.py tokens for links
      cookie_support.py  which browsers misread attributes of cookies
      authority.py    a host with its port
      networks.py     IP addresses, and lists of networks
      proxy_header.py  the PROXY protocol's header
      forwarded.py    lists that proxies append to: X-Forwarded-*, Forwarded
      trace.py        traceparent and X-Request-Id
      events.py       Server-Sent Events
      websocket.py    WebSocket's handshake and frames
      message.py      a WebSocket message of several frames
"""
