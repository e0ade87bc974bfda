"""A call in a thread ends with its thread, however often it is cancelled."""

from __future__ import annotations

import asyncio
import threading

import pytest

from eggd.threads import in_thread


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_cancelled_call_waits_for_its_thread(times: int) -> None:
    begun, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(30)
        ended.set()

    async def main() -> None:
        task = asyncio.create_task(in_thread(work))
        await asyncio.to_thread(begun.wait, 30)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert not task.done()
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(main())


def test_the_result_and_the_error_of_the_function() -> None:
    def fail() -> int:
        raise ValueError("x")

    assert asyncio.run(in_thread(lambda: 7)) == 7
    with pytest.raises(ValueError, match="x"):
        asyncio.run(in_thread(fail))
