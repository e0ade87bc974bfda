"""Status lines, the Date field, which is formatted once a second, and the error page."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from time import monotonic, time

import pytest

from eggd.http import answer
from tests.http.fake import Client
from tests.http.serving import GET


def test_status_lines() -> None:
    assert answer.status_line(200) == b"HTTP/1.1 200 OK\r\n"
    assert answer.status_line(204) == b"HTTP/1.1 204 No Content\r\n"
    assert answer.status_line(299) == b"HTTP/1.1 299 \r\n"


@pytest.mark.parametrize("status", [0, 100, 101, 199, 1000])
def test_an_interim_status_is_rejected(status: int) -> None:
    with pytest.raises(ValueError, match="is not a final HTTP status"):
        answer.status_line(status)


def test_the_date_is_formatted_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = answer.Clock(5.0)
    monkeypatch.setattr(answer, "time", lambda: 784111777.75)
    clock.tick(100.0)
    assert clock.keep.startswith(b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
    assert clock.keep.endswith(b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n")
    assert clock.close == b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n"
    assert clock.until == 100.25


@pytest.mark.parametrize("by", [-3600, -1, 1, 3600])
async def test_the_date_follows_a_clock_that_is_set(
    by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a second, at the end of which the field is formatted again."""
    clock, now = answer.Clock(5.0), time()
    client = Client(lambda exchange: exchange.send(200, b"", b""))
    client.connection.clock = clock
    with monkeypatch.context() as patch:
        patch.setattr(answer, "time", lambda: now + by)
        clock.tick(monotonic() - 1.0)
    await client.send(GET)
    date = parsedate_to_datetime(client.answers[0].headers["date"]).timestamp()
    assert int(now) <= date <= time()
    clock.until = monotonic()
    field = clock.fields(keep=False).partition(b"\r\n")[0].decode().removeprefix("Date: ")
    assert int(now) <= parsedate_to_datetime(field).timestamp() <= time()


def test_close_is_found_in_a_list_of_options() -> None:
    values = ("close", "Close", "x, close", "keep-alive,\tclose ,", "closed", "x-close", "", ",")
    assert [answer.closes(value) for value in values] == [True] * 4 + [False] * 4


def test_error_page() -> None:
    page = answer.error_page(431).decode()
    assert "<h1>431 Request Header Fields Too Large</h1>" in page
    assert "<h1>799</h1>" in answer.error_page(799).decode()
