"""Requests to another site, with their types."""

from eggd import (
    CurlOptions,
    FixedFields,
    HttpClient,
    HttpClientConnectTimeoutError,
    HttpClientError,
    HttpClientRedirectError,
    HttpClientRequestError,
    HttpClientRequestTimeoutError,
    HttpClientResponse,
    HttpClientSizeError,
    HttpClientUrlError,
    IllegalAddressError,
    JSONResponseFormatError,
    Service,
    address_rules,
)

FAILURES: tuple[type[HttpClientError], ...] = (
    HttpClientConnectTimeoutError,
    HttpClientRedirectError,
    HttpClientRequestError,
    HttpClientRequestTimeoutError,
    HttpClientSizeError,
    HttpClientUrlError,
    IllegalAddressError,
    JSONResponseFormatError,
)


class BankService(Service):
    """Rates of another site."""

    fields: FixedFields | None = None

    async def rate(self) -> float:
        """Returns a rate."""
        try:
            response = await self.ctx.curl("http://bank.example/rate", data_type="json", retry=1)
        except FAILURES as exc:
            return float(exc.status)
        return float(response.data["rate"])

    async def text(self) -> str:
        """Returns a text."""
        response: HttpClientResponse[str] = await self.app.curl("bank.example", data_type="text")
        return response.data.upper()

    def client(self) -> HttpClient:
        """Returns a client of its own."""
        return self.app.create_http_client(check_address=address_rules(["10.0.0.0/8"]))

    async def safely(self, options: CurlOptions) -> int:
        """Returns the status of a URL of a visitor."""
        return (await self.ctx.safe_curl("http://bank.example", **options)).status

    async def size(self) -> int:
        """Returns the size of a response that is read while it arrives."""
        response = await self.app.httpclient.request("bank.example", data_type="stream")
        streamed = await self.ctx.curl("bank.example", data_type="stream")
        async for chunk in streamed.data:
            return len(chunk)
        return response.status
