"""`resources("posts", "/posts", controller)`: the seven routes of a REST resource (core:RT-14, 15).

index   GET     /posts              posts
new     GET     /posts/new          new_post
create  POST    /posts              posts
show    GET     /posts/:id          post
edit    GET     /posts/:id/edit     edit_post
update  PATCH, PUT /posts/:id       post
destroy DELETE  /posts/:id          destroy_post
"""

from __future__ import annotations

from eggd.interfaces import Handler

ACTIONS = (
    ("index", ("GET", "HEAD"), "", "{many}"),
    ("new", ("GET", "HEAD"), "/new", "new_{one}"),
    ("create", ("POST",), "", "{many}"),
    ("show", ("GET", "HEAD"), "/:id", "{one}"),
    ("edit", ("GET", "HEAD"), "/:id/edit", "edit_{one}"),
    ("update", ("PATCH", "PUT"), "/:id", "{one}"),
    ("destroy", ("DELETE",), "/:id", "destroy_{one}"),
)
"""Action, methods, path after the prefix, name; in the order of registration."""

_IRREGULAR = {
    "analysis": "analyses",
    "bus": "buses",
    "child": "children",
    "datum": "data",
    "foot": "feet",
    "goose": "geese",
    "man": "men",
    "mouse": "mice",
    "person": "people",
    "status": "statuses",
    "tooth": "teeth",
    "woman": "women",
}
_UNCOUNTED = ("equipment", "fish", "information", "money", "news", "series", "sheep", "species")
_ONE = (
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("zes", "ze"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)
_MANY = (("s", "es"), ("x", "es"), ("sh", "es"), ("ch", "es"))


def actions_of(controller: object) -> dict[str, Handler]:
    """Returns the actions of a controller that are a resource's, by name."""
    members = {action: _member(controller, action) for action, *_ in ACTIONS}
    return {name: handler for name, handler in members.items() if callable(handler)}


def names(base: str) -> dict[str, str]:
    """Returns the name of each action's route; all "" for a resource without a name."""
    if not base:
        return {action: "" for action, *_ in ACTIONS}
    head, under, word = base.rpartition("_")
    one, many = head + under + singular(word), head + under + plural(singular(word))
    return {action: pattern.format(one=one, many=many) for action, _, _, pattern in ACTIONS}


def singular(word: str) -> str:
    """Returns the English singular of a word; a singular is returned unchanged."""
    for one, many in _IRREGULAR.items():
        if word == many:
            return one
    if word in _UNCOUNTED:
        return word
    for end, instead in _ONE:
        if word.endswith(end) and len(word) > len(end):
            return word.removesuffix(end) + instead
    return word


def plural(word: str) -> str:
    """Returns the English plural of a singular word."""
    if word in _UNCOUNTED:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return next((word + more for end, more in _MANY if word.endswith(end)), word + "s")


def _member(controller: object, name: str) -> object:
    """Returns a member or None; a namespace would raise an error for a missing one."""
    if isinstance(controller, dict):
        return controller.get(name)
    if hasattr(controller, "__dict__") and name in vars(controller):
        return vars(controller)[name]
    return getattr(type(controller), name, None) and getattr(controller, name)
