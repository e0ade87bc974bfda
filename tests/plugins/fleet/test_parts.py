"""The parts of the messages among hosts, without processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

import eggd
from eggd.errors import EggError, MessageTooLargeError, MessengerError, OutboxFullError
from eggd.messenger import cluster_outgoing
from eggd.messenger.cluster_incoming import Lanes, sender_of
from eggd.messenger.cluster_outgoing import WINDOW, Outgoing, Record
from eggd.plugins.fleet import progress
from eggd.plugins.fleet.engine import Engine
from eggd.plugins.fleet.engine_outage import EngineOutage
from eggd.plugins.fleet.progress import Progress
from eggd.plugins.fleet.writer import Writer, is_record
from eggd.plugins.redis import RedisClients
from eggd.plugins.redis.section import RedisConfig
from eggd.testing.make_app import make_app
from tests.app.loading import loaded

LOG = cast("eggd.Logger", logging.getLogger("test"))
CLIENTS_OFF = RedisClients(RedisConfig(), Path("/"), lambda: LOG)


def test_a_lane_repeats_nothing() -> None:
    """A number that is not above the last one of its lane was handled before."""
    lanes = Lanes()
    lane = "a/worker/2/0f"
    numbers = [1, 2, 2, 1, 5, 4, 5, 6]
    assert [n for n in numbers if lanes.is_new(lane, n)] == [1, 2, 5, 6]
    assert lanes.is_new(f"{lane}?", 1)
    assert sender_of(lane) == ("a", "worker", 2)


class Sent:
    """An outgoing queue, and what it has sent."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.queue = Outgoing("a/worker/1", self._send)
        self.is_full = False

    def _send(self, record: Record) -> None:
        if self.is_full:
            raise OutboxFullError("full")
        self.records.append(record)

    def numbers(self) -> list[object]:
        """Returns the numbers sent since the last call."""
        numbers = [record[1] for record in self.records]
        self.records.clear()
        return numbers


def test_what_is_not_confirmed_is_sent_again() -> None:
    """A new agent gets all that the engine has not, in order, with the first number."""
    sent = Sent()
    for _ in range(3):
        sent.queue.post(["", "all", "price", "1"], sure=True)
    assert sent.numbers() == [1, 2, 3]
    sent.queue.taken([sent.queue.lane, 1])
    sent.queue.again("another lane")
    assert sent.numbers() == []
    sent.queue.again(None)
    assert [record[1:3] for record in sent.records] == [[2, 2], [3, 2]]
    sent.queue.taken([sent.queue.lane, 3])
    assert len(sent.queue) == 0


def test_the_agent_has_no_more_than_a_window() -> None:
    """The rest waits in the process, and follows as the engine confirms."""
    sent = Sent()
    for _ in range(WINDOW + 2):
        sent.queue.post(["", "all", "price", "1"], sure=True)
    assert len(sent.numbers()) == WINDOW
    sent.queue.taken([sent.queue.lane, 1])
    assert sent.numbers() == [WINDOW + 1]


def test_a_full_queue_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts what waits for the engine; `most_once` does not wait here."""
    monkeypatch.setattr(cluster_outgoing, "MOST_KEPT", 2)
    sent = Sent()
    for _ in range(2):
        sent.queue.post(["", "all", "price", "1"], sure=True)
    with pytest.raises(OutboxFullError, match="message 'price': 2 messages wait for the engine"):
        sent.queue.post(["", "all", "price", "1"], sure=True)
    sent.queue.post(["", "all", "price", "1"], sure=False)


def test_a_new_agent_asks_for_what_is_missing() -> None:
    """A record whose predecessors were lost with an agent is refused until they are there."""
    asked: list[object] = []
    taken: list[object] = []
    writer = Writer(
        Engine(None, "shop/prod", 100, 60),  # type: ignore[arg-type]  # never reached
        EngineOutage("main", LOG, CLIENTS_OFF),
        lambda pid, lane, number: taken.append(number),
        lambda pid, lane, number: asked.append(lane),
    )
    lane = "a/worker/1/0123456789ab"
    for number in (8, 9):
        writer.put([lane, number, 5, "", "all", "price", "1"], 7)
    assert (len(writer), asked) == (0, [lane])
    for number in (5, 6, 7, 8, 9, 9):
        writer.put([lane, number, 5, "", "all", "price", "1"], 7)
    assert len(writer) == 5
    writer.put([lane, 4, 4, "", "all", "price", "1"], 7)
    assert taken == [4]


RECORDS = [
    (["a/worker/1/0123456789ab", 1, 1, "", "all", "price", "1"], True),
    (["a/agent/0/0123456789ab?", 1, 0, "b", "request", "price", "1"], True),
    (["a/worker/1/0123456789ab", 0, 1, "", "all", "price", "1"], False),
    (["a/worker/x/0123456789ab", 1, 1, "", "all", "price", "1"], False),
    (["a/worker/1/0123456789ab", "1", 1, "", "all", "price", "1"], False),
    (["a/worker/1/0123456789ab", 1, 1, "", "all", "price", {}], False),
    (["a/worker/1/0123456789ab", 1, 1, "", "all", "price"], False),
    ({}, False),
    (None, False),
]


@pytest.mark.parametrize(("data", "valid"), RECORDS)
def test_the_form_of_a_record(data: object, valid: bool) -> None:
    """Data on the server that no agent has written is left out."""
    assert is_record(data) is valid


def test_a_process_that_takes_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait for PATIENCE only; the process counts again when it is back."""
    monkeypatch.setattr(progress, "WINDOW", 2)
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    entries = Progress(lambda: [1, 2], LOG)
    for number in (1, 2):
        entries.sent(number, f"{number}-0")
        entries.acknowledge(1, number)
    before = entries.cursor
    asyncio.run(entries.room())
    assert (before, entries.cursor, entries.has_slow) == ("", "2-0 2", True)
    entries.acknowledge(2, 2)
    assert entries.has_slow is False


def test_without_the_plugin_the_error_names_it(tmp_path: Path) -> None:
    """Messages of the cluster need plugin fleet; a wrong promise is an error, too."""

    async def main() -> list[str]:
        app = await eggd.start(make_app(tmp_path / "shop", {}), env="prod")
        cluster = app.messenger.cluster
        lines = []
        try:
            calls: list[Callable[[], object]] = [
                lambda: cluster.broadcast("price"),
                lambda: cluster.broadcast("price", at="always"),  # type: ignore[arg-type]
                lambda: cluster.send("b", "price", to="one"),  # type: ignore[arg-type]
                lambda: cluster.broadcast("price", object()),
                lambda: cluster.broadcast(5),  # type: ignore[arg-type]
                lambda: cluster.broadcast(""),
                lambda: cluster.send(None, "price"),  # type: ignore[arg-type]
                lambda: cluster.send("", "price"),
                lambda: cluster.on("price", 5),  # type: ignore[arg-type]
                lambda: cluster.on_request("price", None),  # type: ignore[arg-type]
            ]
            for call in calls:
                with pytest.raises(MessengerError) as caught:
                    call()
                lines.append(caught.value.line)
        finally:
            await app.close()
        return lines

    lines = asyncio.run(main())
    assert lines[0].startswith("messenger.cluster.broadcast: plugin fleet is off (set fleet = True")
    assert lines[1].startswith("cluster: at='always': unknown promise (use")
    assert lines[2].startswith("cluster.send: to='one' (use")
    assert lines[3].startswith("data of 'price' is not JSON")
    assert lines[4] == "an action must be text, not 5"
    assert lines[5] == "an action must have 1 to 1000 characters, not 0"
    assert lines[6].startswith("cluster.send: host=None is not the name of a host (")
    assert lines[7].startswith("cluster.send: host='' is not the name of a host (")
    assert lines[8].startswith("a handler of messages cannot be 5 (define it: def handler(data)")
    assert lines[9].startswith("a handler of messages cannot be None (define it: def handler(")


CLIENTS = [
    ("'main': {'timeout': 1}", "redis.clients.main.timeout is 1 s, but plugin fleet waits 1 s"),
    ("'main': {}}, 'default': {'timeout': '500ms'", "redis.default.timeout is 0.5 s, but plugin"),
    ("'mian': {}", "fleet.redis: 'main': unknown client (did you mean 'mian'?)"),
]


@pytest.mark.parametrize(("clients", "line"), CLIENTS)
def test_a_client_that_cannot_wait_for_messages_is_an_error(
    tmp_path: Path, clients: str, line: str
) -> None:
    """The error names the key and its file."""
    files = {
        "config/config_default.py": f"redis = {{'clients': {{{clients}}}}}\n",
        "config/plugin.py": "fleet = True\n",
    }
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", files)
    assert line in caught.value.line
    assert ("config/config_default.py:1" in caught.value.line) == ("mian" not in clients)


def test_a_message_must_fit_the_local_messages(tmp_path: Path) -> None:
    """The agent passes a message on by local ones."""
    config = "redis = {'clients': {'main': {}}}\nfleet = {'max_size': '33mb'}\n"
    config += "messenger = {'max_size': '32mb'}\n"
    files = {"config/config_default.py": config, "config/plugin.py": "fleet = True\n"}
    with pytest.raises(EggError, match=r"py:2: fleet.max_size is 34603008, more than messenger"):
        loaded(tmp_path / "shop", files)


def test_a_large_message_is_an_error(tmp_path: Path) -> None:
    async def main() -> None:
        app = await eggd.start(make_app(tmp_path / "shop", {}), env="prod")
        try:
            app.messenger.cluster.open("a", "worker", 1, 1_024)
            with pytest.raises(MessageTooLargeError, match=r"more than fleet\.max_size \(1024\)"):
                app.messenger.cluster.broadcast("price", "x" * 1_024)
        finally:
            await app.close()

    asyncio.run(main())
