"""The name of the function that gets the data, and the script that calls it (core:JP-2, JP-3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eggd import HttpError, dumps
from eggd.plugins.jsonp.section import PLAIN, JsonpConfig

_FOREIGN = re.compile(r"[^\w$.\[\]]", re.ASCII)
_LINES = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})
"""Line ends of JavaScript before 2019, which JSON has in texts."""
_READ = 20
"""Times `limit`: the characters of a parameter that are searched for those of a name."""


def callback_name(query: Mapping[str, str], options: JsonpConfig) -> str:
    """Returns the name without foreign characters, cut to the limit; "" without one.

    Raises HttpError 403 for a member if the options allow only plain names.
    """
    given = next((text for name in options.names if (text := query.get(name))), "")
    name = _FOREIGN.sub("", given[: _READ * options.limit])[: options.limit]
    if name and not options.members and not PLAIN.fullmatch(name):
        raise HttpError(403, "the JSONP callback must be a plain name")
    return name


def script(name: str, body: object) -> str:
    """Returns the script that calls a function with data, if the page has that function.

    The comment keeps the answer from being the beginning of another kind of file (Rosetta Flash).
    """
    text = dumps(body).decode().translate(_LINES)
    return f"/**/ typeof {name} === 'function' && {name}({text});"
