"""The section `visits` of the config."""

from dataclasses import dataclass

from eggd import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsConfig:
    """What is counted, and who may see the count."""

    header: str = ""
    """Header of each response that tells the count; none when empty."""
    ignore: list[str] | None = None
    """Path prefixes that are not counted."""
    start: int = 0
    """The count to begin with."""

    def __post_init__(self) -> None:
        if self.start < 0:
            raise ConfigError(f"visits.start must be 0 or more, not {self.start!r}")
