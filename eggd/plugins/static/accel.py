"""Leaves large files to an nginx in front: `X-Accel-Redirect` (ngx_http_proxy_module).

The worker finds and checks the file, and answers 304, 404 and 412. nginx sends the file and its
ranges. Both have the same ETag, that of nginx, so that either can evaluate conditions.
"""

from __future__ import annotations

from urllib.parse import quote

from eggd import Context, conditional
from eggd.plugins.static.store import Source


class Accel:
    """The internal location of one prefix in nginx's configuration."""

    def __init__(self, location: str, prefix: str) -> None:
        """Takes `static.accel`; "" leaves no file to nginx."""
        self._start = location + prefix[1:] if location else ""

    def path(self, ctx: Context, source: Source) -> str:
        """Returns the internal path of a file that nginx sends, "" if the worker sends it.

        nginx sends a file that is read from disk, to a client of a trusted proxy: a client that has
        reached the worker itself would get an empty response. The worker sends a file that was
        replaced or moved after it was opened.
        """
        if not self._start or source.file is None or not ctx.ips:
            return ""
        name = source.stored.root.real_name(source.file)
        return "" if name is None else self._start + quote(name)

    async def send(self, ctx: Context, source: Source, path: str) -> None:
        """Sets the response: 304, or the file's internal path. Raises HttpError 412."""
        stored = source.stored
        ctx.etag = f'"{int(stored.modified):x}-{stored.size:x}"'
        ctx.body = source.file
        await conditional(ctx, exact=True, ranges=False)
        if ctx.status == 200:
            ctx.remove("Accept-Ranges")  # nginx adds its own
            ctx.set("X-Accel-Redirect", path)
            ctx.body = b""  # closes the file
