"""The messages for clients, as npm's `parameter` has them; a translator gets the template.

`%s` is the place of a value, which is always one of the rules: never what the client sent.
"""

from __future__ import annotations

from typing import Final, NamedTuple

INVALID: Final = "invalid"
"""The code of a value that does not fit its rule."""
MISSING: Final = "missing_field"
"""The code of a required field that is missing or null."""

MESSAGES: Final = {
    "required": "required",
    "root": "the validated value should be a object",
    "int": "should be an integer",
    "number": "should be a number",
    "string": "should be a string",
    "bool": "should be a boolean",
    "array": "should be an array",
    "object": "should be an object",
    "enum": "should be one of %s",
    "email": "should be an email",
    "url": "should be a url",
    "max": "should smaller than %s",
    "min": "should bigger than %s",
    "max_length": "length should smaller than %s",
    "min_length": "length should bigger than %s",
    "empty": "should not be empty",
    "format": "should match %s",
    "slow": "takes too long to match %s",
    "compare": "should equal to %s",
    "invalid": "is invalid",
    "length": "length should be %s",
    "date": "should be a date",
    "time": "should be a time",
    "datetime": "should be a date and time",
    "decimal": "should be a decimal number",
    "uuid": "should be a UUID",
    "null": "should be null",
    "depth": "is nested too deeply",
}
"""Every message by its name; translators look for the text."""


class Message(NamedTuple):
    """A template and the values of its places."""

    template: str
    values: tuple[object, ...] = ()


def message(name: str, *values: object) -> Message:
    """Returns a message of the table."""
    return Message(MESSAGES[name], values)


def english(problem: Message) -> str:
    """Returns the text of a message, without a translator."""
    text = problem.template
    for value in problem.values:
        text = text.replace("%s", str(value), 1)
    return text
