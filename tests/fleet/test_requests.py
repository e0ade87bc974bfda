"""Requests to other hosts, and messages while the engine is down."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from redis import Redis

from eggd.testing.redis_server import RedisServer
from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import AGENT as AGENT_NAME
from tests.fleet.hosts import CONFIG, Host, command
from tests.fleet.test_messages import get
from tests.polling import await_that

AGENT = """
    import asyncio
    import os

    from eggd import Agent, Boot

    class AgentBoot(Boot[Agent]):
        def did_load(self):
            self.app.notes = []
            cluster = self.app.messenger.cluster
            me = os.environ["HOST_NAME"]
            cluster.on_request("name", lambda data, sender: [me, data, *sender])
            cluster.on_request("fail", self.fail).on_request("hang", self.hang)
            cluster.on_request("large", lambda data: "x" * 2_000_000)
            cluster.on("note", self.app.notes.append)
            self.app.messenger.on_request("notes", lambda data: self.app.notes)

        def fail(self, data):
            raise ValueError(f"no {data}")

        async def hang(self, data):
            await asyncio.Event().wait()
"""
APP = """
    import os

    from eggd import Boot

    class AppBoot(Boot):
        async def did_load(self):
            self.app.messenger.cluster.on_request("slot", lambda data: [os.environ["HOST_NAME"]])
"""
ROUTER = """
    import json

    from eggd import MessengerError

    async def ask(ctx):
        query = ctx.query
        options = {"host": query["host"], "to": query.get("to", "agent")}
        try:
            ctx.body = await ctx.app.messenger.cluster.request(
                query["action"], json.loads(query["data"]), timeout=float(query["limit"]), **options
            )
        except MessengerError as exc:
            ctx.body = [type(exc).__name__, str(exc)]

    async def note(ctx):
        options = {"at": ctx.query["at"]}
        cluster = ctx.app.messenger.cluster
        cluster.send(ctx.query["host"], "note", ctx.query["text"], to="agent", **options)
        ctx.body = "sent"

    async def notes(ctx):
        ctx.body = await ctx.app.messenger.request("notes")

    async def flood(ctx):
        cluster = ctx.app.messenger.cluster
        for number in range(300):
            cluster.send(ctx.query["host"], "note", "x" * 65_000, to="agent", at="least_once")
        cluster.send(ctx.query["host"], "note", "last", to="agent", at="least_once")
        ctx.body = "sent"

    async def hosts(ctx):
        try:
            ctx.body = await ctx.app.messenger.cluster.hosts()
        except MessengerError as exc:
            ctx.body = [type(exc).__name__, str(exc)]

    def router(app):
        for name, handler in globals().items():
            if name in ("ask", "note", "notes", "hosts", "flood"):
                app.router.get(f"/{name}", handler)
"""
FULL = "cluster.hosts: redis client 'main': OOM command not allowed when used memory > 'maxmemory'"
FILES = {"agent.py": AGENT, "app.py": APP, "app/router.py": ROUTER}


def ask(
    host: Host, target: str, action: str, data: object = None, limit: float = 20, **more: str
) -> object:
    """Returns the answer, or class and text of the error."""
    query = "".join(f"&{key}={value}" for key, value in more.items())
    text = quote(json.dumps(data))
    path = f"/ask?host={target}&action={action}&data={text}&limit={limit}{query}"
    return json.loads(get(host, path))


def note(host: Host, to: str, text: str, at: str) -> None:
    """Sends a note from a worker of a host to the agent of another one."""
    get(host, f"/note?host={to}&text={text}&at={at}")


def notes(host: Host) -> list[object]:
    """Returns what the agent of a host has got."""
    return list(json.loads(get(host, "/notes")))


@pytest.mark.timeout(300)
def test_requests_and_outage(start_hosts: StartHosts, redis: RedisServer) -> None:
    """Answers and errors are as those of local requests; an outage delays what is sure."""
    a, b = start_hosts(FILES, workers=1)
    await_that(lambda: get(a, "/hosts") == get(b, "/hosts") == '["a","b"]', "two hosts")
    assert ask(a, "b", "name", {"x": 1}) == ["b", {"x": 1}, "a", "worker", 1]
    assert ask(a, "a", "name") == ["a", None, "a", "worker", 1]
    assert ask(a, "b", "slot", to="app") == ["b"]
    for action, error, text in (
        ("fail", "HandlerFailedError", "request 'fail' to agent of b: ValueError: no egg"),
        ("nmae", "NoHandlerError", "request 'nmae' to agent of b: no handler"),
        ("large", "MessageTooLargeError", "request 'large' to agent of b: the answer has 2000"),
    ):
        answer = ask(a, "b", action, "egg")
        assert isinstance(answer, list)
        assert (answer[0], text in answer[1]) == (error, True), answer
    answer = ask(a, "b", "hang", limit=0.5)
    assert answer == [
        "RequestTimeoutError",
        "request 'hang' to agent of b: no answer within 0.5 s",
    ]
    answer = ask(a, "c", "name")
    assert isinstance(answer, list)
    assert answer[0] == "NoPeerError"
    assert "host 'c' does not run (running: a, b)" in answer[1]
    answer = ask(a, "b", "name", limit=-1)
    assert answer == ["MessengerError", "request 'name': timeout=-1.0 is not positive seconds"]
    check_hosts(a)
    check_full_memory(a, b, redis)
    check_stop(b)
    await_that(lambda: ask(a, "b", "name") == ["b", None, "a", "worker", 1], "answer of b")
    check_outage(a, b, redis)
    check_new_code(a, b)


def check_new_code(a: Host, b: Host) -> None:
    """Checks that `code` differs while the workers of one host run other code."""

    def codes() -> set[str]:
        return {each["code"] for each in json.loads(command(a, "hosts", "--json"))}

    file = b.suite.app_dir / "app/router.py"
    file.write_text(file.read_text() + "\n# a newer version\n")
    b.suite.restart("worker-1").wait_ready(60)
    await_that(lambda: len(codes()) == 2, "two versions")
    a.suite.restart("worker-1").wait_ready(60)
    await_that(lambda: len(codes()) == 1, "one version")


def check_full_memory(a: Host, b: Host, redis: RedisServer) -> None:
    """Checks that a server without memory is one outage, although it answers reads."""
    log = a.suite.logdir / "common-error.log"
    with Redis(unix_socket_path=str(redis.socket)) as client:
        client.config_set("maxmemory", "1")
        note(a, "b", "kept", "least_once")
        await_that(lambda: "refuses commands: OOM" in log.read_text(), "refusal")
        assert isinstance(answer := json.loads(get(a, "/hosts")), list)
        assert answer == ["NoPeerError", FULL]
        assert "OOM" in command(a, "hosts", fails=True)
        client.config_set("maxmemory", "0")
    await_that(lambda: notes(b) == ["kept"], "the note that waited")
    text = log.read_text()
    down = "[egg-fleet] redis client 'main' is down: OOM"
    assert (text.count("refuses commands"), text.count(down)) == (1, 1)
    assert "Traceback" not in text
    log.write_text("")


def check_stop(host: Host) -> None:
    """Checks that an agent that stops reports no outage: it ends its own connections."""
    agent = host.suite.terminate(AGENT_NAME)
    assert agent.wait_exit(20) == 0
    lines = [line for line in agent.lines if "is down" in line or "unhandled" in line]
    assert lines == []
    host.suite.spawn(AGENT_NAME).wait_ready(60)


def check_hosts(host: Host) -> None:
    """Checks what `eggd hosts` shows."""
    rows = json.loads(command(host, "hosts", "--json"))
    assert [(each["host"], each["application"], each["ready"]) for each in rows] == [
        ("a", "shop", 1),
        ("b", "shop", 1),
    ]
    assert len({(each["code"], each["eggd"]) for each in rows}) == 1
    assert rows[0]["code"]
    lines = command(host, "hosts").splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["host", "application", "env"],
        ["a", "shop", "prod"],
        ["b", "shop", "prod"],
    ]


def check_outage(a: Host, b: Host, redis: RedisServer) -> None:
    """Checks that what is sure arrives after an outage, once, and what is not is dropped."""
    note(a, "b", "first", "most_once")
    await_that(lambda: notes(b)[-1:] == ["first"], "first note")
    before = len(notes(b))
    redis.stop()
    logs = [host.suite.logdir / "common-error.log" for host in (a, b)]
    text = "[egg-fleet] redis client 'main' is down"
    await_that(lambda: all(log.exists() and text in log.read_text() for log in logs), "outage")
    note(a, "b", "unsure", "most_once")
    note(a, "b", "sure", "least_once")
    assert isinstance(answer := ask(a, "b", "name"), list)
    assert answer[0] == "NoPeerError"
    redis.start()
    await_that(lambda: len(notes(b)) > before, "note after the outage")
    note(a, "b", "last", "least_once")
    await_that(lambda: notes(b)[-1] == "last", "last note")
    assert notes(b)[-3:] == ["first", "sure", "last"]
    lost = "[egg-fleet] the server has lost entries"
    await_that(lambda: all(log.read_text().count(lost) == 1 for log in logs), "loss")
    assert [log.read_text().count(text) for log in logs] == [1, 1]
    assert all(child.alive for host in (a, b) for child in host.suite.children)


SMALL = CONFIG + '    fleet = {"backlog": 100}\n'


@pytest.mark.timeout(300)
def test_what_the_server_drops_is_reported(start_hosts: StartHosts) -> None:
    """A host that was away for more entries than the backlog logs the loss, and goes on."""
    a, b = start_hosts({**FILES, "config/config_default.py": SMALL}, workers=1)
    await_that(lambda: get(a, "/hosts") == get(b, "/hosts") == '["a","b"]', "two hosts")
    note(a, "b", "first", "least_once")
    await_that(lambda: notes(b) == ["first"], "first note")
    b.suite.kill(AGENT_NAME)
    get(a, "/flood?host=b")
    answers = [ask(a, "a", "name"), ask(a, "a", "name")]  # behind the flood in the stream
    assert answers == [["a", None, "a", "worker", 1]] * 2
    b.suite.spawn(AGENT_NAME).wait_ready(60)
    await_that(lambda: notes(b)[-1:] == ["last"], "last note")
    log = (b.suite.logdir / "common-error.log").read_text()
    dropped = re.findall(r"(\d+) entries were dropped before this host read them", log)
    assert len(dropped) == 1
    assert int(dropped[0]) + len(notes(b)) >= 300
