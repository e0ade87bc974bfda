"""Cache-Control: the time that browsers and proxies may keep a file."""

from __future__ import annotations

import os
import re

from eggd.plugins.static.section import StaticConfig

IMMUTABLE = "public, max-age=31536000, immutable"
"""For content that its URL stands for (RFC 8246)."""
OTHER_RELEASE = "no-cache"
"""For the URL of content that this worker does not have: a page of another release asks for it
while the workers are replaced. No proxy may keep the wrong content under that URL."""


class CachePolicy:
    """The Cache-Control of files, by their names (core:ST-2, ST-3)."""

    def __init__(self, options: StaticConfig) -> None:
        self._usual = options.cache_control or f"public, max-age={int(options.max_age)}"
        self._immutable = re.compile(options.immutable) if options.immutable else None

    def of(self, name: bytes) -> str:
        """Returns the value for a name without a hash of eggd's own."""
        pattern = self._immutable
        if pattern is not None and pattern.search(os.fsdecode(name)):
            return IMMUTABLE
        return self._usual
