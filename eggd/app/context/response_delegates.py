"""The members of the response that ctx has under the same names (core:CTX-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eggd.app.context.response import Response


class ResponseDelegates:
    """Members of `Context` that read and set its response."""

    response: Response

    @property
    def status(self) -> int:
        """The status code; 404 until it or a body is set."""
        return self.response.status

    @status.setter
    def status(self, status: int) -> None:
        self.response.status = status

    @property
    def message(self) -> str:
        """The status's reason phrase, or its number without one."""
        return self.response.message

    @property
    def real_status(self) -> int:
        """The status to log, if `status` is that of a redirect to an error page."""
        return self.response.real_status

    @real_status.setter
    def real_status(self, status: int) -> None:
        self.response.real_status = status

    @property
    def body(self) -> Any:
        """The response's body."""
        return self.response.body

    @body.setter
    def body(self, body: Any) -> None:
        self.response.body = body

    @property
    def respond(self) -> bool:
        """Whether eggd sends the response; False leaves `ctx.exchange` to the app."""
        return self.response.respond

    @respond.setter
    def respond(self, respond: bool) -> None:
        self.response.respond = respond

    @property
    def type(self) -> str:
        """The response's media type that was set, else ""."""
        return self.response.type

    @type.setter
    def type(self, value: str) -> None:
        self.response.type = value

    @property
    def length(self) -> int | None:
        """The response's Content-Length, or the length of its text or bytes, else None."""
        return self.response.length

    @length.setter
    def length(self, length: int) -> None:
        self.response.length = length

    @property
    def etag(self) -> str:
        """The response's entity tag."""
        return self.response.etag

    @etag.setter
    def etag(self, tag: str) -> None:
        self.response.etag = tag

    @property
    def last_modified(self) -> datetime | None:
        """The time of the content's last change."""
        return self.response.last_modified

    @last_modified.setter
    def last_modified(self, moment: datetime | float) -> None:
        self.response.last_modified = moment

    @property
    def header_sent(self) -> bool:
        """Whether the response's head was sent."""
        return self.response.header_sent

    @property
    def writable(self) -> bool:
        """Whether the response can still reach the client and is not complete."""
        return self.response.writable

    def get_field(self, name: str) -> str:
        """Returns a response field's value, "" if it is not set: `ctx.response.get`."""
        return self.response.get(name)

    def set(
        self, name: str | Mapping[str, object], value: object = "", *, append: bool = False
    ) -> None:
        """Sets a response field, or all fields of a mapping (`Response.set`)."""
        self.response.set(name, value, append=append)

    def append(self, name: str, value: object) -> None:
        """Adds a line to a response field."""
        self.response.append(name, value)

    def remove(self, name: str) -> None:
        """Removes a response field, if it is set."""
        self.response.remove(name)

    def vary(self, field: str) -> None:
        """Adds comma-separated names to Vary."""
        self.response.vary(field)

    def attachment(self, filename: str = "", *, kind: str = "attachment") -> None:
        """Makes the client save the body as a file (`Response.attachment`)."""
        self.response.attachment(filename, kind=kind)

    def redirect(self, url: str, alternative: str = "/") -> None:
        """Redirects to `url` or "back" (`Response.redirect`)."""
        self.response.redirect(url, alternative)

    def back(self, alternative: str = "/") -> None:
        """Redirects to the page that the client came from, else to `alternative`."""
        self.response.back(alternative)
