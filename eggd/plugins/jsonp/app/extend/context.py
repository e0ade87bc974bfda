"""`ctx.accept_jsonp` and `ctx.create_jsonp_body`."""

from __future__ import annotations

import eggd


class Context(eggd.Context):
    """A request that may ask for a script."""

    jsonp_callback: str = ""
    """The name of the function that gets the data, "" for a request that asks for data alone."""

    @property
    def accept_jsonp(self) -> bool:
        """Whether the answer is a script: of a route with `app.jsonp`, with a callback (JP-5)."""
        return bool(self.jsonp_callback)

    def create_jsonp_body(self, body: object) -> object:
        """Returns the script that calls the request's function with data, and sets its type.

        Without a callback it returns the data. Raises TypeError for data that is not JSON.
        """
        if not self.jsonp_callback:
            return body
        from eggd.plugins.jsonp.callback import script

        text = script(self.jsonp_callback, body)
        if "x-content-type-options" not in self.exchange.fixed.names:  # as the plugin security does
            self.set("X-Content-Type-Options", "nosniff")
        self.set("Content-Type", "application/javascript; charset=utf-8")
        return text
