"""Messages between app and agent, in one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eggd.testing.bus import Bus


def test_the_agent_receives_and_answers(
    app: Any, agent: Any, bus: Bus, expect_log: Callable[..., None]
) -> None:
    # core:MOCK-11
    heard = bus.listen("price")
    bus.send_to_agent("ask", "egg")
    assert heard.next() == "egg costs 3"
    assert app.price == "egg costs 3"
    expect_log("asked for egg", agent.logger)


def test_the_app_receives(app: Any, bus: Bus) -> None:
    # core:MOCK-11
    bus.send_to_app("price", "nothing")
    assert app.price == "nothing"


def test_a_missing_message_is_an_error(bus: Bus) -> None:
    heard = bus.listen("never")
    with pytest.raises(TimeoutError, match=r"no message 'never' within 0.01 s"):
        heard.next(0.01)


def test_it_listens_no_more_when_it_is_closed(bus: Bus) -> None:
    heard = bus.listen("price")
    bus.close()
    bus.send_to_app("price", 1)
    with pytest.raises(TimeoutError):
        heard.next(0.01)
