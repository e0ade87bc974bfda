"""The regular expressions of the built-in types: the whole text must match, in linear time.

Possessive quantifiers (`++`) never go back, so that no text takes long; npm's `parameter` takes
seconds for some texts of 50 kB. Groups are repeated by `*`, as Python before 3.11.5 accepts what a
possessive group has left behind (gh-106052); what follows them differs in its first character.
Letters are those of ASCII, except in URLs.
"""

from __future__ import annotations

import re

_SPACES = r"\s\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
SPACES = " \t\n\v\f\r\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""The characters that JavaScript's trim() removes."""

ID = re.compile(r"[0-9]+")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
PASSWORD = re.compile(
    r"[\w\`\~\!\@\#\$\%\^\&\*\(\)\-\_\=\+\[\]\{\}\|\;\:\'\"\,\<\.\>\/\?]+", re.ASCII
)
_LABEL = r"[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]++"
EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_LETTER = r"A-Za-z\xa1-\U0010ffff"
_WIDE_LABEL = rf"[0-9{_LETTER}]++(?:-++[0-9{_LETTER}]++)*"
_NAME = rf"(?:{_WIDE_LABEL}\.)+[{_LETTER}]{{2,}}+"
_ADDRESS = (
    r"(?!(?:10|127)\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.)"
    r"(?:[1-9][0-9]?|1[0-9][0-9]|2[01][0-9]|22[0-3])"
    r"(?:\.(?:1?[0-9]{1,2}|2[0-4][0-9]|25[0-5])){2}"
    r"\.(?:[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-4])"
)
URL = re.compile(
    r"(?i:https?|ftp)://"
    rf"(?:[^/?#@{_SPACES}\x00-\x1f\x7f]++@)?"
    rf"(?:{_NAME}|{_ADDRESS})"
    r"(?::[0-9]{2,5})?"
    rf"(?:/[^{_SPACES}\x00-\x1f\x7f]*+)?",
    re.ASCII,
)
"""A URL of http, https or ftp, whose host is a name with a top-level domain of letters, or an IPv4
address that is not private."""
USUAL_URL = re.compile(rf"https?://(?:{_LABEL}\.)+[A-Za-z]{{2,}}+(?:/[!-~]*+)?")
"""Most URLs, all of them valid, in less time."""
