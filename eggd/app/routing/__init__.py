"""Routes: path patterns, the index that finds a route, the router that an app writes to.

path_tokens.py  the pieces of a pattern: text and parameters
path.py         a pattern's matcher, and its reverse
route.py        `Route`: one registered path
route_tree.py   trees of path segments, for routes with parameters
route_index.py  the index of routes: a lookup costs the same with ten routes or ten thousand
interfaces.py   `RouteContext`: a request's context as these modules see it
onion.py        chains of middleware, each of which calls the next
handlers.py     the arguments of handlers, and the steps that they become
links.py        `Link`: one function of a chain, as the app has written it
chains.py       the chain of a route, compiled once
resources.py    the seven routes of a REST resource
redirects.py    the targets and statuses of `router.redirect`
verbs.py        the verbs of the router, its namespaces and the app
mount.py        other applications under a prefix
websocket.py    WebSocket routes
mistakes.py     probable mistakes in a router file
router.py       `Router`
"""
