"""The check against cross-site request forgery: which requests, and by which proof (CSRF-1..18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from eggd import Application, Context, HttpError
from eggd.plugins.security.conditions import Condition, by_path
from eggd.plugins.security.csrf_advice import CROSS_SITE, advice
from eggd.plugins.security.csrf_options import SAFE, CsrfOptions
from eggd.plugins.security.csrf_secret import SecretPlace
from eggd.plugins.security.csrf_token import is_token
from eggd.plugins.security.origins import is_listed, is_own

_WRITING = frozenset(("POST", "PATCH", "DELETE", "PUT", "CONNECT"))
"""The methods that rules are about; any other one that is not safe is always checked (KW-22)."""
_AMBIENT = ("cookie", "authorization")
"""Fields that a browser adds by itself."""

_VOUCHED = frozenset(("same-origin", "none"))
"""Values of Sec-Fetch-Site of requests that this site, or the user, has sent."""


class Csrf:
    """Checks requests of one app."""

    def __init__(
        self,
        app: Application,
        options: CsrfOptions,
        condition: Condition | None,
        secrets: SecretPlace,
    ) -> None:
        self._app = app
        self._options = options
        self._condition = condition
        self.secrets = secrets
        self.lazily = bool(options.fetch_metadata)
        """Whether a secret is made for pages with `ctx.csrf` only."""
        self._query_names = _names(options.query_name)
        self._body_names = _names(options.body_name)
        self._by_type: Mapping[str, Callable[[Context, str], str]] = {
            "ctoken": self._wrong_token,
            "referer": self._wrong_referer,
            "all": self._wrong_one,
            "any": self._wrong_both,
        }

    @property
    def field_name(self) -> str:
        """The name of a form's field for the token."""
        return self._body_names[0]

    exemptible = _WRITING
    """Methods whose requests are not checked where `applies` is false."""

    @property
    def is_unconditional(self) -> bool:
        """Whether it is used for all requests."""
        return self._condition is None

    @property
    def by_path(self) -> Callable[[str], bool] | None:
        """`applies` for a path; None if it depends on more of the request."""
        return by_path(self._condition)

    def applies(self, ctx: Context) -> bool:
        """Returns whether the request is not exempt by `match` or `ignore` (process:CSRF-16)."""
        return self._condition is None or self._condition(ctx)

    def is_checked(self, ctx: Context, *methods: str) -> bool:
        """Returns whether a request with one of these methods is checked (CSRF-9, CSRF-10)."""
        if not self.applies(ctx) or (
            self._options.ignore_json and _is_json(ctx.exchange.headers.get("content-type"))
        ):
            return False
        for method in methods:
            if method not in SAFE and (method not in _WRITING or self._is_ruled(ctx, method)):
                return True
        return False

    def check(self, ctx: Context) -> None:
        """Raises HttpError 403 for a request without a proof that a page of this site sent it.

        A mounted application reads the body itself: there the word of the browser is a proof, too.
        """
        is_asked = self.lazily or mount_of(ctx) is not None
        verdict = self._verdict_of_browser(ctx) if is_asked else None
        if verdict is None:
            problem = self._by_type[self._options.type](ctx, self.secrets.received(ctx))
        elif verdict or (
            not self.lazily and not self._wrong_token(ctx, self.secrets.received(ctx))
        ):
            return
        else:
            problem = CROSS_SITE
        if problem:
            self._refuse(ctx, problem)

    async def read_form(self, ctx: Context) -> None:
        """Reads the fields before the first file of an upload, if only they may have the token.

        Nothing is stored, and the handler gets them all the same (CSRF-18, MP-50). Raises HttpError
        400, 413 or 431 for a malformed or too large form.
        """
        if not ctx.is_type("multipart/*") or mount_of(ctx) is not None:
            return
        if self._options.type == "referer" or not self.secrets.received(ctx):
            return  # no field decides
        if self.lazily and self._verdict_of_browser(ctx) is not None:
            return
        read = getattr(ctx, "read_leading_fields", None)  # of the plugin multipart
        has_token = _first(ctx.query, self._query_names) or ctx.get(self._options.header_name)
        if read is not None and not has_token:
            ctx.csrf_fields = await read()

    def _verdict_of_browser(self, ctx: Context) -> bool | None:
        """Returns whether the browser says that this site sent the request; None without its word.

        A request that no browser has added anything to, a cookie or a login, forges nothing.
        """
        headers, hosts = ctx.exchange.headers, self._options.referer_white_list
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site:
            return site in _VOUCHED or is_listed(origin, hosts)
        if origin:
            return is_own(origin, ctx.host) or is_listed(origin, hosts)
        if self.lazily and not any(name in headers for name in _AMBIENT):
            return True
        return None

    def _is_ruled(self, ctx: Context, method: str) -> bool:
        for rule in self._options.supported_requests:
            if method in rule.methods and rule.path.search(ctx.path):
                return True
        return False

    def _wrong_token(self, ctx: Context, secret: str) -> str:
        """Returns the problem of the request's token, "" for a right one (CSRF-6..8)."""
        if not secret:
            return "missing csrf token"
        if self.secrets.is_doubled(ctx):
            self.secrets.issue(ctx)
            return "invalid csrf token"
        if is_token(self._token(ctx), secret):
            return ""
        if self._options.rotate_when_invalid:
            self.secrets.rotate(ctx)
        return "invalid csrf token"

    def _wrong_referer(self, ctx: Context, secret: str = "") -> str:
        """Returns the problem of the Referer, or Origin without one (process:CSRF-12)."""
        url = ctx.get("referer") or ctx.get("origin")
        if not url:
            return "missing csrf referer"
        hosts = self._options.referer_white_list
        return "" if is_listed(url, [*hosts, _own_host(url, ctx)]) else "invalid csrf referer"

    def _wrong_one(self, ctx: Context, secret: str) -> str:
        return self._wrong_token(ctx, secret) or self._wrong_referer(ctx)

    def _wrong_both(self, ctx: Context, secret: str) -> str:
        token = self._wrong_token(ctx, secret)
        referer = self._wrong_referer(ctx) if token else ""
        return f"both ctoken and referer check error: {token}, {referer}" if referer else ""

    def _token(self, ctx: Context) -> str:
        """Returns the first token of query, body and header (process:CSRF-6)."""
        request = ctx.request
        body: object = request.body
        return (
            (_first(request.query, self._query_names) if request.querystring else "")
            or (_first(body, self._body_names) if isinstance(body, Mapping) else "")
            or (_first(ctx.csrf_fields, self._body_names) if ctx.csrf_fields else "")
            or ctx.get(self._options.header_name)
        )

    def _refuse(self, ctx: Context, problem: str) -> NoReturn:
        if self._app.env == "local":
            ctx.core_logger.warning("[security] %s: see docs/protections.md", problem)
        raise HttpError(403, f"{problem}: {advice(ctx, problem, self._options, self.secrets)}")


def mount_of(ctx: Context) -> str | None:
    """Returns the prefix of the mounted application that serves the request, None without one."""
    mounts = ctx.app.router.mounts
    mount = mounts.match(ctx.path) if mounts and ctx.route is None else None
    return None if mount is None else mount.prefix


def _own_host(url: str, ctx: Context) -> str:
    """Returns the host of the request, without a port that is the default of the URL's scheme."""
    return ctx.host.lower().removesuffix(":443" if url[:6].lower() == "https:" else ":80")


def _names(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _first(values: Mapping[str, object], names: Sequence[str]) -> str:
    """Returns the first of the named values that is text and not empty."""
    for name in names:
        text = values.get(name)
        if isinstance(text, str) and text:
            return text
    return ""


def _is_json(content_type: str) -> bool:
    """Returns whether a Content-Type is JSON and nothing else (known:KW-21)."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
