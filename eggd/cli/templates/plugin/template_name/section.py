"""The section `template_name` of the config."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNameConfig:
    """What an app may choose."""

    greeting: str = "hello"
    """How `ctx.greet` begins."""
