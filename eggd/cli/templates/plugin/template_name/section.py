"""The section `template_name` of the config."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNameConfig:
    """The config of the plugin."""

    greeting: str = "hello"
    """First word of `ctx.greet`."""
