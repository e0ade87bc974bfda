"""`safe_curl`: requests to URLs of visitors that reach public addresses only (process:SSRF-1..4).

The HTTP client is imported when a list is checked, or by the first request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Unpack, cast

from eggd import Agent, Application, ConfigError, EggError, check_function

if TYPE_CHECKING:
    from eggd import CurlOptions, HttpClient, HttpClientResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class SsrfOptions:
    """The addresses that `safe_curl` may connect to: public ones, by default."""

    ip_black_list: Sequence[str] = ()
    """More addresses and networks that are refused, beside private, loopback, link-local, metadata
    and reserved ones."""
    ip_exception_list: Sequence[str] = ()
    """Addresses and networks that are allowed although they are refused."""
    hostname_exception_list: Sequence[str] = ()
    """Hosts that are allowed whatever their addresses are; exact names."""
    check_address: Callable[[str, int, str], bool] | None = None
    """Decides instead of the lists: `check_address(address, family, hostname)`, for every address
    before it is connected to; `family` is 4 or 6 (process:SSRF-3)."""

    def __post_init__(self) -> None:
        """Refuses entries that are not addresses, and lists without effect."""
        lists = {
            "ip_black_list": self.ip_black_list,
            "ip_exception_list": self.ip_exception_list,
            "hostname_exception_list": self.hostname_exception_list,
        }
        for number, (key, entries) in enumerate(lists.items()):
            if entries:
                _check(key, *[()] * number, entries)
        if self.check_address is not None and any(lists.values()):
            raise ConfigError("the lists of security.ssrf have no effect with check_address")
        if self.check_address is not None:
            parameters = ("address", "family", "hostname")
            check_function("security.ssrf.check_address", self.check_address, *parameters)


def _check(key: str, *lists: Sequence[str]) -> None:
    """Raises ConfigError for a wrong entry in the last of the lists, which `key` names."""
    from eggd import address_rules

    try:
        address_rules(*lists)
    except EggError as exc:
        raise ConfigError(f"security.ssrf.{key}: {exc.message}", hint=exc.hint) from None


class SafeCurl:
    """The member of application and agent that requests URLs of visitors."""

    _safe_client: HttpClient | None = None

    async def safe_curl(
        self,
        url: str,
        *,
        data_type: Literal["", "text", "json", "stream"] = "",
        **options: Unpack[CurlOptions],
    ) -> HttpClientResponse[object]:
        """Returns the response to a request that reaches public addresses only (process:SSRF-1).

        Raises IllegalAddressError before a connection to another one, at every redirect.
        """
        if self._safe_client is None:
            self._safe_client = _safe_client(cast("Application | Agent", self))
        return await self._safe_client.request(url, data_type=data_type, **options)


def _safe_client(app: Application | Agent) -> HttpClient:
    """Returns a client with connections of its own, each to an address that was checked."""
    from eggd import address_rules

    options: SsrfOptions = app.config.security.ssrf
    check = options.check_address or address_rules(
        options.ip_black_list, options.ip_exception_list, options.hostname_exception_list
    )
    return app.create_http_client(check_address=check)
