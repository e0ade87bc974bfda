"""Hints for an app that uses `ctx.cookies` as a dict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eggd.errors import EggError


class NoDict:
    """Raises TypeError or AttributeError with the method to call instead."""

    if not TYPE_CHECKING:  # a type checker reports these itself

        def __getitem__(self, name):
            raise TypeError(_line("is not a dict", "ctx.cookies.get(name)"))

        def __setitem__(self, name, value):
            raise TypeError(_line("is not a dict", "ctx.cookies.set(name, value)"))

        def __delitem__(self, name):
            raise TypeError(_line("is not a dict", "ctx.cookies.set(name, None)"))

        def __getattr__(self, name):
            hint = "ctx.cookies.set(name, None) deletes a cookie"
            raise AttributeError(_line(f"has no {name!r}; it has get, set, is_outdated", hint))


def _line(text: str, hint: str) -> str:
    return EggError(f"ctx.cookies {text}", hint=hint).line
