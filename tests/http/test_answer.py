"""Status lines, the Date that is made once a second, the error page."""

from __future__ import annotations

import pytest

from eggd.http import answer


def test_status_lines() -> None:
    assert answer.status_line(200) == b"HTTP/1.1 200 OK\r\n"
    assert answer.status_line(204) == b"HTTP/1.1 204 No Content\r\n"
    assert answer.status_line(299) == b"HTTP/1.1 299 \r\n"


@pytest.mark.parametrize("status", [0, 100, 101, 199, 1000])
def test_no_final_status(status: int) -> None:
    with pytest.raises(ValueError, match="is no final HTTP status"):
        answer.status_line(status)


def test_clock_makes_the_date_of_a_second() -> None:
    clock = answer.Clock(5.0)
    clock.tick(784111777.9)
    assert clock.keep.startswith(b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
    assert clock.keep.endswith(b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n")
    assert clock.close == b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n"
    assert clock.until == 784111778.0


def test_error_page() -> None:
    page = answer.error_page(431).decode()
    assert "<h1>431 Request Header Fields Too Large</h1>" in page
    assert "<h1>799</h1>" in answer.error_page(799).decode()
