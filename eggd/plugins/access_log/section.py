"""The section `access_log` of the config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eggd import ConfigError, path_condition


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogConfig:
    """The form of the lines, and the requests that have one."""

    format: Literal["common", "combined", "json"] = "combined"
    """Common or combined log format, which most tools read, or an object of JSON."""
    sample: float = 1.0
    """The share of requests that are logged, from 0 to 1; those answered with 500 and above
    always are."""
    match: object = None
    """Only requests of these paths are logged: text, a regex, a function of ctx, or a list."""
    ignore: object = None
    """Requests of these paths are not logged; not together with `match`."""

    def __post_init__(self) -> None:
        """Refuses a share below 0 or above 1, and paths that no request has."""
        if not 0 <= self.sample <= 1:
            raise ConfigError(f"access_log.sample must be from 0 to 1, not {self.sample!r}")
        path_condition(self.match, self.ignore, "access_log")
