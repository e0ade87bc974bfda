"""One attack as a row of the table, which is all `rows_*.py` of this folder.

A feature adds its attacks as a module with ROWS. The name of a row begins with its class, which is
one of CLASSES. `sample.py` is the application that is attacked; a feature adds its routes there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CLASSES = (
    *("csrf", "redirect", "ssrf", "traversal", "header", "fixation", "tossing", "clickjacking"),
    *("host", "mime", "xss"),
)
"""The classes of attacks; each has rows."""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """A request over a raw socket, and the answer that holds it off."""

    name: str
    """Its class, a colon, and what it does; unique."""
    head: str
    """The request line and the fields, a line each, in Latin-1."""
    body: str = ""
    """The body, whose length is added to the head."""
    statuses: tuple[int, ...]
    """The statuses that hold it off."""
    never: str = r"\A(?!)"
    """A regular expression that no part of the answer matches; LF for CRLF."""
    always: str = ""
    """One that a part matches."""

    @property
    def data(self) -> bytes:
        """The bytes of the request; the server closes the connection afterwards."""
        lines = self.head.strip("\n").replace("\n", "\r\n").encode("latin-1")
        length = f"\r\nContent-Length: {len(self.body)}" if self.body else ""
        return lines + f"{length}\r\nConnection: close\r\n\r\n{self.body}".encode()

    def check(self, answer: bytes) -> None:
        """Raises AssertionError unless the answer holds the attack off."""
        text = answer.decode("latin-1").replace("\r\n", "\n")
        assert int(text.split(" ", 2)[1]) in self.statuses, text
        assert not re.search(self.never, text), text
        assert re.search(self.always, text), text


@dataclass(frozen=True, kw_only=True)
class PageAttack:
    """A place in a page where the texts of a visitor are written."""

    name: str
    """Its class, a colon, and the place; unique."""
    template: str
    """A template of the plugin view that writes the text `v`; `h` is `ctx.helper`, and `problem`
    returns the message of a validation that repeats a text."""
