"""The section `acme` of the config."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AcmeConfig:
    """Options of the company's apps."""

    team: str = "unknown"
    """The team that is responsible for the app."""
    request_id_header: str = "X-Request-Id"
    """Header that carries the id of a request, in and out."""
