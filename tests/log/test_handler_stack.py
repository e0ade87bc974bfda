"""A handler that an app pushes sees every record, however it is pushed."""

from __future__ import annotations

import contextvars
import threading

import logbook
import pytest

from eggd.log import Loggers, handler_stack
from eggd.log.handler_stack import HandlerStack


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> HandlerStack:
    """The state of a process in which no handler was pushed for a thread or context yet."""
    stack = handler_stack.STACK
    monkeypatch.setattr(stack, "_is_divided", False)
    return stack


def is_top(stack: HandlerStack, handler: object) -> bool:
    return stack.innermost is handler


def messages(handler: logbook.TestHandler) -> list[str]:
    return [record.message for record in handler.records]


def test_a_handler_of_the_process_sees_lines_while_it_is_pushed(
    loggers: Loggers, stack: HandlerStack
) -> None:
    handler = logbook.TestHandler(bubble=True)
    loggers.logger.info("before")
    handler.push_application()
    assert is_top(stack, handler)
    loggers.logger.info("pushed")
    handler.pop_application()
    assert is_top(stack, loggers.logger.output.capture)
    loggers.logger.info("after")
    assert messages(handler) == ["pushed"]


@pytest.mark.parametrize("kind", ["thread", "context"])
def test_a_handler_of_a_thread_or_context_sees_lines_there(
    loggers: Loggers, stack: HandlerStack, kind: str
) -> None:
    handler = logbook.TestHandler(bubble=True)

    def log() -> None:
        getattr(handler, f"push_{kind}")()
        assert stack.innermost is None
        loggers.logger.info("pushed")
        getattr(handler, f"pop_{kind}")()

    contextvars.copy_context().run(log)  # Logbook leaves a variable in the context
    assert messages(handler) == ["pushed"]


def test_a_copy_of_a_context_keeps_its_handler(loggers: Loggers) -> None:
    """Tasks copy their context: a handler may be on the stack after it was popped elsewhere."""
    handler = logbook.TestHandler(bubble=True)

    def copied() -> contextvars.Context:
        with handler:
            return contextvars.copy_context()

    copy = contextvars.copy_context().run(copied)
    seen = copy.run(handler_stack.is_innermost, handler)
    copy.run(loggers.logger.info, "copied")
    assert ("copied" in messages(handler)) is seen


def test_another_thread_has_the_handlers_of_the_process(loggers: Loggers) -> None:
    handler = logbook.TestHandler(bubble=True)
    handler.push_application()
    thread = threading.Thread(target=loggers.logger.info, args=["there"])
    thread.start()
    thread.join()
    handler.pop_application()
    assert messages(handler) == ["there"]


def test_a_handler_that_is_popped_out_of_order_leaves_the_right_one(
    loggers: Loggers, stack: HandlerStack
) -> None:
    """Logbook removes the innermost one, and then raises."""
    first, second = logbook.TestHandler(bubble=True), logbook.TestHandler(bubble=True)
    first.push_application()
    second.push_application()
    with pytest.raises(AssertionError):
        first.pop_application()
    assert is_top(stack, first)
    first.pop_application()
