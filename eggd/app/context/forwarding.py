"""The client's address, protocol and host as trusted proxies report them (core:REQ-5..9).

Without `trusted_proxies` every peer is believed, and the first item of a list counts, as in Egg.
With it a list is read from the right for as long as the proxy that wrote the item is trusted, and
the first field with an item decides: a client may have sent the next one.
"""

from __future__ import annotations

from collections.abc import Iterator

from eggd.app.config import AppConfig
from eggd.http import Exchange
from eggd.wire.authority import is_authority
from eggd.wire.forwarded import elements_from_right, items_from_right, node_address
from eggd.wire.networks import Networks, networks, plain_address

_PROTOCOLS = frozenset(("http", "https"))


class Forwarding:
    """The reports of proxies in the header fields of one request."""

    def __init__(self, exchange: Exchange, config: AppConfig, trusted: Networks | None) -> None:
        """Reads the fields that `config` names; `trusted` is None if all proxies are."""
        self._exchange = exchange
        self._config = config
        self._trusted = trusted

    @classmethod
    def of(cls, exchange: Exchange, config: AppConfig) -> Forwarding | None:
        """Returns the reports; None if the peer is not trusted.

        A peer on a Unix socket has no address: it must be listed as `unix` (known:KW-46).
        """
        trusted = networks(tuple(config.trusted_proxies)) if config.trusted_proxies else None
        peer = exchange.peer[0]
        believed = bool(peer) if trusted is None else peer in trusted
        return cls(exchange, config, trusted) if believed else None

    @property
    def addresses(self) -> list[str]:
        """The valid addresses of the field that decides, client first."""
        for name in _names(self._config.ip_headers):
            items = list(self._items(name, "for"))
            addresses = self._chain(items)
            if addresses or (any(items[:1]) and self._trusted is not None):
                return addresses
        return []

    @property
    def protocol(self) -> str:
        """`http` or `https`; "" if no field says either."""
        reports = self._reports(self._config.protocol_headers, "proto")
        protocols = (each.lower() for each in reports)
        return next((each for each in protocols if each in _PROTOCOLS), "")

    @property
    def host(self) -> str:
        """The valid host of a field; "" without one."""
        hosts = self._reports(self._config.host_headers, "host")
        return next((each for each in hosts if _is_host(each)), "")

    def _chain(self, items: list[str]) -> list[str]:
        """Returns the addresses among `items`, which begin with that of the nearest hop.

        With `trusted` they end with the first address that is not trusted, and before text that is
        not an address: what stands behind it was not written by a trusted proxy.
        """
        count = self._config.max_ips_count
        chain: list[str] = []
        for item in items[:count] if count > 0 else items:
            address = plain_address(item)
            if address:
                chain.append(address)
            if self._trusted is not None and (not address or address not in self._trusted):
                break
        return chain[::-1]

    def _reports(self, names: str, parameter: str) -> Iterator[str]:
        """Yields the item of each field that the outermost trusted proxy wrote.

        Each trusted proxy appends one item, or the outermost sets the only one.
        """
        for name in _names(names):
            items = list(self._items(name, parameter))
            if not items:
                continue
            known = len(items) == 1 or self._trusted is None
            hops = len(items) if known else max(1, len(self.addresses))
            item = items[min(hops, len(items)) - 1]
            yield item
            if item and self._trusted is not None:
                return

    def _items(self, name: str, parameter: str) -> Iterator[str]:
        """Yields the items of a field, the last one first; of Forwarded, one of its parameters."""
        value = self._exchange.headers.get(name, "")
        if name.lower() != "forwarded":
            yield from items_from_right(value)
            return
        for element in elements_from_right(value):
            text = element.get(parameter, "")
            yield node_address(text) if parameter == "for" else text


def _is_host(text: str) -> bool:
    return bool(text) and text.isascii() and "," not in text and is_authority(text.encode())


def _names(fields: str) -> Iterator[str]:
    """Yields the field names of a list that is separated by commas."""
    return (name for each in fields.split(",") if (name := each.strip()))
