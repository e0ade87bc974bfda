"""The section `validate` of the config."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from eggd import Between, check_function


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateConfig:
    """The validation of what clients send."""

    convert: bool = False
    """Whether text is converted to the type of its rule: "5" to 5. Only unambiguous text is: "5x"
    and "" are not integers."""
    widely_undefined: bool = False
    """Whether "", null and NaN count as missing, as the empty fields of a form do."""
    validate_root: bool = False
    """Whether data that is not an object is one error; else each required field is missing."""
    translate: Callable[..., str] | None = None
    """A function of ctx, a message and the values of its places `%s` that returns the text; by
    default the plugin i18n translates where it is on."""
    max_errors: Annotated[int, Between(1, 100_000)] = 100
    """Errors of one answer; the check ends there."""
    max_format_length: Annotated[int, Between(1, 1_000_000)] = 1000
    """Characters of a text that a rule's `format` is tried on, unless the rule has `max`."""

    def __post_init__(self) -> None:
        if self.translate is not None:
            check_function("validate.translate", self.translate, "ctx", "text", "*values")
