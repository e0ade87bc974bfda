"""The options of one client, with their checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from eggd import EggError, changed_options, check_function, seconds, suggestion_or_list
from eggd.plugins.cluster_client.section import ClusterClientConfig

_LIMITS = ("max_wait_time", "response_timeout")
"""The options that are keys of the config, too."""
_FUNCTIONS = {"format_key": "info", "encode": "value", "decode": "value"}
"""The options that are functions, each with its parameter."""
_LONGEST = 200
"""Characters of the name of a client: each message has it."""
_DAY = 86_400


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
    times = {key: value for key, value in given.items() if key in _LIMITS}
    timeout = _time(name, "subscribe_timeout", given.get("subscribe_timeout", 0))
    _check(name, given)
    return Options(
        name=given.get("name", name),
        limits=changed_options(config, times, f"app.cluster({name})"),
        is_broadcast=given.get("is_broadcast", True),
        subscribe_timeout=timeout,
        format_key=given.get("format_key", key_of),
        encode=given.get("encode"),
        decode=given.get("decode"),
    )


def _check(name: str, given: ClusterOptions) -> None:
    """Raises EggError for a name, a choice or a function that cannot be one."""
    place = f"app.cluster({name})"
    label = given.get("name", name)
    if not isinstance(label, str) or not 0 < len(label) <= _LONGEST:
        text = f"{place}.name must be text of 1 to {_LONGEST} characters, not {label!r}"
        raise EggError(text)
    is_broadcast = given.get("is_broadcast", True)
    if not isinstance(is_broadcast, bool):
        text = f"{place}.is_broadcast must be True or False, not {is_broadcast!r}"
        raise EggError(text)
    for key, parameter in _FUNCTIONS.items():
        if key in given:
            check_function(f"{place}.{key}", given[key], parameter)  # type: ignore[literal-required]


def key_of(info: object) -> str:
    """Returns text unchanged, and the JSON of anything else; the order of keys does not count."""
    return info if isinstance(info, str) else json.dumps(info, sort_keys=True, default=repr)


def _time(name: str, key: str, value: object) -> float:
    try:
        time = seconds(value)
    except ValueError as exc:
        raise EggError(f"app.cluster({name}).{key} must be {exc}, not {value!r}") from exc
    if time > _DAY:
        raise EggError(f"app.cluster({name}).{key} must be at most '1d', not {value!r}")
    return time
