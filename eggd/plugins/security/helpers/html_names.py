"""The elements that `shtml` keeps, each with its attributes: the defaults of js-xss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_BARE = (
    "address article aside b big blockquote br caption center cite code dd div dl dt em figcaption"
    " figure footer h1 h2 h3 h4 h5 h6 header hr i kbd li mark nav ol p pre s section small span"
    " strike strong sub summary sup tt u ul"
)
_CELL = ("width", "rowspan", "colspan", "align", "valign")
_COLUMN = ("align", "valign", "span", "width")
_MEDIA = ("autoplay", "controls", "crossorigin", "loop", "muted", "preload", "src")
_ALIGNED = ("align", "valign")

WHITE_LIST: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(_BARE.split(), ()),
    "a": ("target", "href", "title"),
    "abbr": ("title",),
    "area": ("shape", "coords", "href", "alt"),
    "audio": _MEDIA,
    "bdi": ("dir",),
    "bdo": ("dir",),
    "blockquote": ("cite",),
    "col": _COLUMN,
    "colgroup": _COLUMN,
    "del": ("datetime",),
    "details": ("open",),
    "font": ("color", "size", "face"),
    "img": ("src", "alt", "title", "width", "height", "loading"),
    "ins": ("datetime",),
    "table": ("width", "border", *_ALIGNED),
    "tbody": _ALIGNED,
    "td": _CELL,
    "tfoot": _ALIGNED,
    "th": _CELL,
    "thead": _ALIGNED,
    "tr": ("rowspan", *_ALIGNED),
    "video": (*_MEDIA, "playsinline", "poster", "height", "width"),
}

NEVER = frozenset(
    "script style iframe frame frameset object embed applet base link meta svg math template"
    " noscript noembed noframes xmp plaintext listing textarea title select option head body html"
    " form".split()
)
"""Elements that a list must not have: they run code, change the page, or end its parsing."""
