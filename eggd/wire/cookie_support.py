"""Which browsers misread attributes of cookies, by User-Agent (core:CK-14).

Old browsers take `samesite=none` as `strict`, or drop the cookie: they are those of npm's
should-send-same-site-none, and every Chromium before 80, as in Egg.
"""

from __future__ import annotations

import re

_LONGEST = 1024
"""Characters of a User-Agent that are read; those of browsers have 100 to 300."""

_CHROMIUM = re.compile(r"Chrom[^ /]{1,100}/(\d{1,100})\.", re.ASCII)
_UC_BROWSER = re.compile(r"UCBrowser/(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)
_IOS_12 = re.compile(r"\(iP[^()]{0,100}; CPU [^()]{0,100}OS 12(?!\d)[^()]{0,100}\) AppleWebKit/")
_MAC_10_14 = re.compile(r"\(Macintosh;[^()]{0,100}Mac OS X 10_14(?!\d)[^()]{0,100}\) AppleWebKit/")
_SAFE_UC = (12, 13, 2)


def accepts_same_site_none(user_agent: str) -> bool:
    """Returns whether a browser understands `samesite=none`; an unknown one does."""
    agent = user_agent[:_LONGEST]
    chromium = _CHROMIUM.search(agent)
    if chromium:
        return int(chromium[1]) >= 80
    browser = _UC_BROWSER.search(agent)
    if browser and tuple(map(int, browser.groups())) < _SAFE_UC:
        return False
    return not (_IOS_12.search(agent) or (_MAC_10_14.search(agent) and _is_webkit(agent)))


def accepts_partitioned(user_agent: str) -> bool:
    """Returns whether a browser understands `partitioned`: Chromium from 118 on, or no name."""
    chromium = _CHROMIUM.search(user_agent[:_LONGEST])
    return int(chromium[1]) >= 118 if chromium else not user_agent


def _is_webkit(agent: str) -> bool:
    """Returns whether this is Safari, or the WebKit view of an application on macOS."""
    is_safari = "Version/" in agent and " Safari/" in agent
    return is_safari or agent.endswith("(KHTML, like Gecko)")
