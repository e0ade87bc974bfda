"""Routes: path patterns, the index that finds a route, the router that an app writes to.

path_tokens.py  the pieces of a pattern: text and parameters
path.py         a pattern's matcher, and its reverse
routes.py       the index: a lookup costs the same with ten routes or ten thousand
compose.py      a chain of middleware, compiled once
chaining.py     what runs for a matched route
resources.py    the seven routes of a REST resource
verbs.py        the verbs of the router, its namespaces
mount.py        other applications under a prefix
websocket.py    WebSocket routes
mistakes.py     probable mistakes in a router file
router.py       `Router`
"""
