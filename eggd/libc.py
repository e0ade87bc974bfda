"""Results of functions of libc that are called by ctypes with `use_errno=True`."""

from __future__ import annotations

import ctypes
import os


def checked(result: int) -> int:
    """Returns the result of a call; raises OSError if it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
