"""Requests to another site, with their types."""

from eggd import (
    FixedFields,
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

    async def size(self) -> int:
        """Returns the size of a response that is read while it arrives."""
        response = await self.app.httpclient.request("bank.example", data_type="stream")
        streamed = await self.ctx.curl("bank.example", data_type="stream")
        async for chunk in streamed.data:
            return len(chunk)
        return response.status
