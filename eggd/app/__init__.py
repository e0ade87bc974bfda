"""app: the life of a request, from exchange to body, and the objects that users write against.

application.py agent.py base.py     what is loaded, in which order
lifecycle.py                        the seven hooks
router.py routes.py path.py         from method and path to a chain
compose.py middleware.py            the onion, compiled once per route
controllers.py services.py          files to actions and services
context.py request.py response.py   one request
dispatch.py                         exchange -> Context -> chain -> body
body.py failure.py json.py          what goes out
"""
