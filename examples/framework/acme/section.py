"""The section `acme` of the config."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AcmeConfig:
    """What the company's apps may choose."""

    team: str = "nobody"
    """Who answers for the app."""
    request_id_header: str = "X-Request-Id"
    """Header that carries the id of a request, in and out."""
