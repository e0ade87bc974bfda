"""Logging: Logbook's loggers on buffered log files, and the console of a process.

    ctx.logger.info("paid %s", order_id)
      → Logger      checks the level before it formats; puts the context in front
      → Output      adds date and process; own file, file of all errors, console
      → LogFile     collects lines, one append per second → <name>-web.log
                    masks secrets, escapes control characters of all of them at once
      → Console     fields → journal; `<N>text` or a dated line → stderr

    logger.py    the class Logger, with the methods that apps call
    request_logger.py  the loggers of requests, whose lines go the shortest way
    loggers.py   creates, reopens and closes all loggers of a process
    output.py    the destinations and levels of one logger
    file.py      a log file that several processes append to
    batch.py     joins the collected lines, masked and escaped
    flusher.py   the timer that writes collected lines
    console.py   stderr: the journal, a terminal or a pipe
    channels.py  transports, formats, JSON lines, loggers that pass entries on
    entry.py     one call, as formatters, transports and the journal see it
    journal.py   the journal's native protocol
    handler_stack.py  knows Logbook's innermost handler without asking for each line
    record.py    Logbook's handler: lines of libraries and of the standard library
    text.py      formats the text of a line, escapes control characters
    failure.py   formats exceptions
    stack.py     formats their stacks, each frame once
    levels.py    the levels by name, and as journal priorities
    config.py    the `logger` section

Importing this sets up nothing: `setup_console` does, once, at boot, and `Loggers` opens the files
when the config is known. No message or argument makes a logging call raise.
"""

from eggd.log.config import CustomLogger, LoggerConfig
from eggd.log.console import Console, setup_console
from eggd.log.logger import Logger
from eggd.log.loggers import Loggers

__all__ = [
    "Console",
    "CustomLogger",
    "Logger",
    "LoggerConfig",
    "Loggers",
    "setup_console",
]
