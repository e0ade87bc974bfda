"""`ctx.redirect` that leads to safe URLs only."""

from __future__ import annotations

import eggd
from eggd.plugins.security.redirects import UnsafeRedirectError, safe_url


class Response(eggd.Response):
    """A response whose redirects are checked (process:RED-1)."""

    def redirect(self, url: str, alternative: str = "/") -> None:
        """Redirects to a path, or to an http(s) URL of a host in `security.domain_white_list`.

        Any other text leads to "/", with a warning. "back" is the page that the client came from if
        it is on this site. With a list, another host is an EggError, in prod a redirect to "/".
        """
        if url == "back":
            super().redirect(url, alternative)
            return
        app = self.app
        log = app.loggers.core_logger
        try:
            target = safe_url(url, app.config.security.domain_white_list)
        except UnsafeRedirectError as exc:
            if app.config.env != "prod":
                raise
            log.warning("[security] redirect: %s", exc.line)
            target = "/"
        else:
            if target == "/" and str(url).strip() not in ("/", ""):
                log.warning("[security] redirect to / : %r is not a path or an http(s) URL", url)
        super().redirect(target)

    def unsafe_redirect(self, url: str, alternative: str = "/") -> None:
        """Redirects to any URL, without a check (process:RED-3)."""
        super().redirect(url, alternative)
