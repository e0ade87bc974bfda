"""The five levels of the config, and Logbook's eight, as names and as journal priorities."""

from __future__ import annotations

import logging

import logbook

from eggd.errors import ConfigError

DEBUG: int = logbook.DEBUG
INFO: int = logbook.INFO
WARN: int = logbook.WARNING
ERROR: int = logbook.ERROR
CRITICAL: int = logbook.CRITICAL
NONE = 99
"""Above every level: writes nothing."""

LEVELS = {"DEBUG": DEBUG, "INFO": INFO, "WARN": WARN, "ERROR": ERROR, "NONE": NONE}

NAMES = {
    logbook.TRACE: "DEBUG",
    DEBUG: "DEBUG",
    INFO: "INFO",
    logbook.NOTICE: "INFO",
    WARN: "WARN",
    ERROR: "ERROR",
    CRITICAL: "ERROR",
}
"""The names of Logbook's levels in a line."""

NUMBERS: dict[int | str, int] = {
    **{number: number for number in NAMES},
    **{"TRACE": logbook.TRACE, "DEBUG": DEBUG, "INFO": INFO, "NOTICE": logbook.NOTICE},
    **{"WARN": WARN, "WARNING": WARN, "ERROR": ERROR, "CRITICAL": CRITICAL},
}
"""The levels that a line can have, by number and by name."""

PRIORITIES = {
    logbook.TRACE: 7,
    DEBUG: 7,
    INFO: 6,
    logbook.NOTICE: 5,
    WARN: 4,
    ERROR: 3,
    CRITICAL: 2,
}
"""The journal's priorities (sd-daemon(3)) by level."""

STDLIB = {DEBUG: logging.DEBUG, INFO: logging.INFO, WARN: logging.WARNING, ERROR: logging.ERROR}


_ACCEPTED = {**LEVELS, "WARNING": WARN}


def parse_level(text: str, title: str = "level") -> int:
    """Returns the level of a name in any case; `title` names the option in a ConfigError."""
    level = _ACCEPTED.get(text.upper())
    if level is None:
        raise ConfigError(f"{title} must be one of {', '.join(LEVELS)}, not {text!r}")
    return level
