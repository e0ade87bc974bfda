"""The section `access_log` of the config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from eggd import Between, path_condition


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogConfig:
    """The form of the lines, and the requests that have one."""

    format: Literal["common", "combined", "json"] = "combined"
    """Common or combined log format, which most tools read, or an object of JSON."""
    sample: Annotated[float, Between(0, 1)] = 1.0
    """The share of requests that are logged, from 0 to 1; those answered with 500 and above
    always are."""
    match: object = None
    """Only requests of these paths are logged: text, a regex, a function of ctx, or a list."""
    ignore: object = None
    """Requests of these paths are not logged; not together with `match`."""

    def __post_init__(self) -> None:
        """Refuses paths that no request has."""
        path_condition(self.match, self.ignore, "access_log")
