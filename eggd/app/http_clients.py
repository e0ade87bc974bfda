"""`app.curl`, `app.httpclient` and `app.create_http_client()` (core:HTTP-1).

pycurl, and the modules of `eggd.httpclient` but its config, are imported when the first of them is
used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Unpack

from eggd.config import Config
from eggd.config.section import coerce, hints_of
from eggd.httpclient.config import HttpClientConfig, RequestDefaults
from eggd.log import Logger

if TYPE_CHECKING:
    from eggd.httpclient.client import HttpClient as Client
    from eggd.httpclient.options import CurlOptions, DataType
    from eggd.httpclient.outgoing import CheckAddress
    from eggd.httpclient.response import HttpClientResponse


class HttpClients:
    """The members of application and agent that send HTTP requests."""

    config: Config
    _client_class: type[Client] | None = None
    _httpclient: Client | None = None
    _clients: list[Client] | None = None
    """The clients to close at the end; None without any."""

    @property
    def core_logger(self) -> Logger:
        """The logger for exceptions of listeners."""
        raise NotImplementedError

    @property
    def HttpClient(self) -> type[Client]:  # noqa: N802  # Egg's name
        """The class of new clients; assign a subclass to replace it."""
        if self._client_class is None:
            from eggd.httpclient.client import HttpClient

            self._client_class = HttpClient
        return self._client_class

    @HttpClient.setter
    def HttpClient(self, client_class: type[Client]) -> None:  # noqa: N802
        self._client_class = client_class

    @property
    def httpclient(self) -> Client:
        """The client of `config.httpclient`, made on first access."""
        if self._httpclient is None:
            self._httpclient = self.create_http_client()
        return self._httpclient

    def create_http_client(
        self,
        options: Mapping[str, object] | None = None,
        *,
        check_address: CheckAddress | None = None,
    ) -> Client:
        """Returns a client with connections of its own, closed with the app.

        `options` are keys of `config.httpclient`, which they override. `check_address(address,
        family, hostname)` decides about every address before it is connected to. Raises ConfigError
        for a wrong key.
        """
        config = self.config[HttpClientConfig]
        if options:
            config = _merged(config, options)
        client = self.HttpClient(
            config,
            check_address=check_address,
            logger=self.core_logger,
            tracer=getattr(self, "tracer", None),
        )
        if self._clients is None:
            self._clients = []
        self._clients.append(client)
        return client

    async def curl(
        self, url: str, *, data_type: DataType = "", **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[object]:
        """Returns the response to a request, as `app.httpclient.request` does."""
        return await self.httpclient.request(url, data_type=data_type, **options)

    async def close_http_clients(self) -> None:
        """Closes all clients; after the hooks of `before_close`, which may still use them."""
        for client in self._clients or ():
            await client.close()


def _merged(config: HttpClientConfig, options: Mapping[str, object]) -> HttpClientConfig:
    values = {**_entries(config, HttpClientConfig), **options}
    request = options.get("request")
    if isinstance(request, Mapping):
        values["request"] = {**_entries(config.request, RequestDefaults), **request}
    return coerce(HttpClientConfig, values, ("httpclient",), lambda keys: "create_http_client")


def _entries(section: object, declared: type) -> dict[str, object]:
    return {name: getattr(section, name) for name in hints_of(declared)}


def unverified(config: Config) -> Iterator[str]:
    """Yields a warning if certificates of servers are not verified."""
    if not config[HttpClientConfig].verify:
        where = config.located(("httpclient", "verify"))
        yield (
            f"{where}: httpclient.verify is off: any host between can read and change what servers"
            " answer (set httpclient.ca_file for a server with a certificate of your own)"
        )
