"""`ctx.csrf`, `ctx.nonce`, `ctx.security_options`, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Unpack
from weakref import ref

import eggd
from eggd.plugins.security.origins import is_safe_domain

if TYPE_CHECKING:
    from eggd import CurlOptions, HttpClientResponse


class Context(eggd.Context):
    """A request whose page can prove that it comes from this site."""

    csrf_secret: str = ""
    """The secret that the response sends, "" without a new one."""
    csrf_fields: Mapping[str, object] = MappingProxyType({})
    """The fields of an upload that were read for its token."""
    _nonce: str = ""
    _security_options: dict[str, object] | None = None

    @property
    def csrf(self) -> str:
        """A token for the forms and scripts of this page, another one at each read (CSRF-7).

        It is "" for a request that `security.csrf` ignores, unless it came with a secret.
        """
        from eggd.plugins.security.csrf_token import mask

        csrf = self.app.security.csrf
        secret = csrf.secrets.current(self)
        if not secret and csrf.applies(self):
            secret = csrf.secrets.issue(self)
        return mask(secret) if secret else ""

    def assert_csrf(self) -> None:
        """Checks this request whatever its method is; raises HttpError 403 (process:CSRF-14)."""
        csrf = self.app.security.csrf
        if csrf.applies(self):
            csrf.check(self)

    def rotate_csrf_secret(self) -> None:
        """Replaces the secret that the request came with, as at a login (process:CSRF-11)."""
        self.app.security.csrf.secrets.rotate(self)

    @property
    def nonce(self) -> str:
        """The number that a page's own inline scripts carry, the same within a request (HDR-6)."""
        if not self._nonce:
            self._nonce = self.app.security.nonces.next()
            self.app.security.headers.add_nonce(self, self._nonce)
        return self._nonce

    @property
    def security_options(self) -> dict[str, object]:
        """Options of this response, by part, over those of the config (process:SEC-5).

        Applied when the head is sent: `ctx.security_options["xframe"] = {"value": "DENY"}`.
        """
        if self._security_options is None:
            self._security_options = {}
            self.before_send(partial(_override, ref(self)))
        return self._security_options

    @property
    def cookie_domain(self) -> str:
        """The domain for cookies of all hosts of the site: `.b.com` for `a.b.com` (HLP-12).

        It is "" for a name without a dot. An address is its own domain.
        """
        from eggd.plugins.security.cookie_domain import cookie_domain

        return cookie_domain(self.hostname)

    def is_safe_domain(self, domain: str, domains: Sequence[str] = ()) -> bool:
        """Returns whether a host is in a list, without one in `security.domain_white_list`."""
        listed = domains or self.app.config.security.domain_white_list
        return is_safe_domain(domain, listed)

    async def safe_curl(
        self,
        url: str,
        *,
        data_type: Literal["", "text", "json", "stream"] = "",
        **options: Unpack[CurlOptions],
    ) -> HttpClientResponse[object]:
        """Returns the response to a request that reaches public addresses only (process:SSRF-1)."""
        options.setdefault("ctx", self)
        return await self.app.safe_curl(url, data_type=data_type, **options)

    def unsafe_redirect(self, url: str, alternative: str = "/") -> None:
        """Redirects to any URL, without a check (process:RED-3)."""
        self.response.unsafe_redirect(url, alternative)


def _override(reference: ref[Context]) -> None:
    ctx = reference()
    if ctx is not None:
        ctx.app.security.headers.override(ctx, ctx.security_options)
