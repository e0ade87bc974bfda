"""The parts of shared clients that need no app."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Self

import pytest

from eggd.config.section import coerce
from eggd.errors import ConfigError, OutboxFullError
from eggd.plugins.cluster_client.errors import ClusterClientError, LeaderError, pack, unpack
from eggd.plugins.cluster_client.methods import methods_of
from eggd.plugins.cluster_client.options import key_of, options_of
from eggd.plugins.cluster_client.receiver import WorkerReceiver
from eggd.plugins.cluster_client.section import ClusterClientConfig
from eggd.plugins.cluster_client.values import decode, encode

OPTIONS = options_of("Board", {}, ClusterClientConfig())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"1", ": bytes cannot be sent"),
        ({"a": [1, {2}]}, ".a[1]: set cannot be sent"),
        ([float("nan")], "[0]: nan cannot be sent"),
        ({(1, 2): 3}, ": the key (1, 2) cannot be sent"),
    ],
)
def test_a_value_that_cannot_be_sent(value: object, text: str) -> None:
    """The error names the place (process:CC-9)."""
    with pytest.raises(ClusterClientError) as info:
        encode(value, OPTIONS, "Board: value of 'a'")
    assert info.value.message == f"Board: value of 'a'{text}"


def test_a_circle_cannot_be_sent() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ClusterClientError, match="Circular reference"):
        encode(circle, OPTIONS, "x")


def test_a_large_value_survives() -> None:
    """Up to `max_size` bytes, not characters (process:CC-9)."""
    text = "\N{EURO SIGN}" * 340_000
    assert decode(encode(text, OPTIONS, "x"), OPTIONS) == text
    with pytest.raises(ClusterClientError, match="x: has 1050002 bytes of JSON, the limit is 1048"):
        encode("\N{EURO SIGN}" * 350_000, OPTIONS, "x")


class CannotBeMadeError(OSError):
    """An error whose class needs more than a message."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(f"{one} {two}")
        self.code = 7
        self.secret = object()


def test_an_error_crosses_without_code_of_its_class() -> None:
    """Name, message, code, attributes; the stack without secrets (process:CC-7)."""
    error = CannotBeMadeError("a", "b")
    copy = unpack(pack(error))
    assert isinstance(copy, CannotBeMadeError)
    assert isinstance(copy, LeaderError)
    assert (str(copy), copy.type, vars(copy)["code"]) == ("a b", "CannotBeMadeError", 7)
    assert "secret" not in vars(copy)
    again = unpack(pack(copy))
    assert (str(again), again.type) == ("a b", "CannotBeMadeError")


class TwoArgumentsError(Exception):
    """An error whose class is created with two arguments."""

    def __new__(cls, one: object, two: object) -> Self:
        return super().__new__(cls, one, two)


class MessageError(Exception):
    """An error with a message that cannot be set."""

    @property
    def message(self) -> str:
        return "own"


@pytest.mark.parametrize(
    ("error", "is_known"),
    [
        (TwoArgumentsError("a", "b"), True),
        (MessageError("x"), False),
        (ExceptionGroup("x", [ValueError("y")]), False),
    ],
)
def test_an_error_of_any_class_crosses(error: Exception, is_known: bool) -> None:
    """The worker gets a plain LeaderError if the class needs more than a message."""
    copy = unpack(pack(error))
    assert isinstance(copy, LeaderError)
    assert copy.type == type(error).__name__
    assert isinstance(copy, type(error)) == is_known


@pytest.mark.parametrize(
    "packed",
    [
        {},
        {"module": "os", "type": "system", "message": "x"},
        {"module": "builtins", "type": "KeyboardInterrupt", "message": "x"},
        {"module": "builtins", "type": "__import__", "message": "x", "attributes": 3},
    ],
)
def test_only_an_exception_becomes_one(packed: dict[str, object]) -> None:
    error = unpack(packed)
    assert type(error) is LeaderError


def test_keys() -> None:
    """Text as it stands, JSON of the rest (process:CC-2)."""
    assert key_of("a") == "a"
    assert key_of({"b": 1, "a": 2}) == key_of({"a": 2, "b": 1}) == '{"a": 2, "b": 1}'


class Every:
    """One method of each kind."""

    number = 1

    def subscribe(self) -> None: ...
    async def get(self) -> None: ...
    async def _hidden(self) -> None: ...
    def plain(self) -> None: ...
    async def ready(self) -> None: ...
    async def close(self) -> None: ...


def test_the_methods_of_a_class() -> None:
    """Public async ones, and the special names (process:CC-8)."""
    methods = methods_of(Every, {})
    assert methods.targets == {"subscribe": "subscribe", "close": "close", "get": "invoke"}
    renamed = methods_of(Every, {"plain": "subscribe", "get": "invoke_oneway"})
    assert renamed.targets == {"plain": "subscribe", "close": "close", "get": "invoke_oneway"}


def test_a_slow_worker_gets_the_last_value_of_each_key() -> None:
    """While its queue is full, one value of each key is kept."""

    async def main() -> list[str]:
        sent: list[str] = []
        full = asyncio.Event()

        def send_to(pid: int, action: str, data: dict[str, str]) -> None:
            if full.is_set():
                raise OutboxFullError("full")
            sent.append(f"{data['key']}={data['value']}")

        log = SimpleNamespace(warning=lambda *args: sent.append("warned"))
        agent: Any = SimpleNamespace(messenger=SimpleNamespace(send_to=send_to), core_logger=log)
        receiver = WorkerReceiver(agent, 1, "Board")
        receiver.push("a", "1")
        full.set()
        for value in ("2", "3"):
            receiver.push("a", value)
            receiver.push("b", value)
        full.clear()
        receiver.push("a", "4")
        while "b=3" not in sent:  # noqa: ASYNC110  # the receiver has no event
            await asyncio.sleep(0.01)
        receiver.close()
        return sent

    assert asyncio.run(main()) == ["a=1", "warned", "a=4", "b=3"]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"max_size": 0}, "max_size"),
        ({"max_size": 17 << 20}, "max_size"),
        ({"max_wait_time": 0}, "max_wait_time"),
    ],
)
def test_a_wrong_limit_is_an_error(options: dict[str, float], key: str) -> None:
    with pytest.raises(ConfigError, match=f"cluster_client.{key} must be"):
        coerce(ClusterClientConfig, options, ("cluster_client",), lambda path: "config.py")
