"""The options of one client, with their checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict

from eggd import EggError, seconds, suggestion_or_list
from eggd.plugins.cluster_client.section import ClusterClientConfig


class ClusterOptions(TypedDict, total=False):
    """The options of `app.cluster(Class, ...)`."""

    name: str
    """The name that leader and followers share; by default the name of the class."""
    is_broadcast: bool
    """Whether a value goes to every follower (default), or to one, picked at random."""
    max_wait_time: float | str
    """Seconds to wait for the leader; by default as in the config."""
    response_timeout: float | str
    """Seconds a shared method may take; by default as in the config."""
    subscribe_timeout: float | str
    """Seconds after which a subscription without a value emits an error; 0: never."""
    format_key: Callable[[object], str]
    """Returns the key of what `subscribe` and `publish` are given; by default its JSON."""
    encode: Callable[[object], object]
    """Turns each value, argument and result into one that JSON has."""
    decode: Callable[[object], object]
    """Reverses `encode`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one client, complete."""

    name: str
    limits: ClusterClientConfig
    """The limits; `max_wait_time` and `response_timeout` are those of this client."""
    is_broadcast: bool = True
    subscribe_timeout: float = 0.0
    format_key: Callable[[object], str]
    encode: Callable[[object], object] | None = None
    decode: Callable[[object], object] | None = None


def options_of(name: str, given: ClusterOptions, config: ClusterClientConfig) -> Options:
    """Returns the options of a client. Raises EggError for an unknown one or a wrong value."""
    known = list(ClusterOptions.__annotations__)
    for key in given:
        if key not in known:
            text = f"app.cluster({name}): {key}: unknown option"
            raise EggError(text, hint=suggestion_or_list(key, known, "options"))
    if ("encode" in given) != ("decode" in given):
        raise EggError(f"app.cluster({name}): encode and decode need each other")
    wait = _time(name, "max_wait_time", given.get("max_wait_time", config.max_wait_time))
    answer = _time(name, "response_timeout", given.get("response_timeout", config.response_timeout))
    timeout = _time(name, "subscribe_timeout", given.get("subscribe_timeout", 0))
    return Options(
        name=str(given.get("name", name)),
        limits=replace(config, max_wait_time=wait, response_timeout=answer),
        is_broadcast=given.get("is_broadcast", True),
        subscribe_timeout=timeout,
        format_key=given.get("format_key", key_of),
        encode=given.get("encode"),
        decode=given.get("decode"),
    )


def key_of(info: object) -> str:
    """Returns text unchanged, and the JSON of anything else; the order of keys does not count."""
    return info if isinstance(info, str) else json.dumps(info, sort_keys=True, default=repr)


def _time(name: str, key: str, value: object) -> float:
    try:
        return seconds(value)
    except ValueError as exc:
        raise EggError(f"app.cluster({name}): {key}: must be {exc}, not {value!r}") from exc
