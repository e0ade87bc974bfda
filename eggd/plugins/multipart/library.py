"""The library python-multipart: `python_multipart`, or `multipart` before version 0.0.13.

Another project on PyPI is called `multipart`, too; it is one file, so its import fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol, cast

from eggd import ConfigError

Callbacks = Mapping[str, Callable[..., object]]
"""`on_part_begin` and others without arguments; `on_header_field` and `on_header_value` with data,
start and end."""


class Parser(Protocol):
    """The parser of python-multipart, restricted to one method."""

    def write(self, data: bytes) -> int:
        """Parses bytes and calls the callbacks; raises `Broken` for malformed ones."""
        ...


class NewParser(Protocol):
    """The class of parsers."""

    def __call__(self, boundary: bytes, callbacks: Callbacks) -> Parser:
        """Returns a parser of one body."""
        ...


@cache
def load() -> tuple[NewParser, type[Exception]]:
    """Returns the class of parsers, and the exception for malformed bytes.

    Importing it takes 10 to 20 ms: call it in a thread. Raises ConfigError without the library.
    """
    try:
        try:
            from python_multipart import (  # pyright: ignore[reportMissingImports]
                multipart as module,
            )
        except ImportError:
            from multipart import multipart as module
    except ImportError as exc:
        raise ConfigError(
            f"uploads cannot be read: {exc}", hint="apt install python3-multipart"
        ) from exc
    return cast("NewParser", module.MultipartParser), cast(
        "type[Exception]", module.MultipartParseError
    )
