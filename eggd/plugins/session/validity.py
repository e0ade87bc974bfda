"""Whether a session that was found is still valid, and who learns that it is not (SES-9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from eggd import Context
from eggd.plugins.session.codec import StoredSession, dump
from eggd.plugins.session.functions import plain_result
from eggd.plugins.session.section import SessionConfig

Event = Literal["session_missed", "session_expired", "session_invalid"]
_TEXTS: Mapping[Event, str] = {
    "session_missed": "is not in the store",
    "session_expired": "has expired",
    "session_invalid": "is refused by session.valid",
}
PREFIX_LENGTH = 8
"""Characters of an id that a warning shows: the whole one would open the session."""


def is_valid(
    ctx: Context, options: SessionConfig, stored: StoredSession, key: str, now: float
) -> bool:
    """Returns whether the session has not expired and `config.session.valid` accepts it.

    `key` is its id in a store, "" for a session in the cookie.
    """
    if stored.expires is not None and stored.expires < now:
        report(ctx, options, "session_expired", key, stored)
        return False
    if not _is_accepted(ctx, options, stored):
        report(ctx, options, "session_invalid", key, stored)
        return False
    return True


def report(
    ctx: Context,
    options: SessionConfig,
    event: Event,
    key: str,
    stored: StoredSession | None = None,
) -> None:
    """Logs a session that is dropped, and calls the listeners `(key, value, ctx)` of the event."""
    session = f"session {key[:PREFIX_LENGTH]}..." if key else "the session in the cookie"
    value = f": {dump(stored.data)}" if stored is not None and options.log_value else ""
    ctx.core_logger.warning("[session] %s %s%s", session, _TEXTS[event], value)
    ctx.app.emitter.call(event, key, None if stored is None else stored.data, ctx)


def _is_accepted(ctx: Context, options: SessionConfig, stored: StoredSession) -> bool:
    if options.valid is None:
        return True
    return bool(plain_result("session.valid", options.valid(ctx, stored.data)))
