"""Two machines with the same name."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from eggd.plugins.fleet.engine import Engine
from eggd.plugins.fleet.presence import Presence
from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import AGENT, Host
from tests.fleet.test_messages import get
from tests.fleet.test_requests import FILES
from tests.polling import await_that

DOUBLED = "another machine is host 'a', too"


def errors(host: Host) -> str:
    """Returns the log of errors of a host."""
    file = host.suite.logdir / "common-error.log"
    return file.read_text() if file.exists() else ""


class Client:
    """A client of Redis that answers the last of some commands first."""

    def __init__(self, *answers: str) -> None:
        self.waiting: list[asyncio.Future[str]] = []
        self.answers = list(answers)

    async def eval(self, *_: object) -> str:
        """Returns the answer; the command that completes the number is answered at once."""
        answer = self.answers[len(self.waiting)]
        self.waiting.append(asyncio.get_running_loop().create_future())
        if len(self.waiting) < len(self.answers):
            await self.waiting[-1]
        return answer


def test_answers_in_another_order_are_no_second_machine(caplog: pytest.LogCaptureFixture) -> None:
    """Two publications of a new agent at once: the first one found its predecessor."""

    async def publish_twice() -> None:
        client = Client(json.dumps(["predecessor", "[]"]), json.dumps(["", "[]"]))
        engine = Engine(client, "shop/prod", 1000, 60)  # type: ignore[arg-type]
        log = logging.getLogger("names")
        args = engine, "a", dict, asyncio.Event(), lambda: None, log
        presence = Presence(*args)  # type: ignore[arg-type]
        first = asyncio.ensure_future(presence.refresh())
        await asyncio.sleep(0)  # it is sent
        await presence.refresh()
        client.waiting[0].set_result("")
        await first

    asyncio.run(publish_twice())
    assert caplog.messages == []


@pytest.mark.timeout(120)
def test_a_name_that_two_machines_have_is_one_error(start_hosts: StartHosts) -> None:
    """Each of them names the key to change; an agent that replaces one of its own host does not."""
    a, b = start_hosts(FILES, workers=1, names="ab")
    await_that(lambda: get(a, "/hosts") == get(b, "/hosts") == '["a","b"]', "two hosts")
    a.suite.kill(AGENT)
    a.suite.spawn(AGENT).wait_ready(60)
    for _ in range(3):
        await_that(lambda: get(a, "/hosts") == get(b, "/hosts") == '["a","b"]', "two hosts")
    assert "another machine" not in errors(a) + errors(b)
    (c,) = start_hosts(FILES, shifts=(0.0,), workers=1, names="a")
    hosts = [a, c]

    def asked() -> bool:
        for host in hosts:
            assert get(host, "/hosts") in ("[]", '["a","b"]')
        return all(DOUBLED in errors(host) for host in hosts)

    await_that(asked, "errors")
    for _ in range(3):
        asked()
    assert [errors(host).count(DOUBLED) for host in hosts] == [1, 1]
    assert "set cluster.host to another name on one of them" in errors(a)
    assert "another machine" not in errors(b)
