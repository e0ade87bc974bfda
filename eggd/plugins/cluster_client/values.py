"""Values as JSON text: what a message between processes carries.

The text is made once, however many workers it goes to. Nothing is converted in silence: a value
that JSON does not have, such as bytes, is an error that names its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from eggd.plugins.cluster_client.errors import ClusterClientError
from eggd.plugins.cluster_client.options import Options

_HINT = "send text, numbers, lists and dicts, or set the options encode and decode"
_DEEPEST = 100
"""Levels of a value that are searched for the wrong part."""


def encode(value: object, options: Options, place: str) -> str:
    """Returns the JSON of a value.

    Raises ClusterClientError with `place` and the part that JSON does not have, or if the text is
    longer than `max_size`.
    """
    plain = value if options.encode is None else options.encode(value)
    return encode_plain(plain, options, place)


def encode_call(
    args: tuple[object, ...], named: Mapping[str, object], options: Options, place: str
) -> str:
    """Returns the JSON of the arguments of a call; raises as `encode`."""
    turn = options.encode or _same
    plain = {"args": [turn(each) for each in args], "named": {k: turn(v) for k, v in named.items()}}
    return encode_plain(plain, options, place)


def encode_plain(plain: object, options: Options, place: str) -> str:
    """Returns the JSON of a plain value; raises as `encode`."""
    try:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as exc:
        raise ClusterClientError(f"{place}{_wrong(plain) or f': {exc}'}", hint=_HINT) from exc
    if len(text) * 4 > options.limits.max_size:
        _check_size(len(text.encode("utf-8", "surrogatepass")), options, place)
    return text


def decode(text: str, options: Options) -> object:
    """Returns a new copy of the value."""
    value: object = json.loads(text)
    return value if options.decode is None else options.decode(value)


def decode_call(text: str, options: Options) -> tuple[list[object], dict[str, object]]:
    """Returns the arguments of a call."""
    call = json.loads(text)
    turn = options.decode or _same
    return [turn(each) for each in call["args"]], {k: turn(v) for k, v in call["named"].items()}


def _check_size(size: int, options: Options, place: str) -> None:
    if size > options.limits.max_size:
        raise ClusterClientError(
            f"{place}: has {size} bytes of JSON, the limit is {options.limits.max_size}",
            hint="send less, or raise cluster_client.max_size",
        )


def _same(value: object) -> object:
    return value


def _wrong(value: object) -> str:
    """Returns the first part that JSON does not have: `.data[0]: bytes cannot be sent`."""
    path, kind = next(_parts(value, "", 0), ("", ""))
    return f"{path}: {kind} cannot be sent" if kind else ""


def _parts(value: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str | bool | int | None) or depth > _DEEPEST:
        return
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            yield path, str(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str | int | float | bool | None):
                yield path, f"the key {key!r:.60}"
            yield from _parts(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _parts(item, f"{path}[{number}]", depth + 1)
    else:
        yield path, type(value).__name__
