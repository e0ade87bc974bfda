"""Logging: Logbook's loggers on line buffers of our own, and the console of a process.

    ctx.logger.info("paid %s", order_id)
      → Logger      levels asked before anything is formatted; context in front
      → Output      the date, the process; own file, file of all errors, console
      → LogFile     lines wait, one append a second → <name>-web.log
      → Console     `<N>text` on stderr → journal

Importing this sets up nothing: `setup_console` does, once, at boot, and `Loggers` opens the files
when the config is known. Nothing in here raises for what it is given to log.
"""

from eggd.log.config import CustomLogger, LoggerConfig
from eggd.log.console import Console, setup_console
from eggd.log.logger import Logger
from eggd.log.loggers import Loggers

__all__ = ["Console", "CustomLogger", "Logger", "LoggerConfig", "Loggers", "setup_console"]
