"""Holds the garbage collector back while an app is loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Runs what is inside without garbage collections: they are a fifth of a large app's load time.

    What was loaded stays, so the next collection need not traverse it: freezing and unfreezing
    moves all objects to the oldest generation.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if enabled:
            gc.enable()
