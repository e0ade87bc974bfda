"""Options of sessions that start a worker, but protect nothing or have no effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from eggd import Config, https_caution
from eggd.plugins.session.section import SessionConfig, SqliteOptions


def warnings_of(options: SessionConfig, config: Config, env: str) -> list[str]:
    """Returns one line for each, with the file and line that set it."""
    lines = [*_unprotected(options), *_short_lived(options, env), *_without_store(options, config)]
    lines += _without_https(options, config)
    return [f"{config.located(key)}: {key} {text}" for key, text in lines]


def _unprotected(options: SessionConfig) -> Iterator[tuple[str, str]]:
    if not (options.encrypt or options.signed):
        yield "session.signed", "and session.encrypt are off: every client can write any session"
    if not options.http_only:
        yield "session.http_only", "is off: every script of a page can read the cookie"


def _short_lived(options: SessionConfig, env: str) -> Iterator[tuple[str, str]]:
    if options.rolling and options.renew:
        yield "session.renew", "has no effect with session.rolling"
    elif options.renew and options.max_age == "session":
        yield "session.renew", "has no effect with session.max_age = 'session', which never ends"
    if options.store == "memory" and env not in ("local", "unittest"):
        yield "session.store", "'memory' is for tests: workers share nothing, a reload loses all"


def _without_https(options: SessionConfig, config: Config) -> Iterator[tuple[str, str]]:
    if options.external_key is not None:
        return
    if options.is_prefixed:
        effect = "the browser drops the cookie, and each request has a new session"
        if text := https_caution(config, effect, "choose another name"):
            yield "session.key", f"{options.key!r} {text}"
    if options.is_prefixed or not options.secure:
        return
    cure = "remove it, as over HTTPS the cookie is secure without it"
    if text := https_caution(config, "each request that changes the session fails", cure):
        yield "session.secure", text


def _without_store(options: SessionConfig, config: Config) -> Iterator[tuple[str, str]]:
    if options.store:  # the config of an environment may choose another store on purpose
        return
    keys = [("sqlite", f"session.sqlite.{each.name}") for each in fields(SqliteOptions)]
    for store, key in [*keys, ("redis", "session.redis")]:
        if config.is_set(key):
            yield key, f"has no effect without session.store = {store!r}"
