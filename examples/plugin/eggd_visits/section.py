"""The section `visits` of the config."""

from dataclasses import dataclass

from eggd import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsConfig:
    """Options of the plugin: which requests count, and where the count is shown."""

    header: str = ""
    """Header field of each response with the count; empty means no field."""
    ignore: list[str] | None = None
    """Path prefixes that are not counted."""
    start: int = 0
    """The count to begin with."""

    def __post_init__(self) -> None:
        if self.start < 0:
            raise ConfigError(f"visits.start must be 0 or more, not {self.start!r}")
