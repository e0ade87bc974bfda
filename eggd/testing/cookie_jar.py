"""The cookies of a client of a test, as a browser keeps them for one site."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from eggd.testing.arguments import check_cookie

__tracebackhide__ = True  # pytest shows the line of the test instead


class CookieJar(UserDict[str, str]):
    """Values by name: what the app has set, and what a test sets or deletes itself.

    Paths, domains and `secure` are not compared: every request of the client carries all of them.
    Setting text that is not one cookie raises ArgumentError.
    """

    def __setitem__(self, name: str, value: str) -> None:
        check_cookie("client.cookies", name, value)
        super().__setitem__(name, value)

    def take(self, lines: Iterable[str]) -> None:
        """Keeps the cookies of Set-Cookie lines, and drops those that have expired."""
        for line in lines:
            pair, _, rest = line.partition(";")
            name, _, value = pair.partition("=")
            if _has_ended(rest):
                self.pop(name.strip(), None)
            else:
                self.data[name.strip()] = value.strip()  # as the app sent it


def _has_ended(attributes: str) -> bool:
    """Returns whether the attributes delete their cookie; max-age wins (RFC 6265 section 5.3)."""
    pairs = (part.partition("=") for part in attributes.split(";"))
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if "max-age" in values:
        return int(values["max-age"]) <= 0
    if "expires" in values:
        return parsedate_to_datetime(values["expires"]) <= datetime.now(UTC)
    return False
