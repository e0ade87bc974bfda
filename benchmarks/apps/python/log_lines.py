"""Measures CPU and speed of log lines of one library: `python log_lines.py KIND FOLDER LINES`.

Prints {"info": [microseconds of CPU per line, lines per second], ...} as JSON.

KIND is eggd, logging, logbook or structlog. eggd writes errors to a second file, as egg-logger
does; eggd collects lines, the others write each at once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

FILL = "x" * 149
"""Makes a line of 200 bytes."""
BRACKET = "[-/127.0.0.1/0af7651916cd43dd8448eb211c80319c/0ms GET /pay?order=7]"
IN_CONTEXT = FILL[58:]

Write = Callable[[], object]
Cases = dict[str, Write]


def fail(depth: int) -> None:
    """Raises an exception with a stack."""
    if depth:
        fail(depth - 1)
    raise ValueError("order 7 cannot be paid")


def raised(log: Callable[[ValueError], object]) -> Write:
    """Returns a function that logs an exception, raised anew."""

    def write() -> None:
        try:
            fail(3)
        except ValueError as exc:
            log(exc)

    return write


def measure(cases: Cases, flush: Write, lines: int) -> dict[str, tuple[float, int]]:
    """Returns microseconds of CPU per line, and lines per second."""
    result = {}
    for name, write in cases.items():
        for count in (lines // 10, lines):
            began, clock = process_time(), perf_counter()
            for _ in range(count):
                write()
            flush()
            spent, passed = process_time() - began, perf_counter() - clock
        result[name] = (spent / lines * 1e6, round(lines / passed))
    return result


async def eggd(folder: Path, lines: int) -> dict[str, tuple[float, int]]:
    """Measures the loggers of an app; the context is that of a request."""
    import eggd

    (folder / "config").mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "bench"\n')
    (folder / "config/config_default.py").write_text('keys = "bench-only-bench-only-bench-only"\n')
    levels = {"console_level": "NONE", "core_console_level": "NONE"}
    os.environ["EGG_APP_CONFIG"] = json.dumps({"logger": levels})
    app = await eggd.start(folder, env="prod")
    trace = {"traceparent": f"00-{BRACKET[14:46]}-b7ad6b7169203331-01"}
    ctx = app.create_anonymous_context(eggd.AnonymousRequest(url="/pay?order=7", headers=trace))
    log = app.logger
    cases: Cases = {
        "info": lambda: log.info("paid %d %s", 7, FILL),
        "context": lambda: ctx.logger.info("paid %d %s", 7, IN_CONTEXT),
        "error": lambda: log.error("paid %d %s", 7, FILL),
        "raised": raised(log.error),
    }
    result = measure(cases, app.loggers.flush, lines)
    await app.close()
    return result


def standard(folder: Path, lines: int) -> dict[str, tuple[float, int]]:
    """Measures the standard library's logging."""
    handler = logging.FileHandler(folder / "web.log")
    line = "%(asctime)s %(levelname)s %(process)d %(message)s"
    handler.setFormatter(logging.Formatter(line))
    log = logging.getLogger("bench")
    log.addHandler(handler)
    log.setLevel("INFO")

    class InContext(logging.LoggerAdapter[logging.Logger]):
        def process(self, msg: object, kwargs: object) -> tuple[str, object]:  # type: ignore[override]
            return f"{BRACKET} {msg}", kwargs

    ctx = InContext(log, {})
    cases: Cases = {
        "info": lambda: log.info("paid %d %s", 7, FILL),
        "context": lambda: ctx.info("paid %d %s", 7, IN_CONTEXT),
        "error": lambda: log.error("paid %d %s", 7, FILL),
        "raised": raised(log.exception),
    }
    return measure(cases, handler.flush, lines)


def logbook(folder: Path, lines: int) -> dict[str, tuple[float, int]]:
    """Measures Logbook's own FileHandler."""
    from logbook import FileHandler, Logger, Processor

    line = "{record.time:%Y-%m-%d %H:%M:%S,%f} {record.level_name} {record.process} "
    line += "{record.extra[ctx]}{record.message}"
    handler = FileHandler(str(folder / "web.log"), format_string=line)
    handler.push_application()
    log = Logger("bench")

    def in_context() -> None:
        with Processor(lambda record: record.extra.update(ctx=f"{BRACKET} ")):
            log.info("paid {} {}", 7, IN_CONTEXT)

    cases: Cases = {
        "info": lambda: log.info("paid {} {}", 7, FILL),
        "context": in_context,
        "error": lambda: log.error("paid {} {}", 7, FILL),
        "raised": raised(log.exception),
    }
    return measure(cases, lambda: None, lines)


def structlog(folder: Path, lines: int) -> dict[str, tuple[float, int]]:
    """Measures structlog, JSON into a file."""
    import structlog as library

    processors = library.processors
    with (folder / "web.log").open("w") as file:
        library.configure(
            [
                processors.add_log_level,
                processors.TimeStamper("iso"),
                processors.format_exc_info,
                processors.JSONRenderer(),
            ],
            wrapper_class=library.make_filtering_bound_logger(logging.INFO),
            logger_factory=library.WriteLoggerFactory(file),
            cache_logger_on_first_use=True,
        )
        log = library.get_logger().bind(pid=os.getpid())
        ctx = log.bind(ip="127.0.0.1", trace=BRACKET[14:46], method="GET", url="/pay?order=7")
        cases: Cases = {
            "info": lambda: log.info("paid", order=7, text=FILL[30:]),
            "context": lambda: ctx.info("paid", order=7, text=FILL[120:]),
            "error": lambda: log.error("paid", order=7, text=FILL[30:]),
            "raised": raised(log.exception),
        }
        return measure(cases, file.flush, lines)


def main() -> None:
    """Prints the figures of one kind."""
    kind, folder, lines = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if kind == "eggd":
        result = asyncio.run(eggd(folder, lines))
    else:
        result = {"logging": standard, "logbook": logbook, "structlog": structlog}[kind](
            folder, lines
        )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
