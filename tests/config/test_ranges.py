"""Every number of the config has a range: a value far outside is one line that states it."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import pytest

import eggd
from eggd.app.loading.configure import SECTIONS
from eggd.cli.options import Options, ReleaseOptions
from eggd.config.section import coerce, hints_of
from eggd.errors import ConfigError
from eggd.ranges import Between


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of the config."""

    section: type
    path: tuple[str, ...]
    hint: object

    def values(self, value: object) -> Mapping[str, object]:
        """Returns the values of the section in which the number is this one."""
        nested: Any = value
        for name in reversed(self.path):
            nested = [nested] if name == "[]" else {name: nested}
        return typing.cast("Mapping[str, object]", nested)

    def error(self, value: object) -> str:
        """Returns the line of the error for a value."""
        with pytest.raises(ConfigError) as caught:
            coerce(self.section, self.values(value), ("section",), lambda keys: "config.py")
        return caught.value.line


def declared() -> dict[str, type]:
    """Returns the sections of eggd and of its plugins."""
    found = {name or "root": section for name, section in SECTIONS.items()}
    found |= {"tool.eggd.start": Options, "tool.eggd.deploy": ReleaseOptions}
    for file in sorted(Path(eggd.__path__[0], "plugins").glob("*/section.py")):
        module = import_module(f"eggd.plugins.{file.parent.name}.section")
        for name, each in vars(module).items():
            if name.endswith("Config") and each.__module__ == module.__name__:
                found[file.parent.name] = each
    return found


def numbers(section: type, hints: Mapping[str, object], path: tuple[str, ...]) -> Iterator[Number]:
    for name, hint in hints.items():
        yield from within(section, hint, (*path, name))


def within(section: type, hint: object, path: tuple[str, ...]) -> Iterator[Number]:
    args, kind = typing.get_args(hint), typing.get_origin(hint)
    if hint in (int, float) or (kind is Annotated and args[0] in (int, float)):
        yield Number(section=section, path=path, hint=hint)
    elif dataclasses.is_dataclass(hint):
        yield from numbers(section, hints_of(typing.cast("type", hint)), path)
    elif kind is dict:
        yield from within(section, args[1], (*path, "name"))
    elif kind is not None and isinstance(kind, type) and issubclass(kind, list | typing.Sequence):
        yield from within(section, args[0], (*path, "[]"))
    else:
        for each in args:
            yield from within(section, each, path)


ALL = {
    f"{name}.{'.'.join(each.path)}": each
    for name, section in declared().items()
    for each in numbers(section, hints_of(section), ())
}
IN_TEXT = {"cookies.max_age": "are more than 400 days"}
"""Numbers whose range the section states: a single cookie may exceed it, as browsers shorten it."""


def test_the_table_is_complete() -> None:
    """A section in a dict, and one in a list, are in the table."""
    assert {"redis.clients.name.timeout", "ratelimit.limits.[].window"} < set(ALL)
    assert len(ALL) > 100


@pytest.mark.parametrize("key", sorted(ALL))
def test_each_number_has_a_range(key: str) -> None:
    """A number that no machine has is refused, with the range, as a negative one is."""
    number = ALL[key]
    ranges = [each for each in typing.get_args(number.hint) if isinstance(each, Between)]
    stated = IN_TEXT.get(key) or " must be "
    for value in (10**18, 10**400, 1e300):
        line = number.error(value)
        assert stated in line or (key in IN_TEXT and " must be " in line)
        assert len(line) < 400
    assert " must be " in number.error(-1)
    if key not in IN_TEXT:
        assert len(ranges) == 1
        assert ranges[0].least < ranges[0].most


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    count: Annotated[int, Between(1, 64)] = 1
    share: Annotated[float, Between(0, 1)] = 1.0
    wait: Annotated[eggd.Seconds, Between(0.5, 5400)] = 1.0
    most: Annotated[eggd.Bytes, Between(0, 3 << 20, hint="share a file")] = 0
    least: Annotated[eggd.Seconds, Between(0, 86_400)] | None = None


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"count": 65}, "count must be a whole number from 1 to 64, not 65"),
        ({"count": "5"}, "count must be a whole number from 1 to 64, not '5'"),
        ({"count": 1.5}, "count must be a whole number from 1 to 64, not 1.5"),
        ({"share": 1.5}, "share must be a number from 0 to 1, not 1.5"),
        ({"wait": 0.1}, "wait must be 0.5 to 5400 seconds, or text from '500ms' to '90m', not 0.1"),
        (
            {"wait": 60_000},
            "not 60000 (durations are in seconds; Egg's are in milliseconds)",
        ),
        (
            {"most": "1gb"},
            "most must be 0 to 3145728 bytes, or text from '0b' to '3mb', not '1gb' (share a file)",
        ),
        ({"least": "2d"}, "least must be 0 to 86400 seconds, or text from '0s' to '1d', not '2d'"),
        ({"least": "9" * 400 + "d"}, "text from '0s' to '1d', not '999"),
    ],
)
def test_an_error_states_the_range(values: Mapping[str, object], line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        coerce(Sample, values, (), lambda path: "config.py")
    assert line in caught.value.line


def test_the_ends_of_a_range_are_in_it() -> None:
    made = coerce(Sample, {"count": 64, "share": 0, "wait": "90m"}, (), lambda path: "config.py")
    assert (made.count, made.share, made.wait) == (64, 0, 5400)
