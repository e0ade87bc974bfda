"""The onion: order, exceptions, `next` once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eggd.app.routing.onion import awaitable, onion
from eggd.errors import EggError
from eggd.interfaces import Middleware


def layer(name: str) -> Middleware:
    async def middleware(ctx: list[str], next: Any) -> None:
        ctx.append(f"{name} in")
        await next()
        ctx.append(f"{name} out")

    return middleware


async def core(ctx: list[str]) -> None:
    ctx.append("core")


def run(middlewares: list[Any]) -> list[str]:
    ctx: list[str] = []

    async def main() -> None:
        await onion([awaitable(each) for each in middlewares], core)(ctx)

    asyncio.run(main())
    return ctx


def test_layers_run_from_the_outside_in_and_back() -> None:
    assert run([layer("a"), layer("b")]) == ["a in", "b in", "core", "b out", "a out"]


def test_a_layer_may_stop_the_request() -> None:
    async def stop(ctx: list[str], next: Any) -> None:
        ctx.append("stopped")

    assert run([layer("a"), stop, layer("b")]) == ["a in", "stopped", "a out"]


def test_a_plain_function_may_return_next() -> None:
    # core:X-16

    def plain(ctx: list[str], next: Any) -> Any:
        ctx.append("plain")
        return next()

    assert run([plain, layer("a")]) == ["plain", "a in", "core", "a out"]


def test_next_may_be_called_once() -> None:
    # core:MW-8

    async def twice(ctx: list[str], next: Any) -> None:
        await next()
        await next()

    with pytest.raises(EggError, match=r"next\(\) called multiple times"):
        run([twice])


def test_an_exception_skips_what_follows_the_await() -> None:
    # core:MW-9

    async def broken(ctx: list[str], next: Any) -> None:
        raise ValueError("no")

    async def guard(ctx: list[str], next: Any) -> None:
        try:
            await next()
        except ValueError:
            ctx.append("caught")

    assert run([guard, layer("a"), broken]) == ["a in", "caught"]
