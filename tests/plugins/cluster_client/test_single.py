"""Shared clients in an app whose agent is in the same process (process:CC-16)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import eggd
from eggd.errors import EggError, HookError
from eggd.plugins.cluster_client import (
    ClusterClientError,
    ClusterClientResponseTimeoutError,
    LeaderError,
)
from eggd.testing.make_app import make_app
from tests.plugins.cluster_client.board import WORKER, files

Work = Callable[[Any], Awaitable[None]]


def run(tmp_path: Path, work: Work, options: str = "", **more: str) -> None:
    """Runs `work(app)`; `app.board` is a follower, `app.agent.board` the leader."""
    app_files = {**files(options), **more}
    base_dir = make_app(tmp_path / "shop", app_files)

    async def main() -> None:
        app = await eggd.start(base_dir, env="prod")
        try:
            async with asyncio.timeout(30):
                await work(app)
        finally:
            await app.close()

    before = set(sys.modules)
    sys.path.insert(0, str(base_dir))
    try:
        asyncio.run(main())
    finally:
        sys.path.remove(str(base_dir))
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in ("lib", "app", "agent"):
                del sys.modules[name]


BOOT = "from eggd import Boot\nclass ShopBoot(Boot): ...\n"


async def until(condition: Callable[[], object]) -> None:
    """Lets the loop turn until a condition holds."""
    while not condition():  # noqa: ASYNC110  # of other objects, which have no event
        await asyncio.sleep(0.005)


def real(app: Any) -> Any:
    """Returns the only object of the class."""
    return app.agent.cluster_clients._leaders["Board"]._real._object


def test_one_object_serves_app_and_agent(tmp_path: Path) -> None:
    """Made once; each subscriber has the last value at once (process:CC-1, CC-3, CC-16)."""

    async def work(app: Any) -> None:
        assert type(real(app)).made == 1
        seen: list[tuple[str, object]] = []
        app.board.subscribe("a", lambda value: seen.append(("app", value)))
        app.agent.board.subscribe("a", lambda value: seen.append(("agent", value)))
        await until(lambda: "subscribe a" in real(app).calls)
        real(app).put("a", [1])
        await until(lambda: len(seen) == 2)
        app.board.subscribe("a", lambda value: seen.append(("late", value)))
        app.agent.board.subscribe("a", lambda value: seen.append(("late too", value)))
        await until(lambda: len(seen) == 4)
        assert sorted(seen) == [("agent", [1]), ("app", [1]), ("late", [1]), ("late too", [1])]
        assert real(app).calls == ["ready", "subscribe a"]
        with pytest.raises(EggError, match="must be a function"):
            app.board.subscribe("a", None)

    run(tmp_path, work)


def test_a_late_listener_is_called_once_for_a_value(tmp_path: Path) -> None:
    async def work(app: Any) -> None:
        seen: list[object] = []
        app.board.subscribe("a", seen.append)
        await until(lambda: "subscribe a" in real(app).calls)
        real(app).put("a", 1)
        await until(lambda: seen == [1])
        real(app).put("a", 2)
        late: list[object] = []
        app.board.subscribe("a", late.append)
        await until(lambda: seen == [1, 2] and late)
        await app.board.history()
        assert late in ([2], [1, 2])

    run(tmp_path, work)


def test_the_last_listener_ends_the_real_subscription(tmp_path: Path) -> None:
    """A listener alone, or all of a key (process:CC-5)."""

    async def work(app: Any) -> None:
        seen: list[object] = []
        app.board.subscribe("a", seen.append)
        app.board.subscribe("a", print)
        app.agent.board.subscribe("a", print)
        await app.board.unsubscribe("a", print)
        await app.board.history()
        real(app).put("a", 1)
        await until(lambda: seen == [1])
        await app.board.unsubscribe("a")
        await app.board.unsubscribe("never")
        await app.board.history()
        assert "unsubscribe a" not in real(app).calls
        await app.agent.board.unsubscribe("a")
        await until(lambda: "unsubscribe a" in real(app).calls)
        app.board.subscribe("a", seen.append)
        await until(lambda: real(app).calls.count("subscribe a") == 2)

    run(tmp_path, work)


def test_without_broadcast_one_process_gets_each_value(tmp_path: Path) -> None:
    """Nothing is kept for late subscribers (process:CC-4)."""

    async def work(app: Any) -> None:
        seen: list[str] = []
        app.board.subscribe("a", lambda value: seen.append("app"))
        app.agent.board.subscribe("a", lambda value: seen.append("agent"))
        await until(lambda: "subscribe a" in real(app).calls)
        for number in range(100):
            real(app).put("a", number)
        await until(lambda: len(seen) == 100)
        assert {*seen} == {"app", "agent"}
        app.board.subscribe("a", lambda value: seen.append("late"))
        await app.board.history()
        assert len(seen) == 100

    run(tmp_path, work, "is_broadcast=False")


def test_publish_and_methods(tmp_path: Path) -> None:
    """Results are copies; only async public methods are shared (process:CC-6..8)."""

    async def work(app: Any) -> None:
        app.board.publish({"key": "a", "value": 1})
        await until(lambda: "publish a=1" in real(app).calls)
        answer = await app.board.set("b", {"deep": [1, None]}, level=2)
        assert answer["value"] == {"deep": [1, None]}
        assert await app.agent.board.divide(6, 3) == 2
        for name in ("plain", "_private", "putt"):
            with pytest.raises(AttributeError):
                getattr(app.board, name)
        with pytest.raises(AttributeError, match=r"did you mean 'history'"):
            app.board.histori  # noqa: B018
        assert repr(app.board) == "<shared Board>"

    run(tmp_path, work)


CHOSEN = """
    from eggd import Boot
    from lib.board import Board


    class AppBoot(Boot):
        async def did_load(self):
            wrapper = self.app.cluster(Board).delegate("set", "invoke_oneway")
            wrapper.delegate("plain").delegate("close", "close")
            self.app.board = wrapper.override("color", "red").create()
"""


def test_chosen_methods(tmp_path: Path) -> None:
    """Explicit targets; a target or method that does not exist is an error (process:CC-8)."""

    async def work(app: Any) -> None:
        await app.board.ready()
        assert app.board.color == "red"
        assert await app.board.set("a", 1) is None
        assert await app.board.plain() == "not shared"
        board = type(real(app))
        for name in (5, "", "a b", "_x"):
            with pytest.raises(EggError, match="cannot be a member"):
                app.cluster(board, name="x").override(name, 1)
        for name, target in ((5, "invoke"), ("a", None)):
            with pytest.raises(EggError, match=r"no such method|unknown target"):
                app.cluster(board, name="x").delegate(name, target).create()
        with pytest.raises(EggError, match=r"unknown target .did you mean 'invoke'"):
            app.cluster(board, name="x").delegate("set", "invok").create()
        with pytest.raises(EggError, match=r"no such method .did you mean 'history'"):
            app.cluster(board, name="x").delegate("histori").create()

    both = CHOSEN.replace("Boot)", "Boot[Agent])").replace("import Boot\n", "import Agent, Boot\n")
    run(tmp_path, work, **{"app.py": CHOSEN, "agent.py": both})


def test_errors_cross_with_class_message_code_and_stack(tmp_path: Path) -> None:
    """The class of the error, if this process has it (process:CC-7)."""

    async def work(app: Any) -> None:
        with pytest.raises(ZeroDivisionError, match=r"^division by zero$") as info:
            await app.board.divide(1, 0)
        assert isinstance(info.value, LeaderError)
        assert info.value.type == "ZeroDivisionError"
        assert "in divide" in info.value.stack
        not_allowed = sys.modules["lib.board"].NotAllowed
        with pytest.raises(not_allowed, match=r"^b is not allowed at 0$") as other:
            await app.board.set("b", 1, level=0)
        assert (other.value.code, other.value.level) == ("E_LEVEL", 0)
        with pytest.raises(LeaderError, match="takes 3 positional arguments"):
            await app.board.divide(1, 2, 3)

    run(tmp_path, work)


def test_a_method_that_takes_too_long_is_cancelled(tmp_path: Path) -> None:
    """The error names method and limit; the method ends (process:CC-7)."""

    async def work(app: Any) -> None:
        text = r"^Board.hang: no result in 0.05 s$"
        with pytest.raises(ClusterClientResponseTimeoutError, match=text):
            await app.board.hang()
        with pytest.raises(ClusterClientResponseTimeoutError, match=text):
            await app.agent.board.hang()
        assert real(app).calls == ["ready", "hang", "hung", "hang", "hung"]

    run(tmp_path, work, "response_timeout='50ms'")


def test_a_value_that_json_does_not_have_is_an_error(tmp_path: Path) -> None:
    """The error names the place; a subscriber keeps the value before (process:CC-9)."""

    async def work(app: Any) -> None:
        with pytest.raises(ClusterClientError, match=r"Board.set.args\[1\].x\[0\]: bytes cannot"):
            await app.board.set("a", {"x": [b"1"]})
        with pytest.raises(ClusterClientError, match=r"args\[0\].value: bytes cannot be sent"):
            app.board.publish({"key": "a", "value": b""})
        seen: list[object] = []
        app.board.subscribe("a", seen.append)
        await until(lambda: "subscribe a" in real(app).calls)
        for value in (1, b"binary", "x" * 1_000_001, 2):
            real(app).listeners["a"](value)
        await until(lambda: seen == [1, 2])
        with pytest.raises(ClusterClientError, match="has 1000028 bytes of JSON, the limit is"):
            await app.board.set("a", "x" * 1_000_000)
        log = (app.base_dir / "logs/egg-agent.log").read_text
        await until(lambda: "Board: value of 'a': bytes cannot be sent" in log())
        assert "Board: value of 'a': has 1000003 bytes of JSON" in log()

    config = "cluster_client = {'max_size': 1_000_000}\nlogger = {'buffer': False}\n"
    run(tmp_path, work, **{"config/config_default.py": config})


TRANSLATED = "encode=lambda value: value.hex(), decode=bytes.fromhex"


def test_values_are_translated(tmp_path: Path) -> None:
    """`encode` and `decode` carry what JSON does not have (process:CC-9)."""

    async def work(app: Any) -> None:
        seen: list[object] = []
        app.board.subscribe(b"a", seen.append)
        await until(lambda: "subscribe b'a'" in real(app).calls)
        real(app).listeners["b'a'"](b"\0\xff")
        await until(lambda: seen == [b"\0\xff"])

    run(tmp_path, work, TRANSLATED)


def test_a_listener_may_be_async_fail_or_be_called_in_a_thread(tmp_path: Path) -> None:
    async def work(app: Any) -> None:
        seen: list[object] = []

        async def listener(value: object) -> None:
            await asyncio.sleep(0)
            seen.append(value)

        def broken(value: object) -> None:
            raise ValueError("not mine")

        app.board.subscribe("a", broken)
        app.board.subscribe("a", listener)
        await until(lambda: "subscribe a" in real(app).calls)
        await app.board.in_a_thread("a", "from a thread")
        await until(lambda: seen == ["from a thread"])

    run(tmp_path, work)


def test_an_async_listener_gets_values_in_order(tmp_path: Path) -> None:
    """One after the other, whatever time each takes."""

    async def work(app: Any) -> None:
        seen: list[object] = []

        async def listener(value: float) -> None:
            await asyncio.sleep(value)
            seen.append(value)

        app.board.subscribe("a", listener)
        await until(lambda: "subscribe a" in real(app).calls)
        for value in (0.02, 0, 0.01, 0):
            real(app).put("a", value)
        await until(lambda: len(seen) == 4)
        assert seen == [0.02, 0, 0.01, 0]

    run(tmp_path, work)


def test_a_subscription_without_value_emits_an_error(tmp_path: Path) -> None:
    """Only if no value arrived; a later one is delivered (process:CC-15)."""

    async def work(app: Any) -> None:
        errors: list[str] = []
        app.on("error", lambda error, ctx: errors.append(str(error)))
        seen: list[object] = []
        app.board.subscribe("never", seen.append)
        app.board.subscribe("a", seen.append)
        await until(lambda: "subscribe a" in real(app).calls)
        real(app).put("a", 0)
        await until(lambda: errors)
        real(app).put("never", 1)
        await until(lambda: seen == [0, 1])
        assert errors == ["Board: no value of 'never' in 0.2 s"]

    run(tmp_path, work, "subscribe_timeout=0.2")


def test_close(tmp_path: Path) -> None:
    """The client is awaited, its later values are ignored; twice is fine (process:CC-14, CC-17)."""

    async def work(app: Any) -> None:
        board, seen = real(app), list[object]()
        app.board.subscribe("a", seen.append)
        await until(lambda: "subscribe a" in board.calls)
        listener = board.listeners["a"]
        await app.board.close()
        await until(lambda: "unsubscribe a" in board.calls)
        await app.board.close()
        with pytest.raises(ClusterClientError, match="the client is closed"):
            await app.board.history()
        app.board = app.cluster(type(board)).create()
        app.board.subscribe("b", seen.append)
        await until(lambda: "subscribe b" in board.calls)
        await app.agent.board.close()
        await app.agent.board.close()
        listener(1)
        board.listeners["b"](1)
        assert board.calls[-1] == "close"
        app.agent.board = app.agent.cluster(type(board)).create()
        await until(lambda: real(app).calls == ["ready", "subscribe b"])
        app.last = real(app)
        assert seen == []

    apps: list[Any] = []

    async def remembered(app: Any) -> None:
        apps.append(app)
        await work(app)

    run(tmp_path, remembered)
    assert apps[0].last.calls[-1] == "close"


def test_a_name_belongs_to_one_client(tmp_path: Path) -> None:
    """Another name makes another client; closing one leaves the other (process:CC-13)."""

    async def work(app: Any) -> None:
        board = type(real(app))
        with pytest.raises(EggError, match="this worker has a client 'Board'"):
            app.cluster(board).create()
        with pytest.raises(EggError, match="the agent has a client 'Board'"):
            app.agent.cluster(board).create()
        app.agent.cluster(board, name="other").create()
        other = app.cluster(board, name="other").create()
        assert await other.history() == ["ready"]
        await other.close()
        assert await app.board.history() == ["ready"]

    run(tmp_path, work)


def test_an_error_of_ready_reaches_the_follower(tmp_path: Path) -> None:
    """With class, message and code; a new client is made (process:CC-10, known:KO-25)."""
    down = tmp_path / "board.down"
    down.touch()

    async def work(app: Any) -> None:
        for board in (app.agent.board, app.board):
            with pytest.raises(ConnectionError, match=r"^the board is down$") as info:
                await board.ready()
            assert vars(info.value)["code"] == "E_DOWN"
        with pytest.raises(ConnectionError):
            await app.board.history()
        seen: list[object] = []
        app.board.subscribe("a", seen.append)
        down.unlink()
        assert await app.board.history() == ["ready"]
        await app.board.ready()
        await until(lambda: "subscribe a" in real(app).calls)

    later = WORKER.replace("            await self.app.board.ready()\n", "") % ""
    agent = files()["agent.py"].replace("create()", f"create({str(tmp_path / 'board')!r})")
    run(tmp_path, work, **{"app.py": later, "agent.py": agent})


def test_a_leader_may_come_later(tmp_path: Path) -> None:
    """The follower is ready as soon as the leader is (known:KO-23)."""

    async def work(app: Any) -> None:
        assert app.base_dir
        module = __import__("lib.board", fromlist=["Board"])
        app.board = app.cluster(module.Board).create()
        waiting = asyncio.ensure_future(app.board.ready())
        follower = app.cluster_clients._followers["Board"]
        await until(lambda: follower._reason.startswith("agent.py"))
        app.agent.cluster(module.Board).create()
        async with asyncio.timeout(5):
            await waiting

    run(tmp_path, work, **{"agent.py": BOOT, "app.py": BOOT})


def test_without_leader_the_error_says_what_is_missing(tmp_path: Path) -> None:
    """After `max_wait_time` seconds, with the nearest name (process:CC-2, CC-10)."""
    worker = WORKER % ", name='Bord', max_wait_time='50ms'"
    text = (
        r"Bord: no leader within 0.05 s: agent.py has not created 'Bord' "
        r"\(call app.cluster\(...\).create\(\) in agent.py, too; did you mean 'Board'\?\)"
    )

    async def work(app: Any) -> None:
        raise AssertionError

    with pytest.raises(HookError, match=text):
        run(tmp_path, work, **{"app.py": worker})


def test_limits_of_a_worker(tmp_path: Path) -> None:
    """Subscriptions, published keys and calls that wait are limited."""

    async def work(app: Any) -> None:
        app.board.subscribe("a", print)
        app.board.subscribe("a", print)
        app.board.subscribe("b", print)
        with pytest.raises(ClusterClientError, match=r"subscribe\('c'\): this worker has 2"):
            app.board.subscribe("c", print)
        calls = [asyncio.ensure_future(app.board.hang()) for _ in range(3)]
        await until(lambda: real(app).calls.count("hang") == 3)
        with pytest.raises(ClusterClientError, match="hang: this worker has 3 already"):
            await app.board.hang()
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        assert await app.board.divide(1, 1) == 1

    config = "cluster_client = {'max_subscriptions': 2, 'max_invocations': 3}\n"
    run(tmp_path, work, **{"config/config_default.py": config})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("nam='x'", ": nam: unknown option (did you mean 'name'?)"),
        ("response_timeout='soon'", ".response_timeout must be 0.001 to 86400 seconds"),
        ("response_timeout=0", ".response_timeout must be 0.001 to 86400 seconds"),
        ("max_wait_time='1y'", ".max_wait_time must be 0.001 to 3600 seconds"),
        ("subscribe_timeout=-1", ".subscribe_timeout must be 0 or more seconds"),
        ("subscribe_timeout=10**6", ".subscribe_timeout must be at most '1d', not 1000000"),
        ("encode=print", ": encode and decode need each other"),
        ("encode=5, decode=print", ".encode is not a function: int (define it: def encode(value))"),
        ("format_key=lambda: ''", ".format_key: too many positional arguments (define it: def"),
        ("name=''", ".name must be text of 1 to 200 characters, not ''"),
        ("name=5", ".name must be text of 1 to 200 characters, not 5"),
        ("is_broadcast='no'", ".is_broadcast must be True or False, not 'no'"),
    ],
)
def test_wrong_options(tmp_path: Path, options: str, text: str) -> None:
    async def work(app: Any) -> None:
        raise AssertionError

    with pytest.raises(HookError) as info:
        run(tmp_path, work, options)
    assert f"app.cluster(Board){text}" in info.value.line


SLOW = """
    import asyncio

    class Slow:
        def __init__(self):
            self.begun, self.most, self.running = [], 0, 0
            self.gate = asyncio.Event()

        async def publish(self, info):
            self.begun.append(info)
            self.running += 1
            self.most = max(self.most, self.running)
            await self.gate.wait()
            self.running -= 1
            if info["value"] == "wrong":
                raise LookupError(f"no place for {info['key']}")

        async def note(self, info):
            await self.publish(info)
"""
SLOW_BOOT = """
    from eggd import Boot
    from lib.slow import Slow


    class ShopBoot(Boot):
        async def did_load(self):
            wrapper = self.app.cluster(Slow, format_key=lambda info: info["key"])
            self.app.slow = wrapper.delegate("note", "invoke_oneway").create()
            self.app.errors = []
            self.app.on("error", lambda error, *more: self.app.errors.append(error))
"""
SLOW_FILES = {
    "lib/slow.py": SLOW,
    "agent.py": SLOW_BOOT,
    "app.py": SLOW_BOOT,
    "config/config_default.py": "cluster_client = {'max_invocations': 3}\n",
}


def slow(app: Any) -> Any:
    """Returns the real client."""
    return app.agent.cluster_clients._leaders["Slow"]._real._object


def test_a_slow_publish_loses_no_last_value(tmp_path: Path) -> None:
    """Above `max_invocations` only the last value of each key waits (process:CC-6)."""

    async def work(app: Any) -> None:
        for number in range(5):
            for key in range(20):
                await app.slow.publish({"key": str(key), "value": number})
        await until(lambda: len(slow(app).begun) == 3)
        slow(app).gate.set()
        await until(lambda: {str(key) for key in range(20)} <= last_keys(app))
        assert slow(app).most <= 3
        assert len(slow(app).begun) < 30
        assert app.errors == []

    def last_keys(app: Any) -> set[str]:
        return {each["key"] for each in slow(app).begun if each["value"] == 4}

    run(tmp_path, work, **SLOW_FILES)


def test_an_error_of_publish_reaches_the_publisher(tmp_path: Path) -> None:
    """As the event `error` of the app, with class and message (process:CC-6, CC-7)."""

    async def work(app: Any) -> None:
        slow(app).gate.set()
        await app.slow.publish({"key": "a", "value": "wrong"})
        await app.slow.note({"key": "b", "value": "wrong"})
        await until(lambda: len(app.errors) == 2)
        assert sorted(map(str, app.errors)) == ["no place for a", "no place for b"]
        for error in app.errors:
            assert isinstance(error, LookupError)
            assert isinstance(error, LeaderError)

    run(tmp_path, work, **SLOW_FILES)


def test_too_many_calls_without_a_result_are_an_error(tmp_path: Path) -> None:
    """In the worker and in the agent, at once; when the calls end there is room again."""

    async def work(app: Any) -> None:
        for number in range(3):
            await app.slow.note({"key": "a", "value": number})
        await until(lambda: len(slow(app).begun) == 3)
        with pytest.raises(ClusterClientError, match="note: this worker has 3 already"):
            await app.slow.note({"key": "a", "value": 3})
        with pytest.raises(ClusterClientError, match="publish is left out: 3 calls are going on"):
            await app.agent.slow.publish({"key": "a", "value": 3})
        slow(app).gate.set()
        await until(lambda: not app.slow_going())
        await app.slow.note({"key": "a", "value": 4})
        await until(lambda: len(slow(app).begun) == 4)

    boot = (
        SLOW_BOOT
        + """
            publisher = self.app.cluster_clients._followers["Slow"]._publisher
            self.app.slow_going = lambda: publisher.going
    """
    )
    run(tmp_path, work, **{**SLOW_FILES, "app.py": boot})


def test_a_leader_without_room_takes_published_values_later(tmp_path: Path) -> None:
    """Its own calls have all places: the worker sends again (process:CC-6)."""

    async def work(app: Any) -> None:
        for number in range(3):
            await app.agent.slow.note({"key": "own", "value": number})
        await until(lambda: len(slow(app).begun) == 3)
        await app.slow.publish({"key": "a", "value": 1})
        await app.slow.publish({"key": "a", "value": 2})
        await app.slow.note({"key": "b", "value": 1})
        await until(lambda: app.errors)
        assert "note is left out: 3 calls are going on" in str(app.errors[0])
        assert isinstance(app.errors[0], ClusterClientError)
        slow(app).gate.set()
        await until(lambda: {"key": "a", "value": 2} in slow(app).begun)

    run(tmp_path, work, **SLOW_FILES)


def test_a_value_above_the_size_of_a_message(tmp_path: Path) -> None:
    """The worker gets an error, and later values (`messenger.max_size`)."""

    async def work(app: Any) -> None:
        errors: list[Exception] = []
        seen: list[object] = []
        app.on("error", lambda error, *more: errors.append(error))
        for key in ("a", "b"):
            app.board.subscribe(key, seen.append)
        await until(lambda: {"subscribe a", "subscribe b"} <= {*real(app).calls})
        real(app).put("a", "x" * 5000)
        real(app).put("b", "small")
        real(app).put("a", "small, too")
        await until(lambda: len(seen) == 2 and errors)
        assert seen == ["small", "small, too"]
        assert "the limit is 4096" in str(errors[0])
        assert isinstance(errors[0], ClusterClientError)
        with pytest.raises(ClusterClientError, match=r"set: message .* the limit is 4096"):
            await app.board.set("a", "x" * 5000)
        app.board.publish({"key": "c", "value": "x" * 5000})
        assert "the limit is 4096" in str(errors[-1])
        assert len(errors) == 2
        assert await app.board.divide(1, 1) == 1

    config = "messenger = {'max_size': 4096}\n"
    run(tmp_path, work, **{"config/config_default.py": config})


def test_an_error_that_is_longer_than_a_message(tmp_path: Path) -> None:
    """The error of `ready` reaches the follower shortened (process:CC-10)."""
    board = tmp_path / "board.py"

    async def work(app: Any) -> None:
        with pytest.raises(LeaderError, match=r"^x{400}$"):
            await app.board.ready()

    source = files()["lib/board.py"].replace('"the board is down"', '"x" * 9000')
    Path(f"{board.with_suffix('')}.down").touch()
    more = {"lib/board.py": source.replace("/nonexistent/board", str(board)), "app.py": QUIET}
    config = {"config/config_default.py": "messenger = {'max_size': 4096}\n"}
    run(tmp_path, work, **more, **config)


QUIET = WORKER.replace("await self.app.board.ready()", "pass") % ""


HANGING = """
    import asyncio

    class Hanging:
        def __init__(self):
            self.calls = []

        async def subscribe(self, key, listener):
            self.calls.append(f"subscribe {key}")
            try:
                await asyncio.Event().wait()
            finally:
                self.calls.append(f"ended {key}")

        def unsubscribe(self, key, listener):
            self.calls.append(f"unsubscribe {key}")

        def close(self):
            self.calls.append("close")
"""
HANGING_BOOT = """
    from eggd import Boot
    from lib.hanging import Hanging


    class ShopBoot(Boot):
        async def did_load(self):
            self.app.client = self.app.cluster(Hanging).create()
"""


@pytest.mark.parametrize("side", ["worker", "agent"])
def test_closing_while_the_client_subscribes(tmp_path: Path, side: str) -> None:
    """The call of `subscribe` ends, and its subscription with it (process:CC-14)."""

    async def work(app: Any) -> None:
        client = app.agent.cluster_clients._leaders["Hanging"]._real._object
        await app.client.subscribe("a", print)
        await until(lambda: client.calls == ["subscribe a"])
        await (app if side == "worker" else app.agent).client.close()
        last = "unsubscribe a" if side == "worker" else "close"
        await until(lambda: client.calls[-1] == last)
        assert client.calls[:2] == ["subscribe a", "ended a"]

    boot = {"agent.py": HANGING_BOOT, "app.py": HANGING_BOOT}
    run(tmp_path, work, **{"lib/hanging.py": HANGING, **boot})


def test_a_leader_that_cannot_be_made(tmp_path: Path) -> None:
    """Its constructor's error ends the start of the agent, with its place (process:CC-1)."""

    async def work(app: Any) -> None:
        raise AssertionError

    source = files()["lib/board.py"].replace("Board.made += 1", 'raise LookupError("no board")')
    with pytest.raises(HookError) as info:
        run(tmp_path, work, **{"lib/board.py": source})
    assert "lib/board.py:21: AgentBoot.did_load failed: LookupError: no board" in info.value.line
