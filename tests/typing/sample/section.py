"""A section of the config."""

from dataclasses import dataclass
from typing import Annotated

from eggd import Between, Bytes, ConfigError, EggError, LoadError, Seconds, size


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleConfig:
    """The `sample` section."""

    timeout: Seconds = 5.0
    """Seconds."""
    limit: Bytes = 1024
    """Bytes."""
    tries: Annotated[int, Between(1, 10)] = 3
    """Times."""
    wait: Annotated[Seconds, Between(0, 3600)] | None = None
    """Seconds."""

    def __post_init__(self) -> None:
        if self.limit < size("1kb"):
            raise ConfigError(f"sample.limit is below 1 KiB: {self.limit!r}")


def line(error: EggError) -> str:
    """Returns one line for an error."""
    return f"not loaded: {error.line}" if isinstance(error, LoadError) else error.line
