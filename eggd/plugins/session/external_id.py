"""The id of a session in a store: key, read from the request, sent with the answer (SES-21)."""

from __future__ import annotations

import uuid

from eggd import Context, EggError
from eggd.plugins.session.section import SessionConfig

LONGEST = 256
"""Characters of an id that a store is asked for."""


def new_id(ctx: Context, options: SessionConfig) -> str:
    """Returns the id of a new session: of `genid`, or the prefix and a random UUID."""
    if options.genid is None:
        return f"{options.prefix}{uuid.uuid4()}"
    key = options.genid(ctx)
    if not isinstance(key, str) or not _fits(key):
        raise EggError(
            f"session.genid returned {key!r}", hint=f"1 to {LONGEST} printable ASCII characters"
        )
    return key


def read_id(ctx: Context, options: SessionConfig) -> tuple[str, bool]:
    """Returns the id that the request carries, and whether `read_signed` was needed to read it.

    The id is "" without one, and for text that cannot be one.
    """
    if options.external_key is not None:
        return _checked(options.external_key["get"](ctx)), False
    key = _checked(ctx.cookies.get(options.key, **options.protection))
    if not key and options.read_signed:
        key = _checked(ctx.cookies.get(options.key, signed=True))
        return key, bool(key)
    return key, False


def _checked(value: object) -> str:
    return value if isinstance(value, str) and _fits(value) else ""


def _fits(value: str) -> bool:
    return 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()
